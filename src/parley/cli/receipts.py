"""`parley receipts`: shows what proves an answer, checks one without any gateway, and looks for gaps in the ledger."""

from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

import typer

from parley.cli.options import DATA, URL, Data, Json, Secret, Url
from parley.cli.trouble import Trouble

receipts = typer.Typer(name="receipts", help="Prove what was asked and answered.", no_args_is_help=True)


@receipts.command("show")
def show(
    id: Annotated[str, typer.Argument(help="The answer's x-request-id, or its completion id.")],
    out: Annotated[Path | None, typer.Option(help="A file to write it to; default: the terminal.")] = None,
    url: Url = URL,
    key: Secret = "",
    data: Data = DATA,
) -> None:
    """Print the receipt of a request, with its signatures, as JSON."""
    import msgspec

    from parley.cli.call import call_once
    from parley.cli.tables import print_json

    found = call_once(url, key, data, "GET", f"/api/receipts/{id}")
    if out is None:
        print_json(found)
        return
    try:
        out.write_bytes(msgspec.json.format(msgspec.json.encode(found)) + b"\n")
    except OSError as error:
        raise Trouble(f"{out} can not be written: {error.strerror}.") from None


@receipts.command("verify")
def verify(
    receipt: Annotated[Path, typer.Argument(help="What `receipts show` or GET /v1/signature/{id} answered.")],
    request: Annotated[Path | None, typer.Option(help="The body that was sent, byte for byte.")] = None,
    response: Annotated[Path | None, typer.Option(help="The body that came back, byte for byte.")] = None,
    address: Annotated[str, typer.Option(help="Who must have signed; default: whoever the receipt names.")] = "",
) -> None:
    """Check a receipt offline: its signatures, and the bytes that it is about."""
    from parley.receipts.signatures import check

    wanted = [one for one in _signed(receipt) if not address or one.signing_address.lower() == address.lower()]
    if not wanted:
        raise Trouble(f"{receipt}: no signature is by {address or 'anyone'}.")
    for signed in wanted:
        try:
            check(signed)
        except ValueError as error:
            raise Trouble(f"{receipt}: the {signed.signing_algo} signature is not good: {error}.") from None
        asked, _, answered = signed.text.partition(":")
        _compare("request", request, asked)
        _compare("response", response, answered)
        typer.echo(f"good: {signed.signing_algo} signature by {signed.signing_address}")


@receipts.command("audit")
def audit(json: Json = False, url: Url = URL, key: Secret = "", data: Data = DATA) -> None:
    """Look through all receipts for records that are gone or changed; exit code 1 if there are any."""
    from parley.cli.call import call_once
    from parley.cli.tables import print_json, print_table

    found = call_once(url, key, data, "GET", "/api/receipts/audit")
    if json:
        print_json(found)
    else:
        names = ("request_id", "chain", "place", "what")
        if found["breaks"]:
            print_table(list(names), [[one[name] for name in names] for one in found["breaks"]])
        typer.echo(f"{found['receipts']} receipts in {found['chains']} chains, {len(found['breaks'])} breaks")
    if found["breaks"]:
        raise typer.Exit(1)


def _signed(file: Path) -> list[Any]:
    """The signatures in a file."""
    import msgspec

    from parley.receipts.text import Signed

    try:
        read = msgspec.json.decode(file.read_bytes())
        found = read.get("signatures", [read])
        return [msgspec.convert(one, Signed) for one in found]
    except OSError as error:
        raise Trouble(f"{file} can not be read: {error.strerror}.") from None
    except (msgspec.MsgspecError, AttributeError) as error:
        raise Trouble(f"{file} holds no receipt: {error}.") from None


def _compare(what: str, file: Path | None, hash: str) -> None:
    if file is None:
        return
    try:
        found = sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        raise Trouble(f"{file} can not be read: {error.strerror}.") from None
    if found != hash:
        raise Trouble(f"{file} is not the {what} of this receipt: its SHA-256 is {found}, not {hash}.")
