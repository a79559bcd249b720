"""The operator's commands against a management API on a real socket and store."""

import csv
import json
import stat

import pytest

from tests.api.conftest import RECORDS
from tests.cli.running import parley


@pytest.fixture
def ask(house, tmp_path):
    def run(*arguments, **more):
        env = {"PARLEY_URL": f"http://127.0.0.1:{house.running.port}", "PARLEY_ADMIN_KEY": house.secrets["admin"]}
        return parley(*arguments, cwd=tmp_path, env={**env, **more})

    return run


def test_a_key_is_made_listed_and_revoked(ask):
    made = ask("keys", "create", "ci", "--scope", "inference", "--account", "acme", "--expires", "2099-01-01")
    assert made.returncode == 0 and made.stdout.startswith("pk_") and made.stdout.count("\n") == 1
    id = made.stderr.split()[1].rstrip(";")
    listed = ask("keys", "list").stdout
    assert id in listed and "good until 2099-01-01" in listed and made.stdout.strip() not in listed
    assert ask("keys", "revoke", id).stdout == f"{id} (ci) is revoked.\n"
    (key,) = (k for k in json.loads(ask("keys", "list", "--json").stdout) if k["id"] == id)
    assert key["revoked_at"] is not None


def test_a_refusal_is_one_sentence(ask):
    for arguments in (("keys", "revoke", "none"), ("keys", "create", "--scope", "root"), ("usage", "--by", "mood")):
        done = ask(*arguments)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("parley: ") and done.stderr.count("\n") == 1


def test_a_wrong_key_is_one_sentence(ask):
    done = ask("models", PARLEY_ADMIN_KEY="pk_wrong")
    assert done.returncode == 1 and "not known" in done.stderr and "pk_wrong" not in done.stderr


def test_models_are_a_table_or_json(ask):
    assert "demo" in ask("models").stdout and "engine" in ask("models").stdout
    assert json.loads(ask("models", "--json").stdout) == [{"id": "demo", "provider": "engine"}]


def test_usage_is_a_table_with_a_sum_or_json(ask):
    table = ask("usage", "--by", "model", "--by", "day", "--since", "2023-11-16").stdout.splitlines()
    assert table[0].split()[:3] == ["model", "day", "requests"] and len(table) == 1 + 5 + 1
    assert table[-1].split()[:2] == ["sum", "5"]
    assert len(json.loads(ask("usage", "--json").stdout)) == 2


def test_an_export_goes_to_a_file_or_to_the_terminal(ask, tmp_path):
    lines = [json.loads(line) for line in ask("export").stdout.splitlines()]
    assert [line["id"] for line in lines] == [record.id for record in RECORDS]
    assert ask("export", "out.csv", "--format", "csv", "--until", "2023-11-17").returncode == 0
    with (tmp_path / "out.csv").open() as file:
        assert [row["id"] for row in csv.DictReader(file)] == ["req_0", "req_1"]
    assert stat.S_IMODE((tmp_path / "out.csv").stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["out.csv"]


def test_an_export_that_fails_leaves_no_file(ask, tmp_path):
    assert ask("export", "out.jsonl", "--since", "soon").returncode == 1
    assert ask("export", "no/where.jsonl").stderr.startswith("parley: no/where.jsonl can not be written")
    assert list(tmp_path.iterdir()) == []


def test_the_key_is_found_in_the_data_directory(ask, house, tmp_path):
    (tmp_path / "parley-data").mkdir()
    (tmp_path / "parley-data" / "admin.key").write_text(house.secrets["admin"] + "\n")
    assert ask("models", PARLEY_ADMIN_KEY="").returncode == 0
    elsewhere = ask("models", "--data", "elsewhere", PARLEY_ADMIN_KEY="")
    assert elsewhere.returncode == 1 and "elsewhere/admin.key" in elsewhere.stderr


def test_an_address_that_is_none_is_one_sentence(ask):
    done = ask("models", "--url", "example")
    assert done.returncode == 1 and "'example'" in done.stderr and done.stderr.count("\n") == 1
