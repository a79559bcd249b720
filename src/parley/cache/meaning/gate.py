"""The gate: says why two questions may have different answers, or nothing where every part of them agrees."""

from collections.abc import Sequence

from parley.cache.meaning.reading import TIMES, Reading, Term, read
from parley.cache.meaning.words import LIGHT

SAME_KIND = (
    {"<none>", "<what>"},
    {"<how>", "<what>"},
    {"<price>", "<howmuch>"},
)
"""Kinds of answer that are asked for in the same words."""
SUPPLE_MODALS = ({"can", "safe"}, {"can", "possible"}, {"can", "allowed"}, {"can", "may"})
EVALUATIVE = frozenset(
    """
    good bad safe healthy dangerous possible legal illegal important easy simple difficult expensive cheap
    """.split()  # noqa: SIM905
)
WEIGHTLESS = LIGHT - EVALUATIVE
PERSONAL = frozenset(("<howto>", "<whatdo>", "<howlong>", "<where>"))
"""Kinds of answer that are the same whoever asks."""
APART = (
    {"for", "by"},
    {"for", "about"},
    {"by", "about"},
    {"for", "with"},
    {"by", "of"},
    {"by", "in"},
    {"about", "with"},
)


def differs(asked: str, answered: str) -> str | None:
    """Why the two questions may have different answers; None where they ask the same."""
    return compare(read(asked), read(answered))


def compare(a: Reading, b: Reading) -> str | None:
    """As `differs`, of two readings."""
    if a.plain == b.plain and a.literals == b.literals:
        return None
    if not a.english or not b.english:
        return "language: what is not English is only compared as it stands"
    if a.literals != b.literals:
        return "literals: quoted texts, code or addresses differ"
    return _kinds(a, b) or _counts(a, b) or _persons(a, b) or _tenses(a, b) or _terms(a, b)


def _kinds(a: Reading, b: Reading) -> str | None:
    if a.kind != b.kind and not any({a.kind, b.kind} <= same for same in SAME_KIND):
        return f"kind: {a.kind} and {b.kind}"
    return None


def _counts(a: Reading, b: Reading) -> str | None:
    if a.negations != b.negations:
        return "negation"
    if a.quantifiers != b.quantifiers:
        return "quantifiers"
    if a.alternatives != b.alternatives:
        return "and, or"
    if a.modals != b.modals:
        odd = a.modals ^ b.modals
        if not any(odd == pair for pair in SUPPLE_MODALS) and odd != {"would"} and not _optional(a, b, odd):
            return f"modality: {sorted(a.modals)} and {sorted(b.modals)}"
    return None


def _optional(a: Reading, b: Reading, odd: frozenset[str]) -> bool:
    """`Can` says nothing where the question is what, who or where."""
    return odd == {"can"} and a.kind == b.kind and a.kind in ("<what>", "<who>", "<how>", "<why>", "<none>")


def _persons(a: Reading, b: Reading) -> str | None:
    """Who asks may be left out where all do the same; whose things are is told with each term."""
    odd = a.persons ^ b.persons
    if not odd or (odd <= {"i", "you", "me"} and (a.kind in PERSONAL or not a.persons or not b.persons)):
        return None
    return "persons"


def _tenses(a: Reading, b: Reading) -> str | None:
    if a.tense == b.tense:
        return None
    if {a.tense, b.tense} == {"", "present"} or (a.kind in PERSONAL and not (a.tense and b.tense)):
        return None
    return f"time: {a.tense or '-'} and {b.tense or '-'}"


def _terms(a: Reading, b: Reading) -> str | None:
    pairs, left, right = _aligned(a.terms, b.terms)
    left, right = _without_light(left, a), _without_light(right, b)
    if left or right:
        return f"words: {[a.terms[i].concept for i in left]} and {[b.terms[i].concept for i in right]}"
    if not pairs:
        return "nothing to compare"
    return _roles(a, b, pairs) or _order(a, b, pairs)


Pairs = list[tuple[int, int]]


def _aligned(a: Sequence[Term], b: Sequence[Term]) -> tuple[Pairs, list[int], list[int]]:
    """Places of equal terms, and those that are left over on either side; of several, the next in order."""
    pairs: Pairs = []
    free = list(range(len(b)))
    left: list[int] = []
    for i, term in enumerate(a):
        fits = [j for j in free if b[j].concept == term.concept]
        fits = fits or [j for j in free if _readings(term) & _readings(b[j])]
        if not fits:
            left.append(i)
            continue
        best = next((j for j in fits if b[j].hard == term.hard), fits[0])
        pairs.append((i, best))
        free.remove(best)
    return pairs, left, free


def _readings(term: Term) -> set[str]:
    return {term.concept, *term.others}


def _without_light(places: list[int], reading: Reading) -> list[int]:
    return [
        i
        for i in places
        if not _readings(reading.terms[i]) & LIGHT
        or reading.terms[i].name
        or reading.terms[i].hard in ("without", "except", "not")
        or (reading.terms[i].degree and reading.terms[i].concept != "good")
    ]


