"""Settings: defaults, every mistake with its place, secrets that never show."""

from pathlib import Path

import pytest

from parley.settings import Overrides, SettingsError, load


def write(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "parley.toml"
    file.write_text(text, encoding="utf8")
    return file


def mistakes(tmp_path: Path, text: str, env: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(write(tmp_path, text), env or {})
    return caught.value.mistakes


def test_an_empty_file_is_the_defaults_with_the_demo_model(tmp_path: Path) -> None:
    settings = load(write(tmp_path, ""), {})
    assert (settings.server.host, settings.server.port) == ("127.0.0.1", 8700)
    assert settings.engine.models["demo"].path == "builtin:demo"
    assert settings.store.durability == "commit"


def test_every_mistake_is_said_with_its_line_and_key(tmp_path: Path) -> None:
    found = mistakes(
        tmp_path,
        '[server]\nport = "x"\nprt = 3\n[store]\ndurability = "maybe"\n[models.a]\nupstream = "b"\n'
        '[models.c]\nprovider = "opnai"\n[providers.openai]\n',
    )
    text = "\n".join(found)
    assert "parley.toml:2: server.port:" in text
    assert "parley.toml:3: server.prt: there is no such key. Did you mean `port`?" in text
    assert "parley.toml:5: store.durability: it must be one of 'commit', 'async'" in text
    assert "models.a: `provider` is missing" in text
    assert len(found) == 4


def test_names_that_nothing_answers_to_are_said(tmp_path: Path) -> None:
    found = mistakes(
        tmp_path,
        '[providers.openai]\napi_key = "k"\n[models.c]\nprovider = "opnai"\nfallback = ["nowhere"]\n'
        '[server]\nmax_body = "many"\n[embeddings]\nmodel = "none"\n',
    )
    text = "\n".join(found)
    assert "models.c.provider: there is no provider `opnai`. Did you mean `openai`?" in text
    assert "models.c.fallback: there is no model `nowhere`" in text
    assert "server.max_body" in text
    assert "embeddings.model" in text


def test_a_secret_is_found_in_the_environment_or_a_file_and_never_shown(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from-file\n", encoding="utf8")
    known = 'dialect = "openai"\nbase_url = "http://127.0.0.1:1/v1"\n'
    text = f'[providers.a]\n{known}api_key = "env:A_KEY"\n[providers.b]\n{known}api_key = "file:{tmp_path / "key"}"\n'
    settings = load(write(tmp_path, text), {"A_KEY": "from-env"})
    a, b = settings.providers["a"].api_key, settings.providers["b"].api_key
    assert a and b
    assert (a.reveal(), b.reveal()) == ("from-env", "from-file")
    assert "from-" not in repr(settings)


def test_a_missing_secret_names_the_variable(tmp_path: Path) -> None:
    [found] = mistakes(tmp_path, '[providers.a]\napi_key = "env:NOT_THERE"\n')
    assert "providers.a.api_key" in found
    assert "NOT_THERE is not set" in found


def test_what_is_not_toml_or_not_there_is_one_sentence(tmp_path: Path) -> None:
    assert len(mistakes(tmp_path, "[server\n")) == 1
    with pytest.raises(SettingsError, match="there is no such file"):
        load(tmp_path / "none.toml", {})
    with pytest.raises(SettingsError, match="not UTF-8"):
        (tmp_path / "bad.toml").write_bytes(b"\xff\xfe")
        load(tmp_path / "bad.toml", {})


def test_the_command_line_wins_over_the_file_and_the_environment(tmp_path: Path) -> None:
    file = write(tmp_path, "[server]\nport = 9000\n")
    settings = load(file, {"PARLEY_DATA": "elsewhere"}, Overrides(host="::1", port=0, data="here"))
    assert (settings.server.host, settings.server.port, settings.data) == ("::1", 0, "here")
    assert load(None, {"PARLEY_CONFIG": str(file), "PARLEY_DATA": "elsewhere"}).data == "elsewhere"


def test_a_known_provider_needs_only_its_key(tmp_path: Path) -> None:
    settings = load(write(tmp_path, "[providers.openai]\n"), {"OPENAI_API_KEY": "from-env"})
    openai = settings.providers["openai"]
    assert openai.api_key is not None
    assert (openai.dialect, openai.api_key.reveal()) == ("openai", "from-env")
    assert openai.base_url == "https://api.openai.com/v1"


def test_what_a_provider_lacks_is_said(tmp_path: Path) -> None:
    text = "\n".join(
        mistakes(
            tmp_path,
            '[providers.openai]\n[providers.mine]\n[providers.other]\ndialect = "openai"\n'
            '[providers.third]\ndialect = "openai"\nbase_url = "ftp://x"\n',
        )
    )
    assert "providers.openai.api_key: there is none: set OPENAI_API_KEY" in text
    assert "providers.mine.dialect: this is no provider that Parley knows" in text
    assert "providers.other.base_url: this is missing" in text
    assert "providers.third.base_url" in text


def test_a_wrong_intent_is_said_with_its_table(tmp_path: Path) -> None:
    [found] = mistakes(tmp_path, "[applications.support.intents.REFUND]\ntemperature = 9\n")
    assert "applications.support.intents.REFUND" in found
    assert "temperature" in found


SENTINEL = '[[applications.support.intents.REFUND.sentinels]]\nname = "x"\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (SENTINEL + 'kind = "matches"\npattern = "(a"\n', "`sentinels[0].pattern` is not a pattern that RE2 takes"),
        (SENTINEL + 'kind = "json_schema"\nschema = { type = "no" }\n', "`sentinels[0].schema` is not a valid JSON"),
        (SENTINEL + 'directive = "d"\njudge = "ghost"\n', "`sentinels[0].judge` names the model 'ghost'"),
        ('[applications.support.defaults]\njudge = "ghost"\n', "`judge` names the model 'ghost'"),
    ],
)
def test_a_sentinel_that_can_not_be_is_a_mistake(tmp_path: Path, text: str, words: str) -> None:
    [found] = mistakes(tmp_path, text)
    assert "[applications.support." in found
    assert words in found


def test_a_judge_is_any_model_of_the_file_or_of_a_provider(tmp_path: Path) -> None:
    judges = ("demo", "own", "route", "openai/gpt-4o")
    rows = "".join(
        f'[[applications.a.intents.I.sentinels]]\nname = "{judge}"\ndirective = "d"\njudge = "{judge}"\n'
        for judge in judges
    )
    text = (
        '[providers.openai]\n[engine.models.demo]\npath = "builtin:demo"\n[models.own]\nprovider = "openai"\n'
        '[routes.route]\nprovider = "openai"\nmodel = "own"\n'
    )
    load(write(tmp_path, text + rows), {"OPENAI_API_KEY": "sk-x"})
