"""Past editions made anew, under other settings or those of today, beside what was sent. Nothing is stored.

Whom each variant was made for, what these readers had had by then and what they were owed is as it was. A mail that is
made anew here counts for the later ones as it would be, not as it was. Stories, topics and templates are today's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from digest.audience.address import address_key, normalise
from digest.compose import sentences
from digest.compose.difference import Difference, Item, difference
from digest.compose.render import Renderer
from digest.model.edition import Edition, View
from digest.model.publication import Publication
from digest.model.ranges import Ranges
from digest.pipeline import candidates, made_for, replay_settings
from digest.pipeline.asking import Remembered
from digest.pipeline.candidates import Candidates
from digest.pipeline.compose import Composed, Composer, Group
from digest.pipeline.replay_mail import NOTHING, Mail, mail_of
from digest.pipeline.services import Services
from digest.store import editions, explanations, made, publications, stories, subscribers, variants
from digest.store.made import Made
from digest.store.stories import Connection
from digest.store.variants import Told, Untold

_NOT_ASKED = "the language model is not asked in a replay"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Editions whose slots lie from `start` to `stop`, in their own local time. `email`: only what this reader got."""

    publication: str
    start: datetime
    stop: datetime
    said: Mapping[str, str] = field(default_factory=dict)  # of the publication, as `replay_settings.Said`
    email: str = ""
    ask_model: bool = False


@dataclass(frozen=True, slots=True)
class Replayed:
    """A variant as it was and as it would be.

    `recorded`: whom it was made for is on record. `withdrawn`: it told of an article that was removed since, so that
    its words are gone. `why`: by story, why it came in or fell out. `texts`: sentences by their fingerprints, as far
    as they are known.
    """

    id: int
    language: str
    readers: int
    recorded: bool
    withdrawn: bool
    before: Mail
    after: Mail
    difference: Difference
    why: Mapping[int, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)

    @property
    def alike(self) -> bool:
        """Whether it tells the same; its looks may be others."""
        if self.withdrawn:
            return not self.difference
        return not self.difference and (self.before.subject, self.before.more) == (self.after.subject, self.after.more)

    @property
    def same(self) -> bool:
        """Whether it is the same to the last letter."""
        return self.alike and (
            self.withdrawn or (self.before.text, self.before.html) == (self.after.text, self.after.html)
        )


@dataclass(frozen=True, slots=True)
class ReplayedEdition:
    """`unmailed`: readers who got none since nothing was new to them; they are not looked at."""

    edition: Edition
    variants: tuple[Replayed, ...]
    unmailed: int = 0


@dataclass(frozen=True, slots=True)
class Replay:
    """`modelled`: a language model tells, or told."""

    publication: Publication
    editions: tuple[ReplayedEdition, ...]
    modelled: bool = False

    @property
    def variants(self) -> list[Replayed]:
        return [v for e in self.editions for v in e.variants]


def replay(services: Services, wanted: Wanted) -> Replay:
    """Raises NotFound or UsageError for a publication, a reader or a value that there is not."""
    with services.database.read() as connection:
        present = publications.get(connection, wanted.publication)
        publication = replay_settings.apply(services, connection, present, dict(wanted.said))
        found = editions.listing(connection, publication=present.name)
        chosen = [e for e in reversed(found) if wanted.start <= e.slot <= wanted.stop]
        person = None
        if wanted.email:
            address = normalise(wanted.email)
            person = subscribers.get(connection, address, address_key(address)).id
    machine = _Machine(_quiet(services, ask=wanted.ask_model), publication, "language" in wanted.said)
    done: list[ReplayedEdition] = []
    for edition in chosen:
        if one := machine.edition(edition, person):
            done.append(one)
        services.progress(f"replaying {publication.name}", len(done), len(chosen))
    services.progress(f"replaying {publication.name}", len(chosen), len(chosen))
    chosen_summary = services.settings.summary
    modelled = chosen_summary.summariser != "extract" or bool(chosen_summary.translator)
    return Replay(publication, tuple(done), modelled)


def _quiet(services: Services, *, ask: bool) -> Services:
    """The same, whose language model is not asked: what it answered is known."""
    if ask:
        return services
    known = Remembered(services, _NOT_ASKED)
    return replace(
        services,
        load_summariser=lambda _, name: services.load_summariser(known, name),
        load_translator=lambda _, name: services.load_translator(known, name),
    )


