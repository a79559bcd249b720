"""The kind `refusal`: the model declined instead of answering."""

import re

from msgspec import Struct

from parley.evaluation.check import Finding, Instrument, fault, fine, quoted
from parley.evaluation.look import Look

OPENING = 400
"""Characters at the start of an answer in which a refusal would stand."""

REFUSALS = re.compile(
    r"\b(?:"
    r"(?:i['’]?m|i am|we['’]?re|we are)\s+(?:very |so |truly |really )?(?:sorry|afraid)[,.]?\s+(?:but |that )?"
    r"(?:\w+ ){0,3}?(?:can['’]?t|can ?not|could(?: not|n['’]?t)|won['’]?t|(?:am|['’]?m) (?:not able|unable))"
    r"|(?:i|we) (?:can['’]?t|can ?not|won['’]?t|will not|must decline to|have to decline to|decline to) (?:\w+ ){0,2}?"
    r"(?:help|assist|comply|fulfill?|provide|answer|do that|do this|discuss|create|generate|engage|continue with|share|"
    r"offer|support|participate|write)"
    r"|(?:i['’]?m|i am) (?:not able|unable|not allowed|not permitted|not comfortable) (?:to|with)"
    r"|as an? (?:ai|artificial intelligence|language model|large language model)\b[^.!?]{0,80}"
    r"\b(?:can['’]?t|can ?not|don['’]?t|do not|am not|unable)"
    r"|(?:it|this|that) (?:is|would be) against my (?:guidelines|policy|policies|programming)"
    r"|(?:es )?tut mir (?:wirklich |sehr )?leid[,.]? (?:aber |dass )?(?:\w+ ){0,3}?(?:kann|darf|werde) (?:ich )?"
    r"(?:\w+ ){0,6}?nicht"
    r"|ich (?:kann|darf|werde) (?:\w+ ){0,4}?(?:dabei|damit|das|diese anfrage|diesem wunsch) (?:\w+ ){0,4}?nicht"
    r"|je (?:suis )?désolée?,? (?:mais )?je ne (?:peux|puis)"
    r"|je ne (?:peux|puis) pas (?:vous |t['’])?(?:aider|répondre|fournir|assister)"
    r"|lo siento,? (?:pero )?no puedo"
    r"|no puedo (?:ayudarte|ayudarle|ayudar|cumplir|proporcionar)"
    r"|mi dispiace,? (?:ma )?non posso"
    r"|(?:sinto muito|desculpe|lamento),? (?:mas )?não posso"
    r"|het spijt me,? (?:maar )?ik kan"
    r")",
    re.IGNORECASE,
)
"""How models decline, in the words of those in use in 2026."""

ELSEWHERE = (
    "抱歉，我无法",
    "抱歉，我不能",
    "对不起，我无法",
    "对不起，我不能",
    "很抱歉，我",
    "申し訳ありませんが",
    "お答えできません",
)


class Options(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`phrases`: further openings that count as a refusal here."""

    phrases: list[str] = []


def make(options: Options) -> Instrument:
    """Faults where the answer declines, in its first sentences or in the field that some providers have for it."""
    phrases = [phrase.casefold() for phrase in options.phrases] + list(ELSEWHERE)

    def check(look: Look) -> Finding:
        if look.subject.refusal:
            return fault(f"The model refused: {quoted(look.subject.refusal)}.")
        opening = look.text[:OPENING]
        if found := REFUSALS.search(opening):
            return fault(f"The answer declines: {quoted(opening[found.start() :])}.")
        folded = opening.casefold()
        if said := next((phrase for phrase in phrases if phrase in folded), None):
            return fault(f"The answer declines: {quoted(said)}.")
        return fine("The answer does not decline.")

    return Instrument(check=check, grows=True, whole=True)
