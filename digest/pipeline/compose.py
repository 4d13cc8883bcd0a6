"""An edition as one group of readers sees it: selected, edited, rendered, built into a message."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr

import msgspec

from digest.compose import edit, novelty, render, stored
from digest.compose.candidates import Request, Sent
from digest.compose.desk import Desk
from digest.compose.tell import Telling
from digest.deliver import message
from digest.deliver.inline import Inline
from digest.group.topics import topic_label
from digest.model import splice
from digest.model.drafting import Limits
from digest.model.edition import Edition, View
from digest.model.publication import Failing, Publication
from digest.model.ranges import Ranges
from digest.model.ranking import Ranking
from digest.model.splice import SlotNames
from digest.pipeline.asking import Asking
from digest.pipeline.candidates import Candidates, TopicWaivers
from digest.pipeline.envelope import archive_link, copy_link, domain_of, help_link
from digest.pipeline.images import Images, Shown
from digest.pipeline.imprint import imprint
from digest.pipeline.knowledge import knowledge
from digest.pipeline.services import Services
from digest.store import windows
from digest.store.variants import Told, Untold, make_key

#: A mail with pictures; one without them is as long as it is.
MOST_BYTES = 500_000


@dataclass(frozen=True, slots=True)
class Group:
    """Readers who see the same: everything their view depends on but what they had before."""

    language: str
    zone: str
    cadence: str
    topics: tuple[str, ...]
    waivers: tuple[tuple[str, Ranges], ...]
    ranges: Ranges
    failing: Failing | None = None  # for the operator's eyes: a group of its own


@dataclass(frozen=True, slots=True)
class Composed:
    """A variant to be."""

    key: str
    subject: str
    text: str
    html: str
    message: bytes
    view: View
    told: tuple[Told, ...]
    untold: Untold
    stored: bytes  # the view, packed
    images: tuple[Inline, ...] = ()  # that the HTML shows


class Composer:
    """Composes the variants of one edition."""

    def __init__(
        self,
        services: Services,
        publication: Publication,
        edition: Edition,
        candidates: Candidates,
        *,
        mark: str = "",
        renderer: render.Renderer | None = None,
    ) -> None:
        """`mark` stands before each subject. `renderer`: one that has read the templates already."""
        self._services, self._publication, self._mark = services, publication, mark
        self._edition, self._candidates = edition, candidates
        self._at = ("", "")
        self._began: dict[int, datetime | None] = {}
        self._renderer = renderer or render.Renderer(services.template_folders)
        self._desk = Desk(telling(services, _occasion(edition)))
        self._images = Images(services, publication.images)

    @functools.cached_property
    def _slots(self) -> SlotNames:
        """The same in all variants, so that they can share what is rendered; known to nobody who writes articles."""
        secret, edition = self._services.home.secret().hex(), self._edition
        return SlotNames(make_key("slots", secret, edition.name, edition.cut_at)[:16])

    def compose(self, group: Group, sent: Sent) -> Composed | None:
        """None where there is nothing new to tell. The same facts give the same bytes.

        Quick where groups of one language and zone follow each other.
        """
        if (group.language, group.zone) != self._at:
            self._at = (group.language, group.zone)
            self._desk.clear()
            self._renderer.clear()
        waivers: TopicWaivers = dict(group.waivers)
        wanted = wanted_topics(group.topics, self._publication.topics)
        in_view = () if wanted is None else self._candidates.in_view(group.ranges, wanted, waivers)
        if not in_view and not edit.says_nothing_new(self._publication, self._edition):
            return None
        request = Request(
            edition=self._edition,
            publication=self._publication,
            language=group.language,
            zone=group.zone,
            topics=wanted or (),
            labels=self._label,
            ranking=Ranking(**msgspec.structs.asdict(self._services.settings.ranking)),
            covers_from=self._covers_from(group.ranges),
        )
        view = edit.edit(request, in_view, self._candidates.history(in_view), sent, self._desk)
        if view is None:
            return None
        return self._build(group, view, self._key(group, view, sent))

    def _covers_from(self, ranges: Ranges) -> datetime | None:
        if not ranges.spans:  # nothing came in since the last edition
            return self._edition.covers_from
        first = ranges.spans[0][0]
        if first not in self._began:
            with self._services.database.read() as connection:
                self._began[first] = windows.began(connection, self._publication.id, self._edition, first)
        return self._began[first]

    @property
    def images_missing(self) -> int:
        """So many pictures that it would have shown could not be had in time, or not at all."""
        return len(self._images.missing)

    def _label(self, topic: str, language: str) -> str:
        """An operator's topic is called what the operator calls it, in every language."""
        return self._candidates.labels.get(topic) or topic_label(topic, language)

    def _key(self, group: Group, view: View, sent: Sent) -> str:
        had = [(s, sent.of(s)) for s in sorted(_stories(view))]
        past = [(s, h.last_seq, sorted(h.sentences), h.whole) for s, h in had if h is not None]
        spans = [list(span) for span in group.ranges.spans]
        waivers = [(topic, r.spans) for topic, r in group.waivers]
        edition = self._edition
        operators = [group.failing] if group.failing else []  # other readers' keys stay as they were
        return make_key(
            edition.name, edition.zone, edition.cutoff, self._publication.look, group.language, group.zone,
            group.cadence, group.topics, waivers, spans, past, *operators,
        )  # fmt: skip

    def _build(self, group: Group, view: View, key: str) -> Composed:
        own, slots = imprint(self._services.settings.mail, self._publication), self._slots
        facts = render.Facts(
            publication=self._publication.title,
            sender=own.sender,
            cadence=group.cadence,
            rule=next((c for c in self._publication.cadences if c.name == group.cadence), None),
            imprint=own.footer,
            failing=group.failing,
            web_copy_url=copy_link(self._services.home, self._edition.id, key) or None,
        )
        markers = render.SlotNames(*map(slots.marker, (splice.ADDRESS, splice.UNSUBSCRIBE, splice.PREFERENCES)))
        headers = self._message_facts(group.language, key)
        shown = self._images.of(view)
        while True:
            inline = {one.story: Inline(one.image.mime, one.image.data, headers.domain) for one in shown}
            rendered = self._renderer.render(view, markers, facts, {s.story: _block(s, inline[s.story]) for s in shown})
            images = _named(inline.values(), rendered.html)
            built = message.build(
                subject=self._mark + rendered.subject,
                text=rendered.text,
                html=rendered.html,
                slots=slots,
                facts=headers,
                images=images,
            )
            if len(built) <= MOST_BYTES or not shown:
                break
            shown = shown[:-1]
        told = _told(rendered.view)
        subject, view = self._mark + rendered.subject, rendered.view
        packed = stored.pack(view)
        return Composed(key, subject, rendered.text, rendered.html, built, view, told, _untold(view), packed, images)

    def _message_facts(self, language: str, key: str) -> message.MessageFacts:
        mail = self._services.settings.mail
        own = imprint(mail, self._publication)
        name, address = parseaddr(own.sender)
        return message.MessageFacts(
            sender_name=name or self._publication.title,
            sender_address=address,
            reply_to=own.reply_to,
            list_name=self._publication.name,
            list_title=self._publication.title,
            domain=domain_of(mail.domain, address),
            language=language,
            key=key,
            feedback=(self._publication.name, self._edition.cadence, str(self._edition.number)),
            list_help=help_link(self._services.home, self._publication),
            list_archive=archive_link(self._services.home, self._publication),
            complaints=mail.cfbl,
        )


