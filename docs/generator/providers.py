"""The page of every upstream that Parley knows by name, read from the registry's rows."""

from parley.providers.registry import ROWS


def providers() -> str:
    """Every upstream that Parley knows by name."""
    known = "A known name needs only a key. Anything else that speaks one of these dialects works with `base_url`."
    rows = [
        f"| `{row.name}` | {row.speaks} | {row.base_url or 'yours'} | {f'`{row.key_env}`' if row.key_env else ''} "
        f"| {', '.join(f'`{field}`' for field in sorted(row.beyond))} | {row.docs} | {row.checked} |"
        for row in sorted(ROWS, key=lambda row: row.name)
    ]
    titles = ("name", "speaks", "address", "key", "takes beyond OpenAI's fields", "its reference", "checked")
    columns = [f"| {' | '.join(titles)} |", "|---" * len(titles) + "|"]
    return "\n".join(["# Providers", "", known, "", *columns, *rows])
