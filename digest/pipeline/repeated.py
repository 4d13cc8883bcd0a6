"""What a source repeats: counted over what is stored and what arrives, cut out of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from digest.ingest import repeated
from digest.ingest.normalise import cleaned
from digest.model.article import Article
from digest.store import articles, lines
from digest.store.lines import Line
from digest.store.stories import Connection


def by_itself(article: Article, languages: Sequence[str]) -> Article:
    """Without what is no part of it by itself, whatever the others say."""
    return cleaned(article, tuple(languages))


class Repeats:
    """The lines of one batch of one source, within the transaction that stores it.

    `needed` is in how many other articles a line must stand; with 0 nothing is counted nor cut.
    """

    def __init__(self, connection: Connection, source_id: int, languages: Sequence[str], needed: int) -> None:
        self._connection, self._source = connection, source_id
        self._languages, self._needed = tuple(languages), needed
        self._before: dict[int, Line] = {}
        self._lines: dict[int, Line] = {}
        self._texts: dict[int, str] = {}
        self._of: dict[str, list[int]] = {}  # article's name in the batch -> fingerprints

    def cleaned(self, article: Article) -> Article:
        return by_itself(article, self._languages)

    def clean(self, batch: Sequence[Article], ids: Mapping[str, int]) -> list[Article]:
        """The batch, cleaned and without what repeats; `ids` are those of the articles that are stored, by name."""
        batch = list(map(self.cleaned, batch))
        if not self._needed:
            return batch
        self._read(batch)
        new = self._learn(batch, ids)
        known = {f: line.articles for f, line in self._lines.items() if line.text}
        if new:
            self._clean_stored(new, known)
        adding = self._adding(ids)
        return [self._strip(article, known, adding) for article in batch]

    def same_text(self, pairs: Sequence[tuple[Article, Article]]) -> list[bool]:
        """Of each article, without what repeats, and how it is stored: whether the two texts are the same by now."""
        stored = [before for _, before in pairs]
        found = [list(repeated.lines(before)) if self._needed else [] for before in stored]
        mine = lines.find(self._connection, self._source, {f for of_one in found for f in of_one})
        return [
            self._same(article, before, {f: mine[f].articles for f in of_one if f in mine and mine[f].text})
            for (article, _), before, of_one in zip(pairs, stored, found, strict=True)
        ]

    def _same(self, article: Article, stored: Article, known: Mapping[int, int]) -> bool:
        before = repeated.strip(stored, known, self._languages)
        return (before.title, before.paragraphs) == (article.title, article.paragraphs)

    def remember(self, ids: Mapping[str, int], now: datetime) -> None:
        """Count the batch's articles, by name -> id, as those in which their lines stood."""
        if not self._needed:
            return
        after = dict(self._lines)
        for name, fingerprints in self._of.items():
            if (article := ids.get(name)) is None:
                continue
            for fingerprint in fingerprints:
                line = after.get(fingerprint, Line(fingerprint))
                if article in line.last_of:
                    continue
                last = (*line.last_of, article)[-lines.LAST :]
                after[fingerprint] = replace(line, articles=line.articles + 1, last_of=last)
        lines.write(self._connection, self._source, self._before, list(after.values()), now)
        self._before, self._lines = after, after

    def _read(self, batch: Sequence[Article]) -> None:
        self._texts, self._of = {}, {}
        for article in batch:
            found = repeated.lines(article)
            self._texts |= {f: text for f, text in found.items() if f not in self._texts}
            mine = self._of.setdefault(name_of(article), [])
            mine += [f for f in found if f not in mine]
        self._before = lines.find(self._connection, self._source, self._texts)
        self._lines = dict(self._before)

    def _learn(self, batch: Sequence[Article], ids: Mapping[str, int]) -> list[int]:
        """The fingerprints that are known from now on."""
        arriving: dict[str, Article] = {}
        for article in batch:
            arriving.setdefault(name_of(article), article)
        stands_in: dict[int, list[str]] = {}
        for name, fingerprints in self._of.items():
            for fingerprint in fingerprints:
                stands_in.setdefault(fingerprint, []).append(name)
        asked: dict[int, tuple[list[str], list[int]]] = {}
        for fingerprint, names in stands_in.items():
            line = self._before.get(fingerprint, Line(fingerprint))
            here = {ids.get(name) for name in names}
            stored = [i for i in line.last_of if i not in here]
            if not line.text and len(names) + len(stored) > self._needed:
                asked[fingerprint] = (names, stored)
        texts = articles.with_text(self._connection, {i for _, stored in asked.values() for i in stored})
        new = []
        for fingerprint, (names, stored) in asked.items():
            told = [*(texts[i] for i in stored if i in texts), *(arriving[name] for name in names)]
            if repeated.is_boilerplate(self._texts[fingerprint], told[-repeated.WITNESSES :], self._needed):
                line = self._before.get(fingerprint, Line(fingerprint))
                self._lines[fingerprint] = replace(line, text=self._texts[fingerprint])
                new.append(fingerprint)
        return new

    def _clean_stored(self, new: Sequence[int], known: Mapping[int, int]) -> None:
        """What is stored already is not quoted with these lines any more either."""
        wanted = {i for fingerprint in new for i in self._lines[fingerprint].last_of}
        for stored in articles.with_text(self._connection, wanted).values():
            if not stored.cleaned:
                continue  # it loses them when it is cleaned
            others = {f: max(times - 1, 1) for f, times in known.items()}
            cleaned = repeated.strip(stored, others, self._languages)
            if cleaned is not stored:
                lines.clean_again(self._connection, cleaned)

    def _adding(self, ids: Mapping[str, int]) -> dict[int, set[str]]:
        """Fingerprint -> names of the batch's articles that add to its count."""
        found: dict[int, set[str]] = {}
        for name, fingerprints in self._of.items():
            for fingerprint in fingerprints:
                if ids.get(name) not in self._lines.get(fingerprint, Line(fingerprint)).last_of:
                    found.setdefault(fingerprint, set()).add(name)
        return found

    def _strip(self, article: Article, known: Mapping[int, int], adding: Mapping[int, set[str]]) -> Article:
        """With the number of other articles in the reasons."""
        mine = self._of[name_of(article)]
        others = {f: max(known[f] + len(adding.get(f, set())) - 1, 1) for f in mine if f in known}
        return repeated.strip(article, others, self._languages) if others else article


def name_of(article: Article) -> str:
    """By what an article is told apart within a batch."""
    return article.identity or article.content_hash
