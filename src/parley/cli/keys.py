"""`parley keys`: makes, lists and revokes keys."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from parley.cli.options import DATA, URL, Data, Json, Secret, Url

keys = typer.Typer(name="keys", help="Make, list and revoke keys.", no_args_is_help=True, rich_markup_mode=None)


@keys.command("create")
def create(
    name: Annotated[str, typer.Argument(help="What the key is for.")] = "key",
    scope: Annotated[
        list[str] | None, typer.Option(metavar="SCOPE", help="`inference` (default) or `admin`; may be repeated.")
    ] = None,
    account: Annotated[str, typer.Option(help="The account that its requests count for.")] = "default",
    expires: Annotated[str, typer.Option(help="A date or a date and time; default: never.")] = "",
    json: Json = False,
    url: Url = URL,
    key: Secret = "",
    data: Data = DATA,
) -> None:
    """Make a key; its secret is shown this once."""
    from parley.cli.call import call_once
    from parley.cli.tables import print_json

    body = {"name": name, "scopes": scope or ["inference"], "account": account}
    made = call_once(url, key, data, "POST", "/api/keys", body={**body, "expires_at": expires or None})
    if json:
        print_json(made)
        return
    typer.echo(made["key"])
    typer.echo(f"id {made['id']}; this is the only time that the key is shown.", err=True)


@keys.command("list")
def list_keys(json: Json = False, url: Url = URL, key: Secret = "", data: Data = DATA) -> None:
    """List the keys."""
    from parley.cli.call import call_once
    from parley.cli.tables import print_json, print_table

    found: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        page = call_once(url, key, data, "GET", "/api/keys", query={"limit": 1000, "after": after})
        found += page["data"]
        after = page["next"]
        if after is None:
            break
    if json:
        print_json(found)
        return
    rows = [
        (k["id"], k["name"], k["prefix"] + "...", ", ".join(k["scopes"]), k["account"], _day(k["created"]), _state(k))
        for k in found
    ]
    print_table(("id", "name", "key", "scopes", "account", "made", "state"), rows)


@keys.command("revoke")
def revoke(
    id: Annotated[str, typer.Argument(help="The key's id, as `parley keys list` shows it.")],
    url: Url = URL,
    key: Secret = "",
    data: Data = DATA,
) -> None:
    """End a key at once, in every worker within a second."""
    from urllib.parse import quote

    from parley.cli.call import call_once

    gone = call_once(url, key, data, "DELETE", f"/api/keys/{quote(id, safe='')}")
    typer.echo(f"{gone['id']} ({gone['name']}) is revoked.")


def _state(key: dict[str, Any]) -> str:
    if key["revoked_at"] is not None:
        return f"revoked {_day(key['revoked_at'])}"
    if key["expires_at"] is None:
        return "good"
    over = key["expires_at"] <= datetime.now(UTC).timestamp()
    return f"{'expired' if over else 'good until'} {_day(key['expires_at'])}"


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
