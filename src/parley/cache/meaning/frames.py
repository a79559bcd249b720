"""Ways to ask for the same kind of answer: patterns on a bare lower-case question, and the kind that each stands for.

The order counts: the first that puts a kind in angle brackets at the front decides; those before it only rephrase.
"""
# ruff: noqa: E501  a pattern is read in one line

from parley.cache.meaning.idioms import Rule

_ARTICLE = r"(?:a|an|the|some|any|my|your|our)"
_WHO = r"(?:i|you|we|one|people|someone|somebody|a person)"
_GOOD = r"(?:best|right|correct|proper|good|great|easiest|recommended|preferred|usual|normal|standard|simplest|possible|general|common)"
_WAY = r"(?:ways?|methods?|procedure|process|steps?|technique|techniques|trick|tricks|approach|instructions?|tips?|guide|command|statement|formula|advice|format|syntax)"

BY_MAKER = {
    "author": "wrote", "writer": "wrote", "inventor": "invented", "discoverer": "discovered", "founder": "founded",
    "painter": "painted", "director": "directed", "composer": "composed", "creator": "created", "designer": "designed",
    "builder": "built", "winner": "won", "developer": "developed", "singer": "sang",
}  # fmt: skip
MEASURES = {
    "tall": "height", "high": "height", "old": "age", "big": "size", "large": "size", "deep": "depth", "heavy": "weight",
    "fast": "speed", "wide": "width", "far": "distance", "hot": "temperature", "cold": "temperature", "expensive": "price",
    "thick": "thickness", "strong": "strength",
}  # fmt: skip
_M = "|".join(MEASURES)

