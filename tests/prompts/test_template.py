"""A template's variables are put in as they are, and never read as templates themselves."""

import pytest

from parley.core.asks import Json
from parley.prompts.template import fill, variables_of


@pytest.mark.parametrize(
    ("template", "variables", "filled"),
    [
        ("Hello {{name}}, {{ name }}!", {"name": "Ada"}, "Hello Ada, Ada!"),
        ("{{{raw}}}", {"raw": "<b>"}, "<b>"),
        ("{{a}}{{b}}", {"a": "{{b}}", "b": "x"}, "{{b}}x"),
        ("{{missing}}.", {}, "."),
        ("{{n}} {{l}}", {"n": 3, "l": [1, "é"]}, '3 [1,"é"]'),
        ("{ {x}} {{1x}} {{", {"x": "y", "1x": "z"}, "{ {x}} {{1x}} {{"),
        ([{"content": "{{a}}", "n": 1}], {"a": '"\\'}, [{"content": '"\\', "n": 1}]),
    ],
)
def test_variables_are_put_in(template: Json, variables: dict[str, Json], filled: Json) -> None:
    assert fill(template, variables) == filled


def test_the_variables_of_a_template_are_found_in_order() -> None:
    assert variables_of([{"content": "{{b}} {{ a }}"}, {"content": [{"text": "{{b}}{{c.d}}"}]}]) == ["b", "a", "c.d"]
