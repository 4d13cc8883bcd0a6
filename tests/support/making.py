"""Small articles and stories in our own words, for the tests of this folder."""

from __future__ import annotations

from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from digest.compose.candidates import Request, StoryInView
from digest.model.article import Article, Standing
from digest.model.cadence import Cadence, Every, Lateness
from digest.model.dates import PartialDate, Precision
from digest.model.edition import Edition, EditionKind
from digest.model.publication import Publication
from digest.model.story import Story

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
NOW = datetime(2025, 5, 26, 5, tzinfo=UTC)

BRIDGE = (
    "De oude brug over de Schie gaat maandag open voor fietsers.",
    "De aannemer had twee jaar nodig om het staal te vervangen.",
    "Volgens wethouder Van Dam is de brug nu goed voor nog eens vijftig jaar.",
    "Auto's mogen er pas in september weer overheen.",
)


def day(text: str, precision: Precision = Precision.DAY) -> PartialDate:
    return PartialDate(datetime.fromisoformat(text).replace(tzinfo=UTC), precision)


def article(
    number: int,
    *sentences: str,
    title: str = "",
    language: str = "nl",
    publisher: str = "De Kade",
    published: PartialDate | None = None,
    seq: int = 0,
    url: str | None = None,
    standing: Standing = Standing.NEWS,
) -> Article:
    given = bool(title)
    return Article(
        source="test",
        title=title or (sentences[0].rstrip(".") if sentences else ""),
        title_given=given,
        paragraphs=(" ".join(sentences),) if sentences else (),
        language=language,
        published=published or day("2025-05-25"),
        publisher=publisher,
        url=url,
        content_hash="",
        signature=b"",
        identity="",
        id=number,
        seq=seq or number,
        standing=standing,
    )


def story(
    number: int,
    *articles: Article,
    line: int = 0,
    topics: tuple[str, ...] = (),
    fresh: frozenset[int] | None = None,
    owed: frozenset[int] | None = None,
) -> StoryInView:
    """`fresh`: articles whose newest revision is owed; none given, all are. Or `owed`: the numbers of revisions."""
    dates = sorted(a.published for a in articles)
    told = Story(
        number,
        line,
        articles[0].title,
        topics,
        dates[0],
        dates[-1],
        tuple(sorted({a.language for a in articles})),
        tuple(sorted({a.id for a in articles})),
        max(a.seq for a in articles),
    )
    newest = {a.id: a.seq for a in sorted(articles, key=lambda a: a.seq)}
    if owed is None:
        owed = frozenset(seq for i, seq in newest.items() if fresh is None or i in fresh)
    return StoryInView(told, articles, owed)


def edition(**changes: object) -> Edition:
    values: dict[str, object] = {
        "publication": "kade",
        "number": 7,
        "cadence": "weekday",
        "kind": EditionKind.SLOT,
        "slot": NOW.astimezone(ZoneInfo("Europe/Brussels")).replace(tzinfo=None),
        "zone": "Europe/Brussels",
        "due": NOW,
        "cutoff": 999,
        "cut_at": NOW,
    }
    return Edition(**(values | changes))  # type: ignore[arg-type]


def request(
    language: str = "nl",
    topics: tuple[str, ...] = (),
    max_entries: int = 30,
    max_per_section: int = 10,
    **changes: object,
) -> Request:
    publication = Publication(
        name="kade",
        title="De Kade",
        cadences=(Cadence(Every.WEEKDAY, time(7)),),
        zone="Europe/Brussels",
        language="nl",
        late=Lateness.LATE,
        late_limit_hours=6,
        sender="De Kade <kade@example.org>",
        look="paper",
        max_entries=max_entries,
        max_per_section=max_per_section,
    )
    return Request(edition(**changes), publication, language, "Europe/Brussels", topics)
