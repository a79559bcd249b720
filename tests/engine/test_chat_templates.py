"""Chat templates of requests and settings: rendered in the sandbox, stopped when they misbehave."""

import time
from typing import Any

import httpx2
import pytest

from parley.engine import ModelSettings
from tests.engine.conftest import CHAT, ask, asking, refused, said
from tests.engine.ggufs import TEMPLATE
from tests.engine.test_models import running

PLAIN = "{% for m in messages %}{{ m.content }}{% endfor %}"


async def test_a_template_of_the_request_is_used_and_the_models_own_is_the_default(client: httpx2.AsyncClient) -> None:
    own = await said(client, "hello")
    assert await said(client, "hello", chat_template=TEMPLATE) == own
    short = await ask(client, "AB", chat_template=PLAIN)
    assert short["usage"]["prompt_tokens"] == 2


async def test_a_template_sees_the_first_and_last_token(client: httpx2.AsyncClient) -> None:
    answer = await ask(client, "x", chat_template="{{ bos_token }}{{ eos_token }}")
    assert answer["usage"]["prompt_tokens"] == 2


async def test_control_tokens_are_the_templates_to_write_and_not_the_users(client: httpx2.AsyncClient) -> None:
    by_template = await ask(client, "x", chat_template="<|im_end|>")
    by_user = await ask(client, "<|im_end|>", chat_template=PLAIN)
    assert by_template["usage"]["prompt_tokens"] == 1
    assert by_user["usage"]["prompt_tokens"] >= 8


@pytest.mark.parametrize(
    "template",
    [
        "{{ raise_exception('not to my liking') }}",
        "{% for m in messages %}",
        "{{ 1 / 0 }}",
        "{{ messages.nothing.at.all }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ messages.append(1) }}",
        "{{ cycler.__init__.__globals__ }}",
        "{% include 'x' %}",
        "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}",
        "{{ 'a' * 10000000000 }}",
        "{{ 'a'.ljust(2000000000) }}",
        "{{ 2 ** 100000000000 }}",
        "{{ 'x' * 5000000 }}",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        "x" * 100_001,
    ],
)
async def test_a_template_that_misbehaves_is_a_400_in_time(client: httpx2.AsyncClient, template: str) -> None:
    began = time.monotonic()
    status, error = await refused(client, CHAT, asking("hello", chat_template=template))
    assert (status, error["param"]) == (400, "chat_template")
    assert "chat template" in error["message"]
    assert time.monotonic() - began < 5
    assert (await ask(client, "AB", chat_template=PLAIN))["usage"]["prompt_tokens"] == 2


async def test_a_template_that_writes_nothing_is_a_400(client: httpx2.AsyncClient) -> None:
    status, _ = await refused(client, CHAT, asking("hello", chat_template=""))
    assert status == 400


async def test_a_template_of_the_settings_replaces_the_files_own(made: Any) -> None:
    path = str(made / "tiny.gguf")
    models = {
        "tiny": ModelSettings(path=path, chat_template=PLAIN),
        "bad": ModelSettings(path=path, chat_template="{%"),
    }
    async with running(**models) as (_, client):
        assert (await ask(client, "AB"))["usage"]["prompt_tokens"] == 2
        status, error = await refused(client, CHAT, asking("hello", model="bad"))
        assert status == 500 and "not valid Jinja" in error["message"]