def _roles(a: Reading, b: Reading, pairs: Pairs) -> str | None:
    fixed = any(a.terms[i].hard == b.terms[j].hard == "from" for i, j in pairs)
    for i, j in pairs:
        one, other = a.terms[i], b.terms[j]
        if (one.hard != other.hard and not _clear(one, other, fixed)) or _apart(one, other):
            return f"role: {one.hard or one.soft} {one.concept} and {other.hard or other.soft} {other.concept}"
        if one.negated != other.negated:
            return f"negation of {one.concept}"
        if one.name != other.name and one.owner != other.owner and {one.owner, other.owner} & {"the", "a", "an"}:
            return f"name: {one.concept}"
        if not _owners(one, other, a.kind):
            return f"whose {one.concept}"
        if one.degree != other.degree and not (one.concept == "good" and "more" not in (one.degree, other.degree)):
            if a.kind == b.kind == "<howto>" and "more" not in (one.degree, other.degree):
                continue
            return f"degree of {one.concept}"
    return None


def _clear(one: Term, other: Term, fixed: bool) -> bool:
    """Where both say what is left, `to` may be: `get downtown from the airport`."""
    return fixed and {one.hard, other.hard} == {"to", ""}


def _owners(one: Term, other: Term, kind: str) -> bool:
    """`My` and `your` stand for `the`, and for nothing where one asks how to; never for one another."""
    owners = {one.owner, other.owner}
    if len(owners) == 1 or not owners & {"my", "your"}:
        return True
    return owners != {"my", "your"} and (kind in PERSONAL or "the" in owners)


def _apart(one: Term, other: Term) -> bool:
    """Whether prepositions do not stand for one another here: `about` and `for` children, `by` and `at` six."""
    softs = {one.soft, other.soft}
    if len(softs) == 1:
        return False
    if softs in APART or (softs == {"by", ""}):
        return True
    return (
        (one.concept[0] in "#@" or one.concept in TIMES)
        and "" not in softs
        and bool(softs & {"by", "within", "for", "about"})
    )


def _order(a: Reading, b: Reading, pairs: Pairs) -> str | None:
    """Terms may change places only where that can not change who does what to whom."""
    pairs = sorted(pairs)
    for x in range(len(pairs)):
        for y in range(x + 1, len(pairs)):
            (i1, j1), (i2, j2) = pairs[x], pairs[y]
            if j1 > j2 and not _weightless(a, b, i1, i2, j1, j2) and not _licensed(a, b, i1, i2, j1, j2):
                return f"order: {a.terms[i1].concept}, {a.terms[i2].concept}"
    return None


def _weightless(a: Reading, b: Reading, i1: int, i2: int, j1: int, j2: int) -> bool:
    return (
        bool({a.terms[i1].concept, a.terms[i2].concept} & WEIGHTLESS) and not a.terms[i1].hard and not b.terms[j1].hard
    )


def _licensed(a: Reading, b: Reading, i1: int, i2: int, j1: int, j2: int) -> bool:
    first, second = a.terms[i1], a.terms[i2]
    one, other = b.terms[j2], b.terms[j1]  # in the order of b: what was second comes first
    if _coordinated(a.terms, i1, i2) and _coordinated(b.terms, j2, j1):
        return True
    if first.concept.startswith("#") and second.concept.startswith("#"):
        return False
    if _fronted(first, other, second, one) or _fronted(second, one, first, other):
        return True
    if _possessed(first, other, second, one) or _possessed(second, one, first, other):
        return True
    if _compound(a, i1, i2, b, j2, j1) or _compound(b, j2, j1, a, i1, i2):
        return True
    if "most" in (first.degree, second.degree, one.degree, other.degree) and _superlatives(a) < 2 > _superlatives(b):
        return True
    return (first.concept in EVALUATIVE) != (second.concept in EVALUATIVE)


def _superlatives(reading: Reading) -> int:
    return sum(term.degree == "most" for term in reading.terms)


def _coordinated(terms: Sequence[Term], i: int, j: int) -> bool:
    """Whether both belong to one chain of `x and y`, each of one word."""
    low, high = sorted((i, j))
    return all(terms[k].joined for k in range(low + 1, high + 1)) and (high - low <= 4)


def _fronted(moved: Term, there: Term, stays: Term, stayed: Term) -> bool:
    """A phrase that begins with the same preposition wherever it stands, past a term that has none."""
    if moved.hard or there.hard:
        return moved.hard == there.hard and moved.hard not in ("than",) and not (stays.hard or stayed.hard)
    return bool(moved.soft and there.soft and not stays.soft and not stayed.soft)


def _possessed(owner: Term, there: Term, stays: Term, stayed: Term) -> bool:
    """`Africa's longest river` and `the longest river in Africa`: only one owner is told, once either way."""
    if stays.genitive or stayed.genitive or owner.hard or there.hard or owner.genitive == there.genitive:
        return False
    return (there.soft if owner.genitive else owner.soft) in ("of", "in", "at", "on")


def _compound(a: Reading, i1: int, i2: int, b: Reading, j1: int, j2: int) -> bool:
    """`containers of Docker` and `Docker containers`, `meaning of the word` and `the word's meaning`."""
    return (
        i2 == i1 + 1
        and a.terms[i2].soft in ("of", "in", "for")
        and j2 == j1 + 1
        and not b.terms[j2].soft
        and not b.terms[j2].hard
    )
