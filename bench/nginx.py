"""nginx as a plain reverse proxy: what it costs to pass an answer on and do nothing else."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.processes import free_port, running
from bench.ready import answered
from bench.target import Target

CONFIG = """\
daemon off;
worker_processes 1;
pid {room}/nginx.pid;
error_log stderr crit;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  client_body_temp_path {room}/body;
  proxy_temp_path {room}/proxy;
  fastcgi_temp_path {room}/fastcgi;
  uwsgi_temp_path {room}/uwsgi;
  scgi_temp_path {room}/scgi;
  keepalive_requests 100000000;
  upstream bench {{ server 127.0.0.1:{upstream}; keepalive 512; keepalive_requests 100000000; }}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location / {{
      proxy_pass http://bench;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
    }}
  }}
}}
"""


@contextmanager
def nginx(upstream: int, core: int, room: Path) -> Iterator[Target]:
    """A running nginx in front of port `upstream`. Raises FileNotFoundError where nginx is not installed."""
    program = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if program is None:
        raise FileNotFoundError("nginx is not installed; as root: apt install nginx-light")
    port, config = free_port(), room / "nginx.conf"
    config.write_text(CONFIG.format(room=room, upstream=upstream, port=port))
    with running([program, "-p", str(room), "-c", str(config)], log=room / "log", core=core) as pid:
        yield answered(Target(name="nginx", port=port, pid=pid), room / "log")
