"""Tags of people, given and taken."""

from __future__ import annotations

from collections.abc import Sequence

from digest.audience.address import address_key, normalise
from digest.audience.tags import tag_of
from digest.errors import BadInput, UsageError
from digest.pipeline.services import Services
from digest.store import subscribers, tags


def add(services: Services, email: str, wanted: Sequence[str]) -> list[str]:
    """All tags that the person has then. Raises UsageError."""
    return _change(services, email, wanted, taken=False)


def remove(services: Services, email: str, wanted: Sequence[str]) -> list[str]:
    """All tags that the person keeps. Raises UsageError, for one that the person does not have too."""
    return _change(services, email, wanted, taken=True)


def _change(services: Services, email: str, wanted: Sequence[str], *, taken: bool) -> list[str]:
    try:
        named = [tag_of(each) for each in dict.fromkeys(wanted)]
    except BadInput as error:
        raise UsageError(error.what, mend=error.mend) from None
    address = normalise(email)
    with services.database.write() as connection:
        person = subscribers.get(connection, address, address_key(address))
        has = tags.of(connection, [person.id]).get(person.id, [])
        if taken:
            missing = next((each for each in named if each not in has), None)
            if missing is not None:
                raise UsageError(f"has no tag {missing!r}", where=address, mend=f"has: {', '.join(has) or 'none'}")
            tags.remove(connection, person.id, named)
        else:
            tags.add(connection, [(person.id, each) for each in dict.fromkeys(named) if each not in has])
        return tags.of(connection, [person.id]).get(person.id, [])
