"""What a response says, whole or a piece of a stream: Gemini gives both the same shape, so one reading serves both."""

from msgspec import Raw as RawJson

from parley.core.errors import UpstreamGarbled
from parley.core.reply import Delta, Event, Json, Raw, ToolDelta
from parley.dialects.gemini.shapes import (
    BROKEN,
    FINISHES,
    NAME,
    STOPPED,
    Candidate,
    LogprobsResult,
    Part,
    Response,
    Token,
)
from parley.dialects.gemini.signatures import block
from parley.dialects.gemini.tool_ids import own_id
from parley.wire.ids import new_id


class Candidates:
    """The candidates of one answer of the service `issuer` as they grow."""

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer
        self._thoughts: dict[
            int, str
        ] = {}  # thought since the last signature: one signs all that was streamed before it
        self._tools: dict[int, int] = {}  # tool calls so far
        self._open: dict[int, bool] = {}  # candidates seen, and whether each still goes on
        self._id: str | None = None

    @property
    def whole(self) -> bool:
        """Whether every candidate that began has ended."""
        return bool(self._open) and not any(self._open.values())

    def event(self, response: Response, data: bytes) -> Event:
        """The event that tells `response`, whose bytes are `data`. Raises UpstreamGarbled for a broken answer."""
        self._id = self._id or response.response_id or new_id("resp")
        deltas = [self._delta(candidate) for candidate in response.candidates or ()]
        blocked = response.prompt_feedback.block_reason if response.prompt_feedback is not None else None
        if blocked and not deltas:
            self._open[0] = False
            said = f"The prompt was blocked by the provider ({blocked})."
            deltas = [Delta(role="assistant", refusal=said, finish="content_filter")]
        return Event(
            deltas=tuple(deltas),
            usage=response.usage_metadata.canon() if response.usage_metadata is not None else None,
            id=self._id,
            model=response.model_version,
            raw=Raw(NAME, data),
        )

    def _delta(self, candidate: Candidate) -> Delta:
        index, reason = candidate.index, candidate.finish_reason or None
        if reason in BROKEN:
            more = f": {candidate.finish_message}" if candidate.finish_message else ""
            raise UpstreamGarbled(f"The model's answer can not be used ({reason}){more}.")
        role = None if index in self._open else "assistant"
        self._open[index] = self._open.get(index, True) and reason is None
        parts = candidate.content.parts or []
        tools, thinking = self._read(index, parts)
        finish = FINISHES.get(reason, STOPPED) if reason is not None else None
        return Delta(
            index=index,
            role=role,
            text=_joined([part.text for part in parts if part.text and not part.thought]),
            refusal=candidate.finish_message if finish == "content_filter" else None,
            reasoning=_joined([part.text for part in parts if part.text and part.thought]),
            thinking=thinking,
            tools=tools,
            logprobs=_logprobs(candidate.logprobs_result),
            finish="tool_calls" if finish == STOPPED and self._tools.get(index) else finish,
        )

    def _read(self, index: int, parts: list[Part]) -> tuple[tuple[ToolDelta, ...], tuple[Json, ...]]:
        """The tool calls, and the signatures of everything that is signed."""
        tools: list[ToolDelta] = []
        thinking: list[Json] = []
        for part in parts:
            called = None
            if part.function_call is not None:
                place = self._tools.get(index, 0)
                self._tools[index] = place + 1
                called = part.function_call.id or own_id(f"{self._id}_{index}", place)
                tools.append(
                    ToolDelta(
                        index=place,
                        id=called,
                        name=part.function_call.name,
                        arguments=_arguments(part.function_call.args),
                    )
                )
            thought = self._thoughts.pop(index, "") + (part.text or "") if part.thought else None
            if part.thought_signature:
                thinking.append(block(part.thought_signature, self._issuer, tool_call_id=called, thought=thought))
            elif thought:
                self._thoughts[index] = thought
        return tuple(tools), tuple(thinking)


def _joined(texts: list[str]) -> str | None:
    return "".join(texts) if texts else None


def _arguments(given: RawJson) -> str:
    text = bytes(given).decode("utf-8", "replace")
    return "{}" if text in ("", "null") else text


def _logprobs(result: LogprobsResult | None) -> Json:
    """OpenAI's shape; Gemini gives the likeliest tokens of each step in a list beside the chosen ones."""
    if result is None or not result.chosen_candidates:
        return None
    tops = result.top_candidates or []
    content = [
        {
            **_token(chosen),
            "top_logprobs": [_token(token) for token in tops[step].candidates or ()] if step < len(tops) else [],
        }
        for step, chosen in enumerate(result.chosen_candidates)
    ]
    return {"content": content, "refusal": None}


def _token(token: Token) -> dict[str, Json]:
    return {"token": token.token, "logprob": token.log_probability or 0.0, "bytes": list(token.token.encode())}
