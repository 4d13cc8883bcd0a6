"""From a view to the page that templates see, in the reader's words. Pure but for the catalogues."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from digest.compose import bidi, footer, span
from digest.compose.blocks import SHOWN_SOURCES, Blocks, Images, quotes_of
from digest.compose.clean import link, shorten
from digest.compose.kept import Shelf
from digest.compose.often import how_often
from digest.compose.page import EntryBlock, Facts, Page, SlotNames
from digest.compose.words import Words
from digest.model.edition import EditionKind, Manner, View

_LONGEST_IN_SUBJECT = 30  # of the publication's title


class Presenter:
    shown_sources = SHOWN_SOURCES

    def __init__(
        self, view: View, words: Words, slots: SlotNames, shelf: Shelf | None = None, images: Images | None = None
    ) -> None:
        """`shelf` keeps the blocks of entries for other views; `images` are by the story of their entry."""
        self.view, self.words, self.slots = view, words, slots
        self._blocks = Blocks(view, words, slots, shelf, images, self.shown_sources)
        self.near: date = self._today()

    def _today(self) -> date:
        """The day of the edition's slot; an extra one is as of when it was cut, where its reader is."""
        edition = self.view.edition
        extra = edition.kind is EditionKind.EXTRA
        return edition.cut_at.astimezone(self.words.zone).date() if extra else edition.slot.date()

    def page(self, facts: Facts) -> Page:
        view, words = self.view, self.words
        sections = tuple(map(self._blocks.section, view.sections))
        blocks = [e for s in sections for g in s.groups for e in g.entries]
        rtl = words.dir == "rtl"
        return Page(
            lang=words.language.replace("_", "-"),
            dir=words.dir,
            start="right" if rtl else "left",
            end="left" if rtl else "right",
            title=self._blocks.outside(self._title(facts)),
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
            operator=footer.operator(facts.failing, words, self.near, self._blocks.outside),
            why=self._why(facts),
            sender=self._blocks.outside(facts.sender),
            imprint=tuple(filter(None, map(self._blocks.outside, facts.imprint.splitlines()))),
            web_copy_url=link(facts.web_copy_url, self.slots.all),
            slots=self.slots,
            covers=span.covers(view, words),
            nothing="" if blocks else span.nothing(view, words, self.near),
            nothing_subject="" if blocks else self.words.say("Nothing new"),
        )

    def _title(self, facts: Facts) -> str:
        return self._blocks.clean(facts.publication or self.view.publication_title)

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
        return [note for note in said if note]

    def _trust(self) -> str:
        said = self.words.say
        quotes = [q for e in self.view.entries for q in quotes_of(e)]
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
            often = how_often(self.words, facts.rule) if facts.rule else self.words.say(f"every {facts.cadence}")
            return self.words.say(message, publication=title, cadence=often)
        return self.words.say("You receive this because you subscribed to %(publication)s.", publication=title)

    def _preheader(self, blocks: Sequence[EntryBlock]) -> str:
        """What an inbox shows behind the subject: the other headlines, or how the only story goes on."""
        others = [b.headline.text for b in blocks if not b.lead]
        if not others:
            others = [q.text for b in blocks for p in b.passages for q in p.quotes]
        return bidi.closed(shorten(" · ".join(others), 140))
