"""The guide to sentinels knows every kind and every key."""

from importlib import import_module
from pathlib import Path

import pytest

from parley.evaluation.keys import Asking, Common
from parley.evaluation.sentinel import KINDS

GUIDE = (Path(__file__).parents[2] / "docs/guide/sentinels.md").read_text()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_stands_in_the_guide_with_its_keys(kind):
    file, keys, _ = KINDS[kind]
    options = getattr(import_module(f"parley.evaluation.kinds.{file}"), keys)
    (row,) = [line for line in GUIDE.splitlines() if line.startswith(f"| `{kind}` |")]
    own = [key for key in options.__struct_fields__ if not (kind == "excludes" and key == "any")]
    assert [key for key in own if f"`{key}`" not in row] == []


@pytest.mark.parametrize("key", [*Common.__struct_fields__, *Asking.__struct_fields__])
def test_every_common_key_stands_in_the_guide(key):
    assert f"`{key}`" in GUIDE
