"""Articles of one invented county paper, each about something else: for lines that stand in all of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from digest.model.article import RawArticle
from digest.model.dates import PartialDate, Precision

STORIES = (
    (
        "Harbour board to dredge the northern channel",
        "The harbour board of Weirdam will dredge the northern channel this autumn after two barges ran aground.",
        "Pilots had warned of the sandbank since spring, but the dredger was hired out to a neighbouring port.",
    ),
    (
        "Ninth marrow title for a pensioner of Lower Hatch",
        "A pensioner from Lower Hatch has won the marrow contest for the ninth time, with one of forty kilograms.",
        "His secret, he told the jury, is rainwater from the church roof and a radio that plays all night long.",
    ),
    (
        "Teachers walk out of cold classrooms",
        "Teachers at three primary schools walked out on Thursday because it was colder than fifteen degrees inside.",
        "A union official expects the strike to last until Monday, unless the boilers are repaired by then.",
    ),
    (
        "Castle Brome orchestra appoints a cellist",
        "The orchestra of Castle Brome appoints a cellist as its conductor, the first in a hundred and six years.",
        "She follows a flautist who retired last month, and opens the season with a programme of Finnish songs.",
    ),
    (
        "Cow rescued from a swimming pool",
        "Firefighters rescued a cow from a swimming pool near Alder Mill; the animal was unharmed and rather pleased.",
        "It took eight volunteers, two ladders and a bale of hay before she climbed out of the water on her own.",
    ),
    (
        "Bats fly home without sonar",
        "Researchers found that bats in the abbey tower switch off their sonar when they fly home along the same wall.",
        "Microphones under the roof recorded eleven nights, which a student then compared with thermal pictures.",
    ),
)
#: None of these is known by its form or its words.
FOOTER = "Local reporting in these pages is paid for in part by the Hollis Trust of Upper Sedge."
INTRO = "Each weekend a reader of ours walks through one of the parishes and writes down what there is to see."


def stories(
    footer: Callable[[int], str] | str = "",
    where: str = "end",
    *,
    tail: str = "",
    titled: bool = True,
    publisher: str | None = None,
    numbers: range = range(len(STORIES)),
) -> list[RawArticle]:
    """The footer stands in a paragraph of its own at the `start` or `end`, or stuck to the last one (`tail`)."""
    found = []
    for i in numbers:
        title, first, last = STORIES[i]
        line = footer if isinstance(footer, str) else footer(i)
        paragraphs = {
            "start": [line, first, last],
            "end": [first, last, line],
            "tail": [first, f"{last} {line}"],
            "lead": [f"{line} {first}", last],
        }[where]
        found.append(
            RawArticle(
                text="\n\n".join(p.strip() for p in paragraphs if p),
                origin=f"{i}.txt",
                identity=f"id:{i}",
                title=f"{title}{tail}" if titled else None,
                language="en",
                date=PartialDate(datetime(2026, 3, 1, i, tzinfo=UTC), Precision.MINUTE),
                publisher=publisher,
            )
        )
    return found
