"""[pure] The seed text format: `date 2025-05 ` and then the text, paragraphs apart by blank lines.

White space or a BOM may come first. The date may be a year, a month, a day or a full time; a time
apart from its day by a space is read where the line ends after it. The date is required: nothing
is guessed.
"""

from __future__ import annotations

import re
from dataclasses import replace

from digest.errors import BadInput
from digest.ingest import dates
from digest.ingest.decode import decode
from digest.model.article import RawArticle

NO_DATE = "has no date"
_HEAD = re.compile(
    r"\s*date:?[^\S\n]+(?P<day>\S+)(?:[^\S\n]+(?P<clock>\d{1,2}:\d{2}\S*(?:[^\S\n][+-]\d\d:?\d\d)?)(?=[^\S\n]*(?:\n|$)))?",
    re.IGNORECASE,
)


def read(data: bytes, origin: str, identity: str = "") -> RawArticle:
    """One article; BadInput names the file and the line."""
    text = decode(data, origin).replace("\r\n", "\n").lstrip("\ufeff")
    if not text.strip():
        raise BadInput("is empty", where=origin, mend="write: date 2025-05 and then the text")
    head = _HEAD.match(text)
    if not head:
        raise BadInput(NO_DATE, where=f"{origin}:1", mend="start the file with: date 2025-05")
    line = text.count("\n", 0, head.start("day")) + 1
    written = " ".join(part for part in head.group("day", "clock") if part)
    try:
        date = dates.parse(written)
    except BadInput as error:
        raise BadInput(error.what, where=f"{origin}:{line}", mend=error.mend) from None
    body = text[head.end() :].strip()
    if not body:
        raise BadInput("has a date but no text", where=f"{origin}:{line}", mend="write the text after the date")
    return replace(RawArticle(text=body, origin=origin), identity=identity, date=date)
