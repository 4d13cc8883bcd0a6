"""How well articles are grouped, and how fast: prints a table for the labelled sets.

    python benchmarks/stories.py [FOLDER]

Read them with care: the weights were chosen on authored-dev and ecbplus-dev, noise is taken out of
authored-dev by its labels, and ecbplus-dev has no dates. og2021-dev took no part in the choice. What a
concept tells of its topic was set with the misses of authored-dev and of the samples in sight. The samples
are read raw here, with their noise; in a home they are cleaned first, so a few topics differ.

FOLDER holds the labelled sets and their score.py (default: eval/ in the folder `shared` beside the
checkout). Sets that are absent are left out.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from digest.group.grouper import Grouper
from digest.group.records import Placement
from digest.group.topics import assign, default_topics
from digest.model.article import Article
from digest.model.dates import PartialDate, Precision

Row = dict[str, Any]

#: The labelled topics in the names of the default topics; science and tech are one there.
TOPICS = {
    "sport": "sport",
    "culture": "arts-culture",
    "science": "science-technology",
    "tech": "science-technology",
    "health": "health",
    "weather": "weather",
    "politics": "politics",
}

#: The same for the table of the samples.
SAMPLE_TOPICS = {
    "arts, culture, entertainment and media": "arts-culture",
    "crime, law and justice": "crime-law",
    "disaster, accident and emergency incident": "disaster-accident",
    "economy, business and finance": "economy-business",
    "politics and government": "politics",
    "science and technology": "science-technology",
} | {name: name for name in ("education", "environment", "health", "labour", "religion", "society", "sport")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = Path(__file__).resolve().parents[2] / "shared" / "eval"
    parser.add_argument("folder", nargs="?", type=Path, default=default)
    folder = parser.parse_args().folder
    measure_samples(Path(__file__).resolve().parents[1] / "seeds")
    if not (folder / "score.py").exists():
        sys.exit(f"{folder}: no score.py there; name the folder of the labelled sets")
    score = load(folder / "score.py")
    for name, labels in (
        ("authored-dev", ("event", "storyline")),
        ("ecbplus-dev", ("story",)),
        ("og2021-dev", ("story",)),
    ):
        path = folder / f"{name}.jsonl"
        if path.exists():
            measure(name, path, labels, score)


def measure_samples(folder: Path) -> None:
    """The first topics of our own samples beside those that their README gives."""
    table = (folder / "README.md").read_text(encoding="utf-8")
    rows = [
        line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("|") and line[2:5].isdigit()
    ]
    wanted = [(slug, language, SAMPLE_TOPICS[topic]) for slug, language, _, _, topic in rows]
    first, among, lines = 0, 0, []
    for number, (slug, language, topic) in enumerate(wanted, 1):
        text = (folder / f"{slug}.txt").read_text(encoding="utf-8").strip().split(" ", 2)[2]
        scores = assign(article_of({"id": slug, "lang": language, "text": text}, number), default_topics())
        said = [score.topic for score in scores]
        first, among = first + (said[:1] == [topic]), among + (topic in said)
        if said[:1] != [topic]:
            lines.append(f"    {slug}: {topic}, said {', '.join(f'{s.topic} ({s.reason})' for s in scores) or 'none'}")
    print(f"\nsamples: {len(wanted)} articles; first topic right {first}, among those given {among}")
    print(*lines, sep="\n")


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("score", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def article_of(row: Row, number: int) -> Article:
    """A plain conversion: noise that the set marks is taken out, as normalising does for real articles."""
    text = str(row["text"])
    for noise in row.get("boilerplate", ()):
        text = text.replace(noise, "")
    title = row.get("title") or text.split(". ")[0]
    return Article(
        source="labelled",
        title=title,
        title_given=bool(row.get("title")),
        paragraphs=tuple(p.strip() for p in text.split("\n\n") if p.strip()),
        language=row["lang"],
        published=date_of(row.get("date", "")),
        publisher="",
        url=None,
        content_hash=hashlib.sha256(f"{title}\n{text}".encode()).hexdigest()[:16],
        signature=b"",
        identity=f"id:{row['id']}",
        id=number,
    )


def date_of(text: str) -> PartialDate:
    for form, precision in (
        ("%Y-%m-%d %H:%M:%S", Precision.MINUTE),
        ("%Y-%m-%d", Precision.DAY),
        ("%Y-%m", Precision.MONTH),
    ):
        try:
            return PartialDate(datetime.strptime(text, form).replace(tzinfo=UTC), precision)
        except ValueError:
            continue
    return PartialDate(datetime(2000, 1, 1, tzinfo=UTC), Precision.YEAR)


def measure(name: str, path: Path, labels: tuple[str, ...], score: ModuleType) -> None:
    rows: list[Row] = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    articles = [article_of(row, i) for i, row in enumerate(rows, 1)]
    grouper = Grouper(1, 1, default_topics())
    placements, speed = place(grouper, articles)
    print(f"\n{name}: {len(rows)} articles, {speed}")
    online = {"storyline": [p.storyline for p in placements], "story": [p.story for p in placements]}
    begin = time.perf_counter()
    merges = grouper.merge_pass()
    seconds = time.perf_counter() - begin
    members = [grouper.member(p.article) for p in placements]
    merged = {"storyline": [m.storyline for m in members], "story": [m.story for m in members]}
    print(f"  merge pass: {len(merges)} merges in {seconds:.2f} s")
    for label in labels:
        level = "storyline" if label == "storyline" else "story"
        gold, languages = [row[label] for row in rows], [row["lang"] for row in rows]
        show(f"{label}, online", score, online[level], gold, languages)
        show(f"{label}, merged", score, merged[level], gold, languages)
    restore(grouper, articles)
    if "topic" in rows[0]:
        show_topics(rows, [[t.topic for t in p.topics] for p in placements])


def place(grouper: Grouper, articles: list[Article]) -> tuple[list[Placement], str]:
    """Place them all; the speed of the first and the last third tells whether cost grows with history."""
    third = max(1, len(articles) // 3)
    placements: list[Placement] = []
    rates = []
    for part in (articles[:third], articles[third : 2 * third], articles[2 * third :]):
        begin = time.perf_counter()
        placements += [grouper.place(article) for article in part]
        rates.append(f"{len(part) / (time.perf_counter() - begin):,.0f}")
    return placements, f"placed per second, by thirds: {', '.join(rates)}"


def restore(grouper: Grouper, articles: list[Article]) -> None:
    members = [grouper.member(article.id) for article in articles]
    begin = time.perf_counter()
    Grouper(1, 1, ()).restore(members)
    print(f"  restored at {len(members) / (time.perf_counter() - begin):,.0f}/s")


def show(what: str, score: ModuleType, said: list[int], gold: list[str], languages: list[str]) -> None:
    b3 = " ".join(f"{100 * v:5.1f}" for v in score.bcubed(said, gold))
    pairs = " ".join(f"{100 * v:5.1f}" for v in score.pairwise(said, gold))
    cross = " ".join(f"{100 * v:5.1f}" for v in score.cross_lingual(said, gold, languages))
    counts = f"{len(set(said))} of {len(set(gold))}"
    print(f"  {what:18} B-cubed P R F1 {b3} | pairs {pairs} | across languages {cross} | said {counts}")


def show_topics(rows: list[Row], said: list[list[str]]) -> None:
    gold = [TOPICS[row["topic"]] for row in rows]
    first = sum(s[:1] == [g] for s, g in zip(said, gold, strict=True))
    among = sum(g in s for s, g in zip(said, gold, strict=True))
    wrong = Counter((g, s[0] if s else "none") for s, g in zip(said, gold, strict=True) if s[:1] != [g])
    print(
        f"  topics: first one right {100 * first / len(rows):.1f} %, among those given {100 * among / len(rows):.1f} %"
    )
    print(f"  topics missed (label, said): {', '.join(f'{g}>{s} {n}' for (g, s), n in wrong.most_common(6))}")


if __name__ == "__main__":
    main()
