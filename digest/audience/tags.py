"""Tags: words of the operator's own about people."""

from __future__ import annotations

import unicodedata

from digest.errors import BadInput

LONGEST = 60  # characters


def tag_of(text: object) -> str:
    """A tag as it is kept: `VIP` and `vip` are one. Raises BadInput."""
    if not isinstance(text, str):
        raise BadInput(f"a tag is not a text: {text!r}")
    found = unicodedata.normalize("NFC", " ".join(text.split()).lower())
    if not found:
        raise BadInput("a tag has no letter in it")
    if ";" in found or any(unicodedata.category(c) in {"Cc", "Cs"} for c in found):
        raise BadInput(f"{found[:LONGEST]!r} is no tag", mend="letters, digits and spaces")
    if len(found) > LONGEST:
        raise BadInput(f"the tag {found[:20]!r}… is too long", mend=f"{LONGEST} characters at the most")
    return found
