"""The kinds length, language, refusal, repetition and truncated."""

import pytest

from .subjects import judged, mended

GERMAN = "Wir können Ihnen den Betrag leider nicht erstatten, weil die Frist schon abgelaufen ist."
ENGLISH = "We can not pay you back, because it is too late for that."


@pytest.mark.parametrize(
    ("options", "text", "status"),
    [
        ({"max": 5}, "12345", "PASS"),
        ({"max": 5}, "123456", "FAULT"),
        ({"min": 3}, "12", "FAULT"),
        ({"max": 3, "unit": "words"}, "one two three", "PASS"),
        ({"max": 3, "unit": "words"}, "one two three four", "FAULT"),
        ({"max": 5, "unit": "words"}, "我们不能退款给您", "FAULT"),
        ({"max": 2, "unit": "tokens"}, "one two three", "FAULT"),
        ({"min": 1, "unit": "tokens"}, "", "FAULT"),
    ],
)
def test_length_is_counted_in_its_unit(options, text, status):
    assert judged({"kind": "length", **options}, text).status == status


def test_what_is_too_long_is_cut_after_a_whole_sentence():
    text = "One two. Three four! Five six seven."
    assert mended({"kind": "length", "max": 4, "unit": "words"}, text) == "One two. Three four!"
    assert mended({"kind": "length", "max": 1, "unit": "words"}, text) is None
    assert mended({"kind": "length", "min": 4, "max": 5, "unit": "words"}, text) == "One two. Three four!"
    assert mended({"kind": "length", "min": 5, "max": 5, "unit": "words"}, text) is None


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", ENGLISH),
        ("de", GERMAN),
        ("fr", "Nous ne pouvons pas vous rembourser, parce que le délai est passé."),
        ("es", "Hola, ¿cómo estás? No podemos devolverte el dinero porque el plazo ya pasó."),
        ("it", "Non possiamo rimborsarla perché il termine è già passato, ma la nostra assistenza può aiutarla."),
        ("pt", "Não podemos devolver o dinheiro porque o prazo já passou, mas você pode falar com a loja."),
        ("nl", "Wij kunnen u het geld niet teruggeven omdat het te laat is, maar u kunt het met de winkel proberen."),
        ("sv", "Vi kan inte betala tillbaka pengarna till dig eftersom det är för sent."),
        (
            "da",
            "Vi kan ikke betale pengene tilbage til dig, fordi det er for sent, men hvad med et tilgodebevis?",
        ),
        ("pl", "Nie możemy zwrócić pieniędzy, ponieważ jest już za późno, ale proszę się z nami skontaktować."),
        ("cs", "Peníze vám nemůžeme vrátit, protože je už příliš pozdě, ale můžete se na nás obrátit."),
        ("hu", "A pénzt már nem tudjuk visszaadni, mert ez csak egy hónapig lehetséges."),
        ("ro", "Nu putem să vă dăm banii înapoi, pentru că termenul a fost depășit și nu mai este posibil."),
        ("tr", "Süre dolduğu için parayı geri veremiyoruz, ama başka bir çözüm için bize yazabilirsiniz."),
        ("id", "Kami tidak dapat mengembalikan uang anda karena sudah terlambat untuk itu."),
        ("vi", "Chúng tôi không thể hoàn tiền cho bạn vì đã quá thời hạn của đơn này."),
        ("fi", "Emme voi palauttaa rahoja, koska se on jo liian myöhäistä, mutta tämä ei ole ongelma."),
        ("ru", "Мы не можем вернуть вам деньги, потому что срок уже прошёл."),
        ("uk", "Ми не можемо повернути вам гроші, тому що термін уже минув, але є інший шлях."),
        ("el", "Δεν μπορούμε να σας επιστρέψουμε τα χρήματα."),
        ("ja", "期限を過ぎているため、返金できません。"),
        ("zh", "由于超过期限，我们无法退款。"),
        ("ko", "기한이 지나서 환불해 드릴 수 없습니다."),
        ("ar", "لا يمكننا إعادة المال لأن المهلة انتهت."),
        ("he", "איננו יכולים להחזיר את הכסף."),
        ("hi", "हम आपका पैसा वापस नहीं कर सकते।"),
        ("th", "เราไม่สามารถคืนเงินให้คุณได้"),
    ],
)
def test_the_language_of_a_sentence_is_told(language, text):
    assert judged({"kind": "language", "allow": [language]}, text).status == "PASS"
    other = "en" if language != "en" else "de"
    verdict = judged({"kind": "language", "allow": [other]}, text)
    assert verdict.status == "FAULT"
    assert verdict.description == f"The answer is in {language}; allowed are {other}."


