"""The GGUF files of a repository: read from its listing, joined where a model is split, and chosen between."""

import re
from collections.abc import Sequence

import msgspec
from msgspec import Struct

from parley.hub.errors import HubError

SPLIT = re.compile(r"(?P<stem>.+)-(?P<part>\d{5})-of-(?P<parts>\d{5})\.gguf", re.IGNORECASE)
"""llama.cpp's names for the parts of one model (tools/gguf-split)."""
QUANTISATION = re.compile(
    r"(?:^|[-._/])((?:UD-)?(?:I?Q\d\w*|TQ\d_\d|MXFP\d\w*|BF16|F16|F32))(?=[-.]|$)", re.IGNORECASE | re.ASCII
)
SAFE = re.compile(r"[^/\\\x00-\x1f\x7f]{1,200}")
SHA256 = re.compile(r"[0-9a-f]{64}")


class HubFile(Struct, frozen=True, kw_only=True):
    """One file: its path in the repository, its bytes, and what they hash to where the listing says so."""

    path: str
    size: int
    sha256: str | None = None

    @property
    def name(self) -> str:
        """Without folders."""
        return self.path.rpartition("/")[2]


class Variant(Struct, frozen=True, kw_only=True):
    """One model in one quantisation: a file, or all parts of a split one in their order."""

    label: str
    files: tuple[HubFile, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)


class _Large(Struct, frozen=True):
    oid: str | None = None


class _Entry(Struct, frozen=True):
    type: str = ""
    path: str = ""
    size: int = 0
    lfs: _Large | None = None


_ENTRIES = msgspec.json.Decoder(list[_Entry])


def read_files(body: bytes) -> list[HubFile]:
    """The models among the files of a listing. Raises HubError for what is no listing."""
    try:
        entries = _ENTRIES.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise HubError(f"What answers is no model hub: its list of files can not be read ({error}).") from None
    return [
        HubFile(path=entry.path, size=entry.size, sha256=_sha256(entry.lfs))
        for entry in entries
        if entry.type == "file" and _is_model(entry.path)
    ]


def _sha256(large: _Large | None) -> str | None:
    return large.oid if large is not None and large.oid and SHA256.fullmatch(large.oid) else None


def _is_model(path: str) -> bool:
    """Whether it is a GGUF file with a name that is safe to give a file here; projectors for images are no models."""
    name = path.rpartition("/")[2]
    safe = all(SAFE.fullmatch(part) and not part.startswith(".") for part in path.split("/"))
    return safe and name.lower().endswith(".gguf") and "mmproj" not in name.lower()


def variants(files: Sequence[HubFile]) -> list[Variant]:
    """The models, smallest first. Raises HubError where a part of one is missing."""
    groups: dict[str, list[HubFile]] = {}
    for file in files:
        split = SPLIT.fullmatch(file.path)
        groups.setdefault(f"{split['stem']}-of-{split['parts']}" if split else file.path, []).append(file)
    found = [_variant(sorted(group, key=lambda file: file.path)) for group in groups.values()]
    return sorted(found, key=lambda variant: variant.size)


def _variant(files: list[HubFile]) -> Variant:
    split = SPLIT.fullmatch(files[0].path)
    parts = int(split["parts"]) if split else 1
    if len(files) != parts:
        raise HubError(f"The repository has {len(files)} of the {parts} parts of {files[0].name}.")
    stem = (split["stem"] if split else files[0].path[: -len(".gguf")]).rpartition("/")[2]
    labels = QUANTISATION.findall(stem)
    return Variant(label=labels[-1].upper() if labels else stem, files=tuple(files))


def choose(repo: str, there: Sequence[Variant], pick: str) -> Variant:
    """The model that `pick` means: a quantisation or a file's name; without one, the only one there is.

    Raises HubError that lists what there is.
    """
    if not there:
        raise HubError(f"{repo} has no GGUF files. Look for a repository of the same model that ends in -GGUF.")
    if not pick:
        fitting = list(there)
    else:
        fitting = [
            variant for variant in there if pick in {name for file in variant.files for name in (file.path, file.name)}
        ]
        fitting = fitting or [variant for variant in there if variant.label == pick.upper()]
    if len(fitting) == 1:
        return fitting[0]
    shown = "".join(f"\n  {_ask(repo, variant, there)}  {size_in_words(variant.size)}" for variant in fitting or there)
    why = f"{repo} has no {pick}" if not fitting else f"{repo} has {len(fitting)} of them"
    raise HubError(f"{why}; choose one by its whole name:{shown}")


def _ask(repo: str, variant: Variant, there: Sequence[Variant]) -> str:
    alone = [other.label for other in there].count(variant.label) == 1
    return f"{repo}:{variant.label if alone else variant.files[0].path}"


def size_in_words(size: float) -> str:
    """`4.1 GB`, with decimal units as hubs show them."""
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
