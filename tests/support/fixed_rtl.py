"""What the fixed view lacks: an Arabic story, for mails in which both directions meet."""

from __future__ import annotations

from dataclasses import replace

from digest.model.edition import Quote, SourceLink, View
from tests.support.fixed_view import MOSS, view

HEADLINE = "افتتاح الجسر القديم يوم الاثنين بعد عامين من الإغلاق (BBC)"
SENTENCE = "قالت البلدية إن الجسر سيفتح أمام المشاة أولًا، ثم أمام السيارات في سبتمبر 2025."
PUBLISHER = "صحيفة المدينة"
ARABIC = replace(
    MOSS,
    story=77,
    headline=HEADLINE,
    headline_language="ar",
    summary=(Quote(SENTENCE, "ar", 77, PUBLISHER, "https://example.org/77"),),
    sources=(
        SourceLink(PUBLISHER, "الجسر القديم", "ar", "https://example.org/77", MOSS.date),
        SourceLink("Stadskrant", "De oude brug", "nl", "https://example.org/78", MOSS.date),
    ),
    stories=((77, 60),),
    score=8,
)


def mixed(language: str) -> View:
    """The fixed view, led by the Arabic story."""
    whole = view(language)
    city, *others = whole.sections
    (group,) = city.groups
    led = replace(city, groups=(replace(group, entries=(ARABIC, *group.entries)),))
    return replace(whole, sections=(led, *others))
