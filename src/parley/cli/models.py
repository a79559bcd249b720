"""`parley models`: what the gateway can reach."""

import typer

from parley.cli.options import DATA, URL, Data, Json, Secret, Url


def models(json: Json = False, url: Url = URL, key: Secret = "", data: Data = DATA) -> None:
    """List the models that the gateway can reach."""
    from parley.cli.call import call_once
    from parley.cli.tables import print_json, print_table

    found = call_once(url, key, data, "GET", "/api/models")["data"]
    if json:
        print_json(found)
        return
    if not found:
        typer.echo("There are no models yet; add a provider to parley.toml.")
        return
    columns = ["id", "provider", *sorted({name for model in found for name in model} - {"id", "provider", "object"})]
    rows = [[_cell(model.get(name)) for name in columns] for model in found]
    print_table(columns, rows)


def _cell(value: object) -> object:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else value if isinstance(value, int | float) else str(value)
