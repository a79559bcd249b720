"""Courtesies, contractions and idioms: patterns on lower-case text, and what each is written as."""
# ruff: noqa: E501  a pattern is read in one line

import re
from collections.abc import Callable

Into = str | Callable[[re.Match[str]], str]
Rule = tuple[str, Into]
"""A pattern, and what stands in its place."""

OPENINGS = (
    r"(?:hi|hello|hey|good (?:morning|afternoon|evening)|dear \w+|greetings|quick question|question|ok|okay|so|well|um|excuse me|sorry|please|kindly|thanks|thank you)(?: there| everyone| all| team)?[,:!.]*",
    r"(?:can|could|would|will) (?:you|anyone|someone|somebody)(?: please| kindly| possibly| maybe| quickly)* (?:tell me|let me know|explain(?: to me)?|show me|help me (?:to )?(?:understand|find out|know|with)?|inform me|clarify|describe(?: to me)?)(?: about)?",
    r"(?:can|could|would|will) you(?: please| kindly| possibly| maybe| quickly)*(?= \w)",
    r"(?:do|would|does) (?:you|anyone|anybody|someone) (?:happen to )?know",
    r"(?:i(?: would|'d| am|'m)?|we)(?: just| really)? (?:like to|want to|wanted to|need to|trying to|curious to|interested to|wondering|wonder|wish to) (?:know|learn|find out|understand|ask|hear)(?: about)?",
    r"i (?:am|'m|was) (?:just )?(?:wondering|curious)(?: about| if)?",
    r"i wonder",
    r"(?:please |kindly )?(?:tell me|let me know|inform me)(?: about)?",
    r"would you mind (?=\w+ing)",
    r"any idea",
    r"(?:does )?any(?:one|body) know",
    r"is there anyone who knows",
)
CLOSINGS = r"[\s,.!?]*(?:please|thanks|thank you|thx|cheers|thanks in advance|many thanks|for me|to me)?[\s.!?,]*$"

