"""What a routing plan may know of a call: its words, its size and whose it is; each worked out once, when asked for."""

from collections.abc import Mapping
from functools import cached_property
from typing import Protocol

import msgspec

from parley.core.asks import Json
from parley.core.call import Call
from parley.routing.tokens import kinds_of, prompt_tokens


class Facts(Protocol):
    """The facts that conditions, stickiness and context sizes look at."""

    @property
    def path(self) -> str:
        """The path of the request, such as `/v1/chat/completions`."""

    @property
    def metadata(self) -> Mapping[str, Json]:
        """The request's metadata."""

    @property
    def params(self) -> Mapping[str, Json]:
        """The fields of the request's body that were given."""

    @property
    def session_id(self) -> str | None:
        """The conversation."""

    @property
    def user_id(self) -> str | None:
        """The end user."""

    @property
    def tokens(self) -> int:
        """The prompt's tokens, estimated (`tokens.prompt_tokens`)."""

    @property
    def output_tokens(self) -> int:
        """The answer's tokens that were asked for at most; 0 where nothing was said."""

    @property
    def content(self) -> frozenset[str]:
        """What is in it: `text`, `image`, `audio`, `file`, `tools`."""


class CallFacts:
    """The facts of a call that came in at `path`."""

    def __init__(self, call: Call, path: str) -> None:
        self._call = call
        self.path = path
        self.session_id: str | None = call.whose.session_id
        self.user_id = call.whose.user_id

    @property
    def metadata(self) -> Mapping[str, Json]:
        """As in `Facts`."""
        return self._call.whose.metadata or {}

    @cached_property
    def params(self) -> Mapping[str, Json]:
        """As in `Facts`; fields that Parley does not know are read from the client's own bytes."""
        ask = self._call.ask
        typed = {name: getattr(ask, name) for name in ask.__struct_fields__}
        known = {name: value for name, value in typed.items() if value is not None}
        fields = self._call.source.fields.items()
        return known | {name: msgspec.json.decode(raw) for name, raw in fields if name not in typed}

    @cached_property
    def tokens(self) -> int:
        """As in `Facts`."""
        return prompt_tokens(self._call.ask)

    @property
    def output_tokens(self) -> int:
        """As in `Facts`."""
        ask = self._call.ask
        return getattr(ask, "max_completion_tokens", None) or getattr(ask, "max_tokens", None) or 0

    @cached_property
    def content(self) -> frozenset[str]:
        """As in `Facts`."""
        return kinds_of(self._call.ask)
