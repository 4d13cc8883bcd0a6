"""Lines that a source repeats: which are boilerplate, which are news, and how they are cut."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.ingest import repeated
from digest.ingest.normalise import normalise
from digest.model.article import Article, RawArticle
from tests.support.county import FOOTER, INTRO, STORIES, stories
from tests.support.examples import up_to

NOW = datetime(2026, 3, 2, tzinfo=UTC)
NEEDED = 3


@pytest.mark.parametrize("unit", ["Hello there. ", "A. B. ", "Dr. Zel said so. "])
def test_a_long_paragraph_is_told_into_sentences_like_a_short_one(unit: str) -> None:
    """Looking back to its beginning at each end would take hours here."""
    short = repeated._sentences((unit * 50).strip())
    assert repeated._sentences((unit * 80_000).strip())[: len(short) - 1] == short[:-1]
    assert len(short) == (1 if unit == "A. B. " else 50)


def read(found: list[RawArticle]) -> list[Article]:
    return [normalise(raw, source="county", publisher="", now=NOW) for raw in found]


def known(articles: list[Article]) -> dict[int, int]:
    """What a source with these articles is known to repeat."""
    texts: dict[int, str] = {}
    stand_in: dict[int, list[Article]] = {}
    for article in articles:
        for fingerprint, text in repeated.lines(article).items():
            texts.setdefault(fingerprint, text)
            stand_in.setdefault(fingerprint, []).append(article)
    return {f: len(told) - 1 for f, told in stand_in.items() if repeated.is_boilerplate(texts[f], told, NEEDED)}


def cleaned(found: list[RawArticle]) -> list[Article]:
    articles = read(found)
    lines = known(articles)
    return [repeated.strip(article, lines) for article in articles]


@pytest.mark.parametrize("where", ["start", "end", "tail", "lead"])
@pytest.mark.parametrize("line", [FOOTER, INTRO])
def test_what_stands_in_unlike_articles_is_cut_with_the_number_of_others(line: str, where: str) -> None:
    for article, (_, first, last) in zip(cleaned(stories(line, where)), STORIES, strict=True):
        assert article.paragraphs == (first, last)
        assert [(c.reason, c.text) for c in article.cut] == [("repeated in this source (5 times)", line)]


def test_three_others_are_needed() -> None:
    assert all(article.cut for article in cleaned(stories(FOOTER, numbers=range(4))))
    assert not any(article.cut for article in cleaned(stories(FOOTER, numbers=range(3))))


def test_dates_and_times_in_a_line_do_not_make_it_another() -> None:
    found = cleaned(
        stories(lambda i: f"These pages were put together for the county edition of {i + 1}.03.2026, 1{i}:05.")
    )
    assert all(len(article.cut) == 1 for article in found)


@pytest.mark.parametrize(
    "line",
    [
        "No one was injured.",
        "The investigation is still going on.",
        "“We will look into it with the greatest care and report back to you,” said a spokesman for the council.",
        "– We will look into it with the greatest care and report back to everybody in the county, he said.",
        "The council listed what has to be done about it before the end of the financial year as follows:",
    ],
)
def test_formulas_and_quotations_of_the_news_are_never_repeated_lines(line: str) -> None:
    for article in cleaned(stories(line)):
        assert line in article.paragraphs
        assert not article.cut


def test_figures_that_change_are_news() -> None:
    line = "Tomorrow will be dry in all of the county with a temperature of {} degrees in the afternoon."
    for i, article in enumerate(cleaned(stories(lambda i: line.format(10 + i)))):
        assert line.format(10 + i) in article.paragraphs


def test_the_background_of_a_running_story_is_news() -> None:
    """The same sentence in four unlike articles, all of which tell of what it tells."""
    background = "Marlow Shipping collapsed in May after it had admitted to false accounts over eleven years."
    told = [
        ("Auditor fined", "The auditor of Marlow Shipping was fined two million pounds by the regulator on Tuesday."),
        ("Founder in court", "Its founder said before the court in Castle Brome that Marlow had been his life."),
        ("Ferry sold", "An Icelandic company buys the last ferry that belonged to Marlow and will rename it Hekla."),
        ("Pensions safe", "Former sailors of Marlow keep their pensions, a judge ruled after three years of waiting."),
        (
            "Museum opens",
            "Lower Hatch opens a museum with ship models that Marlow left behind in its halls.",
        ),
    ]
    found = [
        RawArticle(text=f"{text}\n\n{background}", title=title, origin="x", identity=f"id:{title}", language="en")
        for title, text in told
    ]
    assert not any(article.cut for article in cleaned(found))


def test_versions_of_one_text_teach_nothing() -> None:
    """Wire copy printed again, and an article that grows under new addresses."""
    head, first, last = STORIES[0]
    versions = [
        RawArticle(
            text=f"{first} Version {i} of the report counts {i} barges.\n\n{last}\n\n{FOOTER}",
            title=f"{head}: {i} barges", origin="x", identity=f"url:{i}", language="en",
        )
        for i in range(2, 9)
    ]  # fmt: skip
    assert not any(article.cut for article in cleaned(versions))


def test_a_line_that_wanders_through_weather_reports_is_news() -> None:
    line = "The wind will be south-westerly and moderate to fresh, locally strong at sea."
    first = {"start": range(2), "end": range(2, 4), "lead": range(4, 6)}
    wandering = [raw for where, numbers in first.items() for raw in stories(line, where, numbers=numbers)]
    longer = [
        RawArticle(
            text=raw.text.replace("\n\n", f"\n\n{STORIES[i][2]} Part two.\n\n", i % 3), title=raw.title,
            origin="x", identity=raw.identity, language="en",
        )
        for i, raw in enumerate(wandering)
    ]  # fmt: skip
    assert not any(line == cut.text for article in cleaned(longer) for cut in article.cut)


# --- titles ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("tail", [" | Local matters", " - Our County", " · Life & leisure | Our County"])
def test_the_site_s_tail_comes_off_titles(tail: str) -> None:
    for article, (title, _, _) in zip(cleaned(stories(tail=tail)), STORIES, strict=True):
        assert article.title == title
        assert all(c.reason == "repeated in this source (5 times)" for c in article.cut)


def test_a_tail_that_the_articles_tell_of_stays() -> None:
    found = [
        RawArticle(
            text=f"{first} Weirdam {what}.\n\n{last}", title=f"{title} - Weirdam",
            origin="x", identity=f"id:{i}", language="en",
        )
        for i, ((title, first, last), what) in enumerate(
            zip(STORIES, ["won", "lost", "drew", "sang", "slept", "ate"], strict=True)
        )
    ]  # fmt: skip
    assert all(article.title.endswith(" - Weirdam") for article in cleaned(found))


def test_a_title_made_of_a_repeated_line_is_made_anew() -> None:
    for article, (_, first, _) in zip(cleaned(stories(INTRO, "start", titled=False)), STORIES, strict=True):
        assert article.title[:40] == first[:40]


# --- properties -----------------------------------------------------------------------------------

_LINES = st.lists(st.sampled_from([FOOTER, INTRO, *(text for story in STORIES for text in story[1:])]), max_size=6)


@given(_LINES, st.booleans(), st.sets(st.integers(0, 30)))
@settings(max_examples=up_to(100), deadline=None)
def test_cutting_invents_nothing_is_done_once_and_never_empties(
    paragraphs: list[str], titled: bool, chosen: set[int]
) -> None:
    if not paragraphs and not titled:
        return
    raw = RawArticle(text="\n\n".join(paragraphs), title="Ferry sails | News" if titled else None, origin="x")
    article = normalise(raw, source="s", publisher="", now=NOW)
    lines = {f: 4 for i, f in enumerate(repeated.lines(article)) if i in chosen}
    once = repeated.strip(article, lines)
    assert repeated.strip(once, lines) == once
    assert once.title
    assert once.paragraphs or once.title_given
    assert once.content_hash == article.content_hash
    assert all(any(kept in before for before in article.paragraphs) for kept in once.paragraphs)
    gone = [c.text for c in once.cut[len(article.cut) :] if c.text not in article.title]
    assert sorted("".join(gone + list(once.paragraphs)).replace(" ", "")) == sorted(
        "".join(article.paragraphs).replace(" ", "")
    )


# --- the development set --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def labelled(shared: Path) -> list[dict[str, object]]:
    lines = (shared / "eval" / "authored-dev.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def _articles(rows: list[dict[str, object]]) -> list[RawArticle]:
    return [
        RawArticle(text=str(row["text"]), title=row["title"], origin="x", identity=f"id:{row['id']}")  # type: ignore[arg-type]
        for row in rows
    ]


def _flat(text: str) -> str:
    return " ".join(text.split())


def test_no_labelled_boilerplate_reaches_a_title_or_what_is_quoted(labelled: list[dict[str, object]]) -> None:
    told = 0
    for row, article in zip(labelled, cleaned(_articles(labelled)), strict=True):
        for noise in map(_flat, row["boilerplate"]):  # type: ignore[call-overload]
            told += 1
            assert noise not in _flat(article.title)
            assert noise not in _flat(article.text)
    assert told == 58


def test_of_the_news_at_most_one_sentence_in_a_hundred_is_lost(labelled: list[dict[str, object]]) -> None:
    """Measured: 3 of 1,271, all of them sub-headings that end like sentences."""
    sentences = lost = 0
    for row, article in zip(labelled, cleaned(_articles(labelled)), strict=True):
        noise = set(map(_flat, row["boilerplate"]))  # type: ignore[call-overload]
        kept = _flat(article.text)
        for paragraph in str(row["text"]).split("\n\n"):
            text = _flat(paragraph)
            for piece in noise:
                text = text.replace(piece, "").strip()
            for sentence in repeated._sentences(text) if text.endswith((".", "!", "?", "”", "»", "“", '"')) else []:
                sentences += 1
                lost += sentence not in kept
    assert sentences > 900
    assert lost <= sentences // 100, f"{lost} of {sentences}"