FRAMES: tuple[Rule, ...] = (
    (
        r"^((?:if|when|once|after|before|while|because|unless) [^,?]{3,80}), (?:then )?(?=(?:what|which|who|when|where|why|how|is|are|do|does|did|can|could|should|will|must|may)\b)(.+)$",
        r"\2 \1",
    ),
    (r"^((?:in|on|with|for|using|at|during|under|inside|within) [^,?]{2,40}), (.+)$", r"\2 \1"),
    # conversions and translations: what from, what to
    (r"^(?:convert|change|turn|express) (#?[\d./]+) (\w+) (?:in ?to|to|in|as) (\w+)$", r"<convert> \1 \2 > \3"),
    (
        r"^how (?:many|much) (\w+) (?:are|is|do|does|make|makes|equals?)(?: there)?(?: in)? (#?[\d./]+) (\w+)(?: make| have)?$",
        r"<convert> \2 \3 > \1",
    ),
    (r"^(?:how much is |what is |what are )?(#?[\d./]+) (\w+) (?:in|to|into|as) (\w+)$", r"<convert> \1 \2 > \3"),
    (r"^how (?:do|would|can) (?:you|i|we) (?:say|translate) (.+?) (?:in|into|to) (\w+)$", r"<translate> \1 > \2"),
    (
        r"^(?:translate|what is|how is|say)(?: the word| the phrase)? (⟦\d+⟧|\w+) (?:in|into|to) (\w+)(?: called)?$",
        r"<translate> \1 > \2",
    ),
    (r"^what is the (\w+) (?:word|term|translation|name) (?:for|of) (.+)$", r"<translate> \2 > \1"),
    (r"^what is the (\w+) for (⟦\d+⟧)$", r"<translate> \2 > \1"),
    # measures
    (
        r"^how (?:high|large|big|much) (is|are|was|were) (the (?:.*\b)?(?:wage|price|cost|rate|fee|salary|tax|population|rent|interest|percentage|number|risk|chance)\b.*)$",
        r"<what> \1 \2",
    ),
    (r"^when (?:was|were) (.+?) born$", r"<birthday> \1"),
    (r"^what (?:is|was) the birthday of (.+)$", r"<birthday> \1"),
    (r"^what time is it\b", "<what> is the time"),
    (
        rf"\bhow ({_M}) (is|are|was|were) (.+?) from (.+)$",
        lambda m: f"<what> {m[2]} the {MEASURES[m[1]]} between {m[3]} and {m[4]}",
    ),
    (r"\b(distance|difference)s? (?:of|from) (.+?) (?:to|and|from) (.+)$", r"\1 between \2 and \3"),
    (rf"^how ({_M}) (is|are|was|were|does|do|can) (.+)$", lambda m: f"<what> {m[2]} the {MEASURES[m[1]]} of {m[3]}"),
    (rf"^how ({_M}) (.+) (is|are|was|were)$", lambda m: f"<what> {m[3]} the {MEASURES[m[1]]} of {m[2]}"),
    (r"<what> (does|do|can) the speed of (.+?) (?:travel|move|go|run|fly|swim)s?$", r"<what> is the speed of \2"),
    (
        r"^how (?:do|does|are|is) (.+?) (?:differ|different)(?: from (.+))?$",
        lambda m: f"<what> is the difference between {m[1]}" + (f" and {m[2]}" if m[2] else ""),
    ),
    (
        r"^how (?:many people|many inhabitants|many residents) (?:live|are there|are living|does|do|are) ?(?:in )?(.+?)(?: have)?$",
        r"<what> is the population of \1",
    ),
    (r"^(?:how much|what) (does|do|did|would|will) (.+?) cost(?: me)?$", r"<price> \1 \2"),
    (r"^how much (does|do|did|would|will) it cost(?: me)? to (.+)$", r"<price> \1 \2"),
    (r"^how much (is|are|was|were) (.+)$", r"<price> \1 \2"),
    (r"^what (is|are|was|were|will) the (?:price|cost)s? (?:of|for) (.+)$", r"<price> \1 \2"),
    (r"^how (?:many times|frequently|regularly)\b", "<howoften>"),
    (r"^how often\b", "<howoften>"),
    (
        r"^(?:how long|how much time|how many (?:minutes|hours|days) long)\b(?: (does|do|will|would|did|should|is|are))?(?: it (?:take|need|require)s?(?: me| you)?(?: to)?\b)?",
        r"<howlong> \1 ",
    ),
    (r"^(?:what is|what's) the duration of\b", "<howlong>"),
    (r"^(?:what is|what's) the (?:total )?(?:number|count) of (.+)$", r"<howmany> \1"),
    (r"^(?:how many|what number of)\b", "<howmany>"),
    (r"^(?:how much)\b", "<howmuch>"),
    # who made it
    (r"^who (?:is|was|are|were) the (" + "|".join(BY_MAKER) + r")s? of\b", lambda m: f"<who> {BY_MAKER[m[1]]}"),
    (r"^by (?:who|whom) (?:was|were) (.+?) (\w+(?:ed|en|t))$", r"<who> \2 \1"),
    (r"^(.+?) (?:was|were) (\w+) by (?:who|whom)$", r"<who> \2 \1"),
    # reasons
    (
        r"^(?:what is|what are|what's|what was) the (?:main |primary |major |root |biggest )?(?:reasons?|causes?)(?: that| why| for| of| behind)?\b",
        "<why>",
    ),
    (r"^(?:how come|why is it that|for what reason|for which reason)\b", "<why>"),
    (r"^what (?:makes|causes|caused)\b", "<why>"),
    (r"^why\b", "<why>"),
    # times and places
    (
        r"^(?:at|on|in|by|since|until|from)? ?(?:what|which) (?:time|year|date|hour|moment|month)\b(?! zone)(?: (?:is|was|are) (?:it that )?)?",
        "<when> ",
    ),
    (r"^(?:what are|what is|when are|when is) (?:the )?(.*?)opening-hours(.*)$", r"<when> is \1 open \2"),
    (
        r"^(?:when|what) is the best time( of (?:the )?(?:day|week|month|year))? (?:to|for)\b",
        lambda m: f"<besttime>{m[1] or ''}",
    ),
    (r"^when\b", "<when>"),
    (
        rf"^where (?:can|do|could|should|would|may) {_WHO}(?: go to| find| get| see| view| locate| look up)?\b",
        "<where>",
    ),
    (rf"^how (?:can|do) {_WHO} (?:find|see|view|locate|look up) (?=my |the |your )", "<where> "),
    (r"^(?:in|at) (?:what|which) (?:place|location)\b", "<where>"),
    (r"^where\b", "<where>"),
    (r"^(?:who|whom|whose)\b", lambda m: "<whose>" if m[0] == "whose" else "<who>"),
    # roles, needs, substitutes
    (r"^what (?:does|do) (.+?) do$", r"<role> \1"),
    (r"^what (?:is|are) the (?:jobs?|roles?|functions?|purposes?|dut(?:y|ies)|tasks?) of (.+)$", r"<role> \1"),
    (
        r"^(?:what|which) (?:is|are) (?:the |some )?(?:requirements?|prerequisites?) (?:for|to)\b|^what (?:is|are) (?:required|needed|necessary) (?:for|to)\b",
        "<need>",
    ),
    (rf"^what do {_WHO} need for\b", "<need>"),
    (
        r"^what (?:can|could|should) i use (?:instead of|in place of|as an? (?:substitute|replacement|alternative) (?:for|to)) (.+)$",
        r"<instead> \1",
    ),
    (
        r"^what (?:is|are)(?: an?| some| the)?(?: good| best)? (?:substitutes?|replacements?|alternatives?) (?:for|to|of) (.+)$",
        r"<instead> \1",
    ),
    (
        r"^at (?:what|which) temperature(?: in (\w+))? (?:does|do) (.+?) (boil|freez|melt)e?s?$",
        lambda m: f"<what> is the {m[3]}ing point of {m[2]}" + (f" in {m[1]}" if m[1] else ""),
    ),
    (
        r"^(?:what|which) (?:person|man|woman|scientist|artist|author|writer|composer|inventor|painter|explorer|physicist|mathematician) (?=\w+(?:ed|ote|ew|ang)\b)",
        "<who> ",
    ),
    (rf"^when should {_WHO}\b", "<besttime>"),
    # what to do
    (
        rf"^what (?:do|should|can|must|could) {_WHO} do(?: now)?,?(?: if| when| once| in case)? (?!to\b)(.+)$",
        r"<whatdo> \1",
    ),
    (rf"^(.+?)[,.?!;]+ (?:and |so )?what (?:do|should|can|must|could) {_WHO} do(?: now| about it)?$", r"<whatdo> \1"),
    (r"^(.+?)[,.?!;]+ what now$", r"<whatdo> \1"),
    (rf"^(?:if|when) (.+?), what (?:do|should|can|must|could) {_WHO} do(?: now)?$", r"<whatdo> \1"),
    # how to
    (
        rf"^(?:please )?(?:show|teach|tell|help|explain)(?: me| us)?(?: to me)? how (?:to|{_WHO} (?:can|could|should|do))\b",
        "<howto>",
    ),
    (
        rf"^how (?:do|does|can|could|should|would|might|must) {_WHO}(?: best| properly| correctly| safely| go about)?\b",
        "<howto>",
    ),
    (r"^(?:walk|guide|talk|take|lead) me through\b(?: the (?:process|steps|procedure) of)?", "<howto>"),
    (
        r"^(?:i (?:am having|have) (?:trouble|problems|difficulty|difficulties|issues)(?: with)?|i (?:need|want) (?:some )?help(?: with| to)?|help me(?: with| to)?|is there (?:a|any) way (?:to|for me to|i can))\b",
        "<howto>",
    ),
    (r"^(?:.* )?recipes? (?:for|of) (.+)$", r"<howto> make \1"),
    (r"^what is (?:required|needed|involved|necessary)(?: to| for| in)\b", "<howto>"),
    (r"^what is meant by\b", "<what> is"),
    (r"^how to\b", "<howto>"),
    (
        rf"^(?:what is|what are|which is|which are|do you have|give me|show me|tell me|list|i need|share)?(?: {_ARTICLE}| some)?(?: {_GOOD})? ?(\w+ )??{_WAY} (?:to|for|of|on|in order to|in|i (?:can|could|should))\b(.*)$",
        lambda m: f"<howto> {m[2]}" + (f" in {m[1]}" if m[1] else ""),
    ),
    (
        rf"^what (?:do|should|must|can|could|would) {_WHO} (?:have to |need to )?do (?:to|in order to|if i want to)\b",
        "<howto>",
    ),
    (rf"^what do {_WHO} need (?:to do )?(?:to|for)\b", "<howto>"),
    (rf"^what steps (?:do|should|must|can) {_WHO} (?:need to |have to )?(?:take|follow)(?: to)?\b", "<howto>"),
    (r"^(?:i|we) (?:would (?:like|love)|want|need|wish|am trying|have)(?: to)\b", "<howto>"),
    (
        r"^(.+?)(?:[,:–-]| -)+ ?how(?: (?:do|can|should|could) (?:i|you|we|one) do (?:it|that|this)| does (?:it|that|this) work)?$",
        r"<howto> \1",
    ),
    (r"^(.+?)[,.:] how (?:do|can|should|could) (?:i|you|we|one) do (?:it|that|this)$", r"<howto> \1"),
    # what is
    (
        r"^(?:please )?(?:explain|define|describe)(?: what| to me what)? (.+?) (?:is|are|means?)(?: to me)?$",
        r"<what> is \1",
    ),
    (
        rf"^(?:what is|what are|what's|give me|provide)(?: me)?(?: {_ARTICLE})? (?:explanation|definition|meaning|description|overview) (?:of|for)\b",
        "<what> is",
    ),
    (r"^what (?:does|do|did) (.+?) (?:mean|stand for|signify|refer to)$", r"<what> is \1"),
    (
        r"^(?:please )?(?:explain|describe)(?: to me)? (?:how|the way|the way how|the way in which) (.+?)(?: to me)?$",
        r"<how> does \1",
    ),
    (r"^(?:please )?(?:explain|define|describe)(?: to me| the concept of| the term)?\b", "<what> is"),
    (r"^how (?:do|does|did|is|are|was|were|will|would|can|could|should)\b", lambda m: "<how> " + m[0].split()[1]),
    (
        r"^(?:name|list|recommend|suggest|give me|show me|tell me|find me|i am looking for|i'm looking for|i seek)\b(?: an?| the| some)?(?: list of)?",
        "<what> is",
    ),
    (
        r"^(?:what|which) (?:is|are|was|were|has|have|do|does|did|would|will|can|could|should)\b",
        lambda m: "<what> " + m[0].split()[1],
    ),
    (r"^(?:what|which)\b", "<what>"),
    # yes or no
    (
        r"^(?:is|would|will) it (?:be )?(?:ok|okay|fine|alright|all right|acceptable)(?: for (.+?))? to\b",
        lambda m: f"<yes> <can> {m[1] or ''}",
    ),
    (r"^(?:is|would|will) it (?:be )?(?:safe)(?: for (.+?))? to\b", lambda m: f"<yes> <safe> {m[1] or ''}"),
    (r"^(?:is|would|will) it (?:be )?possible(?: for (.+?))? to\b", lambda m: f"<yes> <possible> {m[1] or ''}"),
    (
        r"^(?:is|would|will) it (?:be )?(?:allowed|permitted)(?: for (.+?))? to\b",
        lambda m: f"<yes> <allowed> {m[1] or ''}",
    ),
    (rf"^(?:am|are|is) {_WHO} (?:allowed|permitted|able) to\b", "<yes> <can>"),
    (r"^(?:can|could|may|might)\b", "<yes> <can>"),
    (
        r"^(?:is|are|am|was|were|do|does|did|has|have|had|will|would|should|must|shall|need)\b",
        lambda m: f"<yes> {m[0]}",
    ),
)

WITHIN: tuple[Rule, ...] = (
    (
        r"\b(?:have|has|had|got) to\b|\bneeds? to\b|\b(?:required|necessary|needed|obligatory|mandatory)\b(?: to| for)?|\bdo (?:i|you|we) need\b",
        " <must> ",
    ),
    (r"\b(?:is|are|am|be) (?:allowed|permitted)(?: to)?\b|\ballowed\b|\bpermitted\b", " <can> "),
    (r"\b(?:is|are|am|be) (?:able|possible)(?: to)?\b", " <can> "),
    (r"\b(?:had better|is advisable|is recommended)(?: to)?\b", " <should> "),
)