IDIOMS: tuple[Rule, ...] = (
    (r"\bunited states of america\b|\bunited states\b|\bu\.s\.a?\b\.?|\bamerica\b", "usa"),
    (r"\bunited kingdom\b|\bu\.k\b\.?|\bgreat britain\b", "uk"),
    (r"\bnew york city\b|\bnew york\b", "nyc"),
    (r"\beuropean union\b", "eu"),
    (r"\b(?:the )?(?:second world war|world war (?:ii|2|two)|ww ?ii|ww2)\b", "ww2"),
    (r"\b(?:the )?(?:first world war|world war (?:i|1|one)|ww ?i|ww1)\b", "ww1"),
    (r"\bturn(?:ed|ing)? (\S+ )?on\b|\bswitch(?:ed|ing)? on\b|\bturn on\b", r"enable \1"),
    (r"\bturn(?:ed|ing)? (\S+ )?off\b|\bswitch(?:ed|ing)? off\b", r"disable \1"),
    (r"\b(?:log|sign|logging|signing|logged|signed)[ -]?in(?:to)?\b", "login"),
    (r"\b(?:log|sign|logging|signing|logged|signed)[ -]?(?:out|off)\b", "logout"),
    (r"\b(?:sign|signing|signed)[ -]?up\b", "register"),
    (r"\b(?:get|getting|got) rid of\b", "remove"),
    (r"\b(?:get|getting|got) (?:in touch|in contact) with\b", "contact"),
    (r"\b(?:get|getting|got) (?:(?:a|the|my|some) )?(.{2,40}?) out of\b", r"remove \1 from"),
    (r"\b(?:get|getting|got) ready\b", "prepare"),
    (r"\b(?:find|finding|found) out\b|\bfigur(?:e|ing) out\b", "determine"),
    (r"\b(?:take|taking) care of\b|\b(?:look|looking) after\b", "nurse"),
    (r"\b(?:look|looking|search|searching) for\b", "seek"),
    (r"\b(?:set|setting) up\b", "configure"),
    (r"\b(?:fill|filling) (?:in|out)\b", "complete"),
    (r"\b(?:throw|throwing) (?:away|out)\b", "discard"),
    (r"\b(?:pick|picking) up\b", "collect"),
    (r"\b(?:give|giving|send|sending|bring|bringing) back\b", "return"),
    (r"\b(?:speed|speeding) up\b", "accelerate"),
    (r"\b(?:make|making) (.{2,40}?) (?:faster|quicker|run faster)\b", r"accelerate \1"),
    (r"\b(?:slow|slowing) down\b", "decelerate"),
    (r"\b(?:back|backing) up\b", "backup"),
    (r"\bcustomer (?:support|service|care)\b", "helpdesk"),
    (r"\bphone number\b|\btelephone number\b", "phone-number"),
    (r"\be-?mail address\b", "email-address"),
    (r"\bopening (?:hours|times?)\b|\bbusiness hours\b", "opening-hours"),
    (r"\btwo[- ]?factor(?: authentication)?\b|\b2fa\b", "2fa"),
    (r"\bin order to\b", "to"),
    (r"\bdue to\b|\bon account of\b", "because"),
    (r"\bas soon as\b", "once"),
    (r"\bat the moment\b|\bright now\b|\bat present\b|\bthese days\b|\bnowadays\b", "now"),
    (r"\b(?:per|each|every|a) day\b", "daily"),
    (r"\b(?:per|each|every|a) week\b", "weekly"),
    (r"\b(?:per|each|every|a) month\b", "monthly"),
    (r"\b(?:per|each|every|a) (?:year|annum)\b", "annually"),
    (r"\b(?:gonna|going to)\b(?= \w+)", "will"),
    (r"\b(?:got|gotten|get|gets|getting) (?=\w+ed\b|stolen|broken|lost)", "be "),
    (r"\ba lot of\b|\blots of\b|\bplenty of\b", "many"),
    (r"\bfree of charge\b|\bfor free\b", "gratis"),
    (r"\bfree of\b|\bdevoid of\b", "without"),
    (r"\bother than\b|\bapart from\b|\bexcept for\b|\bexcluding\b", "except"),
    (r"\bno longer\b|\bnot any ?more\b", "not-anymore"),
    (r"\b(?:fail(?:s|ed|ing)?) to\b", "not"),
    (r"\bpros and cons\b|\badvantages and disadvantages\b", "tradeoff"),
    (r"\bmake sure\b|\bensure\b", "ensure"),
    (r"\b(?:as well as|along with|together with)\b", "and"),
    (
        r"\b(?:take|combine|mix|use|eat|drink|pair|have) (\S+) (?:with|and) (\S+)(?: together)?(?= ?[?.!]*$)",
        r"combine \1 and \2",
    ),
    (r"\bmake use of\b", "use"),
    (r"\b(?:in|during|this|next|last|every|the|of) fall\b", "in autumn"),
    (r"\b(?:way|route|path|directions) to (?=(?:the|a|an|my|downtown|home)\b)", "route to "),
    (r"\bget (?:a |an |the |my )?(.{2,30}?) out$", r"remove \1"),
    (
        r"\b(?:if|when|while|but|and) (?:i|you|we) (?:do not have|have no|have not got|lack)\b(?: any| a| an| the| my)?",
        "without",
    ),
    (r"\b(?:what|which) (?:kind|type|sort)s? of\b", "which"),
    (r"\b(?:what|which) (?:city|town) (is|was) the capital\b", r"what \1 the capital"),
    (r"\bcapital (?:city|town)\b", "capital"),
    (r"\bwhat (is|are|was|were) (.+?) like\b", r"how \1 \2"),
    (
        r"\b(?:the )?most (?:inhabitants|people|residents)\b|\b(?:highest|biggest|greatest) population\b",
        "largest population",
    ),
    (r"\bmost populous (\w+)\b", r"\1 with largest population"),
    (r"\bonce (?=(?:i|you|we|they|he|she|it|the|my|your)\b)", "after "),
    (
        r"\b(?:know|tell|find out|figure out|determine|check|see|be sure) (?:if|whether)\b|\bdetermine (?:if|whether)\b",
        "check-whether",
    ),
    (
        r"\b(?:update|edit|modify|alter)\b(?=(?: \w+){0,3} (?:address|email|email-address|password|passcode|details|profile|name|phone-number|number|settings?|method|preferences?|username)\b)",
        "change",
    ),
    (r"\b(?:end|stop|terminate|discontinue|quit)\b(?=(?: \w+){0,2} (?:subscription|membership|contract)\b)", "cancel"),
    (r"\bbook(?:ing)? (?=a |an |the |my )", "reserve "),
    (
        r"\b(?:give|provide|write|make|create)(?: me)?(?: with)?(?: an?)?(?: short| brief| quick)? summary of\b|\bsum up\b",
        "summarise",
    ),
    (r"\bis it true that\b", "is"),
    (r"\bhow come\b|\bwhat (?:leads to|is responsible for|is behind|triggers)\b", "why"),
    (r"\bdate of birth\b|\bbirth ?date\b", "birthday"),
    (r"\bmoney back\b", "refund"),
    (r"\b(?:earn|make) money\b", "earn-money"),
    (r"\bget (?:married|wed)\b", "marry"),
    (r"\bmore than one\b|\bmultiple\b", "multiple"),
    (r"\b(?:is|are|was|were) (?:not )?(?:allowed|permitted)\b", lambda m: m[0]),
)
"""Idioms, each as one word."""

CONTRACTIONS: tuple[Rule, ...] = (
    (r"\bcan't\b|\bcannot\b|\bcant\b", "can not"), (r"\bwon't\b|\bwont\b", "will not"), (r"\bshan't\b", "shall not"),
    (r"\b(\w+)n't\b", r"\1 not"), (r"\b(do|does|did|is|are|was|were|has|have|had|would|should|could)nt\b", r"\1 not"),
    (r"\b(what|who|where|when|why|how|that|there|here|it|he|she)'?s\b(?!')", lambda m: f"{m[1]} is" if "'" in m[0] or (m[1] in ("what", "who", "where", "how") and m[0] != m[1] and not m[0].endswith("ss")) else m[0]),
    (r"\bi'm\b|\bim\b", "i am"), (r"\b(you|we|they|who|what|where)'re\b", r"\1 are"), (r"\b(\w+)'ve\b", r"\1 have"),
    (r"\b(\w+)'ll\b", r"\1 will"), (r"\b(\w+)'d\b", r"\1 would"), (r"\blet's\b", "let us"),
)  # fmt: skip
