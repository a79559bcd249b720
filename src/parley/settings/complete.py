"""Completes what `parley.toml` says of a provider with what Parley knows of it: dialect, address, key variable."""

from collections.abc import Mapping

from msgspec import structs

from parley.providers.registry import BY_NAME, Row
from parley.settings.read import Mistakes
from parley.settings.schema import ProviderSection
from parley.settings.secrets import Secret
from parley.wire.http import HeaderBlock, RequestInvalid, Url


def complete(name: str, section: ProviderSection, env: Mapping[str, str], mistakes: Mistakes) -> ProviderSection:
    """The section with dialect, address and key filled in; what can not be known is a mistake."""
    place = ("providers", name)
    row = BY_NAME.get(section.dialect or name)
    if row is None:
        known = ", ".join(sorted(BY_NAME))
        what = f"`{section.dialect}` is no dialect" if section.dialect else "this is no provider that Parley knows"
        mistakes.add((*place, "dialect"), f"{what}; say which it speaks: {known}.")
        return section
    base_url = section.base_url or (row.base_url if name == row.name or row.local else "")
    if not base_url:
        mistakes.add((*place, "base_url"), "this is missing: the address, with the path before `/chat/completions`.")
    else:
        _check_address((*place, "base_url"), base_url, mistakes)
    key = section.api_key or _known_key(name, row, env, mistakes)
    _check_header((*place, "api_key"), row.key_header, key.reveal() if key else "", mistakes)
    for header, value in section.headers.items():
        _check_header((*place, "headers", header), header, value, mistakes)
    return structs.replace(section, dialect=row.name, base_url=base_url, api_key=key)


def _known_key(name: str, row: Row, env: Mapping[str, str], mistakes: Mistakes) -> Secret | None:
    if name != row.name or row.key_env is None:
        return None
    value = env.get(row.key_env, "").strip()
    if value:
        return Secret(value)
    if row.key_required:
        mistakes.add(("providers", name, "api_key"), f"there is none: set {row.key_env}, or name it here.")
    return None


def _check_address(place: tuple[str, ...], address: str, mistakes: Mistakes) -> None:
    try:
        Url.parse(address)
    except RequestInvalid as e:
        mistakes.add(place, e.message)


def _check_header(place: tuple[str, ...], name: str, value: str, mistakes: Mistakes) -> None:
    try:
        HeaderBlock([(name.encode("ascii"), value.encode("latin-1"))])
    except RequestInvalid as e:
        mistakes.add(place, e.message)
    except UnicodeEncodeError:
        mistakes.add(place, "HTTP can not carry a header with these characters.")
