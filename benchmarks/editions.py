"""How long an edition takes to compose and plan for many readers, in many languages and with many sets of topics.

    python benchmarks/editions.py [READERS] [--articles N] [--languages N] [--sets N]

Two editions of made-up news in a database of their own: the first tells everybody everything, the second only what is
new to each reader after the first was sent. Then the view with the most stories, up to 30, is rendered by itself: in
the state in which an edition finds the renderer for its later variants, and with nothing made before.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from speed import resident, texts_at_hand
from synthetic import World
from tables import show

from digest import app
from digest.compose import render
from digest.group.topics import default_topics
from digest.model.article import RawArticle
from digest.model.edition import View
from digest.pipeline import calendar, compose, group, ingest, publications, publish
from digest.pipeline.services import Services
from digest.store import publications as stored
from digest.store import tables as t

_NOW = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
_LANGUAGES = ("nl", "de", "it", "en", "fr", "es", "pt", "pl", "sv", "da", "ar", "he", "ru", "sl")
_PUBLISHERS = 40
_STORIES = 30
_ROUNDS = 25
_MARKERS = render.SlotNames("MARKER-ADDRESS", "MARKER-UNSUBSCRIBE")
_FACTS = render.Facts("Morning news", "Morning news <news@example.com>", "day", imprint="1 Market Square")


@dataclass
class Planned:
    """One edition. `composing`: of its seconds, those in which views were made."""

    name: str
    mails: int
    variants: int
    seconds: float
    composing: float
    composed: int


@dataclass
class Clock:
    now: datetime = _NOW

    def __call__(self) -> datetime:
        return self.now


def main() -> None:
    asked = _asked()
    with tempfile.TemporaryDirectory() as folder:
        services = _house(Path(folder), asked)
        views: list[View] = []
        rows = []
        articles = _news(asked.articles * 2)
        before = resident()
        for name in ("first", "second"):
            taken = list(islice(articles, asked.articles))
            ingest.ingest(services, taken)
            group.group(services)
            rows.append(_publish(services, name, views))
            _all_arrived(services)
            services.clock.now += timedelta(days=1)  # type: ignore[attr-defined]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        _show(rows, asked, peak, before)
        _show_rendering(services, max(views, key=lambda v: min(len(v.entries), _STORIES)))
        services.database.close()


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("readers", nargs="?", type=int, default=100_000)
    parser.add_argument("--articles", type=int, default=400, help="before each of the two editions")
    parser.add_argument("--languages", type=int, default=12)
    parser.add_argument("--sets", type=int, default=50, help="different sets of topics")
    return parser.parse_args()


def _news(count: int) -> Iterator[RawArticle]:
    world = World(texts_at_hand(Path("nowhere")))
    topics = [topic.name for topic in default_topics()]
    for number, made in enumerate(world.stream(count)):
        yield RawArticle(
            text=made.text,
            origin=f"{number}.txt",
            identity=made.identity,
            external_id=str(number),
            title=made.title,
            language=made.language,
            date=replace(made.published, start=_NOW - timedelta(minutes=number % 1400)),
            topics=(topics[hash_of(made.title) % len(topics)],),
            publisher=f"Gazette {number % _PUBLISHERS}",
            url=f"https://example.com/{number}",
        )


def hash_of(title: str) -> int:
    """The same in every run; articles of one event mostly share it, by the name that their titles begin with."""
    return sum(title.split()[0].encode())


def _house(folder: Path, asked: argparse.Namespace) -> Services:
    app.init(folder, sender="News <news@example.com>", transport="maildir", environ={})
    services = replace(app.services(folder, {}), clock=Clock())
    publications.add(services, publications.Asked("news", every=["day"], zone="Europe/Brussels"))
    chance = random.Random(7)
    topics = [topic.name for topic in default_topics()]
    sets: Sequence[list[str]] = [
        [],
        *(sorted(chance.sample(topics, chance.randint(1, 6))) for _ in range(asked.sets - 1)),
    ]
    people = range(1, asked.readers + 1)
    languages = _LANGUAGES[: asked.languages]
    address = "reader{}@example.org".format
    came = _NOW - timedelta(days=2)
    with services.database.write() as c:
        rows = [
            {"id": n, "email": address(n), "email_key": address(n), "name": "", "address_state": "ok",
             "address_reason": "", "created_at": came} for n in people
        ]  # fmt: skip
        c.execute(sa.insert(t.subscriber), rows)
        rows = [
            {"id": n, "subscriber_id": n, "publication_id": 1, "cadence": "day", "language": chance.choice(languages),
             "zone": "Europe/Brussels", "topics": chance.choice(sets), "state": "active", "reason": "",
             "changed_at": came, "activated_at": came, "settled_below": 1} for n in people
        ]  # fmt: skip
        c.execute(sa.insert(t.subscription), rows)
    return services


def _publish(services: Services, name: str, views: list[View]) -> Planned:
    """Publish now, with a clock around the making of views."""
    spent = [0.0, 0]
    inner = compose.Composer.compose

    def timed(self: compose.Composer, *args: object) -> compose.Composed | None:
        start = time.process_time()
        made = inner(self, *args)  # type: ignore[arg-type]
        spent[0] += time.process_time() - start
        spent[1] += made is not None
        if made is not None and (not views or len(made.view.entries) > len(views[-1].entries)):
            views.append(made.view)
        return made

    with services.database.read() as connection:
        found = stored.get(connection, "news")
    compose.Composer.compose = timed  # type: ignore[assignment,method-assign]
    try:
        start = time.process_time()
        (report,) = publish.plan_editions(services, calendar.cut_by_hand(services, found, "", ""))
        seconds = time.process_time() - start
    finally:
        compose.Composer.compose = inner  # type: ignore[method-assign]
    if report.error is not None:
        raise report.error
    return Planned(name, report.planned, report.variants, seconds, spent[0], int(spent[1]))


def _all_arrived(services: Services) -> None:
    with services.database.write() as c:
        c.execute(sa.update(t.delivery).where(t.delivery.c.state == "planned").values(state="sent"))


def _show(rows: Sequence[Planned], asked: argparse.Namespace, peak: int, before: int) -> None:
    header = ("edition", "mails", "variants", "seconds", "composing", "ms a variant", "planning, mails a second")
    table = [
        (r.name, f"{r.mails:,}", r.variants, f"{r.seconds:.1f}", f"{r.composing:.1f}",
         f"{1000 * r.composing / max(1, r.composed):.1f}", f"{r.mails / max(0.001, r.seconds - r.composing):,.0f}")
        for r in rows
    ]  # fmt: skip
    title = f"{asked.readers:,} readers, {asked.languages} languages, {asked.sets} sets of topics"
    show(f"{title}, {asked.articles} articles before each edition; seconds of the processor", header, table)
    print(
        f"\nMemory: at most {peak / 2**20:,.0f} MiB, {(peak - before) / 2**20:,.0f} MiB more than before the "
        "first edition."
    )


def _show_rendering(services: Services, view: View) -> None:
    renderer = render.Renderer(services.template_folders, max_html=10**9)
    start = time.process_time()
    made = renderer.render(view, _MARKERS, _FACTS)
    cold = time.process_time() - start
    warm = []
    for _ in range(_ROUNDS):
        start = time.process_time()
        renderer.render(view, _MARKERS, _FACTS)
        warm.append(time.process_time() - start)
    stories = len(made.view.entries)
    print(
        f"Rendering a view of {stories} stories ({len(made.html.encode()):,} bytes of HTML, subject and plain text "
        f"besides): "
        f"{1000 * min(warm):.1f} ms, {1000 * sorted(warm)[_ROUNDS // 2]:.1f} ms in the median, "
        f"{1000 * cold:.0f} ms where nothing of it was made before."
    )


if __name__ == "__main__":
    main()
