"""A view becomes a mail: subject, plain text, HTML. The one place where templates run."""

from __future__ import annotations

import difflib
import re
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import css_inline
from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateNotFound,
    TemplateSyntaxError,
)
from jinja2 import TemplateError as JinjaError
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from digest.compose import bidi
from digest.compose.blocks import Images
from digest.compose.clean import clean, shorten
from digest.compose.compiled import Compiled
from digest.compose.fit import smaller
from digest.compose.kept import KEEP, Keeper, KeptTag, Shelf
from digest.compose.layout import centre, fill, hang, leader, rule, tidy, widest
from digest.compose.letter import Confirm, LetterPage, LetterPresenter, LetterSlots, Notice, Subscribed
from digest.compose.letter_address import Moving
from digest.compose.links import even
from digest.compose.page import Facts, ImageBlock, Page, SlotNames
from digest.compose.present import Presenter
from digest.compose.words import Words
from digest.errors import TemplateError
from digest.model.edition import View

__all__ = ["Facts", "ImageBlock", "Rendered", "Renderer", "SlotNames"]

MAX_HTML = 80_000  # bytes: Gmail cuts a message off near 102 KB, and encoding adds to it
_LONGEST_MARKER = 60
_PAGES = Page.__module__
_COMPILED = Compiled()
_LOOK = re.compile(r"[a-z0-9][a-z0-9_-]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rendered:
    """`view` is what the mail really holds: less than was asked for where it had to be shortened."""

    subject: str
    text: str
    html: str
    view: View


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to one person, rendered."""

    subject: str
    text: str
    html: str


class Renderer:
    """Templates are looked for in `template_dirs` in order, the shipped folder last.

    A template of an operator can stand on the shipped one of the same name as
    `shipped/edition/paper/body.html`. Without `locale_dirs`, each folder's own `locale/` is read.
    """

    def __init__(
        self, template_dirs: Sequence[Path], locale_dirs: Sequence[Path] = (), *, max_html: int = MAX_HTML
    ) -> None:
        self._dirs = [d for d in template_dirs if d.is_dir()]
        if not self._dirs:
            raise TemplateError("there is no folder of templates", where=", ".join(map(str, template_dirs)))
        self._locales = list(locale_dirs) or [d / "locale" for d in self._dirs]
        self._max_html = max_html
        shipped: BaseLoader = FileSystemLoader(self._dirs[-1])
        self._env = _Sandbox(
            loader=ChoiceLoader([PrefixLoader({"shipped": shipped}), FileSystemLoader(self._dirs)]),
            autoescape=lambda name: bool(name and name.endswith((".html", ".xml"))),
            undefined=_Unknown,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            extensions=[KeptTag],
            bytecode_cache=_COMPILED,
        )
        self._shelf = Shelf()
        self._env.filters.update(fill=fill, joined=bidi.joined, led=bidi.led, shorten=_shortened)
        self._env.filters.update(centre=centre, leader=leader, hang=hang, widest=widest)
        self._env.globals.update(rule=rule)
        self._inliner = css_inline.CSSInliner(keep_style_tags=False, load_remote_stylesheets=False, minify_css=True)

    def clear(self) -> None:
        """Forget what was kept for other views; those that come have little in common with it."""
        self._shelf.clear()

    def looks(self) -> tuple[str, ...]:
        """The looks there are: folders of `edition/` that have a `body.html`."""
        names = {f.parent.name for d in self._dirs for f in d.glob("edition/*/body.html")}
        return tuple(sorted(names))

    def render(self, view: View, slots: SlotNames, facts: Facts, images: Images | None = None) -> Rendered:
        """`images`: those that are ready, by the story of their entry; a look may show fewer of them, or none."""
        if not self._has(view.look):
            known = ", ".join(self.looks())
            raise TemplateError(
                f"there is no look {view.look!r}", where=view.edition.publication, mend=f"there is: {known}"
            )
        for marker in slots.all:
            if not marker or len(marker) > _LONGEST_MARKER or not marker.isascii() or marker.split() != [marker]:
                raise TemplateError(f"{marker!r} cannot be a marker", mend="one ASCII word of at most 60 signs")
        words = self._words(view.language, view.zone)
        html = ""
        for candidate in smaller(view, self._shelf):
            page = Presenter(candidate, words, slots, self._shelf, images).page(facts)
            view, html = candidate, self._html(f"edition/{candidate.look}/body.html", page, words)
            if len(html.encode()) <= self._max_html:
                break
        name = f"edition/{view.look}/body.txt"
        text = self._text(name, page, words)
        subject = clean(self._run(f"edition/{view.look}/subject.txt", page, words), slots.all)
        return Rendered(subject, text, even(html, text), view)

    def _has(self, look: str) -> bool:
        return bool(_LOOK.fullmatch(look)) and any((d / "edition" / look / "body.html").is_file() for d in self._dirs)

    def _words(self, language: str, zone: str) -> Words:
        """The same ones for the views that share what is made in them."""
        return self._shelf.once(("words", language, zone), (), lambda: Words(self._locales, language, zone))

    def letter(
        self,
        said: Confirm | Subscribed | Moving | Notice,
        slots: LetterSlots,
        *,
        language: str,
        zone: str,
        sender: str,
        imprint: str,
    ) -> Letter:
        """A mail to one person: the templates in `confirm`, `subscribed`, `address` and `notice`."""
        words = Words(self._locales, language, zone)
        presenter = LetterPresenter(words, slots, sender, imprint)
        if isinstance(said, Confirm):
            folder, page = "confirm", presenter.confirm(said)
        elif isinstance(said, Subscribed):
            folder, page = "subscribed", presenter.subscribed(said)
        elif isinstance(said, Moving):
            folder, page = "address", presenter.address(said)
        else:
            folder, page = "notice", presenter.notice(said)
        text = self._text(f"{folder}/body.txt", page, words)
        html = self._html(f"{folder}/body.html", page, words)
        subject = clean(self._run(f"{folder}/subject.txt", page, words), slots.all)
        return Letter(subject, text, even(html, text))

    def _text(self, name: str, page: Page | LetterPage, words: Words) -> str:
        text = tidy(self._run(name, page, words))
        _check_markers(text, page.slots, name)
        commands = (action.command for action in getattr(page, "actions", ()))
        return bidi.lines_begun(text, words.dir, {*page.slots.all, *commands})

    def _html(self, name: str, page: Page | LetterPage, words: Words) -> str:
        keeper = self._keeper(words, name, places=True)
        source = self._run(name, page, words, keeper)
        try:
            html = keeper.whole(source, self._inlined, self._inlined_part)
        except css_inline.InlineError as error:
            raise TemplateError("its style sheet cannot be inlined", where=name) from error
        _check_markers(html, page.slots, name)
        return html

    def _inlined(self, source: str) -> str:
        return self._inliner.inline(bidi.marked_up(source))

    def _inlined_part(self, source: str, css: str) -> str:
        return self._inliner.inline_fragment(bidi.marked_up(source), css)

    def _keeper(self, words: Words, name: str, *, places: bool) -> Keeper:
        return Keeper(self._shelf, (name, words.language, words.zone.key), places=places)

    def _run(self, name: str, page: Page | LetterPage, words: Words, keeper: Keeper | None = None) -> str:
        keeper = keeper or self._keeper(words, name, places=False)
        try:
            template = self._env.get_template(name)
            return template.render({"page": page, "say": words.say, "count": words.count, KEEP: keeper})
        except TemplateNotFound as error:
            raise TemplateError(f"there is no template {error.name!r}", where=name) from error
        except TemplateSyntaxError as error:
            where = f"{error.filename or error.name or name}:{error.lineno}"
            raise TemplateError(error.message or "it cannot be read", where=where) from error
        except UnicodeDecodeError as error:
            raise TemplateError("it is not UTF-8", where=name) from error
        except (JinjaError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            # Whatever a template does wrong while it runs: Jinja2 keeps its lines in the traceback.
            raise TemplateError(str(error) or type(error).__name__, where=self._place(error, name)) from error

    def _place(self, error: Exception, name: str) -> str:
        for frame in reversed(traceback.extract_tb(error.__traceback__)):
            if any(Path(frame.filename).is_relative_to(d) for d in self._dirs):
                return f"{frame.filename}:{frame.lineno}"
        return name


def _shortened(text: str, width: int) -> str:
    return bidi.closed(shorten(text, width))


class _Sandbox(ImmutableSandboxedEnvironment):
    """Of our own pages and their parts, and of `loop`, all is safe that has a public name: that is told without asking
    what else it might be. The rest is the sandbox's to judge.
    """

    def getattr(self, obj: Any, attribute: str) -> Any:
        kind = type(obj)
        if (kind.__module__ == _PAGES or kind is LoopContext) and not attribute.startswith("_"):
            try:
                return getattr(obj, attribute)
            except AttributeError:
                pass  # told by the sandbox, as every name that there is not
        return super().getattr(obj, attribute)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        if type(obj).__module__ == _PAGES:
            return not attr.startswith("_")
        return bool(super().is_safe_attribute(obj, attr, value))

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805 - as Jinja2 has it
        if type(__obj) is Keeper:  # ours, and called for each entry
            return __obj(*args, caller=kwargs["caller"])
        return super().call(__context, __obj, *args, **kwargs)


class _Unknown(StrictUndefined):
    """A name that there is not, told in the words of who writes templates: no classes, but the names that there are."""

    @property
    def _undefined_message(self) -> str:
        if self._undefined_hint or self._undefined_name is None:
            return str(super()._undefined_message)
        wanted, of = str(self._undefined_name), self._undefined_obj
        if of is missing:
            return f"there is no {wanted!r} here"
        known = list(of) if isinstance(of, Mapping) else [name for name in dir(of) if not name.startswith("_")]
        near = difflib.get_close_matches(wanted, known, n=1)
        named = f"did you mean {near[0]!r}?" if near else f"there is: {', '.join(map(str, known))}"
        return f"there is no {wanted!r} in it ({named})"


def _check_markers(text: str, slots: SlotNames | LetterSlots, name: str) -> None:
    """Splicing replaces whole lines, and quoted-printable must not split them: each stands alone."""
    if all(_stands_alone(marker, text) for marker in slots.all):
        return  # as nearly always; else it is said what is wrong
    lines = text.split("\n")
    for marker in slots.all:
        if text.count(marker) != lines.count(marker):
            number = next(n for n, line in enumerate(lines, start=1) if marker in line and line != marker)
            raise TemplateError(
                f"the slot {marker!r} does not stand alone on its line ({number} of what was rendered)",
                where=name,
                mend="put a line break before and after it",
            )
    for marker in slots.needed:
        if marker not in lines:
            raise TemplateError(f"the slot {marker!r} is missing", where=name, mend="keep the footer of the base")


def _stands_alone(marker: str, text: str) -> bool:
    """Whether it is there, and each time on a line of its own."""
    found = at = text.find(marker)
    while at >= 0:
        end = at + len(marker)
        if text[max(0, at - 1) : at] not in ("", "\n") or text[end : end + 1] not in ("", "\n"):
            return False
        at = text.find(marker, end)
    return found >= 0
