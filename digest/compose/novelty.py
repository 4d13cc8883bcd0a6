"""What is new to this group of readers, sentence by sentence. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from digest.compose import negation, sentences
from digest.compose.candidates import Sent, SentStory, StoryInView
from digest.model.article import Article, Standing
from digest.model.edition import Entry, EntryKind, View

_BREAK = re.compile(r"^\s*[,;:–—-]\s*")
#: What is left of a first sentence after a headline cut from it is worth showing from this many words.
_WORTH = 4


@dataclass(frozen=True, slots=True)
class News:
    """A story that has something for the reader: what kind, and the articles to tell it from."""

    candidate: StoryInView
    kind: EntryKind
    articles: tuple[Article, ...]  # the latest revision of each that may be quoted
    known: tuple[str, ...] = ()  # sentences that must not be told again
    unheard: float = 1.0  # of the sentences of the articles that are new, how many the reader has not had
    had: tuple[Article, ...] = ()  # the articles of an updated story as they stood when it was told


def latest(articles: Iterable[Article]) -> tuple[Article, ...]:
    """The newest visible revision of each article, in the order of first appearance."""
    newest: dict[int, Article] = {}
    for article in articles:
        if article.standing is Standing.QUARANTINED:
            continue
        held = newest.get(article.id)
        if held is None or (article.seq, article.ordinal) > (held.seq, held.ordinal):
            newest[article.id] = article
    return tuple(newest.values())


def assess(candidate: StoryInView, sent: Sent) -> News | None:
    """None where the story has nothing new for this reader."""
    current, owed = latest(candidate.articles), candidate.fresh
    fresh = tuple(a for a in current if a.id in owed and a.standing is Standing.NEWS)
    if not fresh:
        return None
    before = sent.of(candidate.story.id)
    if before is None:
        return News(candidate, EntryKind.NEW, current)
    if not before.last_seq:  # not told itself: some of its articles stood in a story that was
        mine = {a.id for a in fresh}
        untold = tuple(a for a in current if a.id in mine or not _quoted(a, before.sentences))
        return News(candidate, EntryKind.NEW, untold)
    known = _known(candidate, before)
    untold_of = {a.id: [not told(s, known, before.sentences, a.language) for s in sentences.of(a)] for a in fresh}
    news = tuple(a for a in fresh if any(untold_of[a.id]))
    every = [new for a in news for new in untold_of[a.id]]
    if not news:
        return None
    had = latest(a for a in candidate.articles if _is_covered(a, candidate, before))
    return News(candidate, EntryKind.UPDATED, news, known, sum(every) / len(every), had)


def _known(candidate: StoryInView, before: SentStory) -> tuple[str, ...]:
    """Sentences that the reader had, or that stood in a revision which an earlier mail covered.

    The second kind keeps agency copy that a second publisher prints later from counting as news. Not so what stands in
    an older revision that is owed again: the mail that covered the later one left it out, since the reader had it.
    """
    found: list[str] = []
    for article in candidate.articles:
        texts = sentences.of(article)
        if _is_covered(article, candidate, before):
            lost = () if article.seq <= before.whole else _owed_before(article, candidate)
            found.extend(s for s in texts if _is_mailed(s, before) or not told(s, lost, frozenset(), article.language))
        else:
            found.extend(s for s in texts if _is_mailed(s, before))
    return tuple(dict.fromkeys(found))


def _is_covered(article: Article, candidate: StoryInView, before: SentStory) -> bool:
    return article.seq <= before.last_seq and article.seq not in candidate.owed


def _owed_before(article: Article, candidate: StoryInView) -> tuple[str, ...]:
    """What stands in revisions that came before this one and are owed."""
    older = (a for a in candidate.articles if a.seq in candidate.owed and a.seq < article.seq)
    return tuple(dict.fromkeys(s for a in older for s in sentences.of(a)))


def _is_mailed(sentence: str, before: SentStory) -> bool:
    return sentences.fingerprint(sentence) in before.sentences


def _quoted(article: Article, mailed: frozenset[str]) -> bool:
    return any(sentences.fingerprint(s) in mailed for s in (article.title, *sentences.of(article)))


def told(sentence: str, known: Sequence[str], mailed: frozenset[str], language: str) -> bool:
    """Whether the reader had a sentence, or one that says the same in nearly the same words."""
    if sentences.fingerprint(sentence) in mailed:
        return True
    # Nearly the same words with a "not" more among them, or one less, are the very news.
    return any(
        negation.denials(said, language) == negation.denials(sentence, language)
        for said in sentences.retold(sentence, known, language)
    )


def pare(article: Article, headline: str, known: Sequence[str], mailed: frozenset[str]) -> tuple[Article, str]:
    """The headline's article without what needs no telling, and the continuation that its text may begin with.

    Left out are sentences that were told before and those that only say the headline again. Where
    the headline was cut from the first sentence, what remains of that sentence is its continuation.
    """
    kept: list[str] = []
    continuation = ""
    for sentence in sentences.of(article):
        if told(sentence, known, mailed, article.language):
            continue
        rest = after_headline(sentence, headline)
        if rest and rest != sentence and not continuation:
            kept.append(rest)
            continuation = rest
        elif not _says_again(sentence, headline, continuation):
            kept.append(sentence)
    return _left(article, kept), continuation


def beside(article: Article, headline: str, continuation: str, known: Sequence[str], mailed: frozenset[str]) -> Article:
    """Another article than the headline's without what needs no telling, and with its sentences whole.

    Its sentence may begin as the headline does; what is left of that would not be read as its continuation.
    """
    untold = (s for s in sentences.of(article) if not told(s, known, mailed, article.language))
    return _left(article, [s for s in untold if not _says_again(s, headline, continuation)])


def _says_again(sentence: str, headline: str, continuation: str) -> bool:
    """Whether a sentence says no more than the headline, or than the sentence that the headline was cut from."""
    rest = after_headline(sentence, headline)
    if rest is not None and (not rest or rest == sentence):
        return not rest
    whole = f"{headline} {continuation}"
    return sentences.repeats(sentence, headline) or bool(continuation and sentences.repeats(sentence, whole))


def _left(article: Article, kept: Sequence[str]) -> Article:
    # One sentence a paragraph: a summariser finds the same bounds again. The title goes with them,
    # or an article whose sentences were all told would be quoted by its title.
    return replace(article, paragraphs=tuple(kept), title=article.title if kept else "")


def after_headline(sentence: str, headline: str) -> str | None:
    """What is left to say of a sentence below a headline that begins it.

    None where it does not begin so; the whole sentence where the headline broke off in the middle
    of a quotation, or of a clause without saying so by an ellipsis; empty where too little is left.
    """
    broken_off = headline.rstrip().endswith("…")
    start = " ".join(headline.split()).rstrip("….!?,;: ")
    if not start or sentence[: len(start)].casefold() != start.casefold():
        return None
    rest = sentence[len(start) :]
    if not sentences.words(rest):
        return ""
    if not sentences.balanced(start):
        return sentence
    if not _BREAK.match(rest):
        # Reading on where the ellipsis stands beats reading the same words again.
        return rest.strip() if broken_off and rest[0].isspace() and sentences.length(rest) >= _WORTH else sentence
    rest = _BREAK.sub("", rest)
    return rest if sentences.length(rest) >= _WORTH else ""


def mailed(view: View) -> dict[int, SentStory]:
    """What is to be remembered of a view once it is mailed: per story, how far, which sentences."""
    result: dict[int, SentStory] = {}
    for entry in view.entries:
        told = frozenset(_fingerprints(entry))
        for story, seq in entry.stories:
            result[story] = SentStory(seq, told)
    return result


def _fingerprints(entry: Entry) -> Iterable[str]:
    yield sentences.fingerprint(entry.headline)
    if entry.original_headline:
        yield sentences.fingerprint(entry.original_headline)
    for quote in entry.summary:
        yield sentences.fingerprint(quote.text)
        if quote.continues:
            yield sentences.fingerprint(f"{entry.headline} {quote.text}")
        # Told in other words or in another language, it was told.
        yield from map(sentences.fingerprint, quote.basis)
    for step in entry.timeline:
        yield sentences.fingerprint(step.quote.text)
        yield from map(sentences.fingerprint, step.quote.basis)
