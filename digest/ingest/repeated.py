"""[pure] What a source prints in article after article is not the article: found by repetition.

A line (a paragraph, a sentence at a paragraph's beginning or end, the tail of a title) is
boilerplate where it stands in several articles of one source that tell different things. What
news repeats is left alone: quotations, short formulas, figures that change, and the background
sentence of a running story, whose names stand in the rest of its articles too.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from digest.ingest import headline, language, phrases, plain
from digest.ingest.signature import signature
from digest.ingest.vocabulary import folded
from digest.model.article import Article, Cut

#: More articles than this are not asked about one line.
WITNESSES = 12

_LONGEST = 400
_SENTENCE_LENGTH, _SENTENCE_WORDS = 60, 9  # below this a full sentence may be a formula of the news
_LABEL_WORDS = 5  # below this a line that is no sentence must stand where it always stands
_HEAD_LEFT = 40  # of a paragraph that loses an end
_TITLE_LEFT, _TITLE_WORDS, _TAIL_LENGTH = 15, 3, 40
_SAME_WORDS = 0.4  # of the shorter one's own words: two texts that share more tell the same
_FEWEST_WORDS = 3
_TEXT, _TITLE = "text", "title"

_END = re.compile("(?<=[.!?…。！？])[\"'”’»“)\\]]*(?:\\s+|(?<=[。！？]))(?=[^\\s,;)a-zà-öø-ÿ])")
_ABBREVIATION = re.compile(r"(?:^|[\s(.])(?:\w|[A-Z]\w{1,2}|nr|ca|bzw|vgl|no)\.$")
_LONGEST_ABBREVIATION = 6  # with what stands before it; to look further back would take a long text for ever
_QUOTES = re.compile("[\"“”„«»‹›「『]|''|^\\s*[–—-]\\s|(?:^|\\s)['‘‚]\\w")
_BULLET = re.compile(r"(?:[-–—•·*▪‣]|\d{1,2}[.)])\s+\S")
_ADDRESS = re.compile(r"https?:|www\.|\S@\S|\b[\w-]+\.(?:com|org|net|info|eu|[a-z]{2})\b")
# What a stamp changes from article to article: dates, years, times. Other figures are somebody's news.
_STAMP = re.compile(
    r"\b\d{1,4}[./-]\d{1,2}[./-]\d{2,4}\b|\b\d{1,2}[:.h]\d{2}\b(?:[:.]\d{2}\b)?|\b(?:19|20)\d\d\b|\b\d{1,2}\.(?=\s)"
)
_WORD = re.compile(r"[^\W\d_]{5,}")
_NAME = re.compile(r"(?<![.!?:]\s)(?<=\s)[^\W\d_a-zà-öø-ÿ][^\W\d_]{3,}|[^\W\d_]{8,}")


def fingerprint(publisher: str, kind: str, text: str) -> int:
    """64 bits, signed; case, accents, white space, dates and times do not count."""
    told = "\n".join((kind, folded(publisher), _masked(text)))
    return int.from_bytes(hashlib.blake2b(told.encode(), digest_size=8).digest(), "big", signed=True)


def lines(article: Article) -> dict[int, str]:
    """Fingerprint -> text of every line that could be boilerplate, in the order of the article."""
    found = {fingerprint(article.publisher, _TITLE, tail): tail for tail in _tails(article)}
    for text in _text_lines(article):
        found.setdefault(fingerprint(article.publisher, _TEXT, text), text)
    return found


def is_boilerplate(text: str, articles: Sequence[Article], needed: int) -> bool:
    """Whether a line that stands in all of these is none of theirs.

    They must hold more than `needed` texts that tell different things. Of each article one
    revision is asked.
    """
    asked = articles[:WITNESSES]
    shared = Counter(sentence for article in asked for sentence in set(_sentences_of(article)))
    own = [_own_words(article, shared) for article in asked]
    different: list[int] = []
    for i, words in enumerate(own):
        if len(words) >= _FEWEST_WORDS and all(_differ(words, own[j]) for j in different):
            different.append(i)
    if len(different) <= needed or _is_told_by(text, [_rest_of(asked[i], shared) for i in different]):
        return False
    return _stands_where_it_always_does(text, [asked[i] for i in different])


def strip(article: Article, known: Mapping[int, int], languages: tuple[str, ...] = language.LANGUAGES) -> Article:
    """The article without the lines whose fingerprints are known; the values say in how many others they stand.

    Never emptied: one that has no title of its own keeps its text. The content hash stays that of
    the text as it came, so that it is recognised whatever was known at the time.
    """
    title, cut = _strip_title(article, known)
    kept: list[str] = []
    for i, paragraph in enumerate(article.paragraphs):
        rest, gone = _strip_paragraph(article.publisher, paragraph, known, first=i == 0)
        cut += gone
        kept += [rest] if rest else []
    if not cut or not (kept or article.title_given):
        return article
    paragraphs = tuple(kept)
    if not article.title_given and headline.derive(article.paragraphs, article.language) == title:
        title = headline.derive(paragraphs, article.language)
    text = "\n\n".join(paragraphs)
    sample = text if len(text) >= 200 or not article.title_given else f"{title}. {text}"
    return replace(
        article,
        title=title,
        paragraphs=paragraphs,
        language=language.detect(sample, languages, article.language if article.language != "und" else None),
        signature=signature(f"{title}\n{text}" if article.title_given else text),
        cut=(*article.cut, *cut),
    )


# --- lines ----------------------------------------------------------------------------------------


def _text_lines(article: Article) -> Iterator[str]:
    last = len(article.paragraphs) - 1
    for i, paragraph in enumerate(article.paragraphs):
        if _may_repeat(paragraph, article.publisher):
            yield paragraph
        sentences = _sentences(paragraph)
        if len(sentences) < 2:
            continue
        ends = sentences[-2 if i == last else -1 :] + (sentences[:1] if i == 0 else ())
        yield from (sentence for sentence in ends if _may_repeat(sentence, article.publisher))


@lru_cache(maxsize=8192)
def _may_repeat(text: str, publisher: str) -> bool:
    """Whether repetition could make this boilerplate at all."""
    if not sum(map(str.isalpha, text)) >= 3 or len(text) > _LONGEST or text.endswith((":", "：")):
        return False
    if _QUOTES.search(text):
        return False
    words = plain.word_count(text)
    if not plain.ends_sentence(text):
        return words >= 3 or not _BULLET.match(text)
    return words >= _SENTENCE_WORDS or len(text) >= _SENTENCE_LENGTH or _speaks_to_readers(text, publisher)


def _speaks_to_readers(text: str, publisher: str) -> bool:
    told = folded(text)
    ours = len(publisher) > 3 and folded(publisher) in told
    return ours or bool(_ADDRESS.search(told)) or phrases.promotion_points(told) >= phrases.HINT


def _tails(article: Article) -> list[str]:
    """The last one or two parts of the given title, where a headline stays in front of them."""
    if not article.title_given:
        return []
    found: list[str] = []
    title = article.title
    while len(found) < 2 and (parted := headline.part_tail(title)):
        title, tail = parted
        if (
            tail[0].islower()
            or len(tail) > _TAIL_LENGTH
            or len(title) < _TITLE_LEFT
            or plain.word_count(title) < _TITLE_WORDS
        ):
            break
        found.append(tail)
    return found


@lru_cache(maxsize=16384)
def _masked(text: str) -> str:
    return _STAMP.sub("0", " ".join(folded(text).split()).strip(" .:|–—-"))


@lru_cache(maxsize=8192)
def _sentences(paragraph: str) -> tuple[str, ...]:
    """Good enough to compare by, and never cutting behind an abbreviation."""
    found, start = [], 0
    for end in _END.finditer(paragraph):
        at = end.start()
        if not _ABBREVIATION.search(paragraph, max(at - _LONGEST_ABBREVIATION, 0), at):
            found.append(paragraph[start : end.end()].strip())
            start = end.end()
    return (*found, paragraph[start:].strip())


# --- what articles say of a line ------------------------------------------------------------------


def _sentences_of(article: Article) -> list[str]:
    """All that it says, its title's parts among it, in a form to compare."""
    told = [_headline_of(article), *_tails(article)]
    told += [sentence for paragraph in article.paragraphs for sentence in _sentences(paragraph)]
    return [masked for sentence in told if (masked := _masked(sentence))]


