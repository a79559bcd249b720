"""`parley check`."""

from tests.cli.running import parley

GOOD = """
[providers.local]
dialect = "openai"
base_url = "http://127.0.0.1:9/v1"
api_key = "k"
[models.small]
provider = "local"
[applications.support.intents.REFUND]
model = "small"
"""


def test_a_good_file_is_counted(tmp_path):
    (tmp_path / "parley.toml").write_text(GOOD)
    done = parley("check", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout == "parley.toml is fine: 1 provider, 1 model, 1 model of the engine, 1 application.\n"


def test_no_file_is_fine(tmp_path):
    done = parley("check", cwd=tmp_path)
    assert done.returncode == 0 and done.stdout.startswith("There is no parley.toml, which is fine")


def test_every_mistake_is_said_with_its_place(tmp_path):
    (tmp_path / "my.toml").write_text("[server]\nprot = 1\nhost = 5\n")
    done = parley("check", "--config", "my.toml", cwd=tmp_path)
    assert done.returncode == 1 and "2 mistakes" in done.stderr
    assert "my.toml:2" in done.stdout and "`port`" in done.stdout and "my.toml:3" in done.stdout


def test_a_mistake_in_an_intent_is_one_too(tmp_path):
    (tmp_path / "parley.toml").write_text(GOOD + "temprature = 1\n")
    done = parley("check", cwd=tmp_path)
    assert done.returncode == 1 and "`temperature`" in done.stdout and "REFUND" in done.stdout


def test_a_file_that_is_not_there_is_one_sentence(tmp_path):
    done = parley("check", "--config", "none.toml", cwd=tmp_path)
    assert done.returncode == 1 and "none.toml: there is no such file." in done.stdout
