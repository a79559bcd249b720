"""The plain form of an English word: `bought` is `buy`, `cities` is `city`; what may be a word of its own stays."""

from functools import lru_cache

from parley.cache.meaning.synonyms import CONCEPTS
from parley.cache.meaning.words import LIGHT

IRREGULAR = """
arise arose arisen; bear bore borne; beat beaten; become became; begin began begun; bend bent; bet; bind bound; bite
bit bitten; bleed bled; blow blew blown; break broke broken; breed bred; bring brought; broadcast; build built; burn
burnt; burst; buy bought; catch caught; choose chose chosen; come came; cost; creep crept; deal dealt; dig dug; draw
drew drawn; dream dreamt; drink drank drunk; drive drove driven; eat ate eaten; fall fell fallen; feed fed; feel
felt; fight fought; flee fled; fly flew flown; forbid forbade; forget forgot forgotten; forgive forgave forgiven;
freeze froze frozen; give gave given; go went gone; grow grew grown; hang hung; hear heard; hide hid hidden; hit;
hold held; keep kept; kneel knelt; know knew known; lay laid; lead led; lend lent; lie lay lain lying; light lit;
lose lost; make made; mean meant; meet met; pay paid; quit; read; ride rode ridden; ring rang rung; rise rose risen;
run ran; say said; see saw seen; seek sought; sell sold; send sent; set; sew sewn; shake shook shaken; shine shone;
shoot shot; show shown; shrink shrank shrunk; shut; sing sang sung; sink sank sunk; sit sat; sleep slept; slide
slid; speak spoke spoken; spell spelt; spend spent; spill spilt; spin spun; split; spoil spoilt; spread; spring
sprang; stand stood; steal stole stolen; stick stuck; sting stung; strike struck stricken; swear swore sworn; sweep
swept; swell swollen; swim swam swum; swing swung; take took taken; teach taught; tear tore torn; tell told; think
thought; throw threw thrown; tie tying; die dying; understand understood; wake woke woken; wear wore worn; weave
wove woven; weep wept; win won; write wrote written; get got gotten; withdraw withdrew withdrawn; foresee foresaw;
overcome overcame; undo undid undone; child children; person people; man men; woman women; foot feet; tooth teeth;
goose geese; mouse mice; ox oxen; leaf leaves; life lives; knife knives; wife wives; wolf wolves; half halves; shelf
shelves; loaf loaves; thief thieves; calf calves; potato potatoes; tomato tomatoes; hero heroes; echo echoes;
volcano volcanoes; mosquito mosquitoes; criterion criteria; phenomenon phenomena; analysis analyses; crisis crises;
thesis theses; basis bases; axis axes; cactus cacti; fungus fungi; index indices; vertex vertices; matrix matrices;
appendix appendices; medium media;
"""
KEEP = frozenset(
    """
    news series species means less yes this his its bus gas plus minus always perhaps thus lens glasses mathematics
    physics economics politics ethics athletics gymnastics headquarters business illness happiness process access
    address success progress stress dress press class glass grass boss loss cross mass pass bass chess mess guess
    less princess christmas virus campus status bonus census focus genius corpus cactus octopus nucleus campus chaos
    canvas atlas alias bias diabetes rabies measles jeans pants trousers scissors thanks clothes arms customs goods
    morning evening building ceiling thing king ring spring string wing nothing something anything everything during
    wedding clothing meaning being pudding sibling feeling bed red need feed seed weed speed breed hundred kindred
    sacred naked indeed greed shed wed sled embed united iced hatred ted fred aed led
    """.split()  # noqa: SIM905
)
"""Words that only look inflected."""

FORMS = {
    form: words[0] for line in IRREGULAR.replace("\n", " ").split(";") if (words := line.split()) for form in words
}
PAST = frozenset(
    """
    arose became began bit bled blew broke brought built bought caught chose came dealt dug drew drank drove ate
    fell fed felt fought fled flew forgot froze gave went grew hung heard hid held kept knew led lent lost made
    meant met paid rode rang rose ran said saw sought sold sent shook shone shot sang sank sat slept spoke spent
    stood stole stuck struck swore swam took taught told thought threw understood woke wore won wrote withdrew wept
    overcame tore swept left found thought
    """.split()  # noqa: SIM905
)
"""Past forms without an ending; those that are also participles are told by the word before them."""
DOUBLED = frozenset("bdglmnprt")
VOWELS = frozenset("aeiou")


@lru_cache(maxsize=16384)
def lemmas(word: str) -> tuple[str, ...]:
    """The plain forms that a lower-case word may have, the likeliest first: `baking` is `bake`, perhaps `bak`."""
    found = FORMS.get(word)
    if found is not None:
        return (found,)
    if word in KEEP or word in CONCEPTS or len(word) < 4 or not word.isalpha():
        return (word,)
    if word.endswith("s"):
        return _singular(word)
    if word.endswith("ied") and len(word) > 4:
        return (word[:-3] + "y",)
    for ending in ("ing", "ed"):
        stem = word[: -len(ending)]
        if word.endswith(ending) and len(stem) >= 2 and (VOWELS.intersection(stem) or "y" in stem):
            return _verb(stem)
    return (word,)


def _singular(word: str) -> tuple[str, ...]:
    if word.endswith(("ss", "us", "is")):
        return (word,)
    if word.endswith("ies") and len(word) > 4:
        return (word[:-3] + "y",)
    if word.endswith(("ches", "shes", "sses", "xes", "zzes", "oes")):
        return (word[:-2], word[:-1])
    return (word[:-1],)


def _verb(stem: str) -> tuple[str, ...]:
    """The verbs behind `-ing` or `-ed`, one that is known first."""
    forms = [stem, stem + "e"]
    if len(stem) > 2 and stem[-1] == stem[-2] and stem[-1] in DOUBLED:
        forms.insert(0, stem[:-1])
    known = [form for form in forms if form in CONCEPTS or form in FORMS or form in LIGHT]
    return tuple(dict.fromkeys([*known, *forms]))
