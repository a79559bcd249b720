"""Reads a question into the parts that decide its answer: what is wanted, of what, how many, when and by whom."""

import re
import unicodedata
from functools import lru_cache

from msgspec import Struct

from parley.cache.meaning.lemmas import PAST, lemmas
from parley.cache.meaning.numerals import DAYS, MONTHS, SHORT, UNITS, numeral, plain_numbers
from parley.cache.meaning.rewriting import bare, contracted, rewritten
from parley.cache.meaning.synonyms import CONCEPTS
from parley.cache.meaning.words import (
    ARTICLES,
    BE,
    DO,
    DROPPED,
    FIRST,
    FOREIGN,
    HARD,
    HAVE,
    JOINERS,
    MODALS,
    NEGATIONS,
    OBJECTS,
    QUANTIFIERS,
    QUESTION,
    SECOND,
    SOFT,
    THIRD,
)

LONGEST = 400
"""Characters; a longer question is compared as it stands."""

QUOTES = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "`": "`",
        "“": '"',
        "”": '"',
        "„": '"',
        "«": '"',
        "»": '"',
        "–": "-",
        "—": "-",
        "…": "...",
        "\u00a0": " ",
    }
)
LITERAL = re.compile(
    r"```.*?```|`[^`]*`|\"[^\"]*\"|(?<!\w)'[^']{2,}'(?!\w)|https?://\S+|\S+@\S+\.\w+"
    r"|(?<![\w/])[\w.-]*[/\\][\w./\\-]+|[\w.]*\([^()]*\)|\b[A-Za-z]\w*(?:\.\w+)+\b(?<!\.js)|\b\w*_\w+\b|\b(?!i[A-Z]|e[A-Z])[a-z]+[A-Z]\w*|\S*[=<>{}\[\]|^~@&\\*+#]\S*|(?<!\S)-{1,2}[A-Za-z]\S*",
    re.DOTALL,
)
WORD = re.compile(r"⟦\d+⟧|<\w+>|[@#][\w/.]+|-?\d+(?:\.\d+)?\w*|[^\W_]+(?:[-.'][^\W_]+)*|>|[*/+=-]|[,;:?!]", re.UNICODE)
BREAKS = frozenset(",;:?!")


class Term(Struct, frozen=True, kw_only=True):
    """One thing that a question names. `concept` stands for the word and its synonyms, `others` for its other readings.

    `hard` is the preposition before it where that decides its role, `soft` one where it does not; `degree` is of a
    comparison; `name`: written with a capital amid the sentence; `joined`: coordinated with the term before it; `owner`
    is whose it is, or the article before it; `negated`: it alone is; `genitive`:
    something is its own.
    """

    concept: str
    others: tuple[str, ...] = ()
    hard: str = ""
    soft: str = ""
    degree: str = ""
    name: bool = False
    joined: bool = False
    owner: str = ""
    negated: bool = False
    genitive: bool = False


class Reading(Struct, frozen=True, kw_only=True):
    """A question in parts; two questions ask the same where every part agrees (see `gate`)."""

    plain: str
    english: bool
    kind: str
    terms: tuple[Term, ...]
    literals: tuple[str, ...]
    negations: int
    modals: frozenset[str]
    quantifiers: tuple[str, ...]
    persons: frozenset[str]
    tense: str
    alternatives: bool
    passive: bool


@lru_cache(maxsize=8192)
def read(text: str) -> Reading:
    """The reading of a question."""
    tidy = unicodedata.normalize("NFKC", text).translate(QUOTES).strip()
    plain = " ".join(re.sub(r"[¿¡]|[\s.!?,;:]+$", " ", tidy).casefold().split())
    literals: list[str] = []

    def take(found: re.Match[str]) -> str:
        literals.append(found[0].rstrip("?.,!;:") if found[0][0] not in "`\"'" else found[0][1:-1].strip())
        return f" ⟦{len(literals) - 1}⟧ " + (found[0][-1] if found[0][-1] in "?.,!;:" else "")

    stripped = LITERAL.sub(take, tidy) if len(tidy) <= LONGEST else tidy
    names = _names(stripped)
    lower = contracted(stripped.lower())
    english = len(tidy) <= LONGEST and _english(lower)
    if not english:
        return _as_it_stands(plain, tuple(literals))
    question = rewritten(plain_numbers(bare(lower)))
    return _Reader(plain, names, tuple(literals)).read(question)


