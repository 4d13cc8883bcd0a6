"""Every look in every language: for golden files, the browser and the checkers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from digest.compose.render import Rendered, Renderer
from digest.model.edition import EntryKind, View
from digest.model.publication import Failing
from tests.support.fixed_view import BRIDGE, FACTS, SLOTS, TEMPLATES, modelled, view

LOOKS = tuple(sorted(folder.parent.name for folder in TEMPLATES.glob("edition/*/body.html")))
LANGUAGES = tuple(sorted(file.stem for file in (TEMPLATES / "locale").glob("*.po")))
_ADDRESS = "x" * 64 + "@" + "y" * 60 + ".example"  # the longest that there can be


def rendered(look: str, shown: View, folders: Sequence[Path] = (TEMPLATES,)) -> Rendered:
    return Renderer(folders).render(replace(shown, look=look), SLOTS, FACTS)


def everything(look: str, language: str = "nl", folders: Sequence[Path] = (TEMPLATES,)) -> str:
    """The HTML with all that a mail can hold, a model's words and the operator's line too, and its slots filled."""
    shown = view(language)
    shown = replace(shown, look=look, sections=(*shown.sections, *modelled(language).sections))
    since = shown.edition.cut_at - timedelta(days=3)
    failing = Failing(((1, "example.org", since), (2, "without-a-break." * 6, since)), 40)
    return spliced(Renderer(folders).render(shown, SLOTS, replace(FACTS, failing=failing)).html)


def spliced(html: str) -> str:
    return html.replace(SLOTS.address, _ADDRESS).replace(SLOTS.unsubscribe, "https://example.org/u/token")


def right_to_left(folder: Path) -> list[Path]:
    """Folders with which mails in Hebrew run from right to left, whether or not its words are translated."""
    (folder / "locale").mkdir(parents=True)
    head = 'msgid ""\nmsgstr ""\n"Language: he\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n'
    head += '"Content-Type: text/plain; charset=utf-8\\n"\n'
    (folder / "locale/he.po").write_text(head, encoding="utf-8")
    return [folder, TEMPLATES]


def ten_stories() -> View:
    """Under two headings, each with a line of its own; one of them updated, one with a timeline."""
    shown = view("nl")
    city, science = shown.sections[:2]
    short = replace(BRIDGE, kind=EntryKind.NEW, timeline=(), developments=(), skipped=0, summary=BRIDGE.summary[1:2])
    told = replace(BRIDGE, developments=(), skipped=0)
    entries = [told, *(replace(short, story=100 + n, score=float(-n)) for n in range(9))]
    return replace(
        shown,
        sections=tuple(
            replace(section, groups=(replace(city.groups[0], entries=tuple(part)),))
            for section, part in ((city, entries[:5]), (science, entries[5:]))
        ),
        more=0,
        notes=(),
    )
