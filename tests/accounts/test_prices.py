"""Prices."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest
from genai_prices.data_snapshot import get_snapshot

from parley.accounts.price_list import _rates, _total
from parley.accounts.prices import Prices
from parley.core.reply import Usage

MIXED = Usage(prompt_tokens=1000, completion_tokens=50, cached_tokens=200, cache_write_tokens=100)


def test_a_known_model_costs_what_its_price_list_says():
    usage = Usage(prompt_tokens=1_000_000, completion_tokens=100_000, cached_tokens=500_000)
    assert Prices().cost("openai", "gpt-4o-mini", usage) == pytest.approx(0.5 * 0.15 + 0.5 * 0.075 + 0.1 * 0.6)


def test_plain_rates_say_the_same_as_the_library_for_every_model():
    now, plain = datetime.now(UTC), 0
    for provider in get_snapshot().providers:
        for model in provider.models:
            price = model.get_prices(now)
            if (rates := _rates(price)) is not None:
                plain += 1
                assert rates.cost(MIXED) == pytest.approx(_total(price, MIXED), abs=1e-12), (provider.id, model.id)
    assert plain > 1000


def test_a_price_with_tiers_follows_the_length_of_the_prompt():
    def per_token(tokens):
        cost = Prices().cost("google", "gemini-2.5-pro", Usage(prompt_tokens=tokens))
        return cost / tokens

    assert per_token(1_000_000) == pytest.approx(2 * per_token(1_000))


def test_the_engine_is_free_and_an_unknown_price_is_none_and_not_zero():
    prices = Prices()
    assert prices.cost("engine", "demo", MIXED) == 0.0
    assert prices.cost("openai", "gpt-of-next-year", MIXED) is None
    assert prices.cost("cellar", "llama", MIXED) is None
    assert prices.cost("openai", "gpt-4o-mini", None) is None


def test_a_provider_under_another_name_is_found_by_its_address():
    prices = Prices(addresses={"ours": "https://api.openai.com/v1", "cellar": "http://10.0.0.1:8000/v1"})
    assert prices.cost("ours", "gpt-4o-mini", MIXED) == Prices().cost("openai", "gpt-4o-mini", MIXED)
    assert prices.cost("cellar", "gpt-4o-mini", MIXED) is None


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("gemini", "gemini-2.0-flash"),
        ("azure-openai", "gpt-4o"),
        ("xai", "grok-3"),
        ("anthropic", "claude-3-5-haiku-latest"),
    ],
)
def test_our_names_of_providers_are_known(provider, model):
    assert Prices().cost(provider, model, MIXED) > 0


def test_more_cached_tokens_than_prompt_tokens_cost_no_less_than_nothing():
    assert Prices().cost("openai", "gpt-4o-mini", Usage(prompt_tokens=1, cached_tokens=10)) >= 0


def test_rates_are_looked_up_again_after_a_while():
    clock = [1_700_000_000.0]
    prices = Prices(clock=lambda: clock[0])
    prices.cost("openai", "gpt-4o", MIXED)
    until = prices._known["openai", "gpt-4o"][0]
    clock[0] = until
    prices.cost("openai", "gpt-4o", MIXED)
    assert prices._known["openai", "gpt-4o"][0] > until


def test_no_price_asks_the_network():
    """In a process of its own, where every socket is an error."""
    script = (
        "import socket, sys\n"
        "def no(*a): raise SystemExit('a socket was opened')\n"
        "sys.addaudithook(lambda event, args: no() if event in ('socket.connect', 'socket.getaddrinfo') else None)\n"
        "from parley.accounts.prices import Prices\n"
        "from parley.core.reply import Usage\n"
        "print(Prices().cost('openai', 'gpt-4o', Usage(prompt_tokens=10)), Prices().cost('x', 'y', Usage()))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "") and done.stdout.endswith("None\n")
