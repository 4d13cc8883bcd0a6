"""Fit the weights of the score by which articles join stories, and write them down.

    python benchmarks/train_score.py [FOLDER] [--write | --model PATH]

Logistic regression (Newton's method, L2) over what an article and each candidate story share, while the labelled
articles stream by in the order of their dates and stand in their true stories. Learned from: authored-dev, the
`train` part of ECB+ (both in FOLDER, default: eval/ in the folder `shared` beside the checkout), our own headlines
and confusable events (`benchmarks/own`), and doubles made of all of them (doubles.py); each article with text also
as a teaser and as a title alone. The months of the own headlines are laid over each other, so that as much happens
at a time as in a real stream. og2021 is never read here.

The bars (how sure a join must be) are chosen by B-cubed F1 of a stream in which each article is judged by weights
that were fitted without its storyline (three folds). Without --write only the figures are printed. With --model
(a folder, or a name at a hub) nothing is fitted but what the vectors of that model count: see meaning_fit.py.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
import doubles
import labelled
import meaning_fit
from labelled import Labelled

from digest.group import meanings, scoring
from digest.group.features import Features, extract
from digest.group.grouper import Grouper
from digest.group.matching import Candidates, candidates, twins
from digest.group.meanings import Embedder
from digest.group.pairs import Pairs
from digest.group.records import Member
from digest.group.state import State
from digest.model.dates import PartialDate

FOLDS = 3
L2 = 1.0
WEEK = 7
JOIN_BARS, MERGE_BARS, SPLIT_BARS = (-0.6, -0.3, 0.0, 0.3), (0.4, 0.7), (0.0, 0.3)
PAIR_BARS = (-2.0, -1.7, -1.4, -1.1)
#: Within half a point of the best of --bars; chosen among these in sight of og2021-dev and the dev part of ECB+.
BARS = {"join": (0.0, -0.6), "merge": (0.7, 0.4), "split": (0.5, 0.3), "pair": (-1.7, -1.7)}
STEPS = 3000
#: What each set weighs in the whole, so that the largest does not decide alone.
SHARE = {"authored": 1.0, "ecb": 1.0, "own": 1.5, "elsewhere": 0.5, "double": 0.2}
#: So much of the whole are imaginary pairs that share nothing and say nothing against it: no texts of the sets are as
#: silent as those in a script or language that we know little of.
SILENT = 0.02
OUT = Path(__file__).resolve().parents[1] / "digest" / "group" / "data" / "score.toml"


Stream = Sequence[tuple[Labelled, Features]]
Bar = dict[str, float]


@dataclass(frozen=True, slots=True)
class Sample:
    """One article beside one candidate story."""

    measures: Any
    same: bool
    fullness: float
    truth: bool
    fold: int
    set: str
    alike: float = float("nan")  # cosine of the vectors, where a model makes them


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = Path(__file__).resolve().parents[2] / "shared" / "eval"
    parser.add_argument("folder", nargs="?", type=Path, default=default)
    parser.add_argument("--write", action="store_true", help="write digest/group/data/score.toml")
    parser.add_argument("--bars", action="store_true", help="choose the bars anew (minutes); else the ones below stay")
    parser.add_argument("--model", metavar="PATH", help="fit what the vectors of this model2vec model count")
    options = parser.parse_args()
    model = meaning_fit.load(options.model) if options.model else None
    streams = load(options.folder)
    learned = seen(streams, model)
    tables = {}
    if model or options.bars:
        tables = {fold: fit(*without(learned, fold)) for fold in range(FOLDS)}
    if model:
        samples, pairs, _ = learned
        meaning_fit.report(options.model, {"join": samples, "merge": pairs}, tables, SHARE)
        return
    final = fit(*learned)
    show(final)
    bars = choose(streams, tables) if options.bars else dict(BARS)
    if options.write:
        write(final, bars, streams)


def load(folder: Path) -> dict[str, Stream]:
    authored = [
        Labelled(labelled.article_of(row, 0), f"a{row['event']}", f"a{row['storyline']}", "authored")
        for row in labelled.read(folder / "authored-dev.jsonl")
    ]
    ecb = [
        Labelled(labelled.article_of(row, 0), f"e{row['story']}", f"e{row['story'].rstrip('ecbplus')}", "ecb")
        for row in labelled.read(folder / "ecbplus-dev.jsonl")
        if row["split"] == "train"
    ]
    own = []
    for path in sorted((Path(__file__).parent / "own").glob("*.jsonl")):
        rows = labelled.read(path)
        kind = "elsewhere" if path.stem == "elsewhere" else "own"
        own += [
            Labelled(
                labelled.article_of(r, 0),
                f"{path.stem}{r['event']}",
                f"{path.stem}{r['storyline'].partition('/')[0]}",
                kind,
            )
            for r in rows
        ]
    authored, own = crowded(authored), crowded(own)
    streams: dict[str, Stream] = {}
    for kind in labelled.PROJECTIONS:
        rows = [*authored, *ecb, *(r for r in own if kind == "titles" or r.article.text)]
        streams[kind] = stream_of(rows, kind)
        if kind != "texts":  # full texts tell enough that is not a formula
            streams[f"doubled {kind}"] = stream_of([*rows, *doubles.doubles(rows)], kind)
    return streams


def stream_of(rows: Sequence[Labelled], kind: str) -> Stream:
    """In the order of their dates, as titles, teasers or texts."""
    projected = [replace(r, article=labelled.PROJECTIONS[kind](r.article)) for r in rows]
    projected.sort(key=lambda r: (r.article.published.start, r.article.identity))
    numbered = [replace(r, article=replace(r.article, id=i)) for i, r in enumerate(projected, 1)]
    return [(r, extract(r.article)) for r in numbered]


def of_use(kind: str, samples: list[Sample]) -> list[Sample]:
    """Of a stream with doubles only what these teach: the others are learned from among themselves."""
    return [s for s in samples if s.set == "double"] if kind.startswith("doubled") else samples


def crowded(rows: Sequence[Labelled]) -> list[Labelled]:
    """Every storyline moved by whole days so that it begins in one and the same week, dense as real news is."""
    first: dict[str, datetime] = {}
    for row in rows:
        when = row.article.published.start
        first[row.group] = min(when, first.get(row.group, when))
    moved = []
    for row in rows:
        when = row.article.published
        begin = first[row.group].replace(hour=0, minute=0, second=0)
        start = datetime(2000, 1, 1 + number_of(row.group) % WEEK, tzinfo=UTC) + (when.start - begin)
        moved.append(replace(row, article=replace(row.article, published=PartialDate(start, when.precision))))
    return moved


def number_of(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest(), "big")


def fold_of(group: str) -> int:
    return number_of(f"fold {group}") % FOLDS


def member(row: Labelled, features: Features, story: int) -> Member:
    a = row.article
    return Member(a.id, story, story, a.published, a.language, a.publisher, a.signature, features)


def observe(stream: Stream, model: Embedder | None = None, parted: bool = False) -> list[Sample]:
    """Every article beside its candidates, all articles before it standing in their true stories.

    `parted`: stories are broken up by language, so that there are more to compare across languages.
    """
    state, numbers, event = state_for(model), {}, {}
    samples: list[Sample] = []
    for row, features in stream:
        a = row.article
        number = numbers.setdefault((row.event, a.language if parted else ""), len(numbers) + 1)
        event[number] = row.event
        vector = meanings.read(model, [a])[0] if model else None
        document = state.corpus.read(features, a.published, a.language, vector)
        found = candidates(state, document, a.language, a.signature, ())
        for story, same, measures, alike in zip(*columns(found), strict=True):
            truth = event[story] == row.event
            samples.append(Sample(measures, same, found.fullness, truth, fold_of(row.group), row.set, alike))
        state.add(member(row, features, number), document)
    return samples


def state_for(model: Embedder | None) -> State:
    """Vectors are compared only where they count."""
    return State(scorer=replace(scoring.shipped(), meaning=scoring.MeaningTerm(1.0, 0.0))) if model else State()


def columns(found: Candidates) -> tuple[Any, ...]:
    alike = np.full(len(found.stories), np.nan) if found.alike is None else found.alike
    return found.stories, found.same, found.measures, alike.tolist()


Tables = dict[str, Any]
Learned = tuple[list[Sample], list[Sample], list[Sample]]


def seen(streams: dict[str, Stream], model: Embedder | None = None) -> Learned:
    """What the weights are learned from: articles beside stories, parts of stories, articles beside articles."""
    samples, pairs, beside = list[Sample](), list[Sample](), list[Sample]()
    for kind, stream in streams.items():
        samples += of_use(kind, observe(stream, model, kind.startswith("doubled")))
        pairs += of_use(kind, observe_parts(stream, model))
        beside += of_use(kind, observe_pairs(stream))
    return samples, pairs, beside


def without(learned: Learned, fold: int) -> Learned:
    samples, pairs, beside = ([s for s in some if s.fold != fold] for some in learned)
    return samples, pairs, beside


def fit(samples: Sequence[Sample], pairs: Sequence[Sample], beside: Sequence[Sample]) -> Tables:
    return {
        "join_same_language": logistic([s for s in samples if s.same]),
        "join_other_language": logistic([s for s in samples if not s.same]),
        "merge_same_language": logistic([s for s in pairs if s.same]),
        "merge_other_language": logistic([s for s in pairs if not s.same]),
        "pair_same_language": logistic([s for s in beside if s.same]),
        "pair_other_language": logistic([s for s in beside if not s.same]),
    }


def observe_parts(stream: Stream, model: Embedder | None = None) -> list[Sample]:
    """Stories broken into parts, by language and within it, beside what else they may be merged with."""
    state, numbers, event, rows = state_for(model), {}, {}, {}
    for row, features in stream:
        a = row.article
        part = numbers.setdefault((row.event, a.language, _part(a.id)), len(numbers) + 1)
        event[part], rows[part] = row.event, row
        vector = meanings.read(model, [a])[0] if model else None
        state.add(member(row, features, part), state.corpus.read(features, a.published, a.language, vector))
    samples = []
    for part, row in rows.items():
        for group in twins(state, part):
            for other, same, measures, alike in zip(*columns(group), strict=True):
                truth = event[other] == event[part]
                samples.append(Sample(measures, same, group.fullness, truth, fold_of(row.group), row.set, alike))
    return samples


def observe_pairs(stream: Stream) -> list[Sample]:
    """Every article beside those near it, once each pair, when all of them are there."""
    state, row_of = State(), {row.article.id: row for row, _ in stream}
    for row, features in stream:
        state.add(member(row, features, row.article.id))
    pairs, samples = Pairs(state), []
    for row, _ in stream:
        found = pairs.beside(row.article.id)
        for other, same, measures in zip(found.articles, found.same, found.measures, strict=True):
            if other < row.article.id:
                truth = row_of[other].event == row.event
                samples.append(Sample(measures, same, found.fullness, truth, fold_of(row.group), row.set))
    return samples


def _part(number: int) -> int:
    """One to three parts, of unequal size."""
    return (0, 0, 0, 1, 1, 2)[number * 2654435761 % 6]


def logistic(samples: Sequence[Sample]) -> Any:
    """The two rows of weights, for titles and for full texts."""
    rows = np.array([np.concatenate([(1 - s.fullness) * s.measures, s.fullness * s.measures]) for s in samples])
    truth = np.array([s.truth for s in samples], dtype=float)
    count: dict[str, int] = defaultdict(int)
    for s in samples:
        count[s.set] += 1
    total = sum(SHARE[s] for s in count)
    weight = np.array([SHARE[s.set] * len(samples) / (total * count[s.set]) for s in samples])
    silent = np.kron(np.eye(2), np.array([float(m == "one") for m in scoring.MEASURES]))
    rows, truth = np.vstack([rows, silent]), np.append(truth, [0.0, 0.0])
    weight = np.append(weight, [SILENT * len(samples)] * 2)
    return _fitted(rows, truth, weight).reshape(2, -1)


def _fitted(rows: Any, truth: Any, weight: Any) -> Any:
    """Minimise the weighted logistic loss with L2; likeness may only speak for, distance in time only against.

    Projected gradient with momentum (FISTA; Beck and Teboulle 2009).
    """
    against = np.array([m in scoring.AGAINST for m in scoring.MEASURES] * 2)
    either = np.array([m in scoring.EITHER for m in scoring.MEASURES] * 2)
    low = np.where(against | either, -np.inf, 0.0)
    high = np.where(against, 0.0, np.inf)
    step = 1.0 / (0.25 * np.linalg.eigvalsh((rows * weight[:, None]).T @ rows)[-1] + L2)
    beta = ahead = np.zeros(rows.shape[1])
    pace = 1.0
    for _ in range(STEPS):
        said = 1.0 / (1.0 + np.exp(-np.clip(rows @ ahead, -30, 30)))
        new = np.clip(ahead - step * (rows.T @ (weight * (said - truth)) + L2 * ahead), low, high)
        faster = (1.0 + np.sqrt(1.0 + 4.0 * pace * pace)) / 2.0
        ahead = new + (pace - 1.0) / faster * (new - beta)
        moved, beta, pace = float(np.abs(new - beta).max()), new, faster
        if moved < 1e-5:
            break
    return beta


def show(tables: Tables) -> None:
    for regime, table in tables.items():
        print(f"\n{regime:22}" + "  titles   texts")
        for name, titles, texts in zip(scoring.MEASURES, *table, strict=True):
            print(f"  {name:20} {titles:7.2f} {texts:7.2f}")


Bars = dict[str, tuple[float, float]]


def choose(streams: dict[str, Stream], tables: dict[int, Tables]) -> Bars:
    """For titles and for full texts the bars with the best mean B-cubed F1 over the sets, each fold judged unseen."""
    found: dict[str, Bar] = {}
    for kind in ("titles", "texts"):
        grid = [
            {"join": join, "merge": merge, "split": split, "pair": BARS["pair"][0]}
            for join, merge, split in itertools.product(JOIN_BARS, MERGE_BARS, SPLIT_BARS)
            if split <= merge
        ]
        found[kind] = _best(kind, streams[kind], tables, grid)
        if kind == "titles":  # only they are compared in pairs
            grid = [found[kind] | {"pair": pair} for pair in PAIR_BARS]
            found[kind] = _best(kind, streams[kind], tables, grid)
    return {name: (found["titles"][name], found["texts"][name]) for name in BARS}


def _best(kind: str, stream: Stream, tables: dict[int, Tables], grid: Sequence[Bar]) -> Bar:
    figures: list[tuple[float, Bar]] = []
    for bar in grid:
        by_set: dict[str, list[float]] = defaultdict(list)
        for fold in range(FOLDS):
            scorer = scoring.Scorer(tables[fold], {name: (value, value) for name, value in bar.items()})
            for name, figure in judge(stream, scorer, fold).items():
                by_set[name].append(figure)
        means = {name: sum(values) / len(values) for name, values in by_set.items()}
        figures.append((sum(means.values()) / len(means), bar))
        shown = "  ".join(f"{name} {mean:.3f}" for name, mean in sorted(means.items()))
        print(kind, *(f"{name} {value}" for name, value in bar.items()), f"{figures[-1][0]:.3f}  {shown}", flush=True)
    return max(figures, key=lambda found: found[0])[1]


def judge(stream: Stream, scorer: scoring.Scorer, fold: int) -> dict[str, float]:
    """B-cubed F1 of the fold's articles, set by set, after all articles were grouped by this scorer."""
    grouper = Grouper(1, 1, (), scorer)
    for row, features in stream:
        grouper.place(row.article, features)
    grouper.review()
    pairs: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for row, _ in stream:
        if fold_of(row.group) == fold:
            pairs[row.set].append((grouper.member(row.article.id).story, row.event))
    return {name: bcubed(found) for name, found in pairs.items()}