def _own_words(article: Article, shared: Mapping[str, int]) -> frozenset[str]:
    """The longer words of what no other of the articles says in the same way."""
    own = [sentence for sentence in _sentences_of(article) if shared[sentence] == 1]
    return frozenset(_WORD.findall("\n".join(own)))


def _rest_of(article: Article, shared: Mapping[str, int]) -> str:
    """All that cannot be boilerplate itself: what is said once, and short formulas."""
    sentences = [sentence for paragraph in article.paragraphs for sentence in _sentences(paragraph)]
    told = [s for s in sentences if shared[_masked(s)] == 1 or not _may_repeat(s, article.publisher)]
    return "\n".join([_headline_of(article), *told])


def _headline_of(article: Article) -> str:
    """The given title without its tails."""
    tails = _tails(article)
    title = article.title if article.title_given else ""
    return title[: title.rindex(tails[-1])] if tails else title


def _differ(one: Collection[str], other: Collection[str]) -> bool:
    return len(set(one) & set(other)) < _SAME_WORDS * min(len(one), len(other))


def _is_told_by(text: str, rests: Iterable[str]) -> bool:
    """Whether the rest of most articles has names or long words of the line: then it belongs to their news."""
    a_sentence = plain.ends_sentence(text)
    names = set(map(folded, (_NAME if a_sentence else _WORD).findall(text)))  # a label is nothing but names
    first = folded(found.group()) if a_sentence and (found := _WORD.match(text)) else ""
    told = []
    for rest in rests:
        # A sentence's first word is a name only where it is one elsewhere.
        known = set(_WORD.findall(folded(rest)))
        told.append(bool(names & known) or (first in known and first in map(folded, _NAME.findall(rest))))
    return sum(told) * 2 > len(told)


