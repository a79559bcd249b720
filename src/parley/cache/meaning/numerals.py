"""Numbers, units, times and dates in one form: `ten km`, `10 kilometres`; `8 pm`, `20:00`; `July 4`, `4 July`."""

import re

SMALL = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
eighteen nineteen
""".split()  # noqa: SIM905
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
WORDS = {word: str(i) for i, word in enumerate(SMALL)} | {word: str(20 + 10 * i) for i, word in enumerate(TENS)}
WORDS |= {"dozen": "12", "hundred": "100", "thousand": "1000", "million": "1000000", "billion": "1000000000"}
ORDINALS = """
first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth
sixteenth seventeenth eighteenth nineteenth twentieth
""".split()  # noqa: SIM905
ORDINAL = {word: f"#{i}th" for i, word in enumerate(ORDINALS, 1)}
UNITS = {
    form: words[0]
    for line in """
    kilometer km kms kilometers kilometre kilometres; meter m meters metre metres; centimeter cm centimeters
    centimetre centimetres; millimeter mm millimeters millimetre millimetres; mile miles mi; foot feet ft; inch
    inches; yard yards yd; kilogram kg kgs kilo kilos kilograms kilogramme kilogrammes; gram g grams gramme grammes;
    milligram mg milligrams; pound lb lbs pounds; ounce oz ounces; liter l liters litre litres; milliliter ml
    milliliters millilitre millilitres; gallon gallons; pint pints; cup cups; tablespoon tbsp tablespoons; teaspoon
    tsp teaspoons; celsius °c; fahrenheit °f; percent % pct; second sec secs seconds; minute min mins minutes; hour
    h hr hrs hours; day days; week weeks; month months; year years yr yrs; century centuries; dollar $ usd dollars
    bucks; euro € eur euros; gbp £; yen ¥ jpy; degree degrees °; kilobyte kb kilobytes; megabyte mb megabytes;
    gigabyte gb gigabytes; terabyte tb terabytes; mph; watt watts w; volt volts v
    """.replace("\n", " ").split(";")
    if (words := line.split())
    for form in words
}
SHORT = frozenset(["m", "g", "l", "h", "v", "w", "min", "sec"])
"""Units that are units only behind a number."""
MONTHS = {
    form: f"{i:02}"
    for i, names in enumerate(
        [
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sep sept",
            "october oct",
            "november nov",
            "december dec",
        ],
        1,
    )
    for form in names.split()
}
DAYS = {
    form: names.split()[0]
    for names in [
        "monday mon",
        "tuesday tue tues",
        "wednesday wed",
        "thursday thu thur thurs",
        "friday fri",
        "saturday sat",
        "sunday sun",
    ]
    for form in (*(names.split()[:1]), names.split()[0] + "s")
}
_MONTH = (
    "|".join(sorted((m for m in MONTHS if m != "may" and len(m) > 3), key=len, reverse=True))
    + "|may|jan|feb|apr|jun|jul|aug|sep|oct|nov|dec"
)
_DAY = r"(\d{1,2})(?:st|nd|rd|th)?"
DATES = (
    (re.compile(rf"\b(?:the )?{_DAY} (?:of )?({_MONTH})\b\.?(?:,? (\d{{4}}))?"), (1, 2, 3)),
    (re.compile(rf"\b({_MONTH})\b\.? (?:the )?{_DAY}\b(?!\d|:)(?:,? (\d{{4}})\b)?"), (2, 1, 3)),
)
ISO = re.compile(r"\b(\d{4})-(\d\d)-(\d\d)\b")
CLOCK = re.compile(r"\b(\d{1,2})(?:[:.](\d\d))? ?([ap])\.?m\b\.?|\b([01]?\d|2[0-3]):([0-5]\d)\b|\b(\d{1,2}) o'?clock\b")
GROUPED = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
MONEY = re.compile(r"([$€£¥]) ?(\d+(?:\.\d+)?)([kmb]n?\b)?")
JOINED = re.compile(r"\b(\d+(?:\.\d+)?)[ -]?(%|°c|°f|°|[a-z]+)(?![a-z0-9_])")
COMPOUND = re.compile(
    r"\b(twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)[- ](one|two|three|four|five|six|seven|eight|nine)\b"
)


AGED = re.compile(r"\b(years?|months?|weeks?|days?)-olds?\b")
SPELLED = re.compile(
    r"\b(?:zero|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)\b(?!-factor)"
)


def plain_numbers(text: str) -> str:
    """Lower-case text, its dates, times, sums and amounts as words of one form: `@0704`, `@t2000`, `5 kilometer`."""
    text = GROUPED.sub("", text)
    text = ISO.sub(lambda m: f" @{m[2]}{m[3]} #{m[1]} ", text)
    for pattern, (day, month, year) in DATES:
        text = pattern.sub(lambda m: _date(m[day], m[month], m[year]), text)  # noqa: B023
    text = CLOCK.sub(_clock, text)
    text = MONEY.sub(lambda m: f"{_scaled(m[2], m[3])} {UNITS[m[1]]}", text)
    text = COMPOUND.sub(lambda m: str(int(WORDS[m[1]]) + int(WORDS[m[2]])), text)
    text = AGED.sub(r"\1 old", text)
    text = SPELLED.sub(lambda m: WORDS[m[0]], text)
    return JOINED.sub(_joined, text)


def _date(day: str, month: str, year: str | None) -> str:
    return f" @{MONTHS[month]}{int(day):02} " + (f"#{year} " if year else "")


def _clock(found: re.Match[str]) -> str:
    hour = int(found[1] or found[4] or found[6])
    minutes = found[2] or found[5] or "00"
    if found[3]:
        hour = hour % 12 + (12 if found[3] == "p" else 0)
    elif found[6]:
        return f" @o{hour} "
    return f" @t{hour:02}{minutes} "


def _joined(found: re.Match[str]) -> str:
    number, unit = found[1], found[2]
    if unit in UNITS:
        return f"{number} {UNITS[unit]}"
    return found[0]


def _scaled(number: str, scale: str | None) -> str:
    if not scale:
        return number
    return f"{float(number) * {'k': 1e3, 'm': 1e6, 'b': 1e9}[scale[0]]:g}"


def numeral(word: str, before: str) -> str | None:
    """The number that a word is, as `#10`, `#3th`; None for any other. `before` is the word in front of it."""
    if word[0].isdigit():
        ordinal = re.fullmatch(r"(\d+)(?:st|nd|rd|th)", word)
        if ordinal:
            return f"#{int(ordinal[1])}th"
        return f"#{float(word):.12g}" if re.fullmatch(r"\d+(?:\.\d+)?", word) else f"#{word}"
    if word[0] == "-" and re.fullmatch(r"-\d+(?:\.\d+)?", word):
        return f"#{word}"
    if word == "one" and before in (
        "which",
        "the",
        "this",
        "that",
        "any",
        "no",
        "every",
        "another",
        "each",
        "some",
        "good",
        "best",
        "right",
    ):
        return None
    if word in WORDS:
        return f"#{WORDS[word]}"
    if word in ORDINAL and not (
        word == "second" and (before in ("a", "per", "each", "every") or before.startswith("#"))
    ):
        return ORDINAL[word]
    return {"half": "#1/2", "quarter": "#1/4", "twice": "#x2", "double": "#x2", "triple": "#x3", "thrice": "#x3"}.get(
        word
    )