class _Machine:
    """Makes one edition after the other, and remembers what each told."""

    def __init__(self, services: Services, publication: Publication, in_language: bool) -> None:
        """`in_language`: all readers' mails are made in the publication's language."""
        self._services, self._publication = services, publication
        self._in_language = in_language
        self._renderer = Renderer(services.template_folders)
        self._told: dict[int, list[Told]] = {}  # by variant, as it would be

    def edition(self, edition: Edition, person: int | None) -> ReplayedEdition | None:
        """None where nobody (or not this person) has a mail of it."""
        with self._services.database.read() as connection:
            found = made.of_edition(connection, edition.id, person)
            if not found:
                return None
            groups = {m.variant.id: self._group(connection, m) for m in found}
            union = Ranges.of(span for m in found for span in m.ranges.spans)
            stock = candidates.load(connection, self._publication, edition, union)
            every = {m.variant.id for m in found} | {v for _, held in groups.values() for v in held}
            told = variants.told(connection, every)
            now = stories.redirects(connection, {t.story for entries in told.values() for t in entries})
            past = told | {v: entries for v, entries in self._told.items() if v in every}
            sent = {held: candidates.sent_before(connection, past, held) for _, held in groups.values()}
            unmailed = 0 if person is not None else made.unmailed(connection, edition.id)
        # What pictures there are depends on servers, today as then.
        plain = replace(self._publication, images=0)
        composer = Composer(self._services, plain, edition, stock, renderer=self._renderer)
        done = []
        for one in found:
            group, held = groups[one.variant.id]
            composed = composer.compose(group, sent[held])
            if not one.withdrawn:  # what it told is known there, whatever it would be without the article
                self._told[one.variant.id] = list(composed.told) if composed else []
            done.append(_compared(one, told.get(one.variant.id, []), composed, stock, now))
        return ReplayedEdition(edition, tuple(done), unmailed)

    def _group(self, connection: Connection, one: Made) -> tuple[Group, frozenset[int]]:
        language = self._publication.language if self._in_language else one.variant.language
        if one.made_for is not None:
            return made_for.group_of(one.made_for, language, one.zone, one.ranges)
        return _guessed(connection, one, language)


def _guessed(connection: Connection, one: Made, language: str) -> tuple[Group, frozenset[int]]:
    """Of a variant that an earlier version made: by its first reader, whose topics may have changed since."""
    first = made.first_of(connection, one.variant.id)
    subscription = subscribers.by_id(connection, first.subscription)
    waived: dict[str, Ranges] = {}
    for waiver in explanations.waivers(connection, subscription.id):
        if waiver.topic and waiver.at <= first.planned_at and (mine := waiver.ranges & one.ranges):
            waived[waiver.topic] = waived.get(waiver.topic, Ranges()) | mine
    waivers = tuple(sorted(waived.items(), key=lambda pair: pair[0]))
    group = Group(language, one.zone, subscription.cadence, subscription.topics, waivers, one.ranges)
    return group, made.had_at(connection, subscription.id, first.planned_at)


def _compared(
    one: Made, told: Sequence[Told], composed: Composed | None, stock: Candidates, now: Mapping[int, int]
) -> Replayed:
    before, after = _items(told, now), _items(composed.told if composed else (), {})
    # Of a mail that was withdrawn the headlines are gone.
    found = difference(before, [replace(item, headline="") for item in after] if one.withdrawn else after)
    return Replayed(
        id=one.variant.id,
        language=one.variant.language,
        readers=one.readers,
        recorded=one.made_for is not None,
        withdrawn=one.withdrawn,
        before=mail_of(one.variant.subject, one.more, before, one.variant.message),
        after=mail_of(composed.subject, composed.view.more, after, composed.message) if composed else NOTHING,
        difference=found,
        why=_why(found, one, before, after, composed, stock),
        texts=_texts(found, composed, stock),
    )


def _items(told: Iterable[Told], now: Mapping[int, int]) -> tuple[Item, ...]:
    """By entry, with the stories' present ids."""
    entries: dict[int, list[Told]] = {}
    for one in told:
        entries.setdefault(one.position, []).append(one)
    return tuple(
        Item(
            frozenset(now.get(t.story, t.story) for t in mine),
            mine[0].section,
            mine[0].kind,
            mine[0].headline,
            frozenset(s for t in mine for s in t.sentences),
        )
        for _, mine in sorted(entries.items())
    )


def _why(
    found: Difference,
    one: Made,
    before: Sequence[Item],
    after: Sequence[Item],
    composed: Composed | None,
    stock: Candidates,
) -> dict[int, str]:
    """By story of an entry that came in or fell out."""
    why: dict[int, str] = {}
    for story in _stories(p.item for p in found.came):
        if story in _stories(before):
            why[story] = "was told in another entry"
        else:
            why[story] = _untold(story, one.untold, "was ", "had ")
    for story in _stories(p.item for p in found.fell):
        if story in _stories(after):
            why[story] = "is told in another entry"
        elif not stock.members.get(story):
            why[story] = "no article of it is drawn on"
        elif composed is not None:
            # What is neither told nor left out for a reason of its own is no news to readers of these topics.
            why[story] = _untold(story, composed.untold, "is ", "has ") or "is of no wanted topic"
    return {story: said for story, said in why.items() if said}


def _stories(items: Iterable[Item]) -> set[int]:
    return {story for item in items for story in item.stories}


def _untold(story: int, untold: Untold, was: str, had: str) -> str:
    if story in untold.over:
        return f"{was}over the limits"
    return f"{had}nothing new" if story in untold.known else ""


def _texts(found: Difference, composed: Composed | None, stock: Candidates) -> dict[str, str]:
    """Sentences that only one of the mails has, by their fingerprints."""
    wanted: set[str] = set()
    concerned: set[int] = set()
    for change in found.changed:
        if only := change.before.item.sentences ^ change.after.item.sentences:
            wanted |= only
            concerned |= change.before.item.stories | change.after.item.stories
    known: dict[str, str] = {}
    for story in concerned:
        for article in stock.members.get(story, ()):
            known |= {sentences.fingerprint(s): s for s in sentences.of(article)}
    if composed is not None:
        known |= {sentences.fingerprint(s): s for s in _said(composed.view)}
    return {mark: known[mark] for mark in wanted if mark in known}


def _said(view: View) -> Iterable[str]:
    for entry in view.entries:
        yield from (quote.text for quote in entry.summary)
        yield from (step.quote.text for step in entry.timeline)
