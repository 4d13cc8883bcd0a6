"""How the short ways of reading would end without them."""

from __future__ import annotations

import re

from digest.ingest import markup, plain


def parsed(html: str) -> list[str]:
    """By the parser, whatever it is."""
    text = re.sub("\x1f\\s*\x1f[\\s\x1f]*", "\x1e", markup._read(plain.tidy(html)))
    return [line for part in re.split("\x1e+", text) if (line := plain.one_line(part.replace("\x1f", " ")))]
