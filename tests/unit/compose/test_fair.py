"""Articles without a title: their headline is quoted from them, and counts as every other quotation does."""

from __future__ import annotations

from collections import Counter
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
from digest.compose.foreign import translated
from digest.compose.render import Renderer
from digest.compose.tell import Telling
from digest.ingest import headline
from digest.model.article import Article
from digest.model.drafting import Draft, Limits, Piece, Rendering, Sentence
from digest.model.edition import Entry, Manner, Quote, View
from digest.pipeline.knowledge import knowledge
from tests.support.examples import up_to
from tests.support.fixed_view import FACTS, SLOTS
from tests.support.making import BRIDGE, TEMPLATES, article, day, request, story

KNOWN = knowledge(("nl", "de"))
#: One sentence of 148 words.
LONG = (
    "De rederij Noorderlicht heeft alle afvaarten naar Stavanger stilgelegd na een brand aan boord van de Havfru"
    + " waarbij in het havengebied steeds meer mensen hun huis moesten verlaten" * 11
    + ", zegt de kustwacht van de provincie vandaag."
)


def untitled(number: int, *said: str, **more: object) -> Article:
    """As it is taken in where nobody gave it a title."""
    made = article(number, *said, **more)  # type: ignore[arg-type]
    return replace(made, title=headline.derive(made.paragraphs, made.language), title_given=False)


def view(
    *articles: Article, telling: Telling | None = None, past: Sequence[Article] = (), language: str = "nl"
) -> View:
    history = StorylineHistory({9: tuple(PastStory(story(a.id, a).story, (a,)) for a in past)})
    made = edit(request(language), [story(1, *articles, line=9)], history, Sent(), Desk(telling))
    assert made is not None
    return made


def told(*articles: Article, telling: Telling | None = None, language: str = "nl") -> Entry:
    (entry,) = view(*articles, telling=telling, language=language).entries
    return entry


class Greedy:
    """Drafts every sentence, as a quotation."""

    def summarise(self, stories: Sequence[Sequence[Article]], language: str, limits: Limits) -> list[Draft]:
        return [Draft(tuple(Sentence(s, (a.id,)) for a in given for s in sentences.of(a))) for given in stories]


class Others(Greedy):
    """Drafts nothing of the headline's article, which comes first."""

    def summarise(self, stories: Sequence[Sequence[Article]], language: str, limits: Limits) -> list[Draft]:
        return super().summarise([given[1:] for given in stories], language, limits)


class Echo:
    """Translates everything into itself."""

    def translate(self, bundles: Sequence[Sequence[Piece]], language: str) -> list[Rendering]:
        return [Rendering(tuple(p.text for p in bundle)) for bundle in bundles]


# A first sentence that is longer than what the headline leaves of the limit


@pytest.mark.parametrize("limit", [40, 100])
def test_the_rest_of_a_long_first_sentence_is_cut_to_what_the_headline_leaves(limit: int) -> None:
    assert len(LONG.split()) > 82
    only = untitled(1, LONG)
    entry = told(only, telling=Telling(limits=Limits(max_quote_words=limit)))
    (quote,) = entry.summary
    assert quote.continues
    assert quote.text.endswith("…")
    assert len(entry.headline.split()) + len(quote.text.split()) == limit
    assert LONG.startswith(entry.headline.rstrip("…") + " " + quote.text.rstrip("…"))


def test_of_a_long_first_sentence_nothing_is_told_where_only_the_headline_would_be_left() -> None:
    # A dateline stands before what the headline was taken from: the sentence does not go on from it.
    only = untitled(1, "BERGEN – " + " ".join(LONG.split()[:36]) + " nog steeds.")
    entry = told(only, telling=Telling(limits=Limits(max_quote_words=40)))
    assert entry.summary == ()
    assert len(entry.headline.split()) > 10


def test_a_headline_is_cut_where_it_is_longer_than_the_limit_itself() -> None:
    only = replace(untitled(1, *BRIDGE), title="水" * 110, language="ja")
    entry = told(only, telling=Telling(limits=Limits(max_quote_words=40)))
    assert sentences.length(entry.headline) <= 40
    assert entry.headline.endswith("…")


