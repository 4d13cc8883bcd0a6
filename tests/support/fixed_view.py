"""One view with everything a mail can hold, in our own words: for golden files and the browser."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from digest.compose.render import Facts, SlotNames
from digest.model.dates import PartialDate, Precision
from digest.model.development import Development, Report, State
from digest.model.edition import (
    Credit,
    DateGroup,
    Edition,
    EditionKind,
    Entry,
    EntryKind,
    Manner,
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


def _report(value: str, number: int, publisher: str, date: PartialDate, rough: str = "") -> Report:
    return Report(value, number, publisher, "nl", f"https://example.org/{number}", "", date, rough)


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
    texts=6,
    score=7.5,
    skipped=2,
    developments=(
        Development(
            "status",
            "plan",
            (
                State(_MINUTE, (_report("held", 4, "Stadskrant", _MINUTE),)),
                State(_MONTH, (_report("postponed", 5, "Tagesbote", _MONTH),)),
            ),
            (4,),
        ),
        Development(
            "sum",
            "price",
            (
                State(
                    _date("2025-05-25"),
                    (
                        _report("8200000", 4, "Stadskrant", _date("2025-05-25")),
                        _report("7900000", 5, "Tagesbote & <Sohn>", _date("2025-05-25"), rough="about"),
                    ),
                ),
                State(_date("2023-11-01", Precision.MONTH), (_report("6000000", 2, "Il Molo", _MONTH),)),
            ),
            (4,),
            "EUR",
        ),
    ),
    line_title="De Schiebrug",
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
    publishers=3,
    texts=1,
    score=2,
)

MODELLED = Entry(
    kind=EntryKind.NEW,
    story=21,
    storyline=21,
    headline="De Schiebrug krijgt een lift",
    headline_language="nl",
    date=_date("2025-05-24"),
    summary=(
        Quote(
            "De brug krijgt volgens twee kranten een lift.", "nl", 21, "Stadskrant", "https://example.org/21",
            manner=Manner.RETOLD, also=(Credit(22, "Tagesbote", "https://example.org/22"),),
        ),
        _quote(21, "Fietsers zijn er blij mee.", "nl", "Stadskrant"),
        Quote(
            "Het werk duurt tien weken.", "nl", 22, "Tagesbote", "https://example.org/22",
            manner=Manner.TRANSLATED, basis=("Die Arbeit dauert zehn Wochen.",), original_language="de",
        ),
        Quote("Niemand weet wie dit schreef.", "nl", 23, "", manner=Manner.RETOLD),
    ),
    sources=(
        _source(22, "Die Schiebrücke bekommt einen Aufzug", "de", "Tagesbote", _date("2025-05-24")),
        _source(21, "De Schiebrug krijgt een lift", "nl", "Stadskrant", _date("2025-05-24")),
    ),
    timeline=(
        Step(_date("2024-01-01", Precision.MONTH), _quote(1, "Er komt een plan.", "nl", "Blad 1"), 20),
        Step(
            _date("2025-05-24"),
            Quote(
                "Een lift is duurder.", "nl", 22, "Tagesbote", "https://example.org/22",
                manner=Manner.TRANSLATED, basis=("Ein Aufzug ist teurer.",), original_language="de",
            ),
            21, fresh=True,
        ),
    ),
    stories=((21, 60),),
    publishers=2,
    score=9,
    original_headline="Die Schiebrücke bekommt einen Aufzug",
    original_language="de",
)  # fmt: skip

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


def modelled(language: str) -> View:
    """With sentences that a language model wrote: retold and translated."""
    section = Section("city", "Stad", (DateGroup(_date("2025-05-24"), (MODELLED, TRAIN)),))
    return replace(view(language), sections=(section,), more=0, notes=())
