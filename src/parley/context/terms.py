"""Terms: the words of a text as an index compares them, without their endings, and packed as hashes with counts."""

import re
import struct
import sys
import unicodedata
import zlib
from array import array
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

WORD = re.compile(r"[^\W_]+(?:_+[^\W_]+)*")
UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0e7f\U00020000-\U0002fa1f]+")
"""Scripts written without spaces: Japanese, Chinese, Thai; they are compared by pairs of letters."""
VOWEL = re.compile(r"[aeiouy]")
LONGEST = 64

HOW = """
a about above after again all also am an and any are as at away be because been before being below between both
but by can could did do does doing down during each either else ever every far few for from further get gets
give given go had has have having he her here hers him his how i if in into is it its itself just let like long
many may me might more most much must my need no nor not now of off on once one only or other our out over own
please same say says shall she should so some such tell than that the their them then there these they this
those through to too under until up upon us use very was we were what when where which while who whom whose why
will with would yes yet you your
"""
STOP_WORDS = frozenset(HOW.split())
"""English words that say how, not what."""


def terms(text: str) -> Iterator[str]:
    """Each term of `text`, stop words left out; what an underscore joins counts whole and in parts."""
    for word in WORD.findall(fold(text)):
        if not word.isascii() and UNSPACED.search(word):
            yield from _unspaced(word)
            continue
        if "_" in word:
            yield word[:LONGEST]
        for part in word.split("_") if "_" in word else (word,):
            if part and part not in STOP_WORDS:
                yield stem(part[:LONGEST])


def fold(text: str) -> str:
    """Lower case, compatibility forms as one, no accents."""
    if text.isascii():
        return text.lower().replace("'", "")
    decomposed = unicodedata.normalize("NFKD", text.casefold()).replace("'", "").replace("\u2019", "")
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if not unicodedata.combining(c)))


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """An English word without its ending, so that `retries`, `retried` and `retry` are one; others as they are.

    A few of Porter's steps (1980): plurals, -ed, -ing, -ion, -ly and the silent e.
    """
    if len(word) < 4 or not word.isascii() or not word.isalpha():
        return word
    if word.endswith("ies"):
        word = word[:-3] + "y"
    elif word.endswith("sses"):
        word = word[:-2]
    elif word.endswith("s") and word[-2] not in "su":
        word = word[:-1]
    word = _without_participle(word)
    if word.endswith("ly") and len(word) > 5:
        word = word[:-2]
    if word.endswith(("tion", "sion")) and len(word) > 5:
        word = word[:-3]
    if word.endswith("e") and len(word) > 3:
        word = word[:-1]
    return word[:-1] + "i" if word.endswith("y") and len(word) > 2 else word


def _without_participle(word: str) -> str:
    for ending in ("ing", "ed"):
        rest = word[: -len(ending)]
        if word.endswith(ending) and len(rest) >= 3 and VOWEL.search(rest):
            doubled = rest[-1] == rest[-2] and rest[-1] not in "aeioulsz"
            return rest[:-1] if doubled else rest
    return word


def _unspaced(word: str) -> Iterator[str]:
    at = 0
    for run in UNSPACED.finditer(word):
        if run.start() > at:
            yield stem(word[at : run.start()])
        letters = run[0]
        yield from (letters[i : i + 2] for i in range(len(letters) - 1))
        if len(letters) == 1:
            yield letters
        at = run.end()
    if at < len(word):
        yield stem(word[at:])


def hashed(term: str) -> int:
    """A term as 32 bits. Two that fall together cost one search a little of its order, and nothing else."""
    return zlib.crc32(term.encode("utf-8", "surrogatepass"))


def pack(text: str) -> tuple[bytes, int]:
    """The terms of `text`: n hashes of four bytes, then n counts of two, little-endian; and the sum of the counts."""
    counted = Counter(map(hashed, terms(text)))
    hashes, counts = array("I", counted), array("H", (min(count, 65_535) for count in counted.values()))
    if sys.byteorder == "big":
        hashes.byteswap()
        counts.byteswap()
    return hashes.tobytes() + counts.tobytes(), sum(counts)


assert array("I").itemsize == struct.calcsize("<I")
