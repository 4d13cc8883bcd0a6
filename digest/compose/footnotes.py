"""The links of an entry, numbered as footnotes: in the order in which they are first read. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from digest.compose.page import Footnote, Passage, SourceLine, StepLine


def footnotes(
    url: str | None,
    passages: Sequence[Passage],
    steps: Sequence[StepLine],
    sources: Sequence[SourceLine],
    comma: str = ", ",
) -> tuple[Footnote, ...]:
    """`url` is that of the headline. What is a source is said as one; a step of the past by publisher and date."""
    said = {s.url: _source(s, comma) for s in reversed(sources)}
    said = {step.url: comma.join(filter(None, (step.publisher, step.date))) for step in reversed(steps)} | said
    ordered = dict.fromkeys((url, *_quoted(passages), *(s.url for s in steps), *(s.url for s in sources)))
    return tuple(Footnote(n, said.get(u, ""), u) for n, u in enumerate(filter(None, ordered), start=1))


def _quoted(passages: Sequence[Passage]) -> Iterator[str | None]:
    for passage in passages:
        yield from (source.url for source in passage.after) if passage.retold else (passage.url,)


def _source(source: SourceLine, comma: str) -> str:
    head = comma.join(filter(None, (source.publisher, source.date)))
    badge = f" [{source.title.badge}]" if source.title.badge else ""
    return f"{head}{badge}" + (f": {source.title.text}" if source.title.text else "")
