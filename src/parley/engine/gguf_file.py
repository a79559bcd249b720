"""Reads the head of a GGUF file: what the model is, and whether the file is whole (ggml docs/gguf.md, 2026-08)."""

import mmap
import struct
from pathlib import Path
from typing import Any

from msgspec import Struct

MAGIC = b"GGUF"
SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
STRING, ARRAY = 8, 9
LONGEST_KEPT = 64  # longer arrays (the vocabulary) are stepped over
MOST = 1 << 20  # more tensors or keys than that is no model


class BrokenFile(Exception):
    """The file is missing, cut or no GGUF; the message is one sentence."""


class GgufFile(Struct, frozen=True, kw_only=True):
    """The head of one file: `metadata` by key, the shape of each tensor (fastest dimension first), size in bytes."""

    path: Path
    metadata: dict[str, Any]
    tensors: dict[str, tuple[int, ...]]
    size: int

    @property
    def architecture(self) -> str:
        """`llama`, `bert` and the like."""
        return str(self.metadata.get("general.architecture", ""))

    def fact(self, key: str, default: Any = None) -> Any:
        """A metadata value under the architecture's own prefix, as `context_length`."""
        return self.metadata.get(f"{self.architecture}.{key}", default)


class Cursor:
    """A position in the mapped file; reading past the end is a BrokenFile."""

    def __init__(self, data: mmap.mmap) -> None:
        self.data, self.at = data, 0

    def scalar(self, form: str) -> Any:
        """One number of a struct format."""
        try:
            (value,) = struct.unpack_from(form, self.data, self.at)
        except struct.error:
            raise BrokenFile("it ends in the middle of its head; it was not copied or downloaded whole") from None
        self.at += struct.calcsize(form)
        return value

    def bytes(self) -> bytes:
        """A string: its length, then its bytes."""
        length = self.scalar("<Q")
        if self.at + length > len(self.data):
            raise BrokenFile("it ends in the middle of its head; it was not copied or downloaded whole")
        self.at += length
        return self.data[self.at - length : self.at]

    def value(self, kind: int) -> Any:
        """One metadata value of a kind; long arrays come back as None."""
        if kind in SCALARS:
            return self.scalar(SCALARS[kind])
        if kind == STRING:
            return self.bytes().decode("utf-8", "replace")
        if kind != ARRAY:
            raise BrokenFile(f"it holds a value of the unknown kind {kind}; it is damaged or newer than this engine")
        inner, count = self.scalar("<I"), self.scalar("<Q")
        if inner in SCALARS and count > LONGEST_KEPT:
            self.at += count * struct.calcsize(SCALARS[inner])
            return None
        if count > len(self.data):
            raise BrokenFile("its head is damaged")
        values = [self.value(inner) for _ in range(count)]
        return values if count <= LONGEST_KEPT else None


def read(path: Path) -> GgufFile:
    """The head of the file at `path`. Raises BrokenFile with a sentence that names the file."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return parse(path, data)
    except BrokenFile as broken:
        raise BrokenFile(f"{path} can not be used: {broken}.") from None
    except FileNotFoundError:
        raise BrokenFile(f"There is no file {path}; check the model's `path` in parley.toml.") from None
    except ValueError:
        raise BrokenFile(f"{path} is empty.") from None
    except OSError as error:
        raise BrokenFile(f"{path} can not be read: {error.strerror}.") from None


def parse(path: Path, data: mmap.mmap) -> GgufFile:
    """Read metadata and tensor shapes, and check that the last tensor is there."""
    if data[:4] != MAGIC:
        raise BrokenFile("it is not a GGUF file")
    cursor = Cursor(data)
    cursor.at = 4
    version, count, keys = cursor.scalar("<I"), cursor.scalar("<Q"), cursor.scalar("<Q")
    if version not in (2, 3) or count > MOST or keys > MOST:
        raise BrokenFile(f"it is a GGUF file of version {version}, or damaged; versions 2 and 3 are known")
    metadata = {}
    for _ in range(keys):
        key = cursor.bytes().decode("utf-8", "replace")
        metadata[key] = cursor.value(cursor.scalar("<I"))
    tensors, last = {}, 0
    for _ in range(count):
        name = cursor.bytes().decode("utf-8", "replace")
        tensors[name] = tuple(cursor.scalar("<Q") for _ in range(cursor.scalar("<I") % 8))
        cursor.scalar("<I")
        last = max(last, cursor.scalar("<Q"))
    if tensors and cursor.at + last >= len(data):
        raise BrokenFile("its last weights are missing; it was not copied or downloaded whole")
    return GgufFile(path=path, metadata=metadata, tensors=tensors, size=len(data))
