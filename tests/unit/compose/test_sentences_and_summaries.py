"""Sentences are cut where they end, and summaries hold nothing but such sentences."""

from __future__ import annotations

import pytest

from digest.compose import sentences
from digest.compose.summarise import WORDS, ExtractiveSummariser
from tests.support.making import BRIDGE, article


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("nl", ["De o.a. genoemde dr. Jansen kwam om 17.00 uur.", "Hij zei: “Mooi. Heel mooi.”", "Toen ging hij."]),
        ("nl", ["“Zo is het. Punt uit”, aldus Maes.", "J. P. Smit zweeg."]),
        ("de", ["„Jeder weiß es. Wir reden später“, sagte er am 24. Mai.", "Er kam z. B. mit Prof. Dr. Müller."]),
        ("de", ["So ist es.", "„Nie wieder“, rief sie.", "‚Relevo‘ schreibt davon."]),
        ("it", ["Il sig. Rossi è qui.", "L'art. 5 dice di sì.", "«È vero. Lo giuro», ha detto."]),
        ("fr", ["M. Dupont est venu.", "« C’est fini. Rentrez », dit-il."]),
    ],
)
def test_sentences_end_where_they_end(language: str, expected: list[str]) -> None:
    assert list(sentences.split(" ".join(expected), language)) == expected


def test_a_quotation_never_closed_does_not_swallow_a_text() -> None:
    long = "“Dit is een begin. " + "En dan volgt er nog een zin die nergens eindigt. " * 20
    assert len(sentences.split(long, "nl")) > 2


@pytest.mark.parametrize("text", ["Kort.", "Lees ook: de brug gaat open", "++ Brug nu echt open voor iedereen. ++"])
def test_headings_and_promotion_are_not_quoted(text: str) -> None:
    assert not sentences.quotable(text)


def test_alike() -> None:
    assert sentences.alike(BRIDGE[0], BRIDGE[0].upper().replace("MAANDAG", "dinsdag"))
    assert not sentences.alike(BRIDGE[0], BRIDGE[1])
    longer = BRIDGE[0].rstrip(".") + ", al is de prijs van het werk met de helft gestegen tot 84 miljoen euro."
    assert sentences.repeats(BRIDGE[0], longer)
    assert not sentences.repeats(longer, BRIDGE[0])
    assert sentences.fingerprint("De brug, open!") == sentences.fingerprint("de  brug open")


def test_the_lead_of_a_single_article() -> None:
    quotes = ExtractiveSummariser().summarise([article(1, *BRIDGE)], "nl", WORDS)
    assert [q.text for q in quotes] == list(BRIDGE[:3])[: len(quotes)]
    assert len(quotes) >= 2


def test_several_articles_do_not_say_the_same_twice_and_stay_short() -> None:
    articles = [
        article(1, *BRIDGE),
        article(2, BRIDGE[0].replace("maandag", "morgen"), "De fietsersbond is blij met de heropening.", publisher="B"),
        article(3, "Un ponte riapre.", language="it"),
    ]
    quotes = ExtractiveSummariser().summarise(articles, "nl", WORDS)
    assert sum(len(q.text.split()) for q in quotes) <= WORDS
    assert {q.language for q in quotes} == {"nl"}
    for i, one in enumerate(quotes):
        assert not any(sentences.alike(one.text, other.text) for other in quotes[i + 1 :])


def test_another_language_where_the_readers_is_missing() -> None:
    articles = [
        article(1, *BRIDGE),
        article(2, *BRIDGE, publisher="B"),
        article(3, "The bridge is open.", language="en"),
    ]
    assert {q.language for q in ExtractiveSummariser().summarise(articles, "fr", WORDS)} == {"nl"}
    assert ExtractiveSummariser().summarise([], "nl", WORDS) == ()


def test_a_short_sentence_is_news_and_a_short_question_is_a_heading() -> None:
    assert sentences.quotable("Niemand raakte gewond.")
    assert sentences.quotable("Nobody was hurt.")
    assert not sentences.quotable("Pokert der Trainer?")
    assert not sentences.quotable("Mehr dazu.")
    assert not sentences.quotable("Ein langer Titel ohne Punkt")
