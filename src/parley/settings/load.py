"""Reads `parley.toml`, the environment and the command line into frozen settings."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct, structs

from parley.settings.beside import beside
from parley.settings.check import cross_check
from parley.settings.complete import complete
from parley.settings.read import Mistakes, read_table
from parley.settings.schema import Settings
from parley.wire.http import Proxies, RequestInvalid


class SettingsError(Exception):
    """A configuration that can not be used; `mistakes` holds one sentence each, with its place."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class Overrides(Struct, frozen=True, kw_only=True):
    """What the command line says; `None` leaves it to the file."""

    host: str | None = None
    port: int | None = None
    data: str | None = None


def load(path: Path | None, env: Mapping[str, str], overrides: Overrides | None = None) -> Settings:
    """Settings from `path`, else PARLEY_CONFIG, else ./parley.toml if it is there, else the defaults.

    Raises SettingsError with every mistake.
    """
    overrides = overrides or Overrides()
    chosen = path or (Path(env["PARLEY_CONFIG"]) if env.get("PARLEY_CONFIG") else None)
    file = chosen or Path("parley.toml")
    text = _text(file) if chosen or file.exists() else ""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as e:
        raise SettingsError([f"{file}: this is not TOML: {e}."]) from None
    mistakes = Mistakes(str(file), text)
    settings = read_table(Settings, table, (), mistakes, env)
    if not mistakes.found:
        providers = {name: complete(name, section, env, mistakes) for name, section in settings.providers.items()}
        settings = structs.replace(settings, providers=providers)
        cross_check(settings, mistakes)
    if mistakes.found:
        raise SettingsError(mistakes.found)
    return _with_overrides(beside(file, settings), overrides, env)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf8")
    except FileNotFoundError:
        raise SettingsError([f"{file}: there is no such file."]) from None
    except UnicodeDecodeError:
        raise SettingsError([f"{file}: this is not UTF-8 text."]) from None
    except OSError as e:
        raise SettingsError([f"{file}: it can not be read ({e.strerror})."]) from None


def _with_overrides(settings: Settings, overrides: Overrides, env: Mapping[str, str]) -> Settings:
    server = settings.server
    if overrides.host is not None:
        server = structs.replace(server, host=overrides.host)
    if overrides.port is not None:
        if not 0 <= overrides.port <= 65535:
            raise SettingsError([f"--port {overrides.port}: a port is a number from 0 to 65535."])
        server = structs.replace(server, port=overrides.port)
    data = overrides.data or env.get("PARLEY_DATA") or settings.data
    try:
        proxies = Proxies.from_environment(env)
    except RequestInvalid as e:
        raise SettingsError([f"HTTP_PROXY or HTTPS_PROXY: {e.message}"]) from None
    return structs.replace(settings, server=server, data=data, proxies=proxies)
