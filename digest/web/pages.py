"""The few pages that readers see: server-rendered, without a script, in the looks of the mails."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader, StrictUndefined
from jinja2 import TemplateError as JinjaError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from digest.compose import bidi
from digest.compose.compiled import Compiled
from digest.compose.words import Words
from digest.errors import TemplateError
from digest.web.languages import preferred

_POLICY = "default-src 'none'; style-src 'sha256-{}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
#: Whatever a template can do wrong.
_FAULTS = (JinjaError, TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
_COMPILED = Compiled()
_ZONE = "UTC"  # for pages that say no time


class Pages:
    """Templates in `web/` of the folders, the operator's before the shipped ones; words from their catalogues.

    `say` is told of templates that are broken.
    """

    def __init__(self, folders: Sequence[Path], say: Callable[[str], None] = lambda _text: None) -> None:
        there = [folder for folder in folders if folder.is_dir()]
        self._locales = [folder / "locale" for folder in there]
        self._say = say
        shipped = FileSystemLoader(there[-1])
        self._env = ImmutableSandboxedEnvironment(
            loader=ChoiceLoader([PrefixLoader({"shipped": shipped}), FileSystemLoader(there)]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            bytecode_cache=_COMPILED,
        )
        self._env.filters.update(joined=bidi.joined, led=bidi.led)
        self._styled = cache(self._read_style)
        self._styled("style")  # a broken one is told of at once

    def _read_style(self, name: str) -> tuple[str, str]:
        """A style sheet, and the policy that allows nothing but it."""
        # Line ends as a browser sees them: the policy names the hash of what stands between the tags.
        style = self._env.get_template(f"web/{name}.css").render().replace("\r\n", "\n")
        return style, _POLICY.format(base64.b64encode(hashlib.sha256(style.encode()).digest()).decode())

    def spoken(self) -> set[str]:
        """The languages that there are words in."""
        return {path.stem for folder in self._locales for path in folder.glob("*.po")}

    def language(self, request: Request) -> str:
        """What to speak where nobody is known: the browser's, else English."""
        return preferred(request.headers.get("accept-language", ""), self.spoken())

    def words(self, language: str, zone: str = _ZONE) -> Words:
        return Words(self._locales, language, zone)

    def fragment(self, name: str, words: Words, **values: Any) -> str:
        """A piece of a page, for elsewhere. Raises TemplateError."""
        try:
            return self._said(name, words, **values)
        except _FAULTS as error:
            raise TemplateError(str(error), where=f"web/{name}.html") from None

    def _said(self, name: str, words: Words, **values: Any) -> str:
        said = self._env.get_template(f"web/{name}.html").render(
            lang=words.language.replace("_", "-"), dir=words.dir, say=words.say, count=words.count, **values
        )
        return bidi.marked_up(said)

    def page(
        self,
        name: str,
        language: str,
        *,
        status: int = 200,
        broken: int = 0,
        headers: Mapping[str, str] | None = None,
        style: str = "style",
        zone: str = _ZONE,
        form_to: str = "",
        make: Callable[[Words], Mapping[str, Any]] = lambda _words: {},
        **values: Any,
    ) -> Response:
        """A template as an answer; `make` gives values that need the words.

        `form_to`: the origin, besides ours, to which a form on it may lead.

        What it should say is said plainly where it is broken, since the deed is done by then; with `broken` for
        its status where there was none.
        """
        more = {"Content-Language": "en", **(headers or {})}
        try:
            css, policy = self._styled(style)
            words = self.words(language, zone)
            html = self._said(name, words, style=css, **make(words), **values)
        except _FAULTS as error:
            self._say(f"web/{name}.html: {error}")
            return PlainTextResponse(f"{name}\n", broken or status, headers=more)
        more["Content-Language"] = words.language
        if form_to:
            policy = policy.replace("form-action 'self'", f"form-action 'self' {form_to}")
        return HTMLResponse(html, status, headers={**more, "Content-Security-Policy": policy})
