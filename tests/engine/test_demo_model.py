"""The built-in demo model answers what it should know, and says what it is to everything else."""

import httpx2
import pytest

from parley.engine.gguf_file import read
from parley.engine.settings import DEMO, ModelSettings
from tests.engine.conftest import said


async def demo(client: httpx2.AsyncClient, question: str) -> str:
    return await said(client, question, model="demo", max_tokens=200)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("What is Parley?", ("gateway", "OpenAI-compatible")),
        ("what is parley", ("gateway",)),
        ("What can you do?", ("routes", "ledger")),
        ("How do I add a provider?", ("[providers.openai]", "api_key", "parley.toml")),
        ("How do I create a key?", ("parley keys create",)),
        ("How do I add a key?", ("parley keys create",)),
        ("How do I add a model?", ("[engine.models.mymodel]", ".gguf")),
        ("How do I start Parley?", ("make serve",)),
        ("Where is the ledger?", ("parley-data/parley.db",)),
        ("Who are you?", ("demo model",)),
        ("Hello!", ("Hello",)),
    ],
)
async def test_it_knows_parley(client: httpx2.AsyncClient, question: str, words: tuple[str, ...]) -> None:
    answer = await demo(client, question)
    assert all(word in answer for word in words), answer


@pytest.mark.parametrize(
    "question",
    [
        "What is the capital of France?",
        "Write a poem about the sea.",
        "What is 17 times 23?",
        "Who was Albert Einstein?",
        "How do I bake bread?",
        "Tell me a joke",
        "Why is the sky blue?",
        "asdf qwer",
    ],
)
async def test_it_says_that_it_is_a_demo_to_everything_else(client: httpx2.AsyncClient, question: str) -> None:
    answer = await demo(client, question)
    assert "only a small demo model" in answer and "[engine.models]" in answer, answer


async def test_it_answers_with_a_system_prompt_and_a_history(client: httpx2.AsyncClient) -> None:
    messages = [
        {"role": "system", "content": "You are a helpful assistant."},
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Hello! I am the small demo model of Parley."},
        {"role": "user", "content": "What is Parley?"},
    ]
    assert "gateway" in await said(client, "", model="demo", messages=messages, max_tokens=200)


def test_its_file_is_small_and_says_what_it_is() -> None:
    file = read(ModelSettings(path=DEMO).file)
    assert file.size < 6_000_000
    assert "knows a little about Parley" in file.metadata["general.description"]
