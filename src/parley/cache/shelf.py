"""The shelf: the answers that one process holds in memory, least used first out."""

from collections import OrderedDict
from typing import Any

import msgspec
from msgspec import Struct

from parley.core.enclosures import CachedAnswer
from parley.core.reply import Raw, Reply
from parley.core.route import Target

OVERHEAD = 512
"""Bytes that an entry takes beside its answer, about."""
OPENAI = frozenset({"openai_chat", "openai_completions"})
"""Dialects whose answers have their identity at the top, where it can be replaced."""

_reply = msgspec.json.Decoder(Reply)
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])


class Kept(Struct, frozen=True, kw_only=True):
    """An answer in memory. `fields` are the top-level fields of the upstream's own JSON, where it is OpenAI's.

    With `semantic` it was given to the question of `key` in other words.
    """

    id: str
    key: str
    expires: float
    size: int
    target: Target
    reply: Reply
    fields: dict[str, Any] | None = None
    semantic: bool = False

    def again(self, id: str, created: int) -> Reply:
        """The answer under a new identity; `system_fingerprint` says where it comes from."""
        notes = {**(self.reply.notes or {}), "system_fingerprint": "cache"}
        raw = None
        if self.fields is not None and self.reply.raw is not None:
            named = {**self.fields, "id": id, "created": created, "system_fingerprint": "cache"}
            raw = Raw(self.reply.raw.dialect, msgspec.json.encode(named))
        reply = self.reply
        return Reply(
            id=id,
            model=reply.model,
            created=created,
            choices=reply.choices,
            usage=reply.usage,
            raw=raw,
            notes=notes,
        )


def kept(row: CachedAnswer) -> Kept:
    """The row as it is held in memory. Raises msgspec.MsgspecError for one that a newer Parley wrote."""
    reply = _reply.decode(row.reply)
    return Kept(
        id=row.id,
        key=row.key,
        expires=row.expires,
        size=row.size + OVERHEAD,
        target=Target(model=row.model, provider=row.provider, upstream=row.upstream_model),
        reply=reply,
        fields=_fields.decode(reply.raw.data) if reply.raw is not None and reply.raw.dialect in OPENAI else None,
    )


class Shelf:
    """Answers by key, bounded by count and bytes."""

    def __init__(self, most: int, largest: int) -> None:
        """`most` entries and `largest` bytes."""
        self._most = most
        self._largest = largest
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self.size = 0

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: str, now: float) -> Kept | None:
        """The answer of this key, which counts as used now; None where there is none, or it is too old."""
        found = self._kept.get(key)
        if found is None:
            return None
        if found.expires <= now:
            self.drop(key)
            return None
        self._kept.move_to_end(key)
        return found

    def put(self, entry: Kept) -> None:
        """Takes an answer in; what was used least has to go where there is no room."""
        self.drop(entry.key)
        if entry.size > self._largest:
            return
        self._kept[entry.key] = entry
        self.size += entry.size
        while len(self._kept) > self._most or self.size > self._largest:
            self.size -= self._kept.popitem(last=False)[1].size

    def drop(self, key: str) -> None:
        """Forgets one answer."""
        gone = self._kept.pop(key, None)
        if gone is not None:
            self.size -= gone.size

    def clear(self) -> None:
        """Forgets every answer."""
        self._kept.clear()
        self.size = 0
