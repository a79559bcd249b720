"""The engine: its settings, the engine itself, and what it says of its models."""

from contextlib import AsyncExitStack

from parley.engine.report import EngineReport
from parley.engine.settings import EngineSettings, ModelSettings
from parley.engine.supervisor import Engine
from parley.settings import Settings
from parley.wire.http import HttpClient, Limits

ENGINE_NAME = "engine"
"""The provider that the engine's models belong to."""


def make_engine(settings: Settings) -> Engine:
    """The engine with the models of the settings; not started."""
    return Engine(make_engine_settings(settings))


def make_engine_settings(settings: Settings) -> EngineSettings:
    """What the engine is told: its models and the bounds they share."""
    section = settings.engine
    return EngineSettings(
        models={
            name: ModelSettings(
                path=model.path,
                adapters=model.adapters,
                chat_template=model.chat_template,
                context=model.context,
                slots=model.slots,
                load=model.load,
                idle=model.idle,
            )
            for name, model in section.models.items()
        },
        threads=section.threads,
        waiting=section.waiting,
        patience=section.patience,
    )


async def open_report(settings: Settings, engine_address: str | None, stack: AsyncExitStack) -> dict[str, EngineReport]:
    """What the engine says of its models, where there is one."""
    if engine_address is None:
        return {}
    client = await stack.enter_async_context(HttpClient(Limits(connections=4)))
    return {ENGINE_NAME: EngineReport(make_engine_settings(settings), engine_address, client)}
