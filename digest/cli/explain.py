"""digest explain"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from digest.cli import context, given, show

if TYPE_CHECKING:
    from digest.model.explanation import Finding, Mail, Part, Standing
    from digest.pipeline.explaining import Followed, Person, Way


@click.command()
@click.argument("subscriber", metavar="EMAIL")
@click.argument("article", default="")
@click.option("--publication", default="", metavar="NAME", help="Only of this publication.")
@click.option("--limit", default=10, show_default=True, type=given.COUNT, metavar="N", help="The last N editions.")
@show.as_json_option
@click.pass_context
def explain(ctx: click.Context, subscriber: str, article: str, publication: str, limit: int, as_json: bool) -> None:
    """Why a reader got what, and why not: the last editions, or what became of one article.

    ARTICLE is its key, the id that it was ingested with, its web address, or a piece of its title.

    \b
    Example:
      digest explain reader@example.org
      digest explain reader@example.org "harbour board"
    """
    from digest.pipeline import explaining

    services = context.open_services(ctx)
    email = given.person(subscriber)
    if article.strip():
        way = explaining.way(services, email, article, publication)
        show.print_json(_way_as_json(way)) if as_json else _print_way(way)
        return
    person = explaining.person(services, email, publication, limit)
    show.print_json(_person_as_json(person)) if as_json else _print_person(person)


# --- a person -------------------------------------------------------------------------------------


def _print_person(person: Person) -> None:
    from digest.audience.standing_said import below

    show.title(person.subscriber.email)
    if person.subscriber.address_state != "ok":
        _say(f"The address is {person.subscriber.address_state}: {person.subscriber.address_reason}.", 2)
    if not person.standings:
        _say("No subscription, so there is nothing to send (digest subscriber add).", 2)
    for known in person.standings:
        _print_standing(known)
    if person.others:
        zone = person.standings[0].reader.subscription.zone if person.standings else "UTC"
        show.heading("Other mails")
        for mail in person.others:
            _edition(mail.delivery.kind, "")
            _say(below(mail, zone), 4)


def _print_standing(known: Standing) -> None:
    from digest.audience import standing_said

    s = known.reader.subscription
    show.heading(known.reader.publication.name)
    topics = ", ".join(s.topics) or "all topics"
    _say(click.style(f"every {s.cadence}, in {s.language}, {topics}; times are those of {s.zone}", dim=True), 2)
    _say(standing_said.of_state(known), 2)
    for line in standing_said.of_past(known):
        _say(click.style(line, dim=True), 4)
    _say(standing_said.of_next(known), 2)
    if not known.parts:
        _say("No edition was made since then that this reader could have been in.", 2)
    for part in known.parts:
        zone = "" if part.edition.zone == s.zone or part.edition.kind == "extra" else f"@{part.edition.zone}"
        _edition(
            part.edition.name + zone, f"{part.edition.slot:%a} {part.edition.slot.day} {part.edition.slot:%b %Y, %H:%M}"
        )
        _say(standing_said.of_part(part, known), 4)


def _person_as_json(person: Person) -> dict[str, Any]:
    from digest.audience.standing_said import below

    return {
        "subscriber": person.subscriber.email,
        "address": person.subscriber.address_state,
        "address_reason": person.subscriber.address_reason,
        "subscriptions": [_standing_as_json(known) for known in person.standings],
        "other_mails": [_mail_as_json(mail) | {"sentence": below(mail, "UTC")} for mail in person.others],
    }


def _standing_as_json(known: Standing) -> dict[str, Any]:
    from digest.audience import standing_said

    s = known.reader.subscription
    return {
        "publication": known.reader.publication.name,
        "state": s.state,
        "since": s.changed_at,
        "reason": s.reason,
        "history": [{"at": c.at, "state": c.state, "reason": c.reason} for c in known.history],
        "address_history": [{"at": c.at, "state": c.state, "reason": c.reason} for c in known.address],
        "next_due": known.reader.next_due,
        "waiting": known.waiting,
        "next": standing_said.of_next(known),
        "editions": [_part_as_json(part, known) for part in known.parts],
    }


def _part_as_json(part: Part, known: Standing) -> dict[str, Any]:
    from digest.audience.standing_said import of_part

    told: dict[str, Any] = {
        "edition": part.edition.name,
        "zone": part.edition.zone,
        "slot": part.edition.slot.strftime("%Y-%m-%dT%H:%M"),
        "sentence": of_part(part, known),
        "skipped": part.skipped.reason if part.skipped else None,
    }
    return told | {"mail": _mail_as_json(part.mail) if part.mail else None}


def _mail_as_json(mail: Mail) -> dict[str, Any]:
    found = mail.delivery
    return {
        "delivery": found.id,
        "kind": found.kind,
        "edition": found.edition_name,
        "state": found.state,
        "address": found.address,
        "message_id": found.message_id,
        "at": mail.at,
        "sent": found.settled_at if found.state == "sent" else None,
        "tries": found.attempts,
        "relay": found.relay,
        "reply": found.reply,
        "reason": found.reason,
        "next_attempt": found.next_attempt,
        "counts": mail.counts,
        "came_back": [{"kind": b.kind, "at": b.at, "reason": b.reason} for b in mail.came_back],
    }


# --- an article -----------------------------------------------------------------------------------


def _print_way(way: Way) -> None:
    life = way.life
    show.title(life.title or "(its text was removed)")
    texts = "; ".join(
        f"{r.ordinal} came in {show.moment(r.arrived_at)}, {f'number {r.number:,}' if r.number else r.standing}"
        for r in life.revisions
    )
    facts = {
        "key": life.key,
        "id": life.external_id,
        "url": life.url,
        "source": life.source,
        "publisher": life.publisher,
        "came in": show.moment(life.first_seen),
        "revisions": texts,
        "story": f"{life.story}: {life.story_title}" if life.story else "",
        "storyline": life.storyline,
        "topics": ", ".join(way.labels.get(topic, topic) for topic in life.topics),
        "same text as": ", ".join(f"{t.key} ({t.source}, {show.moment(t.first_seen)})" for t in life.twins),
        "removed": f"{show.moment(life.removal.at)}: {life.removal.reason}" if life.removal else "",
    }
    show.listed(facts)
    if not way.followed:
        show.heading(way.subscriber.email)
        _say("No subscription, so nothing is sent (digest subscriber add).", 2)
    for followed in way.followed:
        subscription = followed.reader.subscription
        show.heading(f"{way.subscriber.email}, {followed.reader.publication.name}")
        _say(click.style(f"times are those of {subscription.zone}", dim=True), 2)
        for finding in followed.findings:
            first, *others = _sentences(way, followed, finding)
            _say(first, 2)
            for other in others:
                _say(other, 4)


def _sentences(way: Way, followed: Followed, finding: Finding) -> list[str]:
    from digest.audience.finding_said import Teller

    return Teller(way.life, followed.reader, way.labels).sentences(finding)


def _way_as_json(way: Way) -> dict[str, Any]:
    life = way.life
    article = {
        "key": life.key,
        "id": life.external_id or life.key,
        "title": life.title,
        "url": life.url,
        "source": life.source,
        "first_seen": life.first_seen,
        "story": life.story,
        "storyline": life.storyline,
        "topics": list(life.topics),
        "same_text": [t.key for t in life.twins],
        "removed": {"at": life.removal.at, "reason": life.removal.reason} if life.removal else None,
    }
    readers = [
        {
            "publication": followed.reader.publication.name,
            "revisions": [_finding_as_json(way, followed, finding) for finding in followed.findings],
        }
        for followed in way.followed
    ]
    return {"subscriber": way.subscriber.email, "article": article, "subscriptions": readers}


def _finding_as_json(way: Way, followed: Followed, finding: Finding) -> dict[str, Any]:
    first, *others = _sentences(way, followed, finding)
    place = finding.place
    return {
        "revision": finding.revision.ordinal,
        "number": finding.revision.number or None,
        "arrived": finding.revision.arrived_at,
        "fate": finding.fate,
        "sentence": first,
        "before": others,
        "mail": _mail_as_json(finding.mail) if finding.mail else None,
        "told_by": _mail_as_json(finding.told_by) if finding.told_by else None,
        "entry": place.number if place and place.number else None,
        "entries": place.of if place and place.number else None,
        "section": place.section if place and place.number else None,
        "reason": place.reason if place else "",
    }


# --- how it looks ---------------------------------------------------------------------------------


def _edition(name: str, moment: str) -> None:
    click.echo()
    _say(click.style(name, fg="cyan") + (f"  {click.style(moment, dim=True)}" if moment else ""), 2)


def _say(text: str, margin: int) -> None:
    show.folded(text, margin)
