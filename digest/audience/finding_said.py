"""What became of an article for a reader, in plain sentences that can be pasted into an answer. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import groupby

from digest.audience.mail_said import of_mail, when
from digest.model.explanation import Fate, Finding, Life, Mail, Place, Reader
from digest.model.subscription import Subscription

#: Reasons of waivers, as they are put on record.
_TAKEN_UP, _BEFORE, _BEYOND = (
    "before the publication had the topic",
    "before the subscription",
    "beyond the catch-up limit",
)
_LONGEST = 90  # characters of a headline


class Teller:
    """Tells the findings of one article for one reader. `labels`: of topics."""

    def __init__(self, life: Life, reader: Reader, labels: Mapping[str, str]) -> None:
        self._life, self._reader, self._labels = life, reader, labels
        self._zone = reader.subscription.zone

    def sentences(self, finding: Finding) -> list[str]:
        """The answer, then what happened before."""
        return [self.answer(finding), *self.before(finding)]

    def answer(self, finding: Finding) -> str:
        """One sentence, with the facts."""
        return _ANSWERS[finding.fate](self, finding)

    def before(self, finding: Finding) -> list[str]:
        """Mails that had it and do not count, and editions that were not sent."""
        found = [f"Before that, {mail.name} had it, which {of_mail(mail, self._zone)}." for mail in finding.before]
        for reason, group in groupby(sorted(finding.skipped, key=lambda s: s.reason), key=lambda s: s.reason):
            skipped = list(group)
            last = skipped[-1].edition
            named = f"{last.name} of {when(last.due, self._zone)}"
            many = f"{len(skipped)} editions were" if len(skipped) > 1 else f"{named} was"
            end = f" (the last: {named})" if len(skipped) > 1 else ""
            found.append(f"Meanwhile {many} not sent to this reader: {reason}{end}.")
        return found

    # --- pieces ---

    def name(self, finding: Finding) -> str:
        several = len(self._life.revisions) > 1
        return f"Revision {finding.revision.ordinal} of the article" if several else "The article"

    def _mail(self, mail: Mail) -> str:
        return f"{mail.name}, which {of_mail(mail, self._zone)}"

    def _covered(self, finding: Finding, why: str) -> str:
        """Why it is not shown, by the mail that covers it or by the next edition."""
        if finding.mail is None:
            return f"{self.name(finding)} will not be in the next edition: {why}."
        verb = "covers" if finding.mail.counts else "would cover"
        return (
            f"{finding.mail.name} {verb} it without showing it: {why}. That mail {of_mail(finding.mail, self._zone)}."
        )

    def _stands(self, place: Place | None) -> str:
        if place is None or not place.number:
            return ""
        kind = ", updated" if place.updated else ""
        headline = place.headline if len(place.headline) <= _LONGEST else place.headline[: _LONGEST - 1] + "…"
        title = f": “{headline}”" if headline else ""
        return f" as entry {place.number} of {place.of} under “{self._label(place.section)}”{kind}{title}"

    def _label(self, topic: str) -> str:
        return self._labels.get(topic, topic)

    def _listed(self, topics: tuple[str, ...]) -> str:
        return ", ".join(map(self._label, topics))

    def _why_there(self, place: Place | None) -> str:
        return f" It was ranked by {place.reason}." if place and place.reason else ""

    # --- fates ---

    def told(self, finding: Finding) -> str:
        assert finding.mail is not None
        verb = "stood" if finding.mail.counts else "stands"
        head = f"{self.name(finding)} {verb}{_whose_words(finding)} in {self._placed_mail(finding)}."
        return head + self._why_there(finding.place)

    def _placed_mail(self, finding: Finding) -> str:
        assert finding.mail is not None
        stands = self._stands(finding.place)
        joined = f"{finding.mail.name}{stands}"
        return f"{joined}{'; that mail' if stands else ', which'} {of_mail(finding.mail, self._zone)}"

    def others(self, finding: Finding) -> str:
        return f"Its story, in the words of other articles, stood in {self._placed_mail(finding)}."

    def over(self, finding: Finding) -> str:
        p = self._reader.publication
        limits = f"{p.max_entries} entries, {p.max_per_section} a section, and what mail programs show whole"
        return self._covered(finding, f"it is beyond the mail's limits ({limits}), among the stories that it counts")

    def nothing_new(self, finding: Finding) -> str:
        told = f", who was told in {self._mail(finding.told_by)}" if finding.told_by else ""
        return self._covered(finding, f"it has nothing new for this reader{told}")

    def off_topic(self, finding: Finding) -> str:
        reader, publication = self._reader.subscription.topics, self._reader.publication.topics
        about = tuple(dict.fromkeys((*self._life.topics, *self._life.story_topics)))
        mine = f"it is about {self._listed(about)}" if about else "it has no topic"
        takes = (
            f"this reader chose {self._listed(reader)}" if reader else f"{self._name} has {self._listed(publication)}"
        )
        return self._covered(finding, f"{mine}, and {takes}")

    @property
    def _name(self) -> str:
        return self._reader.publication.name

    def other_source(self, finding: Finding) -> str:
        takes = ", ".join(self._reader.publication.sources)
        return self._covered(finding, f"it is from the source {self._life.source}, and {self._name} takes {takes}")

    def other_language(self, finding: Finding) -> str:
        takes = ", ".join(self._reader.publication.languages)
        mine = finding.revision.language
        return self._covered(finding, f"its language is {mine}, and {self._name} takes {takes}")

    def topic_later(self, finding: Finding) -> str:
        assert finding.waiver is not None
        on, topic = when(finding.waiver.at, self._zone), self._label(finding.topic)
        who = f"{self._name} took up" if finding.waiver.reason == _TAKEN_UP else "this reader chose"
        why = f"{who} {topic} on {on}, and a topic does not reach back"
        return self._covered(finding, why)

    def changed_since(self, finding: Finding) -> str:
        why = "it was outside the topics, sources or languages then, which are others by now"
        return self._covered(finding, why)

    def waived(self, finding: Finding) -> str:
        assert finding.waiver is not None
        on, at = when(finding.waiver.at, self._zone), when(finding.revision.numbered_at, self._zone)
        name = self.name(finding)
        if finding.waiver.reason == _BEFORE:
            why = "a first mail reaches back one cadence only"
            return f"{name} was there on {at}, before the subscription of {on}: {why}."
        if finding.waiver.reason == _BEYOND:
            days = self._reader.publication.catch_up_days
            return (
                f"{name} was there on {at}, more than {days} days before this reader's mail of {on}: it was given up."
            )
        return f"{name} was given up on {on}: {finding.waiver.reason}."

    def too_old(self, finding: Finding) -> str:
        days, at = self._reader.publication.catch_up_days, when(finding.revision.numbered_at, self._zone)
        why = f"a reader is caught up on {days} days"
        return f"{self.name(finding)} was there on {at}, and {why}: it is not sent any more."

    def replaced(self, finding: Finding) -> str:
        assert finding.newer is not None
        newer = finding.newer
        at = when(newer.numbered_at, self._zone)
        head = f"Revision {newer.ordinal} of the article took the place of revision {finding.revision.ordinal} on {at}"
        return f"{head}, before {self._mail(finding.mail)}." if finding.mail else f"{head}."

    def removed(self, finding: Finding) -> str:
        gone = self._life.removal
        assert gone is not None
        head = f"The article was removed on {when(gone.at, self._zone)} ({gone.reason})"
        if finding.mail is None:
            return f"{head}, and no mail to this reader told it."
        told = "had told of its story" if finding.mail.withdrawn_at else "covers its number and does not show it"
        return f"{head}. {finding.mail.name} {told}; that mail {of_mail(finding.mail, self._zone)}."

    def held_back(self, finding: Finding) -> str:
        source, at = self._life.source, when(finding.revision.arrived_at, self._zone)
        why = f"it came in a flood of old articles from {source} on {at}"
        return f"{self.name(finding)} is held back: {why}, and waits for the operator (digest source release {source})."

    def background(self, finding: Finding) -> str:
        at = when(finding.revision.arrived_at, self._zone)
        why = f"it came among older entries of {self._life.source} on {at}"
        return f"{self.name(finding)} is no news: {why}, serves to find stories, and is not mailed by itself."

    def waiting(self, finding: Finding) -> str:
        lacks = "cleaned and grouped" if finding.fate is Fate.UNCLEANED else "grouped"
        at = when(finding.revision.arrived_at, self._zone)
        then = "the next run does that, and the edition after it tells the news"
        return f"{self.name(finding)} came in on {at} and is not {lacks} yet: {then}."

    def not_now(self, finding: Finding) -> str:
        days = self._reader.publication.catch_up_days
        then = {
            Fate.PAUSED: f"it is owed, and comes after the pause if that ends within {days} days",
            Fate.PENDING: "it comes when the reader has confirmed",
        }.get(finding.fate, "it is not sent")
        return f"{self.name(finding)} is in no mail: {standing(self._reader)}; {then}."

    def owed(self, finding: Finding) -> str:
        section = finding.place.section if finding.place and finding.place.number else ""
        under = f" under “{self._label(section)}”" if section else ""
        coming = f"{self.name(finding)} comes{_whose_words(finding)} with the next edition"
        return f"{coming}, {next_edition(self._reader)}{under}."


def _whose_words(finding: Finding) -> str:
    return f" in the words of revision {finding.newer.ordinal}" if finding.newer else ""


def next_edition(reader: Reader) -> str:
    if reader.publication.paused:
        return f"once {reader.publication.name} is resumed"
    if reader.next_due is None:
        return f"once {reader.publication.name} has the cadence {reader.subscription.cadence!r} again"
    return f"on {when(reader.next_due, reader.subscription.zone)}"


def standing(reader: Reader) -> str:
    """`the subscription is paused since … (on holiday)`."""
    subscription = reader.subscription
    person = subscription.subscriber
    if person.address_state != "ok":
        return f"the address is {person.address_state} ({person.address_reason})"
    if reader.removed:
        return "the publication was removed"
    return f"the subscription is {subscription.state} since {_since(subscription)}"


def _since(subscription: Subscription) -> str:
    reason = f" ({subscription.reason})" if subscription.reason else ""
    return when(subscription.changed_at, subscription.zone) + reason


_ANSWERS: Mapping[Fate, Callable[[Teller, Finding], str]] = {
    Fate.HELD_BACK: Teller.held_back,
    Fate.UNCLEANED: Teller.waiting,
    Fate.UNGROUPED: Teller.waiting,
    Fate.BACKGROUND: Teller.background,
    Fate.REMOVED: Teller.removed,
    Fate.REPLACED: Teller.replaced,
    Fate.TOLD: Teller.told,
    Fate.OTHERS: Teller.others,
    Fate.OVER: Teller.over,
    Fate.NOTHING_NEW: Teller.nothing_new,
    Fate.OFF_TOPIC: Teller.off_topic,
    Fate.OTHER_SOURCE: Teller.other_source,
    Fate.OTHER_LANGUAGE: Teller.other_language,
    Fate.TOPIC_LATER: Teller.topic_later,
    Fate.CHANGED_SINCE: Teller.changed_since,
    Fate.WAIVED: Teller.waived,
    Fate.TOO_OLD: Teller.too_old,
    Fate.ENDED: Teller.not_now,
    Fate.PAUSED: Teller.not_now,
    Fate.PENDING: Teller.not_now,
    Fate.SUPPRESSED: Teller.not_now,
    Fate.OWED: Teller.owed,
}
