"""How fast articles are read and joined, how that changes as they get more, and what memory they take.

    python benchmarks/speed.py [ARTICLES] [FOLDER]

One process, one thread; seconds of the processor, so that other programs disturb little. The same small piece of work
is timed again and again beside it (`the same work`): how far its speed is from 100 % is what the machine did, not we.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import sets
from synthetic import CHARACTERS, DAYS, World
from tables import show

from digest.group.features import extract
from digest.group.grouper import Grouper
from digest.group.topics import assign, default_topics
from digest.model.article import Article

CHECKOUT = Path(__file__).resolve().parents[1]
#: After so many articles the stories are reviewed, as a run of the product would.
BATCH = 500
#: A row of the table for each such share of all articles.
ROWS = 10
#: Topics are measured on so many of each batch.
_TOPICS = 40
_YARDSTICK = 40


@dataclass(slots=True)
class Spent:
    """Seconds of the processor. `topics` over `sorted_` articles."""

    articles: int = 0
    features: float = 0.0
    join: float = 0.0
    review: float = 0.0
    topics: float = 0.0
    sorted_: int = 0
    yardstick: float = 0.0

    def per_second(self) -> float:
        return self.articles / (self.features + self.join)

    def with_topics(self) -> float:
        return 1 / (1 / self.per_second() + self.topics / self.sorted_)


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else CHECKOUT.parent / "shared" / "eval"
    measure(size, folder)


def run_alone(size: int, folder: Path) -> None:
    """In a process of its own: else memory would tell of what was done before."""
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    sys.stdout.flush()
    subprocess.run([sys.executable, __file__, str(size), str(folder)], check=True, env=os.environ | one_thread)


def texts_at_hand(folder: Path) -> list[Article]:
    """Our own samples, and the sets that have texts."""
    found = [sets.read_seed(path) for path in sorted((CHECKOUT / "seeds").glob("*.txt"))]
    for kind, path in sets.find(folder):
        found += [a for part in sets.parts(kind, path) for a in part.articles if len(a.text) > 300]
    return found


def measure(size: int, folder: Path) -> None:
    world = World(texts_at_hand(folder))
    for article in islice(world.stream(size), 200):  # what is loaded at the first use is loaded now
        assign(article, default_topics())
        extract(article)
    same = list(world.stream(_YARDSTICK))
    stream = world.stream(size)
    grouper = Grouper(1, 1, ())
    gc.collect()
    before = resident()
    table = []
    for _ in range(ROWS):
        table.append(_stretch(grouper, stream, size // ROWS, same))
        show_progress(table, size)
    gc.collect()
    _show(table, grouper, world, size, resident() - before)


def show_progress(table: Sequence[Spent], size: int) -> None:
    done = sum(s.articles for s in table)
    print(f"  {done:,} of {size:,}: {table[-1].per_second():,.0f} per second", file=sys.stderr, flush=True)


def _stretch(grouper: Grouper, stream: Iterator[Article], count: int, same: Sequence[Article]) -> Spent:
    spent = Spent()
    while batch := list(islice(stream, min(BATCH, count - spent.articles))):
        begin = time.process_time()
        features = [extract(article) for article in batch]
        middle = time.process_time()
        for article, found in zip(batch, features, strict=True):
            grouper.place(article, found)
        end = time.process_time()
        grouper.review()
        reviewed = time.process_time()
        for article in batch[:_TOPICS]:
            assign(article, default_topics())
        sorted_ = time.process_time()
        _work(same)
        spent.features += middle - begin
        spent.join += end - middle
        spent.review += reviewed - end
        spent.topics += sorted_ - reviewed
        spent.yardstick += time.process_time() - sorted_
        spent.sorted_ += len(batch[:_TOPICS])
        spent.articles += len(batch)
    return spent


def _work(articles: Sequence[Article]) -> None:
    """Always the same: a few articles into an empty grouper."""
    grouper = Grouper(1, 1, ())
    for article in articles:
        grouper.place(article, extract(article))


def resident() -> int:
    """Bytes of memory in use, as Linux counts them."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _show(table: Sequence[Spent], grouper: Grouper, world: World, size: int, memory: int) -> None:
    rows = []
    done = 0
    first = table[0]
    for spent in table:
        done += spent.articles
        noise = spent.yardstick / spent.articles / (first.yardstick / first.articles)
        rows.append(
            [
                f"{done:,}",
                f"{spent.per_second():,.0f}",
                f"{spent.articles / spent.features:,.0f}",
                f"{spent.articles / spent.join:,.0f}",
                f"{spent.with_topics():,.0f}",
                f"{1000 * spent.review / spent.articles:.2f}",
                f"{100 / noise:.0f} %",
            ]
        )
    header = (
        "articles so far", "features + join per s", "features alone", "join alone", "with 17 topics",
        "review, ms per article", "the same work",
    )  # fmt: skip
    show(f"Speed: {size:,} made-up articles of {CHARACTERS:,} characters in {DAYS} days", header, rows)
    last = table[-1]
    stories = len({grouper.member(i).story for i in range(1, done + 1)})
    print(
        f"\nThe last tenth went at {_beside(last, table[0])} of the speed of the first, "
        f"at {_beside(last, table[1])} of the second's.\n"
        f"In brackets: without what the same work took longer or shorter meanwhile.\n"
        f"Memory: {memory / 2**20:,.0f} MiB more for {done:,} live articles, {memory / done / 1024:.1f} KiB each.\n"
        f"Languages: {', '.join(world.languages)}; {world.events:,} events told, {stories:,} stories found."
    )


def _beside(last: Spent, other: Spent) -> str:
    ratio = last.per_second() / other.per_second()
    machine = (last.yardstick / last.articles) / (other.yardstick / other.articles)
    return f"{100 * ratio:.0f} % ({100 * ratio * machine:.0f} %)"


if __name__ == "__main__":
    main()
