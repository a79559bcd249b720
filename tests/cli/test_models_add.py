"""`parley models add`: a file is looked at, then written into the configuration, where all else stays as it is."""

import shutil
import stat
import tomllib
from pathlib import Path

import pytest

from parley.engine.settings import DEMO, ModelSettings
from parley.settings import load
from tests.cli.running import parley
from tests.engine.ggufs import write_adapter, write_llama

COMMENTED = '# mine\r\n[server]\nport = 1 # one\n\n[engine.models.first]   # the first\npath = "first.gguf"'


@pytest.fixture(scope="module")
def gguf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small model."""
    return write_llama(tmp_path_factory.mktemp("gguf") / "My Model-Q4_0.gguf")


def refused(*arguments: str, cwd: Path) -> str:
    """The one sentence of a command that fails."""
    done = parley("models", *arguments, cwd=cwd)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("parley: ") and "Traceback" not in done.stderr
    return done.stderr


def test_a_file_is_added_and_loads(gguf: Path, tmp_path: Path) -> None:
    done = parley("models", "add", str(gguf), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("my-model-q4_0 is in parley.toml: llama, 0.00 GB, context ")
    models = load(tmp_path / "parley.toml", {}).engine.models
    assert models["my-model-q4_0"].path == str(gguf)
    assert models["demo"].path == DEMO and "`demo` was named too" in done.stdout
    assert stat.S_IMODE((tmp_path / "parley.toml").stat().st_mode) == 0o600


def test_what_stands_in_the_file_stays_byte_for_byte(gguf: Path, tmp_path: Path) -> None:
    config = tmp_path / "sub" / "mine.toml"
    config.parent.mkdir()
    config.write_bytes(COMMENTED.encode())
    config.chmod(0o640)
    assert parley("models", "add", str(gguf), "--name", "a.b", "--config", str(config), cwd=tmp_path).returncode == 0
    after = config.read_bytes().decode()
    assert after == COMMENTED + f'\n\n[engine.models."a.b"]\npath = "{gguf}"\n'
    assert stat.S_IMODE(config.stat().st_mode) == 0o640
    assert [place.name for place in config.parent.iterdir()] == ["mine.toml"]


def test_a_file_below_the_configuration_is_named_from_there(gguf: Path, tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    shutil.copy(gguf, tmp_path / "models" / "small.gguf")
    assert parley("models", "add", "models/small.gguf", cwd=tmp_path).returncode == 0
    assert tomllib.loads((tmp_path / "parley.toml").read_text())["engine"]["models"]["small"] == {
        "path": "models/small.gguf"
    }
    found = load(tmp_path / "parley.toml", {}).engine.models["small"]
    assert ModelSettings(path=found.path).file == tmp_path / "models" / "small.gguf"


@pytest.mark.parametrize(
    "text", ['[engine.models.taken]\npath = "a"\n', '[providers.p]\n[models.taken]\nprovider = "p"\n']
)
def test_a_name_that_is_taken_is_refused(gguf: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "parley.toml").write_text(text)
    assert "has a model taken already" in refused("add", str(gguf), "--name", "taken", cwd=tmp_path)
    assert (tmp_path / "parley.toml").read_text() == text


@pytest.mark.parametrize("name", ["a/b", "-a", "a b", 'a"\n[x]', "ä"])
def test_a_name_that_is_none_is_refused(gguf: Path, tmp_path: Path, name: str) -> None:
    assert "can not be a model's name" in refused("add", str(gguf), f"--name={name}", cwd=tmp_path)


@pytest.mark.parametrize(
    "text", ['engine = { models = { a = { path = "a" } } }\n', '[engine]\nmodels = { a = { path = "a" } }\n']
)
def test_models_that_are_written_inline_are_left_to_their_writer(gguf: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "parley.toml").write_text(text)
    assert f'new = {{ path = "{gguf}" }}' in refused("add", str(gguf), "--name", "new", cwd=tmp_path)
    assert (tmp_path / "parley.toml").read_text() == text


def test_dotted_keys_are_added_to(gguf: Path, tmp_path: Path) -> None:
    (tmp_path / "parley.toml").write_text("[engine]\nthreads = 1\n")
    assert parley("models", "add", str(gguf), "--name", "new", cwd=tmp_path).returncode == 0
    settings = load(tmp_path / "parley.toml", {})
    assert (settings.engine.threads, sorted(settings.engine.models)) == (1, ["demo", "new"])


def test_a_file_that_is_not_toml_is_not_touched(gguf: Path, tmp_path: Path) -> None:
    (tmp_path / "parley.toml").write_text("[engine\n")
    assert "is not TOML" in refused("add", str(gguf), cwd=tmp_path)


def test_what_is_no_model_is_one_sentence(gguf: Path, tmp_path: Path) -> None:
    whole = gguf.read_bytes()
    (tmp_path / "text.gguf").write_text("hello, I am no model, but long enough to be one")
    (tmp_path / "empty.gguf").write_bytes(b"")
    (tmp_path / "cut.gguf").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "head.gguf").write_bytes(whole[:40])
    (tmp_path / "version.gguf").write_bytes(whole[:4] + b"\x09" + whole[5:])
    write_adapter(tmp_path / "adapter.gguf")
    for name, says in (
        ("none.gguf", "there is no file none.gguf"),
        ("text.gguf", "not a GGUF file"),
        ("empty.gguf", "is empty"),
        ("cut.gguf", "was not copied or downloaded whole"),
        ("head.gguf", "ends in the middle of its head"),
        ("version.gguf", "of version 9"),
        ("adapter.gguf", "is a LoRA adapter"),
        (".", "there is no file ."),
    ):
        sentence = refused("add", name, cwd=tmp_path)
        assert says in sentence and sentence.count("\n") == 1
    assert not (tmp_path / "parley.toml").exists()


def test_a_split_model_needs_all_its_parts(gguf: Path, tmp_path: Path) -> None:
    first, second = (tmp_path / f"big-0000{part}-of-00002.gguf" for part in (1, 2))
    shutil.copy(gguf, first)
    assert f"{second.name} is not beside it" in refused("add", first.name, cwd=tmp_path)
    shutil.copy(gguf, second)
    assert "add its first part" in refused("add", second.name, cwd=tmp_path)
    done = parley("models", "add", first.name, cwd=tmp_path)
    assert done.stdout.startswith("big is in parley.toml")
