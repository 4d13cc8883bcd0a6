"""[pure] Which known article a polled one is, where ids may change, be reused or be given to several at once.

Four rules: an article's own id; the same words; the same page; the same title of the same minute, or nearly the same
text of the same day. What still stands in the feed under its own id is no other entry, however alike the two are: so
what is decided once stays decided, whatever the order of the entries.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Generic, Protocol, TypeVar

import numpy as np

from digest.ingest import plain
from digest.ingest.canonical import names_a_page
from digest.model.article import Article
from digest.model.dates import PartialDate, Precision
from digest.model.signature import NEAR_DUPLICATE, similarity

#: Published within this time of each other, two texts are of the same day, whatever the zone.
SAME_DAY = timedelta(hours=12)
#: Entries that all bear a date within this span bear the date of a fetch or of a move, not their own.
_STAMPED, _LEAST_STAMPED = timedelta(hours=1), 3
_SHORT = 30  # words: so few may well come again on another day ("Weather report")
_TITLE = 4  # words: so many make a title that tells articles apart
_AKIN = 0.3  # the least likeness of a text that was rewritten in part


class Known(Protocol):
    """What must be known of a stored article."""

    @property
    def id(self) -> int: ...
    @property
    def identity(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def published(self) -> PartialDate: ...
    @property
    def url(self) -> str | None: ...
    @property
    def content_hash(self) -> str: ...
    @property
    def signature(self) -> bytes: ...


class How(enum.Enum):
    OWN = "under its own id"
    MOVED = "under another id than before"
    COPY = "once more, beside itself"


K = TypeVar("K", bound=Known)


@dataclass(frozen=True, slots=True)
class Match(Generic[K]):
    known: K
    how: How


def told_apart(batch: Sequence[Article]) -> list[Article]:
    """The entries, each identity once.

    The same entry twice: the one with the later date counts, else the first. Different entries under one identity: it
    is none, and each goes by its address, or by its words.
    """
    groups: dict[str, list[Article]] = {}
    for article in batch:
        groups.setdefault(article.identity or f"words:{article.content_hash}", []).append(article)
    if len(groups) == len(batch):
        return list(batch)
    found: dict[int, Article] = {}
    for group in groups.values():
        if any(_plainly_different(group[0], other) for other in group[1:]):
            found |= _by_address(group)
        else:
            found[id(group[0])] = max(group, key=lambda article: article.published.start)
    # What goes by its address now may have come upon one that always did.
    return told_apart([found[id(article)] for article in batch if id(article) in found])


def _by_address(group: Sequence[Article]) -> dict[int, Article]:
    urls = [article.url for article in group]
    made: dict[str, tuple[int, Article]] = {}
    for article in group:
        alone = article.url and urls.count(article.url) == 1 and article.identity.startswith("id:")
        identity = f"url:{article.url}" if alone else ""
        made.setdefault(identity or article.content_hash, (id(article), replace(article, identity=identity)))
    return dict(made.values())


def _plainly_different(one: Article, other: Article) -> bool:
    if plain.fold(one.title) == plain.fold(other.title):
        return False
    if one.url and other.url and one.url != other.url:
        return True
    # Under one id and one address it is one article, however much of it was rewritten.
    same_page = one.url and one.url == other.url and one.identity.startswith("id:") and names_a_page(one.url)
    return not same_page and similarity(one.signature, other.signature) < _AKIN


def resolve(
    batch: Sequence[Article],
    by_identity: Mapping[str, K],
    by_words: Mapping[str, Sequence[K]],
    recent: Callable[[], Sequence[K]],
) -> list[Match[K] | None]:
    """For each entry of a batch that was `told_apart`: the known article that it is, if any.

    `by_words` are those with the same content hash, `recent` gives the last ones of the source; it is only asked
    where the ids do not settle everything.
    """
    return _Resolving(batch, by_identity, by_words).all(recent)


class _Resolving(Generic[K]):
    def __init__(
        self, batch: Sequence[Article], by_identity: Mapping[str, K], by_words: Mapping[str, Sequence[K]]
    ) -> None:
        self.batch, self.by_identity, self.by_words = batch, by_identity, by_words
        self.found: list[Match[K] | None] = [None] * len(batch)
        self.claimed: set[int] = set()
        self.stamped = stamped(batch)
        self.standing = {article.identity: article for article in batch if article.identity}

    def all(self, recent: Callable[[], Sequence[K]]) -> list[Match[K] | None]:
        for n, article in self._open():
            own = self.by_identity.get(article.identity)
            if own and own.content_hash == article.content_hash:
                self._claim(n, own, How.OWN)
        for n, article in self._open():
            self._same_words(n, article)
        for n, article in self._open():
            own = self.by_identity.get(article.identity)
            if own and own.id not in self.claimed and not self._reused(article, own):
                self._claim(n, own, How.OWN)
        for n, article in self._open():
            self._copied(n, article)
        if any(self._open()):
            self._alike(recent())
        return self.found

    def _open(self) -> Iterator[tuple[int, Article]]:
        return ((n, article) for n, article in enumerate(self.batch) if self.found[n] is None)

    def _claim(self, n: int, known: K, how: How) -> None:
        self.found[n] = Match(known, how)
        self.claimed.add(known.id)

    def _same_words(self, n: int, article: Article) -> None:
        """Another's words: ids that count places in the list, and ids that are new at each fetch."""
        for known in self.by_words.get(article.content_hash, ()):
            another = known.id not in self.claimed and known.identity != article.identity
            if another and same_words(article, known, stamped=self.stamped):
                if self._stands(known) and article.identity not in self.by_identity:
                    continue  # it is there itself, in other words now: this is a copy of what it was
                self._claim(n, known, How.MOVED)
                return

    def _copied(self, n: int, article: Article) -> None:
        for known in self.by_words.get(article.content_hash, ()):
            if same_words(article, known, stamped=self.stamped):
                self.found[n] = Match(known, How.COPY)
                return

    def _stands(self, known: K) -> bool:
        """Whether an entry of the batch goes by its id, and may be it."""
        mine = self.standing.get(known.identity)
        return mine is not None and not self._reused(mine, known)

    def _reused(self, article: Article, known: K) -> bool:
        """Whether an id was given to another article: everything that could tell is different."""
        if not article.identity.startswith("id:") or plain.fold(article.title) == plain.fold(known.title):
            return False
        if article.url and known.url and article.url == known.url and names_a_page(article.url):
            return False
        if self.stamped or _near(article.published, known.published):
            return False
        return similarity(article.signature, known.signature) < _AKIN

    def _alike(self, recent: Sequence[K]) -> None:
        near = [known for many in self.by_words.values() for known in many]
        pool = {known.id: known for known in (*recent, *near, *self.by_identity.values())}
        free = [known for known in pool.values() if known.id not in self.claimed]
        if not free:
            return
        for rule in (self._on_the_same_page, self._nearly_the_same, self._of_the_same_title):
            rule([known for known in free if known.id not in self.claimed])

    def _on_the_same_page(self, free: Sequence[K]) -> None:
        pages: dict[str, list[K]] = {}
        for known in free:
            pages.setdefault(known.url or "", []).append(known)
        for n, article in self._open():
            for known in pages.get(article.url, []) if article.url and names_a_page(article.url) else []:
                same = plain.fold(article.title) == plain.fold(known.title) or article.published == known.published
                if known.id not in self.claimed and (same or similarity(article.signature, known.signature) >= _AKIN):
                    self._claim(n, known, How.MOVED)
                    break

    def _of_the_same_title(self, free: Sequence[K]) -> None:
        titles: dict[str, list[K]] = {}
        for known in free:
            titles.setdefault(plain.fold(known.title), []).append(known)
        arriving = [plain.fold(article.title) for article in self.batch]
        times = Counter(arriving)
        for n, article in self._open():
            title = arriving[n]
            for known in titles.get(title, []):
                exact = article.published == known.published and article.published.precision is Precision.MINUTE
                alone = len(titles[title]) == times[title] == 1
                alone &= len(title.split()) >= _TITLE or similarity(article.signature, known.signature) >= _AKIN
                day = self.stamped or _near(article.published, known.published)
                if known.id not in self.claimed and (exact or (alone and day)):
                    self._claim(n, known, How.MOVED)
                    break

    def _nearly_the_same(self, free: Sequence[K]) -> None:
        signed = [known for known in free if len(known.signature) == _BYTES]
        if not signed:
            return
        lanes = np.frombuffer(b"".join(known.signature for known in signed), dtype="<u4").reshape(len(signed), -1)
        for n, article in self._open():
            if len(article.signature) != _BYTES:
                continue
            alike = (lanes == np.frombuffer(article.signature, dtype="<u4")).mean(axis=1)
            for at in np.argsort(-alike, kind="stable"):
                known = signed[int(at)]
                if alike[at] < NEAR_DUPLICATE:
                    break
                day = self.stamped or _near(article.published, known.published)
                if known.id not in self.claimed and day:
                    self._claim(n, known, How.MOVED)
                    break


_BYTES = 256  # of a signature


def same_words(article: Article, other: Known | Article, *, stamped: bool) -> bool:
    """Whether two of the same text are one: a long text is; a few words are not, under other links on other days."""
    if (
        not article.identity
        or not other.identity
        or stamped
        or len(f"{article.title} {article.text}".split()) >= _SHORT
    ):
        return True
    if article.url and article.url == other.url:
        return True
    return _near(article.published, other.published)


def stamped(batch: Sequence[Article]) -> bool:
    """Whether the dates are those of a fetch or of a move, and say nothing of the articles."""
    starts = [article.published.start for article in batch]
    return len(starts) >= _LEAST_STAMPED and max(starts) - min(starts) < _STAMPED


def is_reused(article: Article, url: str | None, published: PartialDate) -> bool:
    """Whether an id was given to another article, as far as that can be told of one whose text is gone."""
    if not article.identity.startswith("id:") or not article.url or not url or article.url == url:
        return False
    return names_a_page(article.url) and names_a_page(url) and not _near(article.published, published)


def _near(one: PartialDate, other: PartialDate) -> bool:
    return abs(one.start - other.start) < SAME_DAY
