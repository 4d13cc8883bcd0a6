"""What each measure, feature and pass brings: the weights are fitted anew without it, and the sets grouped again.

What the score was fitted on is judged by weights that were fitted without the article's storyline (three folds); all
other sets by weights fitted on everything. The bars stay as they are.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from types import ModuleType
from unittest import mock

import numpy as np
import quality
import sets
import train_score
from sets import Part
from tables import load_score, percent, show

from digest.group import grouper, lexicon, merging, scoring
from digest.group.features import Features, extract
from digest.group.scoring import Scorer

#: Measures by a part of their names.
GROUPS: dict[str, tuple[str, ...]] = {
    "names": ("names",),
    "sounds of names": ("sounds",),
    "numbers": ("numbers",),
    "dates and weekdays told": ("moments",),
    "concepts": ("concepts",),
    "words and roots": ("words", "roots"),
    "time": ("hours", "days", "first_day"),
    "how rare what is shared is": ("_mass",),
    "what is at odds": ("other_",),
    "what the nearest article tells": ("nearest_",),
    "the nearest articles and their votes": ("nearest", "votes"),
}
#: Features that are left out everywhere: in the search for candidates and in storylines too.
SPACES = ("names", "numbers", "moments", "concepts")
#: Word lists that are left out: only that of nations and bodies, or all concepts that stand in no topic's own file.
LISTS = {"no list of nations": True, "no further lists of concepts": False}
#: The set that was learned from as a whole; its storylines go by this letter there.
_LEARNED, _LETTER = "authored-dev", "a"
#: Variants are measured side by side; each process takes about 500 MB.
_WORKERS = 2
_NEVER, _ALWAYS = (-1e9, -1e9), (1e9, 1e9)

Cells = list[str]


@dataclass(frozen=True, slots=True)
class Variant:
    """`measures`: columns that weigh nothing; `spaces`: features left out; `bars`: those that change; `lines`:
    whether storylines are merged; `titles`: whether titles are looked at again."""

    name: str
    measures: frozenset[str] = frozenset()
    spaces: tuple[str, ...] = ()
    bars: tuple[tuple[str, tuple[float, float]], ...] = ()
    lines: bool = True
    titles: bool = True


def variants() -> list[Variant]:
    made = [Variant("everything")]
    for name, parts in GROUPS.items():
        found = frozenset(m for m in scoring.MEASURES if any(part in m for part in parts))
        if found:
            made.append(Variant(f"score without {name}", measures=found))
    made += [Variant(f"no {space} at all", spaces=(space,)) for space in SPACES]
    made += [
        Variant("no splits", bars=(("split", _NEVER),)),
        Variant("no merges of stories", bars=(("merge", _ALWAYS),)),
        Variant("no merges of storylines", lines=False),
        Variant("no second look at titles", titles=False),
    ]
    return made


def ablate(folder: Path) -> None:
    missing = [name for name in (_LEARNED, "ecbplus-dev") if not (folder / f"{name}.jsonl").exists()]
    if missing:
        sys.exit(f"{folder}: the score is fitted on {' and '.join(missing)}, not there")
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    spawn = multiprocessing.get_context("spawn")
    rows: list[tuple[str, ...]] = []
    with spawn.Pool(max(1, min(_WORKERS, os.cpu_count() or 1)), _open, (folder,)) as pool:
        for variant, cells in zip(variants(), pool.imap(_measure, variants()), strict=True):
            rows.append(_told(variant.name, cells))
    for name, nations in LISTS.items():
        # In a process of its own: word lists are read once.
        with spawn.Pool(1) as pool:
            rows.append(_told(name, pool.apply(_with_fewer_lists, (folder, nations))))
    header = ("", *(f"{part.name}, {label}" for part in measured(folder) for label in part.levels.values()))
    show("What each part brings (B-cubed F1, online / merged)", header, rows)


def _told(name: str, cells: Cells) -> tuple[str, ...]:
    print(f"  {name}: {', '.join(cells)}", file=sys.stderr, flush=True)
    return name, *cells


def measured(folder: Path) -> list[Part]:
    """The splits that are measured; the train split would tell nothing."""
    found = (part for kind, path in sets.find(folder) for part in sets.parts(kind, path))
    return [part for part in found if part.split != "train"]


class Bench:
    """The sets to measure on, and what the weights are fitted on."""

    def __init__(self, folder: Path, score: ModuleType) -> None:
        self._score = score
        self._streams = train_score.load(folder)
        self._parts = measured(folder)
        self._features = [[extract(a) for a in part.articles] for part in self._parts]

    def figures(self, variant: Variant) -> Cells:
        """F1 for each set and label, as placed and after the review."""
        seen = self._observed(variant.spaces) if variant.spaces else self._all
        samples, pairs, beside = ([_without(s, variant.measures) for s in some] for some in seen)
        learned = samples, pairs, beside
        tables = [train_score.fit(*train_score.without(learned, fold)) for fold in range(train_score.FOLDS)]
        tables.append(train_score.fit(*learned))
        scorers = [Scorer(t, train_score.BARS | dict(variant.bars)) for t in tables]
        cells: Cells = []
        for part, features in zip(self._parts, self._features, strict=True):
            stripped = [_strip(f, variant.spaces) for f in features]
            with _lines(variant.lines), _titles(variant.titles):
                found = self._grouped(part, stripped, scorers)
            for level, label in part.levels.items():
                cells.append(
                    " / ".join(
                        percent(quality.figures(self._score, part, said[level], label).bcubed[2]) for said in found
                    )
                )
        return cells

    @cached_property
    def _all(self) -> train_score.Learned:
        return self._observed(())

    def _observed(self, spaces: Sequence[str]) -> train_score.Learned:
        return train_score.seen({n: [(row, _strip(f, spaces)) for row, f in s] for n, s in self._streams.items()})

    def _grouped(
        self, part: Part, features: Sequence[Features], scorers: Sequence[Scorer]
    ) -> tuple[Mapping[str, list[int]], Mapping[str, list[int]]]:
        if part.set != _LEARNED:
            found = quality.group(part.articles, (), scorers[-1], features)
            return found.online, found.merged
        folds = [quality.group(part.articles, (), scorer, features) for scorer in scorers[:-1]]
        mine = [train_score.fold_of(f"{_LETTER}{row['storyline']}") for row in part.rows]
        # A fold's numbers must not meet those of another; no true storyline is in two of them.
        far = 10 * len(mine)
        return (
            {level: [f * far + folds[f].online[level][i] for i, f in enumerate(mine)] for level in sets.LEVELS},
            {level: [f * far + folds[f].merged[level][i] for i, f in enumerate(mine)] for level in sets.LEVELS},
        )


def _without(sample: train_score.Sample, measures: frozenset[str]) -> train_score.Sample:
    """What never differs from 0 gets no weight."""
    if not measures:
        return sample
    kept = np.array([m not in measures for m in scoring.MEASURES], dtype=float)
    return replace(sample, measures=sample.measures * kept)


def _strip(features: Features, spaces: Sequence[str]) -> Features:
    return replace(features, **{space: {} for space in spaces}) if spaces else features


@contextmanager
def _lines(merged: bool) -> Iterator[None]:
    """With or without merges of storylines in the review."""
    bars = {name: getattr(scoring, name) for name in ("MERGE_LONE_LINE", "MERGE_STORYLINES")}
    try:
        for name, bar in bars.items():
            setattr(scoring, name, bar if merged else 1e9)
        yield
    finally:
        for name, bar in bars.items():
            setattr(scoring, name, bar)


@contextmanager
def _titles(again: bool) -> Iterator[None]:
    """With titles looked at again in the review, or treated as texts are."""
    if again:
        yield
        return
    with (
        mock.patch.object(grouper, "is_brief", return_value=False),
        mock.patch.object(merging, "is_brief", return_value=False),
        mock.patch.object(grouper, "regroup", return_value=([], [])),
    ):
        yield


_bench: list[Bench] = []  # of a process that measures variants


def _open(folder: Path) -> None:
    _bench.append(Bench(folder, load_score(folder)))


def _measure(variant: Variant) -> Cells:
    return _bench[0].figures(variant)


def _with_fewer_lists(folder: Path, nations: bool) -> Cells:
    every = lexicon.concepts()
    of_topics = {f"{name}.{concept}" for name, data in lexicon._topic_files().items() for concept in data["concept"]}
    kept = {i: c for i, c in every.items() if (not i.startswith("@") if nations else i in of_topics)}
    lexicon.concepts = lambda: kept  # type: ignore[assignment]
    return Bench(folder, load_score(folder)).figures(Variant("fewer lists"))
