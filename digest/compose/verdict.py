"""A draft becomes a summary: what holds is kept, what does not is dropped with the reason. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from digest.compose import holds, sentences
from digest.compose.fair import Quota
from digest.compose.names import Knowledge
from digest.compose.novelty import told
from digest.compose.summarise import quote
from digest.model.article import Article
from digest.model.drafting import Draft, Limits, Sentence
from digest.model.edition import Credit, Manner, Quote


@dataclass(frozen=True, slots=True)
class Material:
    """What there is to tell of one entry.

    `articles`: what is still news to the reader, a paragraph a sentence. `originals`: the same articles
    as they are. `known`, `mailed`: sentences, and fingerprints of sentences, that the reader had.
    `rests`: by article, what its text goes on to say where the headline stops.
    """

    articles: tuple[Article, ...]
    originals: Mapping[int, Article]
    headline: str
    headed: Article
    known: tuple[str, ...] = ()
    mailed: frozenset[str] = frozenset()
    rests: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dropped:
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What is shown, what was dropped of the draft, and, for whoever asks why, a remark."""

    quotes: tuple[Quote, ...]
    dropped: tuple[Dropped, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    quotes: tuple[Quote, ...]
    dropped: tuple[Dropped, ...]  # for what they say
    beyond: tuple[Dropped, ...]  # for the room that there is
    sound: bool  # enough is left to stand as a summary


def judge(draft: Draft, material: Material, language: str, limits: Limits, knowledge: Knowledge) -> Verdict:
    quota = Quota(limits.max_quote_words, material.originals.values())
    quota.headline(material.headline, material.headed)
    kept: list[Quote] = []
    dropped: list[Dropped] = []
    beyond: list[Dropped] = []
    firm = True
    # A continuation is only understood right below the headline that it continues.
    ordered = sorted(_apart(draft.sentences, language), key=lambda s: not _continues(s, material))
    for place, sentence in enumerate(ordered):
        found = _found(sentence, material, language, knowledge)
        if isinstance(found, str):
            dropped.append(Dropped(sentence.text, found))
            # What follows leans on the beginning: "He", "the deal".
            firm = firm and not (place == 0 and not sentence.quoted)
        elif why := _no_room(found, kept, limits):
            beyond.append(Dropped(sentence.text, why))
        elif (taken := _taken(found, kept, material.headline, quota)) is None:
            why = f"no more than {limits.max_quote_words} words of an article are quoted"
            beyond.append(Dropped(sentence.text, why))
        else:
            kept.append(taken)
    sound = bool(kept) and firm and (len(kept) >= len(dropped) or all(s.quoted for s in draft.sentences))
    quotes = tuple(q for place, q in enumerate(kept) if place == 0 or not q.continues)
    return Verdict(quotes, tuple(dropped), tuple(beyond), sound)


def _apart(drafted: Sequence[Sentence], language: str) -> Iterable[Sentence]:
    """Two sentences that came as one are judged one by one."""
    for sentence in drafted:
        parts = () if sentence.quoted else sentences.split(sentence.text, language)
        if len(parts) > 1:
            yield from (Sentence(part, sentence.articles, quoted=False) for part in parts)
        else:
            yield sentence


def _found(sentence: Sentence, material: Material, language: str, knowledge: Knowledge) -> Quote | str:
    """The sentence with whom it is from, or why it cannot be shown."""
    if not sentence.articles:
        return "it names no article"
    articles = [material.originals[i] for i in sentence.articles if i in material.originals]
    if len(articles) < len(sentence.articles):
        return "it names an article that there is not"
    first = articles[0]
    if sentence.quoted:
        if not stands_in(sentence.text, first):
            return "it does not stand in its article"
        return quote(first, sentence.text, continues=_continues(sentence, material))
    verbatim = next((a for a in articles if sentence.text in sentences.of(a)), None)
    if verbatim is None:
        if why := holds.why_not(sentence.text, language, articles, knowledge):
            return why
    elif why := holds.unfit(sentence.text, verbatim.language, longest=10_000):
        return why
    if why := _told_before(sentence.text, material, first.language if sentence.quoted else language):
        return why
    if verbatim is not None:
        return quote(verbatim, sentence.text)
    also = tuple(Credit(a.id, a.publisher, a.url, a.published) for a in articles[1:])
    basis = tuple(found for a in articles for found in holds.nearest(sentence.text, a))
    return Quote(
        sentence.text, language, first.id, first.publisher, first.url, manner=Manner.RETOLD, also=also, basis=basis,
        published=first.published,
    )  # fmt: skip


def _continues(sentence: Sentence, material: Material) -> bool:
    """Whether a sentence is quoted from where the headline stops. Split anew, the rest may be two: the first is."""
    rest = material.rests.get(sentence.articles[0], "") if sentence.quoted and sentence.articles else ""
    return bool(sentence.text) and rest.startswith(sentence.text)


def stands_in(text: str, article: Article) -> bool:
    plain = " ".join(text.split())
    return bool(plain) and (plain in " ".join(article.text.split()) or plain in " ".join(article.title.split()))


def _told_before(text: str, material: Material, language: str) -> str:
    if sentences.repeats(text, material.headline):
        return "it says the headline again"
    if told(text, material.known, material.mailed, language):
        return "the reader had it before"
    return ""


def _no_room(found: Quote, kept: Sequence[Quote], limits: Limits) -> str:
    words = sum(sentences.length(q.text) for q in kept) + sentences.length(found.text)
    if len(kept) >= limits.sentences or (kept and words > limits.words):
        return f"a summary has at most {limits.sentences} sentences and {limits.words} words"
    if kept and any(sentences.repeats(found.text, q.text) for q in kept):
        return "it says again what stands before it"
    return ""


def _taken(found: Quote, kept: Sequence[Quote], headline: str, quota: Quota) -> Quote | None:
    """As the quota has room for it; cut only where nothing else is told, and more than the headline is left."""
    fitted = quota.fitted(found)
    if fitted is None or (fitted != found and (kept or sentences.repeats(fitted.text, headline))):
        return None
    return quota.take(fitted)
