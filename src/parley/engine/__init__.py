"""The furnace: llama.cpp in its own process, supervised; it offers an address and its health.

The process speaks OpenAI's HTTP dialect on a unix socket. What runs inside it is under `process/`; nothing of that, and
no llama.cpp, is loaded in the process that supervises it.
"""

from parley.engine.settings import EngineSettings, ModelSettings
from parley.engine.supervisor import Engine, EngineHealth

__all__ = ["Engine", "EngineHealth", "EngineSettings", "ModelSettings"]
