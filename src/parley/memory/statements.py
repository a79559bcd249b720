"""Finds attribute and value in a plain English statement, so that facts told as sentences replace one another too."""

import re

WHO = r"(?:(?:the )?user|i)(?:'m| am| is| are)?\s+"
NOW = r"(?:now |currently |these days |really )?"
PETS = "dog|cat|parrot|horse|rabbit|hamster"
ENDING = r"\s*[.!]*$"

_OWN = r"^(?:the user's|user's|my) (?P<attribute>[\w' -]{2,60}?) (?:is|are)"
_PATTERNS = [
    (attribute, re.compile(pattern + ENDING, re.IGNORECASE))
    for attribute, pattern in (
        ("", rf"{_OWN} (?:now |called |named )?(?P<value>.+?)"),
        ("name", rf"^(?:{WHO})?(?:called|named) (?P<value>.+?)"),
        ("home", rf"^(?:{WHO})?{NOW}(?:lives?|living|resides?|moved) {NOW}(?:in|to) (?P<value>.+?)"),
        ("job", rf"^(?:{WHO})?{NOW}(?:works?|working) as (?:an? )?(?P<value>.+?)"),
        ("employer", rf"^(?:{WHO})?{NOW}(?:works?|working|employed) (?:at|for|by) (?P<value>.+?)"),
        ("allergy", rf"^(?:{WHO})?allergic to (?P<value>.+?)"),
        ("age", rf"^(?:{WHO})?(?:turned )?(?P<value>\d{{1,3}})(?: years old)?"),
        ("diet", rf"^(?:{WHO})?{NOW}(?:an? )?(?P<value>vegetarian|vegan|pescatarian|pescetarian|omnivore)"),
        ("dislikes", rf"^(?:{WHO})?{NOW}(?:dislikes?|hates?|do(?:es)?(?: not|n't) like) (?P<value>.+?)"),
        ("likes", rf"^(?:{WHO})?{NOW}(?:likes?|loves?|enjoys?) (?P<value>.+?)"),
        ("language", rf"^(?:{WHO})?{NOW}speaks? (?P<value>.+?)"),
        (
            "pet",
            rf"^(?:{WHO})?{NOW}(?:has|have|owns?) (?:an? )?(?P<value>(?:dog|cat|parrot|horse|rabbit|hamster)\b.*?)",
        ),
    )
]


def read_statement(text: str) -> tuple[str, str] | None:
    """The attribute and the value that a statement gives; None where it is of no kind that is known here."""
    for attribute, pattern in _PATTERNS:
        if found := pattern.match(text.strip().replace("’", "'")):
            named: str = attribute or found["attribute"].strip()
            return named, found["value"].strip()
    return None