@pytest.mark.parametrize("text", ["", "OK.", "4711", "```python\nfor x in y: and the of\n```", "https://the.and/of"])
def test_a_few_words_or_code_decide_no_language(text):
    assert judged({"kind": "language", "allow": ["de"]}, text).status == "NA"


def test_a_name_of_a_region_is_the_language():
    assert judged({"kind": "language", "allow": ["en-GB"]}, ENGLISH).status == "PASS"


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't help with that.",
        "I’m sorry, but I cannot assist with this request.",
        "As an AI language model, I don't have opinions.",
        "I am unable to discuss this.",
        "I won't provide that.",
        "Es tut mir leid, aber dabei kann ich Ihnen nicht helfen.",
        "Je suis désolé, mais je ne peux pas répondre.",
        "Lo siento, no puedo ayudarte con eso.",
        "抱歉，我无法回答这个问题。",
    ],
)
def test_an_answer_that_declines_is_a_fault(text):
    assert judged({"kind": "refusal"}, text).status == "FAULT"


@pytest.mark.parametrize(
    "text",
    ["Sorry for the delay! Your order is on its way.", "I can help with that.", "You can't return opened goods.", ""],
)
def test_an_apology_or_a_rule_is_no_refusal(text):
    assert judged({"kind": "refusal"}, text).status == "PASS"


def test_a_refusal_is_also_known_by_its_field_and_by_phrases_of_ones_own():
    assert judged({"kind": "refusal"}, "", refusal="No.").status == "FAULT"
    assert judged({"kind": "refusal", "phrases": ["out of scope"]}, "That is Out of Scope.").status == "FAULT"


@pytest.mark.parametrize(
    "text",
    [
        "the cat sat on the mat and " * 8,
        "Intro. " + "I do not know what to say. " * 6,
        "x" * 400 + " no no no no",
        "\n".join(["- a line that comes again and again"] * 5),
        " ".join(f"This is number {n}. A sentence that stands here again." for n in range(6)),
        "Ordentlicher Anfang, der lang genug ist, um nicht aufzufallen. " * 2 + "und dann " * 30,
    ],
)
def test_a_loop_is_a_fault(text):
    assert judged({"kind": "repetition"}, text).status == "FAULT"


@pytest.mark.parametrize(
    "text",
    [
        "ha ha ha ha ha ha",
        "| --- | --- | --- | --- |\n" * 2 + "-" * 300,
        " ".join(f"Item {n} costs {n * 3} euros." for n in range(200)),
        "",
        "aaa",
    ],
)
def test_rows_and_rulers_are_no_loop(text):
    assert judged({"kind": "repetition"}, text).status == "PASS"


def test_a_loop_at_the_end_is_cut_to_its_first_turn():
    text = "It is this: " + "I do not know what to say. " * 12
    assert mended({"kind": "repetition"}, text) == "It is this: I do not know what to say."
    assert mended({"kind": "repetition"}, text + "But then something else entirely follows it.") is None


@pytest.mark.parametrize(
    ("text", "finish", "status"),
    [
        ("All is said.", "stop", "PASS"),
        ("All is", "length", "FAULT"),
        ("", "stop", "FAULT"),
        (" \n", "stop", "FAULT"),
        ("All", "content_filter", "FAULT"),
        ("See:\n```python\nx = 1", "stop", "FAULT"),
        ("See:\n```python\nx = 1\n```", "stop", "PASS"),
    ],
)
def test_an_answer_without_an_end_is_a_fault(text, finish, status):
    assert judged({"kind": "truncated"}, text, finish=finish).status == status
