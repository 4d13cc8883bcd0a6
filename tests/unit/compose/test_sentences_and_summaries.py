"""Sentences are cut where they end, and summaries hold nothing but such sentences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.compose import sentences
from digest.compose.summarise import ExtractiveSummariser
from digest.model.article import Article
from digest.model.drafting import Limits
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


def summary(articles: list[Article], language: str, limits: Limits | None = None) -> list[tuple[Article, str]]:
    """What the default would quote, with the article of each sentence."""
    by_id = {a.id: a for a in articles}
    (draft,) = ExtractiveSummariser().summarise([articles], language, limits or Limits())
    assert all(s.quoted for s in draft.sentences)
    return [(by_id[s.articles[0]], s.text) for s in draft.sentences]


def test_the_lead_of_a_single_article() -> None:
    quotes = summary([article(1, *BRIDGE)], "nl")
    assert [text for _, text in quotes] == list(BRIDGE[:3])[: len(quotes)]
    assert len(quotes) >= 2


def test_several_articles_do_not_say_the_same_twice_and_stay_short() -> None:
    articles = [
        article(1, *BRIDGE),
        article(2, BRIDGE[0].replace("maandag", "morgen"), "De fietsersbond is blij met de heropening.", publisher="B"),
        article(3, "Un ponte riapre.", language="it"),
    ]
    quotes = summary(articles, "nl")
    assert sum(len(text.split()) for _, text in quotes) <= Limits().words
    assert {a.language for a, _ in quotes} == {"nl"}
    for i, (_, one) in enumerate(quotes):
        assert not any(sentences.alike(one, other) for _, other in quotes[i + 1 :])


def test_another_language_where_the_readers_is_missing() -> None:
    articles = [
        article(1, *BRIDGE),
        article(2, *BRIDGE, publisher="B"),
        article(3, "The bridge is open.", language="en"),
    ]
    assert {a.language for a, _ in summary(articles, "fr")} == {"nl"}
    assert summary([], "nl") == []


def test_any_number_of_articles_always_the_same_way_within_the_limits() -> None:
    limits = Limits(words=25, sentences=2)
    for number in range(1, 8):
        articles = [article(n, *BRIDGE[n % 4 :], *BRIDGE[: n % 4], publisher=f"Blad {n}") for n in range(1, number + 1)]
        quotes = summary(articles, "nl", limits)
        assert 1 <= len(quotes) <= 2
        assert sum(sentences.length(text) for _, text in quotes) <= 25
        assert quotes == summary(articles, "nl", limits)


def test_a_short_sentence_is_news_and_a_short_question_is_a_heading() -> None:
    assert sentences.quotable("Niemand raakte gewond.")
    assert sentences.quotable("Nobody was hurt.")
    assert not sentences.quotable("Pokert der Trainer?")
    assert not sentences.quotable("Mehr dazu.")
    assert not sentences.quotable("Ein langer Titel ohne Punkt")


@given(
    st.lists(st.sampled_from(["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]), max_size=10),
    st.lists(
        st.lists(st.sampled_from(["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"]), max_size=10), max_size=6
    ),
)
def test_many_known_sentences_are_held_against_one_as_each_would_be(words: list[str], known: list[list[str]]) -> None:
    sentence, said = " ".join(words), [" ".join(k) for k in known]
    assert list(sentences.retold(sentence, said, "en")) == [k for k in said if sentences.repeats(sentence, k)]
