"""Finds the files that a configuration names: a relative path starts in the folder of the file that says it."""

from pathlib import Path

from msgspec import structs

from parley.settings.schema import EngineModel, Settings

BUILT_IN = "builtin:"


def beside(file: Path, settings: Settings) -> Settings:
    """The settings of `file` with the paths of the engine's models and adapters made absolute.

    So a gateway started from another directory, by a service manager say, finds the same files.
    """
    folder = file.absolute().parent
    models = {name: _found(folder, model) for name, model in settings.engine.models.items()}
    return structs.replace(settings, engine=structs.replace(settings.engine, models=models))


def _found(folder: Path, model: EngineModel) -> EngineModel:
    path = model.path if model.path.startswith(BUILT_IN) else str(folder / model.path)
    adapters = {name: str(folder / adapter) for name, adapter in model.adapters.items()}
    return structs.replace(model, path=path, adapters=adapters)
