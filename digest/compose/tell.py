"""Entries are told: the summariser drafts, the draft is judged, the story so far is added, what is foreign translated.

Whoever drafts: a sentence is shown only if it stands in its article or holds there, and no article is
quoted beyond the limit. Where a draft comes to nothing, the quoted default takes its place and the
entry's reason says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from digest.compose import fair
from digest.compose.candidates import PastStory, Sent, StorylineHistory
from digest.compose.entry import Outline, material
from digest.compose.foreign import translated
from digest.compose.names import Knowledge, small_words
from digest.compose.newest import untold
from digest.compose.novelty import latest
from digest.compose.summarise import ExtractiveSummariser, Summariser, Translator
from digest.compose.timeline import fresh_developments, timeline
from digest.compose.verdict import Dropped, Material, Summary, Verdict, judge
from digest.model.article import Article
from digest.model.drafting import Draft, Limits
from digest.model.edition import Entry, Manner, Quote

_SAID = 12  # words of a summary below which its language is anybody's guess


@dataclass(frozen=True)
class Telling:
    """Who tells, and within which limits."""

    summariser: Summariser = field(default_factory=ExtractiveSummariser)
    translator: Translator | None = None
    limits: Limits = field(default_factory=Limits)
    knowledge: Knowledge = field(default_factory=Knowledge)

    @property
    def quotes(self) -> bool:
        """Whether everything is quoted: then each entry is told by itself, and for all alike."""
        return isinstance(self.summariser, ExtractiveSummariser) and self.translator is None

    def entries(self, outlines: Sequence[Outline], history: StorylineHistory, language: str, sent: Sent) -> list[Entry]:
        """The entries of a view, in their order, each with its summary and the story so far."""
        taught = self.taught(outlines, language)
        given = [material(found, sent) for found in outlines]
        return taught.finish(outlines, given, taught.summaries(given, language), history, language)

    def taught(self, outlines: Sequence[Outline], language: str) -> Telling:
        """With the words that the articles in view write small: where a model writes, they tell what is no name."""
        if self.quotes:
            return self
        mine = {a for o in outlines for a in _articles(o, ()).values() if a.language == language}
        seen = frozenset(w for a in mine for w in small_words(a.text, self.knowledge))
        return replace(self, knowledge=replace(self.knowledge, seen=seen))

    def finish(
        self,
        outlines: Sequence[Outline],
        given: Sequence[Material],
        told: Sequence[Summary],
        history: StorylineHistory,
        language: str,
    ) -> list[Entry]:
        """With these summaries: the story so far, translations, and the limit of quotation over all of it."""
        finished: list[tuple[Entry, Article, dict[int, Article]]] = []
        for found, material_, summary in zip(outlines, given, told, strict=True):
            past = history.of(found.fold.lead.candidate.story.storyline)
            articles = _articles(found, past)
            entry = self._finished(found, material_, past, summary, articles, language)
            entry = replace(entry, line_title=history.titles.get(entry.storyline, ""))
            finished.append((entry, found.titled, articles))
        done = translated(finished, language, self.translator, self.knowledge)
        return [
            fair.within(entry, headed, articles.values(), self.limits.max_quote_words)
            for entry, (_, headed, articles) in zip(done, finished, strict=True)
        ]

    def _finished(
        self,
        found: Outline,
        given: Material,
        past: Sequence[PastStory],
        summary: Summary,
        articles: dict[int, Article],
        language: str,
    ) -> Entry:
        quota = fair.Quota(self.limits.max_quote_words, articles.values())
        quota.headline(found.entry.headline, found.titled)
        quotes = tuple(kept for q in summary.quotes if (kept := quota.take(q)) is not None)
        steps, skipped = timeline(found.fold, past, language, [found.entry.headline, *(q.text for q in quotes)], quota)
        if (newest := untold(found, given, quotes, steps, articles, language, quota)) is not None:
            quotes = (*quotes, newest)
        reason = "; ".join(filter(None, (found.entry.reason, summary.note)))
        news = fresh_developments(found.fold, past)
        return replace(
            found.entry, summary=quotes, timeline=steps, skipped=skipped, reason=reason, developments=news,
        )  # fmt: skip

    def summaries(self, materials: Sequence[Material], language: str) -> list[Summary]:
        """A summary of each; the drafts are asked for all at once."""
        drafts = list(self.summariser.summarise([m.articles for m in materials], language, self.limits))
        if len(drafts) != len(materials):
            why = f"the summariser answered for {len(drafts)} of {len(materials)} stories"
            drafts = [Draft(why=why)] * len(materials)
        return [self._summary(draft, m, language) for draft, m in zip(drafts, materials, strict=True)]

    def _summary(self, draft: Draft, given: Material, language: str) -> Summary:
        verdict = judge(draft, given, language, self.limits, self.knowledge)
        dropped = (*verdict.dropped, *verdict.beyond)
        why = draft.why or self._other_language(verdict.quotes, language)
        if verdict.sound and not why:
            return Summary(verdict.quotes, dropped, _note(verdict))
        if isinstance(self.summariser, ExtractiveSummariser):
            return Summary(verdict.quotes, dropped)
        default = Draft(ExtractiveSummariser().one(given.articles, language, self.limits))
        quotes = judge(default, given, language, self.limits, self.knowledge).quotes
        return Summary(quotes, dropped, f"quoted, since {why or _unsound(verdict)}")

    def _other_language(self, quotes: Sequence[Quote], language: str) -> str:
        """Whether the model wrote in another language than it was asked to."""
        said = " ".join(q.text for q in quotes if q.manner is Manner.RETOLD)
        if len(said.split()) < _SAID:
            return ""
        found = self.knowledge.language(said, language)
        return "" if found in ("und", language) else f"the model wrote in {found!r}, not in {language!r}"


def _note(verdict: Verdict) -> str:
    if all(q.manner is Manner.QUOTED for q in verdict.quotes) and not verdict.dropped:
        return ""
    note = "in a model's words" if any(q.manner is Manner.RETOLD for q in verdict.quotes) else "quoted"
    return f"{note}, {_count(verdict.dropped)} dropped ({verdict.dropped[0].why})" if verdict.dropped else note


def _unsound(verdict: Verdict) -> str:
    if not verdict.dropped:
        return "the draft had nothing new"
    return f"{_count(verdict.dropped)} of the draft did not hold ({verdict.dropped[0].why})"


def _count(dropped: Sequence[Dropped]) -> str:
    return f"{len(dropped)} sentence{'s' * (len(dropped) != 1)}"


def _articles(found: Outline, past: Sequence[PastStory]) -> dict[int, Article]:
    """Every article that the entry may quote."""
    told = [a for n in found.fold.news for a in (*latest(n.candidate.articles), *n.articles)]
    told += [a for p in past for a in latest(p.articles)]
    return {a.id: a for a in told}