def _block(shown: Shown, inline: Inline) -> render.ImageBlock:
    return render.ImageBlock(inline.src, shown.lead.alt, *shown.size, lang=shown.lead.language)


def _named(images: Iterable[Inline], html: str) -> tuple[Inline, ...]:
    """Those that the look shows, and that are not in what was shortened."""
    return tuple({image.cid: image for image in images if image.src in html}.values())


def telling(services: Services, occasion: str, summariser: str = "", *, again: bool = False) -> Telling:
    """Who tells, as the settings say; `occasion` is what a language model's cost is booked on."""
    chosen = services.settings.summary
    ask = Asking(services, occasion, again=again)
    return Telling(
        summariser=services.load_summariser(ask, summariser),
        translator=services.load_translator(ask, ""),
        limits=Limits(chosen.words, chosen.sentences, chosen.max_quote_words),
        knowledge=knowledge(tuple(services.settings.ingest.languages)),
    )


def _occasion(edition: Edition) -> str:
    """All zones of an edition share what it may spend; a preview has the day's."""
    return edition.name if edition.id else f"preview of {edition.publication}, {edition.cut_at:%Y-%m-%d}"


def wanted_topics(reader: tuple[str, ...], publication: tuple[str, ...]) -> tuple[str, ...] | None:
    """The reader's topics that the publication carries; empty for all, None where there are none left."""
    if not reader or not publication:
        return reader or publication
    return tuple(topic for topic in reader if topic in publication) or None


def _stories(view: View) -> set[int]:
    """All that the view's making could depend on."""
    shown = {story for entry in view.entries for story, _ in entry.stories}
    steps = {step.story for entry in view.entries for step in entry.timeline}
    return shown | steps | set(view.over) | set(view.left_out)


def _untold(view: View) -> Untold:
    off_topic = set(view.off_topic)
    return Untold(view.over, tuple(story for story in view.left_out if story not in off_topic))


def _told(view: View) -> tuple[Told, ...]:
    """What to remember of a view: per story how far it was told, where, and in which sentences."""
    remembered = novelty.mailed(view)
    placed = ((section.topic, entry) for section in view.sections for entry in section.entries)
    return tuple(
        Told(
            story=story,
            last_seq=last_seq,
            position=position,
            kind=entry.kind,
            section=topic,
            headline=entry.headline,
            sentences=tuple(sorted(remembered[story].sentences)) if story in remembered else (),
            reason=entry.reason,
        )
        for position, (topic, entry) in enumerate(placed)
        for story, last_seq in entry.stories
    )
