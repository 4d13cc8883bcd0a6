"""The grouping beside what one would take instead: TF-IDF or sentence embeddings, clustered.

Every rival gets the same articles (title and clean text) and may see all of them at once, while ours places one by
one. Its threshold is chosen beforehand by B-cubed F1 on other articles: for titles on our own headlines, for texts on
the train split of ECB+. Where that split is itself measured it is told so. Seconds are for reading and grouping all
articles once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import quality
import sets
from sets import Part
from tables import percent, show, three

from digest.model.article import Article

_GET = (
    "Sentence embeddings are left out: pip install 'storyline-digest[bench]', fetch a model where the hub can be "
    "reached (for example minishlab/potion-multilingual-128M), and name its folder: --model FOLDER"
)
#: Distances at which clusters are no longer joined, or neighbours no longer reached.
_THRESHOLDS = tuple(i / 100 for i in range(10, 100, 5))
#: Under so many words on average, a set is one of titles.
_TITLES = 30

Vectors = Any
Clusters = list[int]


@dataclass(frozen=True, slots=True)
class Rival:
    """`vectors` of texts, and `cluster` for vectors and a threshold."""

    name: str
    vectors: Callable[[Sequence[str]], Vectors]
    cluster: Callable[[Vectors, float], Clusters]


def compare(found: Sequence[tuple[str, Path]], score: ModuleType, model: Path | None) -> None:
    try:
        import sklearn
    except ImportError:
        raise SystemExit("scikit-learn is not installed: pip install 'storyline-digest[bench]'") from None
    rivals = _tfidf() + (_embeddings(model) if model else [])
    parts = [part for kind, path in found for part in sets.parts(kind, path)]
    chosen = {rival.name: _choose(rival, parts, score) for rival in rivals}
    rows: list[list[object]] = []
    for part in parts:
        rows += _ours(part, score)
        for rival in rivals:
            rows += _theirs(rival, part, chosen[rival.name][_is_titles(part.articles)], score)
        print(f"{part.name} is done", flush=True)
    header = (
        "set",
        "how",
        "label",
        "threshold",
        "B-cubed P / R / F1",
        "across languages F1",
        "said",
        "true",
        "seconds",
    )
    show(f"Beside others (scikit-learn {sklearn.__version__}; * = the threshold was chosen on it)", header, rows)
    if not model:
        print(f"\n{_GET}")


def _tfidf() -> list[Rival]:
    from sklearn.feature_extraction.text import TfidfVectorizer

    def words(texts: Sequence[str]) -> Vectors:
        return TfidfVectorizer(sublinear_tf=True).fit_transform(texts)

    def signs(texts: Sequence[str]) -> Vectors:
        return TfidfVectorizer(sublinear_tf=True, analyzer="char_wb", ngram_range=(3, 5)).fit_transform(texts)

    return [
        Rival("TF-IDF, agglomerative", words, agglomerative),
        Rival("TF-IDF, DBSCAN", words, dbscan),
        Rival("TF-IDF of 3 to 5 signs, agglomerative", signs, agglomerative),
    ]


def _embeddings(model: Path) -> list[Rival]:
    """model2vec where the folder holds such a model, else sentence-transformers."""
    try:
        from model2vec import StaticModel

        encode, kind = StaticModel.from_pretrained(str(model)).encode, "model2vec"
    except Exception as error:  # noqa: BLE001 - whatever it finds wrong, it may be a model of the other kind
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError:
            raise SystemExit(
                f"{model}: model2vec cannot read it ({error}), and no sentence-transformers here"
            ) from None
        encode, kind = SentenceTransformer(str(model)).encode, "sentence-transformers"

    def vectors(texts: Sequence[str]) -> Vectors:
        return encode(list(texts))

    name = f"{kind} {model.name}"
    return [Rival(f"{name}, agglomerative", vectors, agglomerative), Rival(f"{name}, DBSCAN", vectors, dbscan)]


def agglomerative(vectors: Vectors, threshold: float) -> Clusters:
    """Average linkage over distances that are worked out once: what scikit-learn would do inside."""
    from sklearn.cluster import AgglomerativeClustering

    clusters = AgglomerativeClustering(
        n_clusters=None, metric="precomputed", linkage="average", distance_threshold=threshold
    ).fit_predict(_distances(vectors))
    return [int(c) for c in clusters]


def dbscan(vectors: Vectors, threshold: float) -> Clusters:
    """What it calls noise stands alone."""
    from sklearn.cluster import DBSCAN

    clusters = DBSCAN(eps=threshold, min_samples=2, metric="precomputed").fit_predict(_distances(vectors))
    return [int(c) if c >= 0 else -i for i, c in enumerate(clusters, 2)]


def _distances(vectors: Vectors) -> Any:
    from sklearn.metrics.pairwise import cosine_distances

    return cosine_distances(vectors)


def _texts(articles: Sequence[Article]) -> list[str]:
    return [f"{a.title}\n{a.text}" if a.title_given else a.text for a in articles]


def _is_titles(articles: Sequence[Article]) -> bool:
    return sum(len(text.split()) for text in _texts(articles)) < _TITLES * len(articles)


def _tuning(parts: Sequence[Part], *, titles: bool) -> list[Part]:
    if titles:
        paths = sorted((Path(__file__).parent / "own").glob("*.jsonl"))
        return [sets.part("own", path.stem, sets.WHOLE, sets.read_rows(path)) for path in paths]
    return [part for part in parts if part.kind == "ecbplus" and part.split == "train"]


def _choose(rival: Rival, parts: Sequence[Part], score: ModuleType) -> dict[bool, float]:
    """The best threshold for titles (True) and for texts (False)."""
    best = {}
    for titles in (True, False):
        sample = _tuning(parts, titles=titles) or _tuning(parts, titles=True)
        told = [(part, rival.vectors(_texts(part.articles))) for part in sample]
        figures = {
            threshold: sum(_f1(score, part, rival.cluster(vectors, threshold)) for part, vectors in told)
            for threshold in _THRESHOLDS
        }
        best[titles] = max(figures, key=lambda threshold: figures[threshold])
    print(f"{rival.name}: threshold {best[True]} for titles, {best[False]} for texts", flush=True)
    return best


def _f1(score: ModuleType, part: Part, said: Sequence[int]) -> float:
    return quality.figures(score, part, said, part.levels["story"]).bcubed[2]


def _ours(part: Part, score: ModuleType) -> list[list[object]]:
    found = quality.group(part.articles)
    seconds = found.seconds + found.review_seconds
    rows = []
    for level, label in part.levels.items():
        for stage, said in (("online", found.online), ("merged", found.merged)):
            rows.append(_row(score, part, f"digest, {stage}", label, "-", said[level], seconds))
    return rows


def _theirs(rival: Rival, part: Part, threshold: float, score: ModuleType) -> list[list[object]]:
    begin = time.perf_counter()
    said = rival.cluster(rival.vectors(_texts(part.articles)), threshold)
    seconds = time.perf_counter() - begin
    shown = f"{threshold:.2f}{'*' if part.kind == 'ecbplus' and part.split == 'train' else ''}"
    return [_row(score, part, rival.name, label, shown, said, seconds) for label in part.levels.values()]


def _row(
    score: ModuleType, part: Part, how: str, label: str, threshold: str, said: Sequence[int], seconds: float
) -> list[object]:
    f = quality.figures(score, part, said, label)
    across = percent(f.across[2]) if len(set(part.spoken)) > 1 else "-"
    return [part.name, how, label, threshold, three(f.bcubed), across, f.said, f.true, f"{seconds:.1f}"]
