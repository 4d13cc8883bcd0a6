"""How well articles are grouped, cleaned and sorted, and how fast: prints tables for the labelled sets.

    python benchmarks/stories.py [FOLDER]              the figures, and the speed with 10,000 articles
    python benchmarks/stories.py --full                the speed and memory with 100,000 (minutes)
    python benchmarks/stories.py --peers [--model M]   beside what one would take instead (needs the extra `bench`)
    python benchmarks/stories.py --ablate              what each measure and pass brings (minutes)

FOLDER holds files named authored-*.jsonl, ecbplus-*.jsonl and og2021-*.jsonl with their score.py (default: eval/ in
the folder `shared` beside the checkout). The product is given id, date, title, text, url and source of each row, no
more. Where a set has splits, each is grouped by itself. `online` is the story that an article was given when it was
placed, `merged` that after one review at the end. The weights were fitted on authored-dev and on the train split of
ECB+ (benchmarks/train_score.py), so their figures flatter; og2021 and the dev split of ECB+ took part in nothing but
the choice among bars that cross-validation finds alike.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path
from types import ModuleType

import cleaning
import needles
import quality
import sets
from sets import Part
from tables import load_score, percent, show

from digest.group.grouper import Grouper
from digest.group.topics import default_topics
from digest.ingest.language import LANGUAGES

CHECKOUT = Path(__file__).resolve().parents[1]
FULL, QUICK = 100_000, 10_000


def main() -> None:
    options = _parser().parse_args()
    try:
        score = load_score(options.folder)
    except FileNotFoundError:
        sys.exit(f"{options.folder}: no score.py there; name the folder of the labelled sets")
    found = sets.find(options.folder)
    if not found:
        sys.exit(f"{options.folder}: no labelled sets there; they are named like {sets.KINDS[0]}-dev.jsonl")
    if options.peers:
        import peers

        peers.compare(found, score, options.model)
    elif options.ablate:
        import ablate

        ablate.ablate(options.folder)
    else:
        languages = tuple(options.languages.split(",")) if options.languages else LANGUAGES
        measure([part for kind, path in found for part in sets.parts(kind, path, languages)], options.folder, score)
        if not options.no_speed:
            import speed

            speed.run_alone(FULL if options.full else QUICK, options.folder)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=CHECKOUT.parent / "shared" / "eval")
    parser.add_argument("--full", action="store_true", help="speed and memory with 100,000 articles")
    parser.add_argument("--no-speed", action="store_true", help="the figures only")
    parser.add_argument("--peers", action="store_true", help="compare with TF-IDF and sentence embeddings instead")
    parser.add_argument("--model", type=Path, help="with --peers: folder of a model2vec or sentence-transformers model")
    parser.add_argument("--ablate", action="store_true", help="leave out each measure and pass in turn instead")
    parser.add_argument("--languages", help="the languages that may be detected (default: all that we can)")
    return parser


def measure(parts: list[Part], folder: Path, score: ModuleType) -> None:
    grouped = [quality.group(part.articles, default_topics()) for part in parts]
    both = list(zip(parts, grouped, strict=True))
    _show_headlines(both, score)
    rows = [line for part, found in both for line in quality.lines(score, part, found)]
    show("Grouping (percent)", quality.HEADER, rows)
    _show_work(both)
    _show_languages(parts)
    _show_topics(both)
    _show_noise(parts)
    _show_seeds(folder.parent / "seeds", parts)


def _show_headlines(both: list[tuple[Part, quality.Grouped]], score: ModuleType) -> None:
    """One line for each set: its dev split, or all of a set without one."""
    best: dict[str, tuple[Part, quality.Grouped]] = {}
    for part, found in both:
        best.setdefault(part.set, (part, found))
    rows = []
    for part, found in best.values():
        for level, label in part.levels.items():
            online, merged = (
                percent(quality.figures(score, part, said[level], label).bcubed[2])
                for said in (found.online, found.merged)
            )
            rows.append([part.name, label, len(part.articles), online, merged])
    show("B-cubed F1 (percent)", ("set", "label", "articles", "online", "merged"), rows)


def _show_work(both: list[tuple[Part, quality.Grouped]]) -> None:
    header = (
        "set",
        "articles",
        "refused",
        "normalised per s",
        "placed per s",
        "review s",
        "splits",
        "merges",
        "restored per s",
    )
    rows = []
    for part, found in both:
        size = len(part.articles)
        rows.append(
            [
                part.name,
                size,
                len(part.refused),
                f"{size / part.seconds:,.0f}",
                f"{size / found.seconds:,.0f}",
                f"{found.review_seconds:.2f}",
                found.splits,
                found.merges,
                f"{size / restoring(part):,.0f}",
            ]
        )
    show("Work (placed: features, join and topics)", header, rows)
    for part in dict.fromkeys(part for part, _ in both if part.refused):
        row, why = part.refused[0]
        print(f"{part.name}: the first of {len(part.refused)} rows that were refused: {row.get('id')}: {why}")


def restoring(part: Part) -> float:
    """Seconds to rebuild the state from what a first grouper placed."""
    first = Grouper(1, 1, ())
    for article in part.articles:
        first.place(article)
    members = [first.member(article.id) for article in part.articles]
    begin = time.perf_counter()
    Grouper(1, 1, ()).restore(members)
    return time.perf_counter() - begin


def _show_languages(parts: list[Part]) -> None:
    rows = []
    for part in parts:
        pairs = [(str(r["lang"]), a.language) for r, a in zip(part.rows, part.articles, strict=True) if r.get("lang")]
        if not pairs:
            continue
        wrong = Counter(pair for pair in pairs if pair[0] != pair[1])
        right = percent(1 - wrong.total() / len(pairs))
        taken = ", ".join(f"{true} for {said} {n}" for (true, said), n in wrong.most_common(5))
        rows.append([part.name, right, taken or "-"])
    show("Languages found (percent; wrong: the true one taken for another)", ("set", "right", "wrong most often"), rows)


def _show_topics(both: list[tuple[Part, quality.Grouped]]) -> None:
    rows = []
    for part, found in both:
        result = quality.topics(part.labels("topic"), found.topics)
        if result.unknown:
            print(f"{part.name}: topics that are none of ours, left out: {dict(result.unknown)}")
        if result.articles:
            first, among = (percent(n / result.articles) for n in (result.first, result.among))
            missed = ", ".join(f"{true} as {said} {n}" for (true, said), n in result.missed.most_common(4))
            rows.append([part.name, result.articles, first, among, missed or "-"])
    header = ("set", "articles", "first one right", "among those given", "missed most often")
    if rows:
        show("Topics (percent)", header, rows)


def _show_noise(parts: list[Part]) -> None:
    rows, reached = [], []
    for part in parts:
        if noise := cleaning.check(part):
            lost = percent(noise.lost / max(1, noise.proper))
            rows.append(
                [part.name, noise.strings, len(noise.in_title), len(noise.quotable), len(noise.in_summary), lost]
            )
            reached += [f"  in {place}: {name}" for place, names in _places(noise) for name in names]
    if rows:
        header = ("set", "strings", "reach a title", "could be quoted", "reach a summary", "proper text lost, percent")
        show("Boilerplate (of a labelled string, 25 characters in one piece are enough)", header, rows)
        print(*reached, sep="\n")


def _places(noise: cleaning.Noise) -> tuple[tuple[str, list[str]], ...]:
    return ("a title", noise.in_title), ("the quotable sentences", noise.quotable), ("a summary", noise.in_summary)


def _show_seeds(folder: Path, parts: list[Part]) -> None:
    results = needles.search(folder, [part.articles for part in parts])
    rows = [
        [i, r.seeds, r.distractors, r.together, r.storylines, len(r.intruders), "; ".join(r.intruders)[:60] or "-"]
        for i, r in enumerate(results, 1)
    ]
    if rows:
        header = ("draw", "seeds", "others", "seeds in one storyline", "storylines of seeds", "intruders", "who")
        show("Seed articles among others, after the review", header, rows)


if __name__ == "__main__":
    main()
