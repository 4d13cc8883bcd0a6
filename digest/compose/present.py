"""From a view to the page that templates see, in the reader's words. Pure but for the catalogues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from digest.compose import bidi, footer, span
from digest.compose.candidates import OTHER
from digest.compose.changes import change
from digest.compose.clean import clean, link, shorten
from digest.compose.drawing import drawing
from digest.compose.footnotes import footnotes
from digest.compose.kept import Shelf
from digest.compose.page import (
    ChangeLine,
    EntryBlock,
    Facts,
    GroupBlock,
    ImageBlock,
    Page,
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
from digest.model.edition import (
    Credit,
    DateGroup,
    EditionKind,
    Entry,
    Manner,
    Quote,
    Section,
    SourceLink,
    Step,
    View,
)

SHOWN_SOURCES = 4
_LONGEST_HEADLINE = 200
_LONGEST_IN_SUBJECT = 30  # of the publication's title
_NAMED = 3  # publishers of one value


#: By the story of the entry.
Images = Mapping[int, ImageBlock]


def lead_of(view: View) -> Entry | None:
    """The entry that the subject names: the best of the first section. None where nothing is new."""
    return None if not view.sections else max(view.sections[0].entries, key=lambda e: e.score)


class Presenter:
    shown_sources = SHOWN_SOURCES

    def __init__(
        self, view: View, words: Words, slots: SlotNames, shelf: Shelf | None = None, images: Images | None = None
    ) -> None:
        """`shelf` keeps the blocks of entries for other views; `images` are by the story of their entry."""
        self.view, self.words, self.slots = view, words, slots
        self._shelf = shelf or Shelf()
        self._images = images or {}
        self.lead = lead_of(view)
        self.near: date = self._today()

    def _today(self) -> date:
        """The day of the edition's slot; an extra one is as of when it was cut, where its reader is."""
        edition = self.view.edition
        extra = edition.kind is EditionKind.EXTRA
        return edition.cut_at.astimezone(self.words.zone).date() if extra else edition.slot.date()

    def page(self, facts: Facts) -> Page:
        view, words = self.view, self.words
        sections = tuple(self._section(s) for s in view.sections)
        blocks = [e for s in sections for g in s.groups for e in g.entries]
        rtl = words.dir == "rtl"
        return Page(
            lang=words.language.replace("_", "-"),
            dir=words.dir,
            start="right" if rtl else "left",
            end="left" if rtl else "right",
            title=self._outside(self._title(facts)),
            number=self._number(),
            date=self._dateline(),
            short_date=words.short(self.near),
            tail=self._tail(self._title(facts)),
            comma=words.comma,
            notes=tuple(self._notes()),
            sections=sections,
            stories=len(blocks),
            sources=sum(len(e.sources) for e in view.entries),
            publishers=len({s.publisher for e in view.entries for s in e.sources if s.publisher}),
            more=view.more,
            preheader=self._preheader(blocks) or span.nothing(view, words, self.near),
            lead=next((b for b in blocks if b.lead), None),
            trust=self._trust() if blocks else "",
            operator=footer.operator(facts.failing, words, self.near, self._outside),
            why=self._why(facts),
            sender=self._outside(facts.sender),
            imprint=tuple(filter(None, map(self._outside, facts.imprint.splitlines()))),
            web_copy_url=link(facts.web_copy_url, self.slots.all),
            slots=self.slots,
            covers=span.covers(view, words),
            nothing="" if blocks else span.nothing(view, words, self.near),
            nothing_subject="" if blocks else self.words.say("Nothing new"),
        )

    def _clean(self, text: str) -> str:
        return clean(text, self.slots.all)

    def _outside(self, text: str, language: str = "") -> str:
        """What others wrote, as it can stand among our words."""
        return self.words.isolate(self._clean(text), language)

    def _title(self, facts: Facts) -> str:
        return self._clean(facts.publication or self.view.publication_title)

    def _tail(self, title: str) -> str:
        """A header holds no isolates: there a figure goes the way of the letters before it, so its day comes first."""
        short, day = shorten(title, _LONGEST_IN_SUBJECT), self.words.short(self.near)
        turned = self.words.isolate(short) != short
        return f"{day} · {short}" if turned else f"{short}{self.words.comma}{day}"

    def _number(self) -> str:
        if not self.view.edition.number:
            return self.words.say("Preview")
        extra = self.view.edition.kind is EditionKind.EXTRA
        return self.words.say(
            "Extra edition %(number)s" if extra else "No. %(number)s", number=self.view.edition.number
        )

    def _dateline(self) -> str:
        edition = self.view.edition
        day = self.words.full(self.near)
        # Of several editions a day, the hour tells them apart.
        timed = edition.cadence == "hour"
        if edition.kind is EditionKind.EXTRA:  # it has no slot of its own: it is as of when it was cut
            return f"{day}{self.words.comma}{self.words.clock(edition.cut_at.astimezone(self.words.zone))}"
        return f"{day}{self.words.comma}{self.words.clock(edition.slot)}" if timed else day

    def _notes(self) -> list[str]:
        edition, words = self.view.edition, self.words
        said = []
        for key in self.view.notes:
            if key == "late":
                when = words.moment(edition.slot, self.near)
                said.append(words.say("This edition is late: it was due on %(when)s.", when=when))
            elif key == "merged":
                said.append(span.missed(self.view, words))
            elif key == "reaches back":
                said.append(span.since_the_last(self.view, words))
            elif key == "discarded":
                one = "%(n)s edition before this one was not sent; its news is not in this mail."
                many = "%(n)s editions before this one were not sent; their news is not in this mail."
                said.append(words.count(one, many, max(1, edition.missed)))
        return said

    def _trust(self) -> str:
        said = self.words.say
        quotes = [q for e in self.view.entries for q in _quotes(e)]
        if all(q.manner is Manner.QUOTED for q in quotes) and not any(e.original_language for e in self.view.entries):
            if all(q.publisher for q in quotes):
                return said("Every summary here is quoted, sentence by sentence, from the source named with it.")
            return said(
                "Every summary here is quoted, sentence by sentence, from the article whose publisher or date stands "
                "with it."
            )
        return said(
            "What is marked as translated or as in our words was written by a language model after the source named "
            "with it; its names, numbers and quotations were checked against that source. All else is quoted."
        )

    def _why(self, facts: Facts) -> str:
        title = self._title(facts)
        if facts.cadence in ("hour", "day", "weekday", "week", "month"):
            message = "You receive this because you subscribed to %(publication)s (%(cadence)s)."
            return self.words.say(message, publication=title, cadence=self.words.say(f"every {facts.cadence}"))
        return self.words.say("You receive this because you subscribed to %(publication)s.", publication=title)

    def _preheader(self, blocks: Sequence[EntryBlock]) -> str:
        """What an inbox shows behind the subject: the other headlines, or how the only story goes on."""
        others = [b.headline.text for b in blocks if not b.lead]
        if not others:
            others = [q.text for b in blocks for p in b.passages for q in p.quotes]
        return bidi.closed(shorten(" · ".join(others), 140))

    def _text(self, text: str, language: str, original: str = "") -> Text:
        """`original`: the language that it was translated from."""
        plain = self._outside(text, self.words.language if original else language)
        if original:
            name = self.words.language_name(original) or original
            told = self.words.say("Translated from %(language)s", language=name)
            return Text(plain, badge=original.upper()[:3], told=told, translated=True)
        lang, way = ("", "") if language in (self.words.language, "und") else (language, direction(language))
        if language in (self.view.language, "und"):
            return Text(plain, lang, way)
        return Text(plain, lang, way, language.upper()[:3], self.words.in_language(language))

    def _section(self, section: Section) -> SectionBlock:
        other = section.topic == OTHER and not section.label
        label = self.words.say("Other news") if other else self._outside(section.label or section.topic)
        return SectionBlock(section.topic, label, len(section.entries), tuple(map(self._group, section.groups)))

    def _group(self, group: DateGroup) -> GroupBlock:
        entries = tuple(self._block(e, group) for e in group.entries)
        return GroupBlock(self.words.weekday(group.label), entries, group.label.iso())

    def _block(self, entry: Entry, group: DateGroup) -> EntryBlock:
        words = self.words
        image = self._images.get(entry.story)
        about = (words.language, words.zone.key, self.view.language, self.slots, group.label, entry is self.lead, image)
        return self._shelf.once(about, (entry,), lambda: self._entry(entry, group))

    def _entry(self, entry: Entry, group: DateGroup) -> EntryBlock:
        markers = self.slots.all
        timed = entry.date.precision.rank > group.label.precision.rank
        sources = tuple(
            SourceLine(
                self._outside(s.publisher),
                self._text(shorten(s.title, _LONGEST_HEADLINE), s.language),
                link(s.url, markers),
                self.words.day(s.published),
            )
            for s in entry.sources
        )
        sources = tuple(dict.fromkeys(sources))  # without a title and a link, two of one day cannot be told apart
        shown = sources if len(sources) <= self.shown_sources + 1 else sources[: self.shown_sources]
        url = sources[0].url if sources else None
        passages, timeline = self._passages(entry.summary, group.label), tuple(map(self._step, entry.timeline))
        return EntryBlock(
            headline=self._text(
                shorten(entry.headline, _LONGEST_HEADLINE), entry.headline_language, entry.original_language
            ),
            url=url,
            updated=entry.kind.value == "updated",
            date=self.words.clock(entry.date.start.astimezone(self.words.zone)) if timed else "",
            passages=passages,
            timeline=timeline,
            skipped=entry.skipped,
            sources=shown,
            more_sources=len(sources) - len(shown),
            publishers=entry.publishers,
            lead=entry is self.lead,
            mixed=len({step.fresh for step in entry.timeline}) > 1,
            changes=tuple(map(self._change, entry.developments)),
            line_title=self._outside(entry.line_title),
            voices=self._voices(entry),
            listed=_more_to_list(entry),
            image=self._image(entry),
            iso=entry.date.iso(),
            reason=self._clean(entry.reason),
            day=self.words.day(entry.date),
            axis=drawing(entry.timeline, self.words, skipped=entry.skipped > 0),
            footnotes=footnotes(url, passages, timeline, shown, self.words.comma),
        )

    def _image(self, entry: Entry) -> ImageBlock | None:
        """What it shows in words is left out where that is the headline once more."""
        image = self._images.get(entry.story)
        if image is None:
            return None
        alt = self._text(image.alt, image.lang)
        told = "" if alt.text.casefold() == self._clean(entry.headline).casefold() else alt.text
        return replace(image, alt=told, lang=alt.lang if told else "")

    def _voices(self, entry: Entry) -> str:
        one = entry.texts == 1 and entry.publishers > 1
        return self.words.say("%(n)s publishers, one text", n=entry.publishers) if one else ""

    def _change(self, development: Development) -> ChangeLine:
        found = change(development, self.words, self._outside)
        values = [f"{stood.brief} ({stood.date})" for stood in found.earlier]
        told = self.words.say("earlier: %(values)s", values=self.words.comma.join(values)) if values else ""
        publishers = () if found.now.differ else found.now.values[0].publishers
        return ChangeLine(
            found.label,
            _spaced(found.now.brief),
            found.now.date,
            self.words.comma.join(publishers[:_NAMED]),
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
        url = link(first.url, self.slots.all)
        if first.manner is not Manner.RETOLD:
            return Passage(texts, self._from(first, day), url, first.continues)
        rests_on: list[Quote | Credit] = [first, *first.also]
        sources = [Source(self._from(a, day), link(a.url, self.slots.all)) for a in rests_on]
        named = {s.publisher: s for s in reversed(sources) if s.publisher}
        after = tuple(reversed(named.values()))
        note = self.words.say("in our words, after") if after else self.words.say("in our words")
        said = f"{note} {self.words.comma.join(s.publisher for s in after)}".strip()
        return Passage(texts, said, url, first.continues, retold=True, note=note, after=after)

    def _from(self, quoted: Quote | Credit, day: PartialDate) -> str:
        """Publisher and date of an article: the date where it is not the entry's, or where nobody is known."""
        publisher, when = self._outside(quoted.publisher), quoted.published
        if when is None or (publisher and day_of(when, self.words.zone) == day):
            return publisher
        return self.words.comma.join(filter(None, (publisher, self.words.day(when))))

    def _step(self, step: Step) -> StepLine:
        quote = step.quote
        return StepLine(
            self.words.day(step.date),
            self._text(quote.text, quote.language, quote.original_language),
            self._outside(quote.publisher),
            link(quote.url, self.slots.all),
            step.fresh,
            step.date.iso(),
        )


def _spaced(text: str) -> str:
    """Several values in a row may break between a number and its unit."""
    return " ".join(text.split())


def _quotes(entry: Entry) -> list[Quote]:
    return [*entry.summary, *(step.quote for step in entry.timeline)]


def _from_the_same(one: Quote, other: Quote) -> bool:
    return (one.article, one.manner, one.also) == (other.article, other.manner, other.also)


def _more_to_list(entry: Entry) -> bool:
    named = {_name(q, q.original_language or q.language) for q in _quotes(entry)}
    return any(_name(s, s.language) not in named for s in entry.sources)


def _name(of: Quote | SourceLink, language: str) -> tuple[object, ...]:
    """What a reader knows an article by: where neither publisher nor address is known, date and language must do."""
    return (of.publisher, of.url) if of.publisher or of.url else (of.published, language)
