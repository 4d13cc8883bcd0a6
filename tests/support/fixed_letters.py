"""Every kind of mail to one person, in our own words: for golden files and the browser."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

from digest.compose.letter import Confirm, LetterSlots, Line, Notice, Subscribed
from digest.compose.letter_address import Moving
from digest.compose.letter_approval import Approving, Glimpse, Waits
from digest.compose.render import Letter, Renderer
from tests.support.fixed_view import TEMPLATES

_AT = datetime(2026, 3, 2, 5, 7, tzinfo=UTC)
_UNTIL = datetime(2026, 3, 2, 8, 7, tzinfo=UTC)
ALONE = LetterSlots("SLOT-ADDRESS-7d21")
BY_MAIL = LetterSlots("SLOT-ADDRESS-7d21", confirm="SLOT-CONFIRM-7d21", phrase="SLOT-PHRASE-7d21")
TOLD = LetterSlots("SLOT-ADDRESS-7d21", preferences="SLOT-PREFERENCES-7d21")
BY_WEB = LetterSlots("SLOT-ADDRESS-7d21", confirm="SLOT-CONFIRM-7d21")
_TOKEN = "MTc3MzAzMjQwMDoxMjoxNzcyNDI3NjAwMDAwMDAw.yND0iUBysck2PCFVSnZ9mg"
_VALUES = {
    "SLOT-ADDRESS-7d21": "x" * 64 + "@" + "y" * 60 + ".example",  # the longest that there can be
    "SLOT-CONFIRM-7d21": f"mailto:post@example.org?subject=confirm%20{_TOKEN}",
    "SLOT-PREFERENCES-7d21": f"https://news.example.org/p/{_TOKEN}",
    "SLOT-PHRASE-7d21": f"confirm {_TOKEN}",
}


def _command(words: str) -> str:
    return f"digest --home /srv/news {words}"


_EDITION = "morning/day/12@Europe/Brussels"
_WAITS = _command("delivery list --state planned --limit 20")
LETTERS: dict[str, tuple[Confirm | Subscribed | Moving | Notice, LetterSlots]] = {
    "confirm": (Confirm("De Ochtendpost", "weekday", 7, "post@example.org"), BY_MAIL),
    "confirm-web": (Confirm("De Ochtendpost", "weekday", 1), BY_WEB),
    "subscribed": (Subscribed("De Ochtendpost", "weekday", paused=True), TOLD),
    "address-ask": (Moving("ask", "De Ochtendpost", "a…@example.org", 7, "post@example.org"), BY_MAIL),
    "address-ask-web": (Moving("ask", "De Ochtendpost", "a…@example.org", 1), BY_WEB),
    "address-moved": (Moving("moved", "De Ochtendpost", "b…@example.net"), ALONE),
    "address-taken": (Moving("taken", "De Ochtendpost"), ALONE),
    "stopped": (
        Notice(
            "stopped",
            4213,
            _AT,
            "the relay failed 10 times in a row, the last time: 451 4.7.1 come back later",
            commands=(_command("deliver"), _WAITS),
        ),
        ALONE,
    ),
    "uncertain": (
        Notice(
            "uncertain",
            1,
            _AT,
            commands=tuple(map(_command, ("delivery list --state held", "delivery retry 42", "delivery cancel 42"))),
        ),
        ALONE,
    ),
    "hour": (
        Notice(
            "hour",
            4213,
            _AT,
            gone=5000,
            cap=5000,
            commands=(_WAITS, _command("delivery allow --hour"), _command("delivery allow --hour 4213")),
        ),
        ALONE,
    ),
    "edition": (
        Notice(
            "edition",
            4213,
            _AT,
            editions=(Line(_EDITION, 4213, 1000),),
            commands=(_WAITS, _command(f"delivery allow {_EDITION}"), _command(f"delivery cancel {_EDITION}")),
        ),
        ALONE,
    ),
    "approval": (
        Notice(
            "approval",
            4213,
            _AT,
            commands=tuple(map(_command, (f"edition {verb} morning/day/12" for verb in ("approve", "reject", "show")))),
            approval=Approving(
                "morning/day/12",
                (Waits("Europe/Brussels", 4200, _UNTIL), Waits("Africa/Lagos", 13, _UNTIL)),
                variants=37,
                languages=("nl", "de", "ar"),
                sends=False,
                glimpse=Glimpse(
                    "De brug over de Schie gaat open · De Ochtendpost, 2 mrt",
                    "nl",
                    3980,
                    (
                        ("De brug over de Schie gaat open voor fietsers", "4 publishers, 2 languages, 3 hours old"),
                        ("Der Zug nach Lissabon fährt wieder jeden Tag", "1 publisher, 5 hours old"),
                    ),
                ),
                attached=True,
            ),
        ),
        ALONE,
    ),
}


@cache
def letter(name: str, language: str) -> Letter:
    said, slots = LETTERS[name]
    sender = "De Ochtendpost <post@example.org>"
    return Renderer([TEMPLATES]).letter(
        said, slots, language=language, zone="Europe/Brussels", sender=sender, imprint="Kade 1\n2611 Delft"
    )


def spliced(text: str) -> str:
    """With the values as the splicer puts them in."""
    for marker, value in _VALUES.items():
        text = text.replace(marker, value)
    return text
