"""Scale's generative platform (EGP, later SGP), facing its clients: `scale-gp` 0.1.0a62, `scale-egp` 1.1.15, its REST.

`/v4/chat-completions` (also v2, v3): `read_chat`, `write_chat`, `ChatStream`. `/v4/completions` (also v2):
`read_completion`, `write_completion`, `CompletionStream`. `/v4/agents/execute`: `read_agent`, `write_agent`.
`/v4/models/{deployment}/chat-completions`: `read_deployed`, `write_deployed`. A deployment's execute, of any type:
`read_execute`, `write_execute`. No stream here ends in `[DONE]`, on which all of these clients fail.
"""

from parley.dialects.scale_egp.agents import read_agent, write_agent
from parley.dialects.scale_egp.chats import read_chat, read_completion, read_deployed
from parley.dialects.scale_egp.errors import write_error
from parley.dialects.scale_egp.executions import read_execute, write_execute
from parley.dialects.scale_egp.parameters import SETTLES
from parley.dialects.scale_egp.replies import write_chat, write_completion, write_deployed
from parley.dialects.scale_egp.streams import ChatStream, CompletionStream

NAME = "scale_egp"

__all__ = [
    "NAME",
    "SETTLES",
    "ChatStream",
    "CompletionStream",
    "read_agent",
    "read_chat",
    "read_completion",
    "read_deployed",
    "read_execute",
    "write_agent",
    "write_chat",
    "write_completion",
    "write_deployed",
    "write_error",
    "write_execute",
]
