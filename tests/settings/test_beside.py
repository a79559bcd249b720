"""The engine's files are found from the folder of the configuration that names them."""

from pathlib import Path

from parley.compose import make_engine_settings
from parley.settings import load

TEXT = """
[engine]
threads = 2
waiting = 7
patience = 1.5
[engine.models.demo]
path = "builtin:demo"
[engine.models.near]
path = "models/near.gguf"
adapters = { polite = "../polite.gguf", far = "/else/where.gguf" }
load = "use"
idle = 300
"""


def test_a_relative_path_starts_in_the_folder_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "parley.toml").write_text(TEXT)
    models = load(tmp_path / "parley.toml", {}).engine.models
    assert models["near"].path == str(tmp_path / "models/near.gguf")
    assert models["near"].adapters == {"polite": f"{tmp_path}/../polite.gguf", "far": "/else/where.gguf"}
    assert models["demo"].path == "builtin:demo"


def test_the_engine_is_told_what_the_file_says(tmp_path: Path) -> None:
    (tmp_path / "parley.toml").write_text(TEXT)
    told = make_engine_settings(load(tmp_path / "parley.toml", {}))
    assert (told.threads, told.waiting, told.patience) == (2, 7, 1.5)
    near, demo = told.models["near"], told.models["demo"]
    assert (near.load, near.idle, near.file) == ("use", 300.0, tmp_path / "models/near.gguf")
    assert (demo.load, demo.idle) == ("start", None)