# Sources


#: Not quoted to a reader of Dutch, and so listed.
_GERMAN = article(
    9, "Die Brücke ist offen.", title="Brücke offen", language="de", publisher="Bote", url="https://bote.example/1"
)


def test_a_source_without_a_title_goes_by_its_publisher_and_date() -> None:
    bare = [untitled(1, *BRIDGE, publisher="De Kade"), untitled(2, "Die Brücke.", language="de", publisher="Echo")]
    made = view(*bare, _GERMAN)
    assert [(s.publisher, s.title) for s in made.entries[0].sources] == [
        ("De Kade", ""), ("Echo", ""), ("Bote", "Brücke offen"),
    ]  # fmt: skip
    mail = Renderer([TEMPLATES]).render(made, SLOTS, FACTS)
    for line in ("De Kade, 25 mei 2025", "Echo, 25 mei 2025 [DE]", "Bote, 25 mei 2025 [DE]: Brücke offen"):
        assert f"  - {line}\n" in mail.text
    assert "De Kade</span>, 25 mei 2025" in mail.html
    assert mail.html.count(BRIDGE[0].rstrip(".")) == mail.text.count(BRIDGE[0].rstrip(".")) == 1


def test_sources_that_cannot_be_told_apart_are_listed_once() -> None:
    bare = [untitled(n, f"{BRIDGE[n]} Dat is stuk {n} van vier.", publisher="De Kade") for n in range(4)]
    made = view(*bare, _GERMAN)
    assert len(made.entries[0].sources) == 5, "they count all the same"
    assert Renderer([TEMPLATES]).render(made, SLOTS, FACTS).text.count("- De Kade, 25 mei 2025") == 1


# Articles that begin alike


_ELSE = ("", "Ploegen uit Gent werkten de hele nacht door", "De scholen blijven dicht", "Niemand raakte gewond")


def _storm(number: int, end: str) -> Article:
    lead = "Storm Berta rukt het dak van de sporthal in Knokke en laat twaalfduizend huizen in West-Vlaanderen zonder"
    return untitled(number, f"{lead} {end}", f"{_ELSE[number]}.", publisher=f"Blad {number}")


def test_what_is_left_of_another_articles_sentence_is_not_told_as_one() -> None:
    alike = [_storm(n, f"stroom voor de nacht, zegt netbeheerder Fluvius op dag {n}.") for n in (1, 2, 3)]
    limits = Limits(words=200, sentences=10)
    entry = told(*alike, telling=Telling(Greedy(), limits=limits))
    assert entry.headline.endswith("…")
    assert [q.continues for q in entry.summary] == [True, *[False] * 3]
    others = told(*alike, telling=Telling(Others(), limits=limits))
    assert len(others.summary) == 2
    for quote in (*entry.summary[1:], *others.summary):
        assert quote.text[0].isupper()
        assert "Fluvius" not in quote.text


def test_what_another_article_adds_to_the_headline_is_told_whole() -> None:
    longer = _storm(1, "stroom, waarna burgemeester De Groote tachtig vrijwilligers en de brandweer van Damme opriep.")
    first = replace(_storm(2, "stroom voor de nacht, zegt Fluvius."), published=day("2025-05-26"))
    entry = told(first, longer, telling=Telling(Greedy(), limits=Limits(words=200, sentences=10)))
    assert entry.summary[0].continues
    assert sentences.of(longer)[0] in [q.text for q in entry.summary]


def test_a_continuation_comes_first_wherever_a_draft_has_it() -> None:
    class Backwards(Greedy):
        def summarise(self, stories: Sequence[Sequence[Article]], language: str, limits: Limits) -> list[Draft]:
            return [Draft(tuple(reversed(d.sentences))) for d in super().summarise(stories, language, limits)]

    entry = told(_storm(1, "stroom voor de hele nacht."), telling=Telling(Backwards()))
    assert entry.summary[0].continues
    assert not any(q.continues for q in entry.summary[1:])


# The headline's article is the one that the entry was made with


