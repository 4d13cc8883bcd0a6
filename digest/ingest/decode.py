"""[pure] Bytes of a text to text.

In a file that the operator can mend nothing is guessed: a BOM decides, else it is UTF-8. What
strangers send is read as well as it can be.
"""

from __future__ import annotations

import codecs
import re

from digest.errors import BadInput

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))

# Python knows more of them than texts are written in, and some are traps: punycode takes a time that
# grows with the square. What declares UTF-16 in ASCII is not UTF-16.
_CHARSETS = re.compile(
    r"utf-?8|us-ascii|ascii|iso-?8859-\d+|latin-?\d|windows-\d+|cp\d+|koi8-\w|mac\w*|tis-?620"
    r"|gb\w+|big5[\w-]*|euc-\w+|shift_jis|sjis|iso-2022-(?:jp|kr)",
    re.IGNORECASE,
)
_STARTS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"),
)  # fmt: skip


def tolerant(data: bytes, declared: str = "") -> str:
    """Text of any bytes: by its first bytes, as declared, as UTF-8, else as Windows-1252. Never fails."""
    for start, encoding in _STARTS:
        if data.startswith(start):
            return data.decode(encoding, errors="replace").removeprefix("\ufeff")
    for encoding in (declared if _CHARSETS.fullmatch(declared) else "utf-8", "utf-8"):
        try:
            return data.decode(encoding)
        except (LookupError, UnicodeError):
            continue
    return data.decode("windows-1252", errors="replace")


def decode(data: bytes, origin: str) -> str:
    """Text, or BadInput that names the line.

    Windows-1252 is not tried in silence: any bytes "succeed" in it, and Polish or Greek would be
    stored as mojibake that nobody notices until it has been mailed.
    """
    encoding = "utf-8"
    for bom, name in _BOMS:
        if data.startswith(bom):
            data, encoding = data[len(bom) :], name
            break
    if encoding == "utf-8" and b"\0" in data:
        raise BadInput("is a binary file, not text", where=origin, mend="give a text, JSON Lines, RSS or Atom file")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadInput(
            f"is not {encoding.upper()} (byte 0x{data[error.start]:02x})",
            where=f"{origin}:{line}",
            mend="save it as UTF-8, for example: iconv -f WINDOWS-1252 -t UTF-8 OLD > NEW",
        ) from None
