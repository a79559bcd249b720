"""What comes back: OpenAI's completions and chunks with Parley's evaluation, and the evaluation itself."""

from typing import Any, Literal, Self

from openai import APIResponseValidationError, BaseModel
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.chat.chat_completion import Choice as OpenAIChoice
from openai.types.chat.chat_completion_chunk import Choice as OpenAIChunkChoice

Status = Literal["PENDING", "PASS", "FAULT", "ERROR", "NA"]


class Verdict(BaseModel):
    """What one sentinel says of an answer. `confidence` is 0..100, `time_ms` how long the sentinel took."""

    name: str
    status: Literal["PASS", "FAULT", "NA", "ERROR"]
    description: str = ""
    kind: str | None = None
    severity: str | None = None
    confidence: float | None = None
    correction: str | None = None
    choice: int = 0
    time_ms: float = 0.0
    cost_usd: float | None = None
    judge: str | None = None
    prompt_version: str | None = None


class Evaluation(BaseModel):
    """What the sentinels say of one request's answer; `created` is in seconds since 1970.

    `status` and `results` are of what the model said, `delivered` and `final_results` of what the caller got where it
    was corrected. PASS unless a sentinel faults; NA where there was nothing to judge it by; ERROR where it is not
    known, and `reason` says why; PENDING where it is not known yet.
    """

    request_id: str = ""
    status: Status = "PENDING"
    delivered: Status | None = None
    results: list[Verdict] = []  # noqa: RUF012  (pydantic copies it)
    final_results: list[Verdict] | None = None
    correction_applied: bool = False
    rounds: int = 0
    created: float | None = None
    time_ms: float = 0.0
    cost_usd: float | None = None
    application: str | None = None
    intent: str | None = None
    session_id: str | None = None
    reason: str | None = None

    @property
    def settled(self) -> bool:
        """Whether nothing more is to be expected."""
        return self.status != "PENDING"

    @property
    def faults(self) -> list[Verdict]:
        """The verdicts that found a fault."""
        return [verdict for verdict in self.results if verdict.status == "FAULT"]

    @classmethod
    def unknown(cls, request_id: str, reason: str) -> Self:
        """An evaluation that could not be had."""
        return cls.construct(request_id=request_id, status="ERROR", reason=reason)


class Identified(BaseModel):
    """A result that knows which request it answers."""

    @property
    def request_id(self) -> str | None:
        """The id under which Parley keeps the request: the answer's `x-request-id`."""
        found: str | None = getattr(self, "_request_id", None)
        return found

    @classmethod
    def build(cls, *, response: Any, data: Any) -> Self:
        """Makes the result from what came; openai's clients call this for every answer and every chunk.

        Raises openai's APIResponseValidationError where it is no object.
        """
        if not isinstance(data, dict):
            raise APIResponseValidationError(response, data, message="The answer is not a JSON object.")
        made = cls.construct(**data)
        made._request_id = response.headers.get("x-request-id")
        return made


class Choice(OpenAIChoice):
    """One answer; `is_correction` where it is not what the model said, but what it should have said."""

    is_correction: bool = False


class Completion(Identified, ChatCompletion):
    """A whole answer. `evaluation` is there where it was judged before it was delivered."""

    choices: list[Choice]  # type: ignore[assignment]
    evaluation: Evaluation | None = None
    correction_applied: bool = False

    @property
    def text(self) -> str:
        """What the first choice says; empty where it says nothing."""
        return (self.choices[0].message.content or "") if self.choices else ""


class ChunkChoice(OpenAIChunkChoice):
    """What a chunk adds to one answer."""

    is_correction: bool = False


class Chunk(Identified, ChatCompletionChunk):
    """One piece of a streamed answer. The last one has the `evaluation` where the answer was judged on its way."""

    choices: list[ChunkChoice]  # type: ignore[assignment]
    evaluation: Evaluation | None = None
    correction_applied: bool = False
