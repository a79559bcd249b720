"""Maitai's wire: a chat in an envelope of its own, answers as lines of JSON (seen in maitai-python 1.2.24 and 1.2.34).

`unwrap` turns the envelope into a request of the union surface; `answer_line`, `chunk_line`, `evaluation_line` and
`error_line` write the lines of an answer from the same chat completion that OpenAI's clients get.
"""

from parley.dialects.maitai.asks import NAME, Asked, unwrap
from parley.dialects.maitai.config import application_json, config_json
from parley.dialects.maitai.evaluations import evaluate_response
from parley.dialects.maitai.lines import KEEP_ALIVE, answer_line, chunk_line, error_line, evaluation_line
from parley.dialects.maitai.submitted import Submitted, read_logged, read_submitted

__all__ = [
    "KEEP_ALIVE",
    "NAME",
    "Asked",
    "Submitted",
    "answer_line",
    "application_json",
    "chunk_line",
    "config_json",
    "error_line",
    "evaluate_response",
    "evaluation_line",
    "read_logged",
    "read_submitted",
    "unwrap",
]
