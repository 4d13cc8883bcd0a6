"""[pure] Bytes of a text file to text. Nothing is guessed: a BOM decides, else it is UTF-8."""

from __future__ import annotations

import codecs

from digest.errors import BadInput

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


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
