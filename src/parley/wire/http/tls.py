"""The one way in which TLS is spoken: verified against the host's name, HTTP/1.1 alone."""

import ssl
from pathlib import Path

from parley.wire.http.errors import RequestInvalid


def tls_context(ca_file: Path | None = None) -> ssl.SSLContext:
    """A context that trusts the system's authorities and those of `ca_file` (PEM). Raises RequestInvalid."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError) as error:
            raise RequestInvalid(f"The CA file {ca_file} can not be read as certificates: {error}.") from error
    return context
