"""What the engine is told: its models, and how much may wait."""

from pathlib import Path
from typing import Literal

from msgspec import Struct, field

DEMO = "builtin:demo"
"""The path that names the model which comes with Parley."""


class ModelSettings(Struct, frozen=True, kw_only=True):
    """One model: a GGUF file and how it is served."""

    path: str  # `builtin:demo` or a .gguf file
    adapters: dict[str, str] = field(default_factory=dict)  # LoRA files by the name that `peft` gives
    chat_template: str | None = None  # Jinja, instead of the file's own
    context: int | None = None  # tokens per conversation; default: the model's, at most 8192
    slots: int | None = None  # requests answered at once; default: up to 8, as memory allows
    load: Literal["start", "use"] = "start"  # when the file is loaded
    idle: float | None = None  # seconds without a request after which it is unloaded; default: never

    @property
    def file(self) -> Path:
        """Where the file is; the built-in one is part of the package."""
        return Path(__file__).parent / "demo" / "demo.gguf" if self.path == DEMO else Path(self.path).absolute()


class EngineSettings(Struct, frozen=True, kw_only=True):
    """All models, and the bounds they share."""

    models: dict[str, ModelSettings] = field(default_factory=dict)
    threads: int | None = None  # CPU threads; default: as many as there are cores
    waiting: int = 256  # calls that may wait for a slot of one model; more: 503
    patience: float = 60.0  # seconds a call waits for a slot; longer: 503
    max_body: int = 32_000_000  # bytes of a request
    grace: float = 20.0  # seconds that running calls get to finish at SIGTERM
    broken: dict[str, str] = field(default_factory=dict)  # models that are not loaded again, with the reason