def test_a_headline_is_translated_by_its_own_article_where_two_share_a_title() -> None:
    other = article(1, "Niets davon steht hier.", title="Brücke in Delft offen", language="de")
    mine = article(2, "Die Brücke in Delft ist offen.", title="Brücke in Delft offen", language="de")
    quote = Quote(sentences.of(mine)[0], "de", 2, "De Kade")
    entry = replace(told(mine), headline=mine.title, headline_language="de", summary=(quote,))
    asked: list[int] = []

    class Mapped(dict[int, Article]):
        def __getitem__(self, key: int) -> Article:
            asked.append(key)
            return super().__getitem__(key)

    translated([(entry, mine, Mapped({1: other, 2: mine}))], "nl", Echo(), KNOWN)
    assert set(asked) == {2}


# Whatever articles look like

_WORDS = ["brug", "water", "stad", "kade", "fiets", "boot", "haven", "sluis", "dam", "ton", "Delft", "Schie"]
_LENGTH = st.integers(3, 12) | st.integers(15, 45) | st.integers(60, 160)


def _sentence(seed: int, length: int) -> str:
    """Words at random, here and there a comma or a quotation that may be cut through."""
    chance = Random(seed)
    words = chance.choices(_WORDS, k=length)
    for at in range(4, length - 4):
        if chance.random() < 0.08:
            words[at] += ","
    if length > 12 and chance.random() < 0.2:
        words[3], words[-1] = f"“{words[3]}", f"{words[-1]}”"
    return " ".join(words).capitalize() + "."


_TEXT = st.lists(st.builds(_sentence, st.integers(0, 60), _LENGTH), min_size=1, max_size=6)
_ARTICLES = st.lists(st.tuples(st.booleans(), _TEXT), min_size=1, max_size=4)


def _made(number: int, titled: bool, text: Sequence[str], published: str) -> Article:
    if titled:
        return article(number, *text, title=f"Titel {number}", published=day(published), publisher=f"Blad {number}")
    return untitled(number, *text, published=day(published), publisher=f"Blad {number}")


def words_shown(entry: Entry, articles: dict[int, Article]) -> Counter[int]:
    """The words of each article's text that stand in an entry, counted from what is shown alone."""
    shown: Counter[int] = Counter()
    for quote in (*entry.summary, *(s.quote for s in entry.timeline)):
        assert quote.manner is Manner.QUOTED
        shown[quote.article] += len(quote.text.split())
    for number, one in articles.items():
        if not one.title_given:
            named = [entry.headline] if entry.sources[0].publisher == one.publisher else []
            named += [s.title for s in entry.sources if s.title and s.publisher == one.publisher]
            shown[number] += sum(len(text.split()) for text in named)
    return shown


@settings(max_examples=up_to(100), deadline=None)
@given(
    news=_ARTICLES,
    past=st.lists(st.tuples(st.booleans(), _TEXT), max_size=2),
    limit=st.integers(min_value=40, max_value=100),
    words=st.integers(min_value=20, max_value=200),
    greedy=st.booleans(),
)
def test_whatever_articles_look_like_an_entry_is_made_within_the_limit(
    news: list[tuple[bool, list[str]]], past: list[tuple[bool, list[str]]], limit: int, words: int, greedy: bool
) -> None:
    fresh = [_made(n, *shape, f"2025-05-2{n}") for n, shape in enumerate(news, start=1)]
    old = [_made(50 + n, *shape, f"2024-0{n}-01") for n, shape in enumerate(past, start=1)]
    limits = Limits(words=words, sentences=8, max_quote_words=limit)
    telling = Telling(Greedy(), limits=limits) if greedy else Telling(limits=limits)
    (entry,) = view(*fresh, telling=telling, past=old).entries
    articles = {a.id: a for a in (*fresh, *old)}
    for number, shown in words_shown(entry, articles).items():
        assert shown <= limit, (number, shown)
    for quote in entry.summary:  # whole sentences, or ones that say that they are not
        source = articles[quote.article]
        assert quote.continues or quote.text.endswith("…") or quote.text in " ".join(source.paragraphs)
        assert quote.continues or quote.text.removeprefix("“")[0].isupper(), "a piece from the middle of a sentence"
