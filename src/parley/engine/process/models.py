"""The models of this process: loaded at start or on first use, unloaded when idle, and found by name."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
from msgspec import Struct

from parley.core.errors import GatewayError, Internal, NotFound
from parley.engine.gguf_file import BrokenFile
from parley.engine.process.llama import Library
from parley.engine.process.load import Model, load
from parley.engine.process.renderer import Renderer
from parley.engine.settings import EngineSettings, ModelSettings
from parley.engine.supervisor import ModelHealth, Report

OFTEN = 1.0  # seconds between looks for idle models


class Broken(GatewayError):
    """The model can not be loaded; the message says why."""

    status = 500
    type = "server_error"
    code = "model_unavailable"


class Place(Struct, kw_only=True):
    """A model's name, whether it is loaded or not."""

    settings: ModelSettings
    loading: asyncio.Task[Model] | None = None
    users: int = 0
    used: float = 0.0  # time.monotonic
    health: ModelHealth = msgspec.field(default_factory=lambda: ModelHealth(state="unloaded"))


class Models:
    """All models of the engine."""

    def __init__(self, settings: EngineSettings) -> None:
        self._settings = settings
        self._library = Library()
        self._library.quiet()
        self._places = {name: Place(settings=model) for name, model in settings.models.items()}
        self.renderer = Renderer()
        self._turn = asyncio.Lock()  # one load at a time, so that a crash shows whose it is

    @property
    def names(self) -> list[str]:
        """Every name, loaded or not."""
        return list(self._places)

    def health(self) -> dict[str, ModelHealth]:
        """How each model is."""
        return {name: place.health for name, place in self._places.items()}

    def start(self) -> None:
        """Begin to load the models that are loaded at start."""
        for name, place in self._places.items():
            if place.settings.load == "start":
                self._load(name, place)

    @asynccontextmanager
    async def use(self, name: str | None) -> AsyncIterator[Model]:
        """The model of this name, loaded, and kept while it is used. Raises NotFound or Broken."""
        place = self._places.get(name or "")
        if place is None:
            known = ", ".join(sorted(self._places)) or "none"
            raise NotFound(f"The engine has no model {name!r}; it has: {known}.", param="model", code="model_not_found")
        place.users += 1
        try:
            yield await self._loaded(name or "", place)
        finally:
            place.users -= 1
            place.used = time.monotonic()

    async def unload_idle(self) -> None:
        """Unload, for ever, what has been idle for longer than its settings allow."""
        while True:
            await asyncio.sleep(OFTEN)
            for name, place in self._places.items():
                idle, loading = place.settings.idle, place.loading
                if idle is None or loading is None or place.users or not loading.done() or loading.exception():
                    continue
                if time.monotonic() - place.used >= idle:
                    place.loading = None
                    await asyncio.to_thread(loading.result().close)
                    self._report(name, place, ModelHealth(state="unloaded"))

    async def _loaded(self, name: str, place: Place) -> Model:
        loading = place.loading
        if loading is None or (loading.done() and loading.exception() is not None):
            loading = self._load(name, place)
        try:
            return await asyncio.shield(loading)
        except BrokenFile as broken:
            raise Broken(str(broken)) from None

    def _load(self, name: str, place: Place) -> asyncio.Task[Model]:
        place.loading = asyncio.create_task(self._loading(name, place), name=f"load {name}")
        place.loading.add_done_callback(lambda task: task.cancelled() or task.exception())
        return place.loading

    async def _loading(self, name: str, place: Place) -> Model:
        try:
            model = await self._load_in_turn(name, place)
        except BrokenFile as broken:
            self._report(name, place, ModelHealth(state="failed", reason=str(broken)))
            raise
        except Exception as error:
            self._report(name, place, ModelHealth(state="failed", reason=f"{type(error).__name__}: {error}"))
            raise Internal(f"The model {name} could not be loaded; the engine's log says why.") from error
        place.used = time.monotonic()
        self._report(name, place, ModelHealth(state="loaded", context=model.context, slots=model.slots))
        return model

    async def _load_in_turn(self, name: str, place: Place) -> Model:
        if name in self._settings.broken:
            raise BrokenFile(self._settings.broken[name])
        async with self._turn:
            self._report(name, place, ModelHealth(state="loading"))
            return await asyncio.to_thread(load, name, place.settings, self._settings, self._library)

    def _report(self, name: str, place: Place, health: ModelHealth) -> None:
        """Remember, and tell the supervisor, who reads our stdout."""
        place.health = health
        sys.stdout.buffer.write(msgspec.json.encode(Report(name, health)) + b"\n")
        sys.stdout.buffer.flush()
