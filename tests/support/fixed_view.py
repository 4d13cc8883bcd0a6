"""One view with everything a mail can hold, in our own words: for golden files and the browser."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from digest.compose.render import Facts, SlotNames
from digest.model.dates import PartialDate, Precision
from digest.model.edition import (
    DateGroup,
    Edition,
    EditionKind,
    Entry,
    EntryKind,
    Quote,
    Section,
    SourceLink,
    Step,
    View,
)

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
SLOTS = SlotNames("SLOT-ADDRESS-7d21", "SLOT-UNSUBSCRIBE-7d21")
FACTS = Facts("De Ochtendpost", "De Ochtendpost <post@example.org>", "weekday", imprint="Kade 1\n2611 Delft")


def _date(text: str, precision: Precision = Precision.DAY) -> PartialDate:
    return PartialDate(datetime.fromisoformat(text).replace(tzinfo=UTC), precision)


def _quote(number: int, text: str, language: str, publisher: str, *, continues: bool = False) -> Quote:
    return Quote(text, language, number, publisher, f"https://example.org/{number}", continues)


def _source(number: int, title: str, language: str, publisher: str, date: PartialDate) -> SourceLink:
    return SourceLink(publisher, title, language, f"https://example.org/{number}", date)


_MINUTE = _date("2025-05-25T15:00", Precision.MINUTE)
_MONTH = _date("2025-05-01", Precision.MONTH)

BRIDGE = Entry(
    kind=EntryKind.UPDATED,
    story=4,
    storyline=1,
    headline="De oude Schiebrug gaat maandag open",
    headline_language="nl",
    date=_MINUTE,
    summary=(
        _quote(4, "al mogen auto's er pas in september overheen.", "nl", "Stadskrant", continues=True),
        _quote(4, "De aannemer had twee jaar nodig om het staal te vervangen.", "nl", "Stadskrant"),
        _quote(5, "„Wir haben lange gewartet“, sagt die Bäckerin am Kai.", "de", "Tagesbote"),
    ),
    sources=(
        _source(4, "De oude Schiebrug gaat maandag open", "nl", "Stadskrant", _MINUTE),
        _source(5, "Die alte Brücke über die Schie öffnet wieder", "de", "Tagesbote", _date("2025-05-25")),
        *(_source(n, f"Brug & kade, deel {n} <slot>", "nl", f"Blad {n}", _MONTH) for n in range(6, 11)),
    ),
    timeline=(
        Step(_date("2022-01-01", Precision.YEAR), _quote(1, "De brug vertoont haarscheuren.", "nl", "Blad 1"), 1),
        Step(
            _date("2023-11-01", Precision.MONTH),
            _quote(2, "Il ponte chiude al traffico per almeno due anni, fa sapere il comune.", "it", "Il Molo"),
            2,
        ),
        Step(
            _MINUTE, _quote(4, "Maandag rijdt de burgemeester er als eerste over.", "nl", "Stadskrant"), 4, fresh=True
        ),
    ),
    stories=((4, 44),),
    publishers=7,
    score=7.5,
    skipped=2,
)
MOSS = Entry(
    kind=EntryKind.NEW,
    story=11,
    storyline=11,
    headline="Verschollenes Moos im Schwarzwald wiederentdeckt",
    headline_language="de",
    date=_MONTH,
    summary=(_quote(11, "Das Zwergmoos wächst an einer einzigen Felswand.", "de", "Tagesbote"),),
    sources=(_source(11, "Verschollenes Moos im Schwarzwald wiederentdeckt", "de", "Tagesbote", _MONTH),),
    stories=((11, 50),),
    score=3,
)
TRAIN = Entry(
    kind=EntryKind.NEW,
    story=12,
    storyline=12,
    headline="A night train to Berlin returns in June",
    headline_language="en",
    date=_date("2025-05-24"),
    summary=(),
    sources=(SourceLink("Brussels Wire", "A night train to Berlin returns in June", "en", None, _date("2025-05-24")),),
    stories=((12, 51),),
    score=2,
)

_EDITION = Edition(
    publication="ochtend",
    number=12,
    cadence="weekday",
    kind=EditionKind.SLOT,
    slot=datetime(2025, 5, 26, 7),  # noqa: DTZ001 - a slot is a nominal local time
    zone="Europe/Brussels",
    due=datetime(2025, 5, 26, 5, tzinfo=UTC),
    cutoff=60,
    cut_at=datetime(2025, 5, 26, 6, tzinfo=UTC),
    lateness="late",
    missed=1,
)


def view(language: str) -> View:
    return View(
        edition=_EDITION,
        publication_title="De Ochtendpost",
        look="paper",
        language=language,
        zone="Europe/Brussels",
        sections=(
            Section("city", "Stad", (DateGroup(_date("2025-05-25"), (BRIDGE,)),)),
            Section("science", "Wetenschap", (DateGroup(_MONTH, (MOSS,)),)),
            Section("other", "", (DateGroup(_date("2025-05-24"), (TRAIN,)),)),
        ),
        more=3,
        notes=("late", "merged"),
    )
