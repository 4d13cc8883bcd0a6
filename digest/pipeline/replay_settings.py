"""Which other settings a replay is made under: what was said, told apart and checked."""

from __future__ import annotations

import difflib
import enum
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from email.utils import parseaddr
from typing import Any, get_origin, get_type_hints

import msgspec

from digest.audience.address import normalise
from digest.compose.candidates import OTHER
from digest.compose.render import Renderer
from digest.errors import BadInput, NotFound, UsageError
from digest.model.publication import Publication
from digest.pipeline.choices import check_language
from digest.pipeline.services import Services
from digest.settings import Settings
from digest.store import sources, topics
from digest.store.stories import Connection

_PUBLICATION = "publication"
#: What decides when there is an edition, for whom and how it is sent: one that was made is no other by it. Pictures
#: depend on servers, today as then.
_APART = {
    "name", "id", "cadences", "zone", "late", "late_limit_hours", "catch_up_days", "uncertain", "paused",
    "approval_hours", "unapproved", "images",
}  # fmt: skip
#: Sections of the settings of which the same is true.
_SECTIONS_APART = {
    "store", "smtp", "maildir", "dkim", "eml", "sendmail", "subscriber", "ingest", "group", "schedule", "deliver",
    "hooks", "bounces", "images", "preview", "web",
}  # fmt: skip
_FROM = "from"  # as the command calls a publication's sender


@dataclass(frozen=True, slots=True)
class Said:
    """`settings`: like `summary.words`; `publication`: by the names of its fields, as they were typed."""

    settings: dict[str, str] = field(default_factory=dict)
    publication: dict[str, str] = field(default_factory=dict)


def publication_keys() -> list[str]:
    names = [f.name for f in fields(Publication) if f.name not in _APART]
    return sorted(_FROM if name == "sender" else name for name in names)


def _setting_keys() -> list[str]:
    return [
        f"{section}.{f.encode_name}"
        for section, struct in get_type_hints(Settings).items()
        if section not in (_PUBLICATION, *_SECTIONS_APART)
        for f in msgspec.structs.fields(struct)
    ]


def read(said: Sequence[str]) -> Said:
    """`max_entries=5`, `publication.max_entries=5`, `summary.words=30`. Raises UsageError."""
    found = Said()
    for text in said:
        name, equals, value = text.partition("=")
        name, value = name.strip(), value.strip()
        if not equals or not name:
            raise UsageError(f"{text!r} sets nothing", mend="write it like --set max_entries=5")
        section, dot, key = name.partition(".")
        if not dot or section == _PUBLICATION:
            found.publication[_of_publication(key if dot else name, name)] = value
        else:
            _check_section(section, name)
            found.settings[name] = value
    return found


def _of_publication(key: str, name: str) -> str:
    known = publication_keys()
    if key in known:
        return "sender" if key == _FROM else key
    if key in _APART:
        raise UsageError(f"{name} changes nothing in an edition that was made", mend=f"what does: {', '.join(known)}")
    others = {k.partition(".")[2]: k for k in _setting_keys()}
    near = difflib.get_close_matches(key, [*known, *others], n=1, cutoff=0.5)
    mend = f"did you mean {others.get(near[0], near[0]) if near[0] not in known else near[0]}?" if near else ""
    raise UsageError(f"unknown setting {name}", where="--set", mend=mend or f"known: {', '.join(known)}")


def _check_section(section: str, name: str) -> None:
    known = [s for s in get_type_hints(Settings) if s not in _SECTIONS_APART]
    if section in _SECTIONS_APART:
        mend = f"sections that do: {', '.join(known)}"
        raise UsageError(f"{name} changes nothing in an edition that was made", where="--set", mend=mend)
    if section not in known:
        near = difflib.get_close_matches(section, known, n=1, cutoff=0.5)
        mend = f"did you mean [{near[0]}]?" if near else f"there is: {', '.join(known)}"
        raise UsageError(f"unknown setting {name}", where="--set", mend=mend)


def apply(services: Services, connection: Connection, publication: Publication, said: dict[str, str]) -> Publication:
    """The publication with this in it. Raises UsageError or NotFound for a value that it cannot have."""
    made = replace(publication, **{key: _value(key, text) for key, text in said.items()})
    known = [t.name for t in topics.listing(connection)]
    for topic in made.topics if "topics" in said else ():
        if topic not in (*known, OTHER):
            raise NotFound("topic", topic, known)
    for source in made.sources if "sources" in said else ():
        sources.get(connection, source)
    for language in made.languages if "languages" in said else ():
        check_language(language)
    check_language(made.language)
    looks = Renderer(services.template_folders).looks()
    if "look" in said and made.look not in looks:
        raise UsageError(f"there is no look {made.look!r}", mend=f"there is: {', '.join(looks)}")
    _check_addresses(made, said)
    return made


def _check_addresses(made: Publication, said: dict[str, str]) -> None:
    for key, text in (("sender", made.sender), ("reply_to", made.reply_to)):
        if key in said and (text or key == "sender"):
            try:
                normalise(parseaddr(text)[1])
            except BadInput:
                what = f"{text!r} is not an address"
                raise UsageError(what, where=f"--set {key}", mend='like "News <news@example.org>"') from None


def _value(key: str, text: str) -> Any:
    hint = get_type_hints(Publication)[key]
    if get_origin(hint) is tuple:
        return tuple(dict.fromkeys(part for p in text.split(",") if (part := p.strip())))
    try:
        value = msgspec.convert(text, hint, strict=False)
    except msgspec.ValidationError:
        raise UsageError(f"{text!r} will not do: give {_wanted(hint)}", where=f"--set {key}") from None
    if hint is int and value < 1:
        raise UsageError(f"{text!r} will not do: give a whole number, 1 or more", where=f"--set {key}")
    return value


def _wanted(hint: Any) -> str:
    return " or ".join(map(str, hint)) if isinstance(hint, enum.EnumType) else "a whole number"
