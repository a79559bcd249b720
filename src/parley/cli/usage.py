"""`parley usage`: requests, tokens and money, summed."""

from typing import Annotated, Any

import typer

from parley.cli.options import DATA, URL, Data, Json, Secret, Since, Until, Url

COUNTS = (
    "requests",
    "answered",
    "refused",
    "failed",
    "left",
    "prompt_tokens",
    "completion_tokens",
    "cached_tokens",
    "reasoning_tokens",
    "cost_usd",
    "saved_usd",
)


def usage(
    by: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="account, application, intent, model, provider, user_id, day, key_id, operation, status, cache or "
            "metadata.KEY; may be repeated.",
        ),
    ] = None,
    since: Since = "",
    until: Until = "",
    application: Annotated[str, typer.Option(help="Only this application.")] = "",
    account: Annotated[str, typer.Option(help="Only this account.")] = "",
    json: Json = False,
    url: Url = URL,
    key: Secret = "",
    data: Data = DATA,
) -> None:
    """Sum requests, tokens and cost."""
    from parley.cli.call import call_once
    from parley.cli.tables import print_json, print_table

    groups = [part for value in by or ["model"] for part in value.split(",") if part]
    query = {"by": groups, "since": since, "until": until, "application": application, "account": account}
    found = call_once(url, key, data, "GET", "/api/usage", query=query)["data"]
    if json:
        print_json(found)
        return
    rows = [
        [*(row["group"].get(name) or "" for name in groups), *(_count(row, name) for name in COUNTS)] for row in found
    ]
    sums = [sum(_count(row, name) for row in found) for name in COUNTS]
    print_table([*groups, *COUNTS], rows, ["sum", *([""] * (len(groups) - 1)), *sums])


def _count(row: dict[str, Any], name: str) -> Any:
    return row.get(name) or 0