def _as_it_stands(plain: str, literals: tuple[str, ...]) -> Reading:
    return Reading(
        plain=plain,
        english=False,
        kind="",
        terms=(),
        literals=literals,
        negations=0,
        modals=frozenset(),
        quantifiers=(),
        persons=frozenset(),
        tense="",
        alternatives=False,
        passive=False,
    )


def _names(text: str) -> frozenset[str]:
    """Words with a capital letter amid a sentence, in lower case."""
    return frozenset(
        found[1].lower() for found in re.finditer(r"(?<=[a-z0-9,'\"] )([A-Z][\w-]*)", text) if found[1] not in ("I",)
    )


def _english(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    if not letters or sum(c.isascii() for c in letters) < 0.85 * len(letters):
        return False
    words = re.findall(r"[^\W\d_]+", text)
    foreign = sum(word in FOREIGN for word in words)
    known = sum(word in DROPPED or word in HARD or word in FIRST or word in SECOND or word in MODALS for word in words)
    return foreign == 0 or known > 2 * foreign


class _Reader:
    """Walks through a question that is already rewritten."""

    def __init__(self, plain: str, names: frozenset[str], literals: tuple[str, ...]) -> None:
        self._plain, self._names, self._literals = plain, names, literals
        self._terms: list[Term] = []
        self._negations = 0
        self._negating = False
        self._modals: set[str] = set()
        self._quantifiers: list[str] = []
        self._persons: set[str] = set()
        self._auxiliaries: list[str] = []
        self._past = False
        self._or = False
        self._passive = -1
        self._hard = self._soft = ""
        self._degree = self._owner = ""
        self._joined = False

    def read(self, question: str) -> Reading:
        words = WORD.findall(question)
        kind = words[0] if words and words[0].startswith("<") else "<none>"
        words = words[1:] if words and words[0] == kind else words
        before = ""
        for place, word in enumerate(words):
            self._word(word, before, words[place + 1] if place + 1 < len(words) else "", place)
            before = word
        if kind in HOW:
            self._modals -= {"can", "should"} if kind in ("<howto>", "<where>") else {"can", "should", "must"}
        terms = self._terms
        if self._passive >= 0:
            terms = _active(terms, self._passive)
        return Reading(
            plain=self._plain,
            english=True,
            kind=kind,
            terms=tuple(terms),
            literals=self._literals,
            negations=self._negations,
            modals=frozenset(self._modals),
            quantifiers=tuple(sorted(self._quantifiers)),
            persons=frozenset(self._persons),
            tense=self._tense(),
            alternatives=self._or,
            passive=self._passive >= 0,
        )

    def _tense(self) -> str:
        first = self._auxiliaries[0] if self._auxiliaries else ""
        if "will" in self._modals:
            return "future"
        if first in ("was", "were", "did", "had"):
            return "past"
        if first:
            return "present"
        return "past" if self._past and not self._modals else ""

    def _word(self, word: str, before: str, after: str, place: int) -> None:
        if word in BREAKS:
            self._hard = self._soft = ""
        elif before in ("a", "an", "the") and word in MENTIONED:
            self._term(word, before)
        elif word in NEGATIONS:
            self._negate(word, before)
        elif word == "may" and (before in MONTHLY or before[:1] in "#@" or after[:1] == "#"):
            self._term("@05", before)
        elif word in MODALS:
            self._modals.add(MODALS[word])
        elif word in BE or word in DO or (word in HAVE and after != "to"):
            self._auxiliaries.append(word)
        elif word == "more" or word == "most" or word == "less" or word == "least":
            self._compared(word, after)
        elif word in QUANTIFIERS:
            self._quantifiers.append(QUANTIFIERS[word])
        elif word in THIRD:
            self._term(THIRD[word], before)
        elif word == "whom" or (not after and (word == "to" or word in SOFT)):
            self._term(word, before)
        elif word in FIRST or word in SECOND:
            self._person(word)
        elif (word == "by" and before in PARTICIPLES | PAST) or (word == "by" and before.endswith(("ed", "en"))):
            self._passive = len(self._terms)
        elif word == "or":
            self._or = self._joined = True
        elif word in ("and", "vs", "versus", "&"):
            self._joined = after != "then"
        elif word in HARD or word == ">" or (word == "to" and self._leads(after)):
            self._hard = {
                "onto": "to",
                "into": "to",
                "till": "until",
                "towards": "to",
                "toward": "to",
                "vs": "versus",
            }.get(word, word)
            if word in ("up", "down", "off", "out", "back", "away", "around") or not after:
                self._term(word, before)
        elif word in SOFT:
            self._soft = word
        elif word in ("this", "these", "that", "those") and after in TIMES:
            self._term("this", before)
        elif word in ("the", "a", "an"):
            self._owner = word
        elif word not in DROPPED and word not in ("this", "these", "those"):
            self._term(word, before)

    def _leads(self, after: str) -> bool:
        """Whether `to` leads somewhere rather than to a verb: only what follows it from a place or a form does."""
        return any(term.hard == "from" for term in self._terms[-3:]) or any(
            term.concept in DIRECTED for term in self._terms[-4:]
        )

    def _negate(self, word: str, before: str) -> None:
        """Notes a negation: of the whole clause, or of the term that follows where it stands apart."""
        self._negations += 1
        if word == "without":
            self._hard = "without"
        elif before in PARTED:
            self._negating = True
            self._joined = False

    def _compared(self, word: str, after: str) -> None:
        if after and after not in DROPPED and after not in HARD and after not in SOFT and not after[0].isdigit():
            self._degree = {"more": "more", "most": "most", "less": "less", "least": "least"}[word]
        else:
            self._quantifiers.append(word)

    def _person(self, word: str) -> None:
        if word in ("myself", "yourself"):
            self._persons.add(word)
        elif word in ("my", "your"):
            self._owner = word
        elif word in SECOND:
            self._persons.add("you")
        elif word in OBJECTS:
            self._persons.add("me")
        else:
            self._persons.add("i")

    def _term(self, word: str, before: str) -> None:
        concept, others, degree = _concept(word, before)
        if (word in PAST or (word.endswith("ed") and others)) and before not in NOT_BEFORE_A_PAST:
            self._past = True
        joined = self._joined and bool(self._terms)
        if joined and not self._hard and not self._soft:
            self._hard, self._soft = self._terms[-1].hard, self._terms[-1].soft
        self._terms.append(
            Term(
                concept=concept,
                others=others,
                hard=self._hard,
                soft=self._soft,
                degree=self._degree or degree,
                name=word in self._names,
                joined=joined,
                owner=self._owner,
                negated=self._negating,
                genitive=word.endswith(("'s", "s'")),
            )
        )
        self._hard = self._soft = self._degree = self._owner = ""
        self._joined = self._negating = False


NOT_BEFORE_A_PAST = (
    BE
    | HAVE
    | ARTICLES
    | SOFT
    | HARD
    | FIRST
    | SECOND
    | frozenset(THIRD) - frozenset(["i", "we", "you", "he", "she", "they"])
    | frozenset(["and", "or", "being", "been", "this", "that"])
)
"""Words before an adjective or a participle that looks like a past tense."""
MENTIONED = (SOFT | JOINERS | HARD | QUESTION) - {
    "past",
    "next",
    "opposite",
    "outside",
    "inside",
    "back",
    "like",
    "near",
    "of",
}
"""Words that are spoken of rather than used where an article stands before them: `a while loop`, `the or operator`."""
HOW = frozenset(("<howto>", "<howmany>", "<howmuch>", "<howoften>", "<howlong>", "<where>", "<whatdo>"))
"""Kinds of answer that what one can or should do are the same for."""
PARTED = frozenset(["and", "or", "but", "to", "than", ","])
"""Words before a negation that concerns the next term alone: `active and not admins`."""
MONTHLY = frozenset(
    ["in", "of", "this", "next", "last", "by", "until", "since", "during", "from", "early", "late", "mid", "every"]
)
PARTICIPLES = frozenset(
    """
    made done given taken written built bought sold sent paid made known shown seen driven eaten held kept led lost
    taught told won worn bitten beaten chosen drawn spoken stolen thrown
    """.split()  # noqa: SIM905
)
DIRECTED = frozenset(
    """
    convert migrate move fly travel export import send go ship transfer upgrade switch turn translate delivery drive
    walk flight train bus trip journey ferry ticket route transport relocate forward copy sync connect distance
    upload
    """.split()  # noqa: SIM905
)
TIMES = frozenset(
    """
    week weekend month year morning afternoon evening night quarter season spring summer autumn winter semester
    century decade monday tuesday wednesday thursday friday saturday sunday
    """.split()  # noqa: SIM905
)
IRREGULAR_DEGREES = {
    "better": ("good", "more"),
    "best": ("good", "most"),
    "worse": ("bad", "more"),
    "worst": ("bad", "most"),
    "farther": ("far", "more"),
    "further": ("far", "more"),
    "farthest": ("far", "most"),
}


@lru_cache(maxsize=16384)
def _concept(word: str, before: str) -> tuple[str, tuple[str, ...], str]:
    """A word's concept, its other readings, and its degree."""
    number = numeral(word, before)
    if number is not None:
        return number, (), ""
    if word in UNITS and (word not in SHORT or before[:1].isdigit()):
        return UNITS[word], (), ""
    if word in MONTHS and len(word) > 3:
        return f"@{MONTHS[word]}", (), ""
    if word in DAYS:
        return DAYS[word], (), ""
    if word in IRREGULAR_DEGREES:
        concept, degree = IRREGULAR_DEGREES[word]
        return concept, (), degree
    if word.endswith("'s"):
        word = word[:-2]
    if word.endswith("s'"):
        word = word[:-1]
    if word in CONCEPTS:
        return CONCEPTS[word], (), ""
    if word.endswith("ly") and (base := _adverb(word)) is not None:
        return CONCEPTS.get(base, base), (), ""
    for ending, degree in (("est", "most"), ("er", "more")):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            base = _positive(word[: -len(ending)])
            if base is not None:
                return CONCEPTS.get(base, base), (), degree
    forms = lemmas(word)
    found = [CONCEPTS.get(form, form) for form in forms]
    return found[0], tuple(found[1:]), ""


ADJECTIVES = frozenset(
    """
    big small large little high low tall short long fast slow quick rapid hard soft hot cold warm cool cheap easy
    heavy light dark bright old new young rich poor strong weak deep shallow wide narrow thick thin clean dirty safe
    healthy happy sad late early near close simple loud quiet wet dry full tough smart clever nice fine great tiny
    huge sharp smooth rough sweet sour fresh rare kind calm busy noisy funny lazy crazy dense dense large pretty
    ugly lovely friendly costly
    """.split()  # noqa: SIM905
)


def _adverb(word: str) -> str | None:
    """The adjective behind an adverb: `quickly`, `easily`; None where it is none (`reply`, `hardly`)."""
    stem = word[:-2]
    return next((base for base in (stem, stem[:-1] + "y", stem + "le") if base in ADJECTIVES and base != "hard"), None)


def _positive(stem: str) -> str | None:
    """The adjective behind a comparative's stem; None where it is none (`water`, `forest`)."""
    for base in (
        stem,
        stem + "e",
        stem[:-1] + "y" if stem.endswith("i") else "",
        stem[:-1] if stem[-1:] == stem[-2:-1] else "",
    ):
        if base in ADJECTIVES:
            return base
    return None


def _active(terms: list[Term], by: int) -> list[Term]:
    """What a passive names, in the order of the active: who does it first."""
    if not 0 < by < len(terms):
        return terms
    verb = by - 1
    patient, action, agent = terms[:verb], terms[verb:by], terms[by:]
    return [*agent, *action, *patient]