def _stands_where_it_always_does(text: str, articles: Sequence[Article]) -> bool:
    """A line without any sign of its own must keep its place, counted from the start or from the end."""
    if plain.ends_sentence(text):
        if _speaks_to_readers(text, articles[0].publisher):
            return True
    elif plain.word_count(text) >= _LABEL_WORDS:
        return True
    places = [place for article in articles if (place := _place(text, article))]
    if not places:
        return True  # the tail of a title
    from_start, from_end = Counter(p[0] for p in places if p[0] < 2), Counter(p[1] for p in places if p[1] < 4)
    most = max((*from_start.values(), *from_end.values()), default=0)
    return most * 4 >= len(places) * 3


def _place(text: str, article: Article) -> tuple[int, int] | None:
    """How many paragraphs stand before and after it; what is stuck to a paragraph's end stands after it."""
    wanted, last = _masked(text), len(article.paragraphs) - 1
    for i, paragraph in enumerate(article.paragraphs):
        if wanted in {_masked(paragraph), *map(_masked, _sentences(paragraph))}:
            return i, last - i
    return None


# --- cutting --------------------------------------------------------------------------------------


def _cut(text: str, times: int) -> Cut:
    return Cut(f"repeated in this source ({times} times)", text)


def _strip_title(article: Article, known: Mapping[int, int]) -> tuple[str, list[Cut]]:
    title, cut = article.title, []
    for tail in _tails(article):
        times = known.get(fingerprint(article.publisher, _TITLE, tail))
        parted = headline.part_tail(title)
        if times is None or parted is None:
            break
        cut.append(_cut(title[len(parted[0]) :].strip(), times))
        title = parted[0]
    return title, cut


def _strip_paragraph(publisher: str, text: str, known: Mapping[int, int], *, first: bool) -> tuple[str, list[Cut]]:
    times = known.get(fingerprint(publisher, _TEXT, text))
    if times is not None and _may_repeat(text, publisher):
        return "", [_cut(text, times)]
    before: list[Cut] = []
    after: list[Cut] = []
    while len(parts := _sentences(text)) > 1:
        tail = parts[-1]
        times = known.get(fingerprint(publisher, _TEXT, tail))
        rest = text[: -len(tail)].rstrip()
        if times is None or len(rest) < _HEAD_LEFT or not _may_repeat(tail, publisher):
            break
        after.insert(0, _cut(tail, times))
        text = rest
    while first and len(parts := _sentences(text)) > 1:
        times = known.get(fingerprint(publisher, _TEXT, parts[0]))
        rest = text[len(parts[0]) :].lstrip()
        if times is None or len(rest) < _HEAD_LEFT or not _may_repeat(parts[0], publisher):
            break
        before.append(_cut(parts[0], times))
        text = rest
    return text, [*before, *after]