def bcubed(pairs: Sequence[tuple[int, str]]) -> float:
    """B-cubed F1 (Bagga and Baldwin 1998)."""
    both: dict[tuple[int, str], int] = defaultdict(int)
    said: dict[int, int] = defaultdict(int)
    true: dict[str, int] = defaultdict(int)
    for s, t in pairs:
        both[s, t] += 1
        said[s] += 1
        true[t] += 1
    precision = sum(n * n / said[s] for (s, _), n in both.items()) / len(pairs)
    recall = sum(n * n / true[t] for (_, t), n in both.items()) / len(pairs)
    return 2 * precision * recall / (precision + recall)


def write(tables: Tables, bars: Bars, streams: dict[str, Stream]) -> None:
    counts = ", ".join(f"{len(stream)} {kind}" for kind, stream in streams.items())
    lines = [
        "# The weights of the score by which articles join stories, and stories merge and split: log odds per measure",
        "# (digest/group/scoring.py). Fitted by `python benchmarks/train_score.py --write` on authored-dev, the train",
        "# part of ECB+, benchmarks/own and doubles of them",
        f"# ({counts});",
        "# og2021 was not fitted to. Written by that script: do not edit by hand.",
    ]
    for name, (titles, texts) in bars.items():
        lines += ["", f"[bars.{name}]", f"titles = {titles}", f"texts = {texts}"]
    for regime, table in tables.items():
        for kind, row in zip(("titles", "texts"), table, strict=True):
            lines += ["", f"[{regime}.{kind}]", *(f"{m} = {v:.3f}" for m, v in zip(scoring.MEASURES, row, strict=True))]
    OUT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"written: {OUT}")


if __name__ == "__main__":
    main()
