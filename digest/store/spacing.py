"""How text goes into the full-text index, and comes out of it: SQLite's tokeniser parts words at spaces alone."""

from __future__ import annotations

import json
import re

#: Between characters of scripts that put no spaces between words: the tokeniser takes it for a space, nobody sees it.
GAP = "\u200b"

#: Thai, Lao, Burmese, Khmer, kana, Han.
_SCRIPTS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
_ANY = re.compile(f"[{_SCRIPTS}]")
_CLOSE = re.compile(f"(?<=[{_SCRIPTS}])(?=\\w)|(?<=\\w)(?=[{_SCRIPTS}])")
#: They would be taken for the marks around a hit.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


def spaced(text: str) -> str:
    """With each character of such a script as a word of its own."""
    if text.isascii() or not _ANY.search(text):  # most are, and the longer expression looks around each letter
        return text
    return _CLOSE.sub(GAP, text)


def unspaced(text: str) -> str:
    return text.replace(GAP, "")


def title_text(title: str | None) -> str:
    """The SQL function `digest_title`."""
    return spaced(_CONTROLS.sub(" ", title or ""))


def body_text(paragraphs: str | None) -> str:
    """The SQL function `digest_body`: paragraphs as they are stored, as JSON."""
    return title_text("\n".join(json.loads(paragraphs or "[]")))
