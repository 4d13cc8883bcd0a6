"""The few pages that readers see: server-rendered, without a script, in the looks of the mails."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader, StrictUndefined
from jinja2 import TemplateError as JinjaError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from digest.compose import bidi
from digest.compose.words import Words
from digest.errors import TemplateError
from digest.web.languages import preferred

_POLICY = "default-src 'none'; style-src 'sha256-{}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
_ZONE = "UTC"  # no page says a time


class Pages:
    """Templates in `web/` of the folders, the operator's before the shipped ones; words from their catalogues."""

    def __init__(self, folders: Sequence[Path]) -> None:
        there = [folder for folder in folders if folder.is_dir()]
        self._locales = [folder / "locale" for folder in there]
        shipped = FileSystemLoader(there[-1])
        self._env = ImmutableSandboxedEnvironment(
            loader=ChoiceLoader([PrefixLoader({"shipped": shipped}), FileSystemLoader(there)]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        # Line ends as a browser sees them: the policy names the hash of what stands between the tags.
        self._style = self._env.get_template("web/style.css").render().replace("\r\n", "\n")
        self._policy = _POLICY.format(base64.b64encode(hashlib.sha256(self._style.encode()).digest()).decode())

    def spoken(self) -> set[str]:
        """The languages that there are words in."""
        return {path.stem for folder in self._locales for path in folder.glob("*.po")}

    def language(self, request: Request) -> str:
        """What to speak where nobody is known: the browser's, else English."""
        return preferred(request.headers.get("accept-language", ""), self.spoken())

    def page(
        self, name: str, language: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **values: Any
    ) -> Response:
        """A template as an answer. What it should say is said plainly where it is broken: the deed is done by then."""
        more = {"Content-Language": "en", **(headers or {})}
        try:
            words = Words(self._locales, language, _ZONE)
            said = self._env.get_template(f"web/{name}.html").render(
                lang=words.language,
                dir=words.dir,
                say=words.say,
                style=self._style,
                **values,
            )
            html = bidi.marked_up(said)
        except (JinjaError, TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            return PlainTextResponse(f"{name}\n", status, headers=more)
        more["Content-Language"] = words.language
        return HTMLResponse(html, status, headers={**more, "Content-Security-Policy": self._policy})
