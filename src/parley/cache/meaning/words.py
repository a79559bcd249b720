"""English words that carry a sentence rather than name something, by what they do; and those that may be left out."""


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


ARTICLES = _set("a an the some any several there it itself such 's")
BE = _set("is are am be been being was were 's 're 'm")
DO = _set("do does did done doing")
HAVE = _set("have has had having")
SOFT = _set("of in on at for with by about regarding concerning via within as using inside upon per among amongst")
"""Prepositions that change places in paraphrases: `in Linux`, `on Linux`."""
HARD = _set(
    "from into onto before after without against since until till between over under above below off out up down "
    "than versus vs through during along across behind beyond beside besides except despite unless although though "
    "instead toward towards away back outside around past near next opposite unlike like"
)
"""Those that do not."""
JOINERS = _set("and or but nor so if when while because once whether that which who whom whose also too")
QUESTION = _set("what which who whom whose when where why how")
NEGATIONS = _set(
    "not n't no never none nobody nothing nowhere neither nor cannot without lack lacks lacking fail fails failed"
)
MODALS = {
    **dict.fromkeys(("can", "could", "able", "might"), "can"),
    "may": "may",
    **dict.fromkeys(("should", "ought", "shall"), "should"),
    "must": "must",
    **dict.fromkeys(("will", "'ll", "gonna"), "will"),
    "would": "would",
    "<safe>": "safe",
    "<possible>": "possible",
    "<allowed>": "allowed",
    "<must>": "must",
    "<should>": "should",
    "<can>": "can",
}
QUANTIFIERS = {
    **dict.fromkeys(
        ("all", "every", "each", "everyone", "everybody", "everything", "always", "entire", "whole"), "all"
    ),
    **dict.fromkeys(("only", "solely", "merely", "exclusively"), "only"),
    **dict.fromkeys(("most", "mostly"), "most"),
    **dict.fromkeys(("few", "fewer", "fewest"), "few"),
    **dict.fromkeys(("less", "least"), "less"),
    **dict.fromkeys(("more",), "more"),
    **dict.fromkeys(("both",), "both"),
    **dict.fromkeys(("either",), "either"),
    **dict.fromkeys(("many", "much", "lots"), "many"),
    **dict.fromkeys(("sometimes", "occasionally"), "sometimes"),
    **dict.fromkeys(("often", "frequently"), "often"),
    **dict.fromkeys(("rarely", "seldom", "hardly", "barely", "scarcely"), "rarely"),
    **dict.fromkeys(("usually", "normally", "typically", "generally"), "usually"),
    **dict.fromkeys(("almost", "nearly"), "almost"),
    **dict.fromkeys(("exactly", "precisely"), "exactly"),
    **dict.fromkeys(("enough", "too", "another", "other", "else", "same", "even", "still", "yet", "again", "just"), ""),
}
QUANTIFIERS.update({word: word for word, kind in QUANTIFIERS.items() if not kind})

FIRST = _set("i me my mine myself 'd")
WE = _set("we us our ours ourselves")
"""Everybody: who says so says nothing of who asks."""
SECOND = _set("you your yours yourself yourselves")
THIRD = {
    **dict.fromkeys(("he", "him", "his", "himself"), "he"),
    **dict.fromkeys(("she", "her", "hers", "herself"), "she"),
    **dict.fromkeys(("they", "them", "their", "theirs", "themselves"), "they"),
    **dict.fromkeys(("its",), "its"),
}
OBJECTS = _set("me him them")

DROPPED = WE | ARTICLES | BE | DO | HAVE | SOFT | JOINERS | QUESTION | _set("to one ones own 'd 've let me us")

LIGHT = _set(
    """
    please kindly thanks just really actually basically simply exactly available located situated possible way thing
    stuff get want need able good best right correct proper properly appropriate suitable person use word term
    abbreviation acronym count happen main procedure process method step instruction guide trick info information detail
    go take
    acquire skill seem contain include exist offer provide idea recommend calculate correctly
    """
)
"""Words whose absence changes nothing, where the other question has no word in their place."""

FOREIGN = _set(
    """
    der das und ist nicht ein eine einen einem einer ich wie wo warum wer mein meine mit ohne für auf zu von kann sind
    le les la du des une est et où quel quelle quels comment pourquoi je mon ma mes dans avec sans pour puis ce cette au
    el los las del es qué cómo dónde cuánto cuál quién por para con sin mi una un y en como donde cuando
    il lo gli della di che come dove quanto perché sono mio mia per con senza è
    o os um uma não qual onde quando quanto meu minha com sem são está
    het een van niet waar hoe ik mijn met zonder voor
    jag är och inte hur var min med utan jeg er ikke hvor hvordan
    nie jest jak gdzie co czy z
    """
) - _set("die in a an me so on no is des plus war was man also hat as o y z co per como van min med son es en la")
"""Frequent words of other languages that are no English ones."""
