"""The kinds secrets, personal_data and grounded."""

import pytest

from .subjects import judged, mended

CONTEXT = "Order 4711 of Maria Schmidt: 1,234.50 EUR, shipped on 2026-03-04 from Ulm by DHL. Returns within 30 days."


@pytest.mark.parametrize(
    "secret",
    [
        "sk-proj-abcdefghij0123456789ABCD",
        "sk-ant-api03-abcdefghij0123456789",
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_" + "a1" * 18,
        "xoxb-123456789012-abcdefghijkl",
        "AIza" + "Sy1" * 11 + "ab",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----",
        "pk_" + "aB3-_xYz9Q" * 4 + "q1Z",
        "4111 1111 1111 1111",
        "5500-0055-5555-5559",
        "378282246310005",
    ],
)
def test_a_secret_is_found_and_redacted(secret):
    text = f"Here it is: {secret} and that is all."
    assert judged({"kind": "secrets"}, text).status == "FAULT"
    assert mended({"kind": "secrets"}, text) == "Here it is: [secret] and that is all."
    assert judged({"kind": "secrets", "allow": [secret]}, text).status == "PASS"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("api_key = 'q8Zt3LmP0vXr7Kd2'", "api_key = '[secret]'"),
        ("Your password is Tr0ub4dor&3xZq9!", "Your password is [secret]"),
        ("postgres://app:s3cr3tPass@db/main", "postgres://app:[secret]@db/main"),
    ],
)
def test_a_value_that_is_called_secret_is_redacted_alone(text, left):
    assert mended({"kind": "secrets"}, text) == left


@pytest.mark.parametrize(
    "text",
    [
        "Set the password in the settings; the secret ingredient is responsibility.",
        "4111 1111 1111 1112",
        "Order 1234567890123456",
        "sk-short and skeleton-key",
        "https://example.com/path?token=abc",
    ],
)
def test_what_only_looks_like_a_secret_passes(text):
    assert judged({"kind": "secrets"}, text).status == "PASS"


@pytest.mark.parametrize(
    "data",
    [
        "bob.smith+x@mail.example.co.uk",
        "+49 171 1234567",
        "+1 (555) 123-4567",
        "(555) 123-4567",
        "555-123-4567",
        "0711 1234567",
        "DE89 3704 0044 0532 0130 00",
        "GB29NWBK60161331926819",
    ],
)
def test_personal_data_are_found_and_redacted(data):
    text = f"Reach us: {data}, please."
    assert judged({"kind": "personal_data"}, text).status == "FAULT"
    assert mended({"kind": "personal_data"}, text) == "Reach us: [personal data], please."


@pytest.mark.parametrize(
    "text",
    [
        "DE89 3704 0044 0532 0130 01 is no account",
        "On 2026-03-04 and 04.03.2026 and 03/04/2026",
        "Version 1.2.3, 1,234,567 rows, 100 200 300, ISBN 978-3-16-148410-0",
        "an @mention and a@b",
        "10.0.0.1:8080",
    ],
)
def test_numbers_of_other_kinds_are_no_personal_data(text):
    verdict = judged({"kind": "personal_data"}, text)
    assert verdict.status == "PASS", verdict.description


def test_what_counts_as_personal_can_be_said():
    text = "Write to help@acme.com or bob@home.org, call 555-123-4567."
    sentinel = {"kind": "personal_data", "kinds": ["email"], "allow": ["@acme.com"]}
    assert mended(sentinel, text) == "Write to help@acme.com or [personal data], call 555-123-4567."


@pytest.mark.parametrize(
    "text",
    [
        "Maria Schmidt's order 4711 costs 1234.5 EUR.",
        "Your order is on its way. It left Ulm with DHL.",
        "1. It was shipped.\n2. It costs 1.234,50 EUR.\n3) Return it within 30 days.",
        "Yes! You can return it.",
    ],
)
def test_what_the_context_says_is_grounded(text):
    verdict = judged({"kind": "grounded"}, text, context=CONTEXT)
    assert verdict.status == "PASS", verdict.description


@pytest.mark.parametrize(
    ("text", "made_up"),
    [
        ("Return it within 14 days.", "14"),
        ("It costs 1,234.60 EUR.", "1,234.60"),
        ("It was sent by Peter Meier from Ulm.", "Peter Meier"),
        ("The order of Maria Schmidt left Berlin.", "Berlin"),
        ("Order 471 is on its way.", "471"),
    ],
)
def test_a_number_or_name_without_a_source_is_a_fault(text, made_up):
    verdict = judged({"kind": "grounded"}, text, context=CONTEXT)
    assert (verdict.status, verdict.description) == ("FAULT", f"Not in the sources: {made_up}.")


def test_the_question_is_a_source_but_what_the_model_said_itself_is_none():
    messages = [
        {"role": "user", "content": [{"type": "text", "text": "Is 12 enough?"}]},
        {"role": "assistant", "content": "No, 99."},
        {"role": "user", "content": "Sure?"},
    ]
    assert judged({"kind": "grounded"}, "Yes, 12 is enough.", messages=messages).status == "PASS"
    assert judged({"kind": "grounded"}, "No, take 99.", messages=messages).status == "FAULT"
    only = {"kind": "grounded", "sources": ["context"]}
    assert judged(only, "Yes, 12.", messages=messages, context="Take 13.").status == "FAULT"
    assert judged(only, "Yes, 12.", messages=messages).status == "NA"


def test_german_nouns_are_no_names():
    text = "Der Hund und die Katze sind in dem Garten, und wir können sie nicht sehen."
    assert judged({"kind": "grounded"}, text, context="Nichts.").status == "PASS"


def test_what_needs_no_source_can_be_said():
    sentinel = {"kind": "grounded", "allow": ["Acme Corp", "24"]}
    assert judged(sentinel, "We at Acme Corp answer within 24 hours.", context="Hi.").status == "PASS"
