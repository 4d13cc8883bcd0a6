"""An entry as templates see it, in the reader's words. Pure but for the catalogues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from digest.compose.candidates import OTHER
from digest.compose.changes import change
from digest.compose.clean import clean, link, shorten
from digest.compose.drawing import drawing
from digest.compose.footnotes import footnotes
from digest.compose.kept import Shelf
from digest.compose.page import (
    ChangeLine,
    EntryBlock,
    GroupBlock,
    ImageBlock,
    Passage,
    SectionBlock,
    SlotNames,
    Source,
    SourceLine,
    StepLine,
    Text,
)
from digest.compose.words import Words, direction
from digest.model.dates import PartialDate, day_of
from digest.model.development import Development
from digest.model.edition import Credit, DateGroup, Entry, Manner, Quote, Section, SourceLink, Step, View

SHOWN_SOURCES = 4
_LONGEST_HEADLINE = 200
_NAMED = 3  # publishers of one value

#: By the story of the entry.
Images = Mapping[int, ImageBlock]


def lead_of(view: View) -> Entry | None:
    """The entry that the subject names: the best of the first section. None where nothing is new."""
    return None if not view.sections else max(view.sections[0].entries, key=lambda e: e.score)


class Blocks:
    """Makes the sections of a view, with their entries."""

    def __init__(
        self,
        view: View,
        words: Words,
        slots: SlotNames,
        shelf: Shelf | None = None,
        images: Images | None = None,
        shown_sources: int = SHOWN_SOURCES,
    ) -> None:
        """`shelf` keeps the blocks of entries for other views."""
        self._view, self._words, self._slots = view, words, slots
        self._shelf, self._images = shelf or Shelf(), images or {}
        self._shown_sources = shown_sources
        self._lead = lead_of(view)

    def clean(self, text: str) -> str:
        return clean(text, self._slots.all)

    def outside(self, text: str, language: str = "") -> str:
        """What others wrote, as it can stand among our words."""
        return self._words.isolate(self.clean(text), language)

    def section(self, section: Section) -> SectionBlock:
        other = section.topic == OTHER and not section.label
        label = self._words.say("Other news") if other else self.outside(section.label or section.topic)
        return SectionBlock(section.topic, label, len(section.entries), tuple(map(self._group, section.groups)))

    def _group(self, group: DateGroup) -> GroupBlock:
        entries = tuple(self._block(e, group) for e in group.entries)
        return GroupBlock(self._words.weekday(group.label), entries, group.label.iso())

    def _block(self, entry: Entry, group: DateGroup) -> EntryBlock:
        words = self._words
        image = self._images.get(entry.story)
        leads = entry is self._lead
        about = (words.language, words.zone.key, self._view.language, self._slots, group.label, leads, image)
        return self._shelf.once(about, (entry,), lambda: self._entry(entry, group))

    def _entry(self, entry: Entry, group: DateGroup) -> EntryBlock:
        markers = self._slots.all
        timed = entry.date.precision.rank > group.label.precision.rank
        sources = tuple(
            SourceLine(
                self.outside(s.publisher),
                self._text(shorten(s.title, _LONGEST_HEADLINE), s.language),
                link(s.url, markers),
                self._words.day(s.published),
            )
            for s in entry.sources
        )
        sources = tuple(dict.fromkeys(sources))  # without a title and a link, two of one day cannot be told apart
        shown = sources if len(sources) <= self._shown_sources + 1 else sources[: self._shown_sources]
        url = sources[0].url if sources else None
        passages, timeline = self._passages(entry.summary, group.label), tuple(map(self._step, entry.timeline))
        return EntryBlock(
            headline=self.headline(entry),
            url=url,
            updated=entry.kind.value == "updated",
            date=self._words.clock(entry.date.start.astimezone(self._words.zone)) if timed else "",
            passages=passages,
            timeline=timeline,
            skipped=entry.skipped,
            sources=shown,
            more_sources=len(sources) - len(shown),
            publishers=entry.publishers,
            lead=entry is self._lead,
            mixed=len({step.fresh for step in entry.timeline}) > 1,
            changes=tuple(map(self._change, entry.developments)),
            line_title=self.outside(entry.line_title),
            voices=self._voices(entry),
            listed=_more_to_list(entry),
            image=self._image(entry),
            iso=entry.date.iso(),
            reason=self.clean(entry.reason),
            day=self._words.day(entry.date),
            axis=drawing(entry.timeline, self._words, skipped=entry.skipped > 0),
            footnotes=footnotes(url, passages, timeline, shown, self._words.comma),
        )

    def headline(self, entry: Entry) -> Text:
        short = shorten(entry.headline, _LONGEST_HEADLINE)
        return self._text(short, entry.headline_language, entry.original_language)

    def _text(self, text: str, language: str, original: str = "") -> Text:
        """`original`: the language that it was translated from."""
        plain = self.outside(text, self._words.language if original else language)
        if original:
            name = self._words.language_name(original) or original
            told = self._words.say("Translated from %(language)s", language=name)
            return Text(plain, badge=original.upper()[:3], told=told, translated=True)
        lang, way = ("", "") if language in (self._words.language, "und") else (language, direction(language))
        if language in (self._view.language, "und"):
            return Text(plain, lang, way)
        return Text(plain, lang, way, language.upper()[:3], self._words.in_language(language))

    def _image(self, entry: Entry) -> ImageBlock | None:
        """What it shows in words is left out where that is the headline once more."""
        image = self._images.get(entry.story)
        if image is None:
            return None
        alt = self._text(image.alt, image.lang)
        told = "" if alt.text.casefold() == self.clean(entry.headline).casefold() else alt.text
        return replace(image, alt=told, lang=alt.lang if told else "")

    def _voices(self, entry: Entry) -> str:
        one = entry.texts == 1 and entry.publishers > 1
        return self._words.say("%(n)s publishers, one text", n=entry.publishers) if one else ""

    def _change(self, development: Development) -> ChangeLine:
        found = change(development, self._words, self.outside)
        values = [f"{stood.brief} ({stood.date})" for stood in found.earlier]
        told = self._words.say("earlier: %(values)s", values=self._words.comma.join(values)) if values else ""
        publishers = () if found.now.differ else found.now.values[0].publishers
        return ChangeLine(
            found.label,
            _spaced(found.now.brief),
            found.now.date,
            self._words.comma.join(publishers[:_NAMED]),
            _spaced(told),
            found.now.differ,
        )

    def _passages(self, quotes: Sequence[Quote], day: PartialDate) -> tuple[Passage, ...]:
        rows: list[list[Quote]] = []
        for quote in quotes:
            if rows and _from_the_same(rows[-1][0], quote):
                rows[-1].append(quote)
            else:
                rows.append([quote])
        return tuple(self._passage(row, day) for row in rows)

    def _passage(self, row: Sequence[Quote], day: PartialDate) -> Passage:
        """`day`: under which its entry stands."""
        first = row[0]
        texts = tuple(self._text(q.text, q.language, q.original_language) for q in row)
        url = link(first.url, self._slots.all)
        if first.manner is not Manner.RETOLD:
            return Passage(texts, self._from(first, day), url, first.continues)
        rests_on: list[Quote | Credit] = [first, *first.also]
        sources = [Source(self._from(a, day), link(a.url, self._slots.all)) for a in rests_on]
        named = {s.publisher: s for s in reversed(sources) if s.publisher}
        after = tuple(reversed(named.values()))
        note = self._words.say("in our words, after") if after else self._words.say("in our words")
        said = f"{note} {self._words.comma.join(s.publisher for s in after)}".strip()
        return Passage(texts, said, url, first.continues, retold=True, note=note, after=after)

    def _from(self, quoted: Quote | Credit, day: PartialDate) -> str:
        """Publisher and date of an article: the date where it is not the entry's, or where nobody is known."""
        publisher, when = self.outside(quoted.publisher), quoted.published
        if when is None or (publisher and day_of(when, self._words.zone) == day):
            return publisher
        return self._words.comma.join(filter(None, (publisher, self._words.day(when))))

    def _step(self, step: Step) -> StepLine:
        quote = step.quote
        return StepLine(
            self._words.day(step.date),
            self._text(quote.text, quote.language, quote.original_language),
            self.outside(quote.publisher),
            link(quote.url, self._slots.all),
            step.fresh,
            step.date.iso(),
        )


def _spaced(text: str) -> str:
    """Several values in a row may break between a number and its unit."""
    return " ".join(text.split())


def quotes_of(entry: Entry) -> list[Quote]:
    return [*entry.summary, *(step.quote for step in entry.timeline)]


def _from_the_same(one: Quote, other: Quote) -> bool:
    return (one.article, one.manner, one.also) == (other.article, other.manner, other.also)


def _more_to_list(entry: Entry) -> bool:
    named = {_name(q, q.original_language or q.language) for q in quotes_of(entry)}
    return any(_name(s, s.language) not in named for s in entry.sources)


def _name(of: Quote | SourceLink, language: str) -> tuple[object, ...]:
    """What a reader knows an article by: where neither publisher nor address is known, date and language must do."""
    return (of.publisher, of.url) if of.publisher or of.url else (of.published, language)
