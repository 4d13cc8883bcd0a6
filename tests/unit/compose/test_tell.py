"""Drafts are judged, whoever they are from: what holds is told, the rest dropped, and no article overquoted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.compose import sentences
from digest.compose.candidates import PastStory, Sent, StorylineHistory
from digest.compose.desk import Desk
from digest.compose.edit import edit
from digest.compose.fair import RUN, Quota, copied
from digest.compose.novelty import mailed
from digest.compose.tell import Telling
from digest.model.article import Article
from digest.model.drafting import Draft, Limits, Piece, Rendering, Sentence
from digest.model.edition import Credit, Entry, Manner, Quote, View
from digest.pipeline.knowledge import knowledge
from tests.support.examples import up_to
from tests.support.making import BRIDGE, article, day, request, story

KNOWN = knowledge(("nl", "de", "it", "en"))
DE = (
    "Die alte Brücke über die Schie in Delft öffnet am Montag für Radfahrer.",
    "Die Firma Van Dam brauchte 24 Monate für das neue Geländer.",
)


class Scripted:
    """A summariser that says what it was told to; it keeps what it was given."""

    def __init__(self, *said: Sentence, why: str = "") -> None:
        self.said, self.why = said, why
        self.given: list[Sequence[Article]] = []

    def summarise(self, stories: Sequence[Sequence[Article]], language: str, limits: Limits) -> list[Draft]:
        self.given += stories
        return [Draft(self.said, self.why) for _ in stories]


class Dictionary:
    def __init__(self, words: dict[str, str]) -> None:
        self.words = words

    def translate(self, bundles: Sequence[Sequence[Piece]], language: str) -> list[Rendering]:
        return [Rendering(tuple(self.words.get(p.text, "") for p in bundle)) for bundle in bundles]


def own(text: str, *articles: int) -> Sentence:
    return Sentence(text, articles or (1,), quoted=False)


def view(stories, telling: Telling, *, language: str = "nl", history=None, sent: Sent | None = None) -> View:
    made = edit(request(language), stories, history or StorylineHistory(), sent or Sent(), Desk(telling))
    assert made is not None
    return made


def told(*said: Sentence, why: str = "", language: str = "nl", articles: Sequence[Article] = ()) -> Entry:
    stories = [story(1, *(articles or [article(1, *BRIDGE, title="Brug in Delft open")]))]
    (entry,) = view(stories, Telling(Scripted(*said, why=why), knowledge=KNOWN), language=language).entries
    return entry


def is_quoted(entry: Entry) -> bool:
    return bool(entry.summary) and all(q.manner is Manner.QUOTED and q.text in BRIDGE for q in entry.summary)


GOOD = own("Fietsers mogen maandag over de brug, auto's pas in september.")
GOOD_TOO = own("Van Dam denkt dat de brug vijftig jaar meegaat.")
INVENTED = own("Van Dam betaalde 99 miljoen voor de brug.")


def test_what_holds_is_told_in_its_own_words_and_names_its_article() -> None:
    entry = told(GOOD, GOOD_TOO)
    assert [(q.text, q.manner, q.article) for q in entry.summary] == [
        (GOOD.text, Manner.RETOLD, 1),
        (GOOD_TOO.text, Manner.RETOLD, 1),
    ]
    assert entry.reason.endswith("in a model's words")


def test_what_does_not_hold_is_dropped_and_the_reason_says_so() -> None:
    entry = told(GOOD, INVENTED, GOOD_TOO)
    assert [q.text for q in entry.summary] == [GOOD.text, GOOD_TOO.text]
    assert "1 sentence dropped (the number '99 miljoen' stands in no article that it names)" in entry.reason


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ([INVENTED, GOOD], "did not hold"),  # what follows leans on the beginning
        ([GOOD, INVENTED, INVENTED], "2 sentences of the draft did not hold"),
        ([own(GOOD.text, 7)], "an article that there is not"),
        ([own(GOOD.text, 1, 7)], "an article that there is not"),
        ([Sentence(GOOD.text, (), quoted=False)], "names no article"),
        ([Sentence("Dit staat nergens in het artikel.", (1,))], "does not stand in its article"),
        ([own("Brug in Delft open.")], "says the headline again"),
        ([], "the draft had nothing new"),
    ],
)
def test_too_little_left_falls_back_to_quotations(said: list[Sentence], says: str) -> None:
    entry = told(*said)
    assert is_quoted(entry)
    assert "quoted, since" in entry.reason
    assert says in entry.reason


def test_why_there_is_no_draft_is_told() -> None:
    entry = told(why="the model took too long")
    assert is_quoted(entry)
    assert entry.reason.endswith("quoted, since the model took too long")


def test_another_language_than_the_readers_is_not_taken() -> None:
    dutch = own(
        "Fietsers mogen maandag over de brug en auto's mogen er pas in september weer overheen, zo zegt Van Dam."
    )
    entry = told(dutch, language="en")
    assert is_quoted(entry)
    assert "the model wrote in 'nl', not in 'en'" in entry.reason


def test_a_sentence_of_the_article_is_a_quotation_whoever_hands_it_in() -> None:
    (quote,) = told(own(BRIDGE[1])).summary
    assert (quote.text, quote.manner) == (BRIDGE[1], Manner.QUOTED)


def test_two_sentences_in_one_are_judged_one_by_one() -> None:
    entry = told(own(f"{GOOD.text} {INVENTED.text}"))
    assert [q.text for q in entry.summary] == [GOOD.text]


def test_several_articles_are_credited_and_each_must_be_there() -> None:
    articles = [article(1, *BRIDGE, title="Brug open"), article(2, *DE, language="de", publisher="Tagesbote")]
    entry = told(own("De oude brug over de Schie gaat maandag open.", 1, 2), articles=articles)
    assert entry.summary[0].also == (Credit(2, "Tagesbote", published=day("2025-05-25")),)


def test_a_draft_for_the_wrong_number_of_stories_is_none() -> None:
    class Short(Scripted):
        def summarise(self, stories, language, limits):
            return super().summarise(stories, language, limits)[1:]

    (entry,) = view([story(1, article(1, *BRIDGE))], Telling(Short(GOOD))).entries
    assert is_quoted(replace(entry, summary=tuple(q for q in entry.summary if not q.continues)))
    assert "answered for 0 of 1 stories" in entry.reason


def test_only_what_is_shown_is_drafted() -> None:
    scripted = Scripted(GOOD)
    stories = [story(n, article(n, *BRIDGE), topics=("a",)) for n in range(1, 9)]
    made = edit(request(max_entries=2), stories, StorylineHistory(), Sent(), Desk(Telling(scripted)))
    assert made is not None
    assert (len(made.entries), made.more, len(scripted.given)) == (2, 6, 2)


# What was told is remembered


def test_what_was_told_in_other_words_is_not_news_again() -> None:
    first = article(1, *BRIDGE, title="Brug in Delft open", seq=1)
    sent = Sent(mailed(view([story(1, first)], Telling(Scripted(GOOD), knowledge=KNOWN))))
    copy = article(2, *BRIDGE[:3], publisher="Ander Blad", title="Brug open", seq=5)
    seen = story(1, first, copy, fresh=frozenset({2}))
    assert edit(request(), [seen], StorylineHistory(), sent) is None, "another paper's copy brings nothing"

    extra = "Woensdag bleek dat een van de kabels opnieuw moet worden vervangen."
    more = replace(copy, paragraphs=(" ".join((*BRIDGE[:3], extra)),))
    scripted = Scripted(own(GOOD.text, 2), own("Woensdag bleek een kabel slecht.", 2))
    (entry,) = view(
        [story(1, first, more, fresh=frozenset({2}))], Telling(scripted, knowledge=KNOWN), sent=sent
    ).entries
    assert [a.paragraphs for a in scripted.given[0]] == [(extra,)], "only what is new is handed out"
    assert GOOD.text not in {q.text for q in entry.summary}
    assert entry.summary


def test_the_sentence_behind_a_retold_or_translated_one_counts_as_told() -> None:
    first = article(1, *BRIDGE, title="Brug in Delft open")
    (had,) = mailed(view([story(1, first)], Telling(Scripted(GOOD_TOO), knowledge=KNOWN))).values()
    assert sentences.fingerprint(GOOD_TOO.text) in had.sentences
    assert sentences.fingerprint(BRIDGE[2]) in had.sentences

    german = article(2, *DE, language="de", title="Brücke offen")
    words = {"Brücke offen": "Brug open", DE[0]: "De oude brug over de Schie in Delft gaat maandag open voor fietsers."}
    other = story(3, article(3, *BRIDGE))  # from which it is learnt that "brug" is no name
    had = mailed(view([story(2, german), other], Telling(translator=Dictionary(words), knowledge=KNOWN)))[2]
    for text in ("Brug open", "Brücke offen", DE[0], words[DE[0]]):
        assert sentences.fingerprint(text) in had.sentences


# Translations


def test_a_translation_is_marked_and_checked() -> None:
    german = article(2, *DE, language="de", title="Brücke offen")
    words = {
        "Brücke offen": "Brug open",
        DE[0]: "De oude brug over de Schie in Delft gaat maandag open voor fietsers.",
        DE[1]: "Het bedrijf Van Dam had 25 maanden nodig voor het nieuwe hek.",
    }
    other = story(3, article(3, *BRIDGE))
    telling = Telling(translator=Dictionary(words), knowledge=KNOWN)
    entry = next(e for e in view([story(2, german), other], telling).entries if e.story == 2)
    assert (entry.headline, entry.headline_language, entry.original_headline) == ("Brug open", "nl", "Brücke offen")
    first, second = entry.summary
    assert (first.text, first.manner, first.language, first.original_language) == (
        words[DE[0]], Manner.TRANSLATED, "nl", "de",
    )  # fmt: skip
    assert (second.text, second.manner, second.language) == (DE[1], Manner.QUOTED, "de"), "24 months became 25"
    assert "2 of 3 texts translated (the number '25' is not on both sides)" in entry.reason


def test_what_is_in_the_readers_language_is_not_translated() -> None:
    words = dict.fromkeys(BRIDGE, "Iets anders dan wat er stond in de krant.")
    (entry,) = view([story(1, article(1, *BRIDGE))], Telling(translator=Dictionary(words), knowledge=KNOWN)).entries
    assert all(q.manner is Manner.QUOTED for q in entry.summary)


# Fair quotation

_LENGTH = st.integers(3, 8) | st.integers(3, 60)
_WORDS = ["brug", "water", "stad", "kade", "fiets", "boot", "haven", "sluis", "dam", "ton"]
# Drawn whole: word by word, drawing them costs more than telling them.
_SENTENCE = st.builds(lambda seed, length: Random(seed).choices(_WORDS, k=length), st.integers(0, 999), _LENGTH)
_TEXT = st.lists(_SENTENCE.map(lambda words: " ".join(words).capitalize() + "."), min_size=1, max_size=8)


def quoted_words(entry: Entry, articles: dict[int, Article]) -> dict[int, int]:
    """How many words of each article stand in an entry, counted here by other means than the code has."""
    taken = dict.fromkeys(articles, 0)
    for quote in (*entry.summary, *(s.quote for s in entry.timeline)):
        if quote.manner is Manner.RETOLD:
            for number in {quote.article, *(c.article for c in quote.also)}:
                mine, theirs = quote.text.lower().split(), articles[number].text.lower()
                runs = (" ".join(mine[i : i + RUN]).rstrip(".") for i in range(len(mine) - RUN + 1))
                taken[number] += sum(run in theirs for run in runs)
        else:
            taken[quote.article] += len(quote.text.split())
    headed = next((a for a in articles.values() if " ".join(a.title.split()) == entry.headline), None)
    if headed is not None and not headed.title_given:
        taken[headed.id] += len(entry.headline.split())
    return taken


@settings(max_examples=up_to(75), deadline=None)
@given(
    texts=st.lists(_TEXT, min_size=1, max_size=4),
    past=st.lists(_TEXT, max_size=3),
    limit=st.integers(min_value=12, max_value=80),
    words=st.integers(min_value=10, max_value=200),
    retold=st.integers(min_value=0, max_value=2),
)
def test_no_article_is_quoted_beyond_the_limit_whoever_summarises(
    texts: list[list[str]], past: list[list[str]], limit: int, words: int, retold: int
) -> None:
    news = [article(n, *text, title=f"Titel {n}") for n, text in enumerate(texts, start=1)]
    old = [article(50 + n, *text, published=day(f"2024-0{n}-01")) for n, text in enumerate(past, start=1)]
    history = StorylineHistory({9: tuple(PastStory(story(a.id, a).story, (a,)) for a in old)})
    greedy = [Sentence(s, (a.id,), quoted=True) for a in news for s in sentences.of(a)]
    copying = [Sentence(s.rstrip(".") + " toch.", (a.id,), quoted=False) for a in news for s in sentences.of(a)]
    limits = Limits(words=words, sentences=10, max_quote_words=limit)
    telling = [
        Telling(limits=limits),
        Telling(Scripted(*greedy), limits=limits),
        Telling(Scripted(*copying), limits=limits),
    ]
    (entry,) = view([story(1, *news, line=9)], telling[retold], history=history).entries
    articles = {a.id: a for a in (*news, *old)}
    for number, taken in quoted_words(entry, articles).items():
        assert taken <= limit, (number, taken)


def test_a_sentence_that_is_too_long_by_itself_is_cut_and_says_so() -> None:
    long = "De brug " + "en de kade " * 30 + "gaan open."
    limits = Limits(max_quote_words=40)
    (entry,) = view([story(1, article(1, long, title="Brug open"))], Telling(limits=limits)).entries
    (quote,) = entry.summary
    assert quote.text.endswith("…")
    assert len(quote.text.split()) == 40
    assert long.startswith(quote.text.rstrip("…"))


def test_a_translation_that_grows_beyond_the_limit_gives_way_to_its_original() -> None:
    german = article(2, "Die Brücke ist " + "sehr " * 30 + "alt.", language="de", title="Brücke offen")
    words = {sentences.of(german)[0]: "De brug is " + "echt heel erg " * 16 + "oud."}
    telling = Telling(translator=Dictionary(words), limits=Limits(max_quote_words=40), knowledge=KNOWN)
    stories = [story(2, german), story(3, article(3, *BRIDGE))]
    quotes = {e.story: e.summary for e in view(stories, telling).entries}[2]
    assert [(q.text, q.manner, q.language) for q in quotes] == [(sentences.of(german)[0], Manner.QUOTED, "de")]
    longer = replace(telling, limits=Limits(max_quote_words=60))
    assert {e.story: e.summary for e in view(stories, longer).entries}[2][0].manner is Manner.TRANSLATED


def test_a_models_own_words_cost_nothing_and_borrowed_ones_do() -> None:
    source = article(1, *BRIDGE)
    assert copied(GOOD.text, source) == 0
    assert copied(f"Volgens De Kade: {BRIDGE[1]}", source) == len(BRIDGE[1].split())
    quota = Quota(5, [source])
    borrowed = Quote(f"Toch {BRIDGE[1]}", "nl", 1, "De Kade", manner=Manner.RETOLD)
    assert quota.take(borrowed) is None
    assert quota.take(replace(borrowed, text=GOOD.text)) is not None
