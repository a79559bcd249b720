"""Widely known names lead to whoever is configured and serves them."""

from parley.providers.registry import BY_NAME
from parley.routing.well_known import BY_MAKER, ELSEWHERE, well_known

SCALES_FAMILIES = ("gpt-4", "gemini-1.5-pro-002", "llama-3-70b-instruct", "mixtral-8x7b-instruct",
                   "claude-3-haiku-20240307", "phi-3-mini-4k-instruct", "dolphin-2.9-llama3-70b")  # fmt: skip


def test_every_provider_of_the_table_is_one_that_parley_knows() -> None:
    named = {*BY_MAKER, *(provider for at in ELSEWHERE.values() for provider in at)}
    assert named <= set(BY_NAME)


def test_every_family_of_scales_list_resolves_somewhere() -> None:
    assert set(SCALES_FAMILIES) <= set(well_known([*BY_NAME]))


def test_the_first_configured_provider_that_serves_a_name_gets_it() -> None:
    assert well_known(["openrouter", "openai"])["gpt-4"] == ("openrouter", "openai/gpt-4")
    assert well_known(["openai", "openrouter"])["gpt-4"] == ("openai", "gpt-4")


def test_nobody_serves_what_nobody_is_configured_for() -> None:
    assert well_known(["mine"]) == {}
    assert "claude-3-haiku-20240307" not in well_known(["openai", "groq"])
