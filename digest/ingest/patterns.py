"""[pure] The expressions that are made from the vocabulary, compiled once."""

from __future__ import annotations

import re

from digest.ingest.guarded import Fixed, Guarded
from digest.ingest.once import once
from digest.ingest.vocabulary import Vocabulary, load

#: What is looked for anywhere in a text, and not at its beginning alone.
_SEARCHED = (
    "channels", "offers", "free", "reader", "house", "calls", "paywalls", "notices", "cookies", "embeds", "consent"
)  # fmt: skip
#: What a credit at the end of a text has, besides the words for it.
_CREDITED = "at its end"
_AT_END = {"fot.", "©", "getty", "shutterstock", "alliance", "imago", "istock"} | {
    f"/ {maker}" for maker in ("handout", "dr", "afp", "ap", "reuters", "epa", "dpa", "anp")
}
_POINTS = (("channels", 2), ("offers", 2), ("free", 1), ("reader", 1), ("house", 1))


class Patterns:
    """Each is tried on folded text."""

    def __init__(self, words: Vocabulary) -> None:
        quiet = r"[\W_]*"
        fixed = Fixed(
            {name: words.phrases[name] for name in _SEARCHED} | {_CREDITED: words.phrases["credits"] | _AT_END}
        )

        def anywhere(name: str) -> Guarded:
            return fixed.guard(name, re.compile(words[name]))

        self.strong = re.compile(rf"{quiet}{words['strong']}(?P<rest>.*)", re.DOTALL)
        self.topical = re.compile(rf"{quiet}{words['topical']}(?P<rest>.*)", re.DOTALL)
        self.channel = anywhere("channels")
        self.share = re.compile(rf"{quiet}{words['shares']}")
        self.offer = anywhere("offers")
        self.paywall = anywhere("paywalls")
        self.correction = re.compile(rf"{quiet}{words['corrections']}\s*(?:\([^()]*\)\s*)?(?:[:|]|$)")
        self.embed, self.consent = anywhere("embeds"), anywhere("consent")
        self.stamp = re.compile(rf"(?:{words['stamps']}|\d[\d.,:/-]*(?:h|st|nd|rd|th|er|º|ª)?(?:\d\d)?|[\W_])+")
        self.weak = re.compile(rf"{quiet}{words['weak']}(?P<rest>.*)", re.DOTALL)
        call = re.compile(
            rf"(?:^{quiet}|[.!?:;–—|…]\s+|\s-\s)"
            r"(?:(?:jetzt|hier|bitte|please|nu|dan|dann|ora|subito|ahora|agora|maintenant|teraz|just|ou|o|alors)\s+){0,2}"
            rf"{words['calls']}"
        )
        self.call = fixed.guard("calls", call)
        self.credit = re.compile(rf"{quiet}{words['credits']}(?:\s+\w+)?\s*[:/|©]\s*\S")
        credit_tail = re.compile(
            rf"(?:(?:^|[\s(|–—-])(?:{words['credits']}\s?:|fot\.)\s*\S.{{0,60}}|(?:^|\s)©\s?\S.{{0,60}}"
            r"|(?:getty images|shutterstock|picture alliance|imago images|istock"
            r"|/\s?(?:handout|dr|afp|ap|reuters|epa|dpa|anp)"
            rf"|\(\s*{words['credits']}\s+(?:di\s+|de\s+|van\s+)?{words['agencies']}\s*\)))\W*$"
        )
        self.credit_tail = fixed.guard(_CREDITED, credit_tail)
        self.source = re.compile(rf"\W*{words['sources']}(?P<rest>.*)", re.DOTALL)
        among = "(?:avec|met|mit|con|com|with|med|z|za|bron|quelle|fonte|source|fuente|kalla|zrodlo)"
        self.agency = re.compile(rf"\W*(?:{among}\W+)?{words['agencies']}(?:\s*[/,;&+-]\s*\w[\w. ]{{0,20}}){{0,3}}\W*")
        self.by = re.compile(rf"{words['by']}[\s:]+", re.IGNORECASE)
        # Behind "by" and the like no other word can be meant.
        self.house = re.compile(rf"(?:{words['house']}|vara?|vores)(?!\w)")
        self.notice = anywhere("notices")
        self.cookie = anywhere("cookies")
        self.advert = re.compile(rf"\W*{words['adverts']}\W*")
        self.button = re.compile(rf"\W*{words['buttons']}\W*")
        self.bracket = re.compile(words["brackets"])
        # "(ANP)", "(dpa/lno)", "(Reuters, Parijs)"
        agency = rf"\((?i:{words['agencies']})(?:\s*[/,-]\s*[\w. ]{{1,15}})?\)"
        # "BRUSSEL (ANP) - ", "PARIS, 12 May (Reuters) – ", "Berlin (dpa/lno) -"; "AMSTERDAM - "
        self.dateline = re.compile(
            rf"[A-ZÀ-Þ][\w'’./ -]{{1,40}}(?:,[^()]{{1,30}})?\s*{agency}\s*[-–—:.]+\s*|{agency}\s*[-–—:]+\s*"
            r"|[A-ZÀ-Þ]{3,}(?:[ /'’-]{1,3}[A-ZÀ-Þ]{2,}){0,3}(?:,\s[^-–—:]{2,25})?\s+[-–—]\s+(?=[\w\"'“„«‘])"
        )
        self.inviting = fixed.any_of("paywalls", "calls", *(name for name, _ in _POINTS))
        self.scores = [(name, anywhere(name), points) for name, points in _POINTS]


@once
def patterns() -> Patterns:
    return Patterns(load())
