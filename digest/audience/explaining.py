"""What became of an article for one reader, decided from the facts on record. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from digest.model.article import Standing
from digest.model.explanation import Fate, Finding, Life, Mail, Place, Reader, Revision, Seen, Shown, Skipped
from digest.model.subscription import AddressState, SubscriptionState

#: The section of stories that have no topic at all.
_OTHER = "other"

#: Where no mail has it, editions that were not sent are worth naming if they could have told it.
_COULD_COME = (Fate.OWED, Fate.NOTHING_NEW, Fate.TOO_OLD)


def explain(
    life: Life, reader: Reader, mails: Sequence[Mail], told: Sequence[Mail], skipped: Sequence[Skipped]
) -> tuple[Finding, ...]:
    """What became of each revision, the first one first.

    `mails` are those whose ranges hold a number of the article's, `told` those that told of its story and count;
    both oldest first.
    """
    return tuple(_one(life, revision, reader, mails, told, skipped) for revision in life.revisions)


def _one(
    life: Life,
    revision: Revision,
    reader: Reader,
    mails: Sequence[Mail],
    told: Sequence[Mail],
    skipped: Sequence[Skipped],
) -> Finding:
    if not revision.number:
        return _unnumbered(life, revision)
    mine = [mail for mail in mails if revision.number in mail.ranges]
    found = next((m for m in mine if m.counts), None) or next((m for m in reversed(mine) if m.waits), None)
    before = tuple(m for m in mine if m is not found and not m.counts)
    if revision.standing is Standing.BACKGROUND:
        finding = Finding(revision, Fate.BACKGROUND)
    elif found is not None:
        finding = _in_mail(life, revision, reader, found)
    else:
        finding = _without(life, revision, reader, mails)
    matters = found is not None or finding.fate in _COULD_COME
    passed = _passed(revision, found, skipped) if matters else ()
    finding = replace(finding, before=before, skipped=passed)
    if finding.fate is Fate.NOTHING_NEW:
        earlier = [m for m in told if m is not found and (found is None or m.delivery.id < found.delivery.id)]
        finding = replace(finding, told_by=earlier[-1] if earlier else None)
    return finding


def _unnumbered(life: Life, revision: Revision) -> Finding:
    later = [r for r in life.revisions if r.ordinal > revision.ordinal]
    if revision.standing is Standing.REMOVED:
        return Finding(revision, Fate.REMOVED)
    if revision.standing is Standing.QUARANTINED:
        # Of an article that is released only the last text goes on.
        released = next((r for r in reversed(later) if r.standing is not Standing.QUARANTINED), None)
        return Finding(revision, Fate.REPLACED if released else Fate.HELD_BACK, newer=released)
    return Finding(revision, Fate.UNGROUPED if revision.cleaned else Fate.UNCLEANED)


def _passed(revision: Revision, found: Mail | None, skipped: Sequence[Skipped]) -> tuple[Skipped, ...]:
    """Editions that were cut when it was there, up to the mail that has it."""
    last = found.edition.id if found is not None and found.edition is not None else None
    return tuple(s for s in skipped if s.edition.cutoff >= revision.number and (last is None or s.edition.id < last))


def _in_mail(life: Life, revision: Revision, reader: Reader, mail: Mail) -> Finding:
    """What the mail that covers it did with it."""
    if life.removal is not None:
        return Finding(revision, Fate.REMOVED, mail)
    cutoff = mail.edition.cutoff if mail.edition is not None else revision.number
    newer = _newer(life, revision, cutoff)
    place = _place(mail.places, revision, mail.seen)
    shown = place is None or place.shown is Shown.ENTRY
    shown = shown and (mail.seen is Seen.ADDRESS or (mail.seen is Seen.WORDS and not _foreign(life, revision, reader)))
    # Of a text that an earlier mail covers, this one tells what only the mail had told that came back.
    if newer is not None and not (shown and newer.number not in mail.ranges):
        return Finding(revision, Fate.REPLACED, mail, newer=newer)
    if shown:
        return Finding(revision, Fate.TOLD, mail, place, newer=newer)
    return replace(_placed(life, revision, reader, place, known=mail.seen is not None), mail=mail)


def _newer(life: Life, revision: Revision, cutoff: int) -> Revision | None:
    """The text that stood for the article at the cutoff, where it is a later one."""
    later = [r for r in life.revisions if revision.number < r.number <= cutoff]
    return later[-1] if later else None


def _place(places: Sequence[Place], revision: Revision, seen: Seen | None) -> Place | None:
    """Where its story stands. Stories that were merged since can stand in several places."""
    reached = [p for p in places if p.last_seq >= revision.number] or list(places)
    entries = [p for p in reached if p.shown is Shown.ENTRY]
    others = [p for p in reached if p.shown is not Shown.ENTRY]
    preferred = [*others, *entries] if seen is Seen.NOT else [*entries, *others]
    return preferred[0] if preferred else None


def _placed(life: Life, revision: Revision, reader: Reader, place: Place | None, *, known: bool) -> Finding:
    """Of an article that is not found in the mail itself. `known`: it was looked for there."""
    foreign = _foreign(life, revision, reader)
    if foreign is not None:
        return Finding(revision, foreign, place=place)  # where there is a place, its story has other articles
    if place is None:
        return _off_topic(life, revision, reader) or Finding(revision, Fate.CHANGED_SINCE)
    if place.shown is Shown.ENTRY:
        return Finding(revision, Fate.OTHERS if known else Fate.TOLD, place=place)
    fate = {Shown.OVER: Fate.OVER, Shown.NOTHING_NEW: Fate.NOTHING_NEW, Shown.OFF_TOPIC: Fate.OFF_TOPIC}[place.shown]
    return Finding(revision, fate, place=place)


def _foreign(life: Life, revision: Revision, reader: Reader) -> Fate | None:
    """Why the publication does not take the article, as it is defined now."""
    publication = reader.publication
    if publication.sources and life.source not in publication.sources:
        return Fate.OTHER_SOURCE
    if publication.languages and revision.language not in publication.languages:
        return Fate.OTHER_LANGUAGE
    return None


def _off_topic(life: Life, revision: Revision, reader: Reader) -> Finding | None:
    """Whether no topic of it is wanted, or was when it came, by the topics as they are now."""
    named = tuple(dict.fromkeys((*life.topics, *life.story_topics))) or (_OTHER,)
    wanted = [topic for topic in named if reader.wanted is not None and (not reader.wanted or topic in reader.wanted)]
    if not wanted:
        return Finding(revision, Fate.OFF_TOPIC)
    later = [
        next((w for w in reader.waivers if w.topic == topic and revision.number in w.ranges), None) for topic in wanted
    ]
    if all(later):
        return Finding(revision, Fate.TOPIC_LATER, waiver=later[0], topic=wanted[0])
    return None


def _without(life: Life, revision: Revision, reader: Reader, mails: Sequence[Mail]) -> Finding:
    """No mail covers it, and none is under way that would."""
    waiver = next((w for w in reader.waivers if not w.topic and revision.number in w.ranges), None)
    if life.removal is not None:
        return Finding(revision, Fate.REMOVED)
    if waiver is not None:
        return Finding(revision, Fate.WAIVED, waiver=waiver)
    if revision.number < reader.floor or revision.number in reader.stale:
        return Finding(revision, Fate.TOO_OLD)
    if standing := _standing(reader):
        return Finding(revision, standing)
    newer = _newer(life, revision, max(r.number for r in life.revisions))
    # Where the reader had the newer text already, the next mail tells what only the older one's mail had told.
    if newer is not None and not any(m.counts and newer.number in m.ranges for m in mails):
        return Finding(revision, Fate.REPLACED, newer=newer)
    place = _place(reader.next_places, revision, None)
    found = _placed(life, revision, reader, place, known=False)
    found = replace(found, newer=newer)
    return replace(found, fate=Fate.OWED) if found.fate in (Fate.TOLD, Fate.CHANGED_SINCE) else found


def _standing(reader: Reader) -> Fate | None:
    """Why nothing is sent to the reader at all."""
    subscription = reader.subscription
    if subscription.state is SubscriptionState.UNSUBSCRIBED or reader.removed:
        return Fate.ENDED
    if subscription.subscriber.address_state is not AddressState.OK:
        return Fate.SUPPRESSED
    if subscription.state is SubscriptionState.PAUSED:
        return Fate.PAUSED
    return Fate.PENDING if subscription.state is SubscriptionState.PENDING else None
