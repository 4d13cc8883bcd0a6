"""What the vectors of a model should count beside words: `python benchmarks/train_score.py --model PATH`.

One term, weight * (cosine - centre), is fitted by logistic regression on top of the scores that articles and stories
get from words. Those are scores by tables that were fitted without the fold that is scored: else the words would seem
surer than they are, and the vectors would get too little. By how much these scores lie too high or too low as a whole
is found first and left out of the term: that is the bars' affair. Fold by fold the loss of unseen pairs is compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from digest.adapters.embeddings import Embeddings
from digest.group.scoring import Scorer

#: Towards no weight at all: some hundred pairs must speak for it.
L2 = 0.05
STEPS = 50
FEW = 50


def load(named: str) -> Embeddings:
    return Embeddings(named, Path(named), where="--model")


def report(
    named: str, kinds: Mapping[str, Sequence[Any]], tables: Mapping[int, Any], share: Mapping[str, float]
) -> None:
    """`kinds`: join and merge -> samples; `tables`: fold -> tables fitted without it. Prints the settings."""
    base, alike, truth, fold, weight = _arrays(kinds, tables, share)
    known = ~np.isnan(alike)
    print(f"{len(alike)} pairs, {known.sum()} of them with vectors; {int(truth[known].sum())} are one event")
    if truth[known].sum() < FEW:
        print("too few to fit: does the model know the languages?")
        return
    base, alike, truth, fold, weight = (values[known] for values in (base, alike, truth, fold, weight))
    before = after = 0.0
    for number in sorted(set(fold.tolist())):
        there = fold == number
        level, slope, constant = _term(base[~there], alike[~there], truth[~there], weight[~there])
        before += _loss(base[there] + level, truth[there], weight[there])
        after += _loss(base[there] + level + slope * alike[there] + constant, truth[there], weight[there])
    print(f"loss of unseen pairs by words {before / weight.sum():.4f}, with vectors {after / weight.sum():.4f}")
    _, slope, constant = _term(base, alike, truth, weight)
    if slope <= 0.0 or after >= before:
        print("this model does not help: leave it out")
        return
    centre = min(1.0, max(-1.0, -constant / slope))
    print(f'\n[group]\nembeddings = "{named}"\nembeddings_weight = {slope:.2f}\nembeddings_centre = {centre:.3f}')


def _arrays(kinds: Mapping[str, Sequence[Any]], tables: Mapping[int, Any], share: Mapping[str, float]) -> list[Any]:
    rows = []
    for kind, samples in kinds.items():
        count: dict[str, int] = defaultdict(int)
        for s in samples:
            count[s.set] += 1
        for s in samples:
            base = Scorer(tables[s.fold], {}).score(kind, [s.same], s.measures[None, :], s.fullness)[0]
            rows.append((base, s.alike, s.truth, s.fold, share[s.set] * len(samples) / count[s.set]))
    return [np.array(column, dtype=float) for column in zip(*rows, strict=True)]


def _term(base: Any, alike: Any, truth: Any, weight: Any) -> tuple[float, float, float]:
    """By how much the scores of the words lie too low; slope and constant of the vectors on top of that."""
    one = np.ones((len(base), 1))
    (level,) = _fitted(base, one, truth, weight)
    slope, constant = _fitted(base + level, np.column_stack([alike, one]), truth, weight)
    return level, slope, constant


def _fitted(base: Any, x: Any, truth: Any, weight: Any) -> list[float]:
    """Logistic regression by Newton's method."""
    scale = weight / weight.mean()
    found = np.zeros(x.shape[1])
    for _ in range(STEPS):
        said = 1.0 / (1.0 + np.exp(-np.clip(base + x @ found, -30, 30)))
        slope = x.T @ (scale * (said - truth)) + L2 * found
        curve = (x * (scale * said * (1.0 - said))[:, None]).T @ x + L2 * np.eye(x.shape[1])
        step = np.linalg.solve(curve, slope)
        found -= np.clip(step, -2.0, 2.0)
        if np.abs(step).max() < 1e-7:
            break
    return [float(value) for value in found]


def _loss(score: Any, truth: Any, weight: Any) -> float:
    return float((weight * np.logaddexp(0.0, np.where(truth > 0, -score, score))).sum())
