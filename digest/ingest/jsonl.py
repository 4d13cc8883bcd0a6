"""[pure] JSON Lines: one article an object; also a JSON array of such objects, or a single one.

Keys: id, date, title, text, lang, url, source, topic, image, image_alt. All but text are optional,
null and "" mean absent, other keys are ignored. `source` is who published it, `image` the address
of the picture that leads it. A title alone is enough of an article (wire headlines); no title and
no text is not.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from digest.errors import BadInput
from digest.ingest import dates, picture
from digest.ingest.canonical import canonical_url, names_a_page
from digest.ingest.decode import decode
from digest.model.article import RawArticle
from digest.model.dates import PartialDate

_MEND = 'write one object a line: {"date": "2025-05-24", "text": "…"}'


class Line(msgspec.Struct):
    """What one object may hold. `date` may be a bare year."""

    id: str | int | None = None
    date: str | int | None = None
    title: str | None = None
    text: str | None = None
    lang: str | None = None
    url: str | None = None
    source: str | None = None
    topic: str | list[str] | None = None
    image: str | None = None
    image_alt: str | None = None


def read(data: bytes, origin: str) -> Iterator[RawArticle | BadInput]:
    """An article or an error for each line; one bad line costs nothing but itself."""
    data = _utf8(data, origin)
    if not data.strip():
        yield BadInput("is empty", where=origin, mend=_MEND)
        return
    if data.lstrip()[:1] == b"[" or _is_one_object(data):
        yield from _read_document(data, origin)
        return
    for number, line in enumerate(data.split(b"\n"), start=1):
        if line.strip():
            yield read_line(line, f"{origin}:{number}")


def _utf8(data: bytes, origin: str) -> bytes:
    """JSON is UTF-8; only what a BOM declares to be something else is recoded as a whole."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return decode(data, origin).encode()
    return data.removeprefix(b"\xef\xbb\xbf")


def _is_one_object(data: bytes) -> bool:
    """A pretty-printed object spreads over lines: its first line is no JSON, the whole is."""
    first = data.strip().split(b"\n", 1)[0]
    return _is_json(data) if not _is_json(first) else False


def _is_json(data: bytes) -> bool:
    try:
        msgspec.json.decode(data, type=msgspec.Raw)
    except msgspec.DecodeError:
        return False
    return True


def _read_document(data: bytes, origin: str) -> Iterator[RawArticle | BadInput]:
    if data.lstrip()[:1] != b"[":
        yield read_line(data, origin)
        return
    try:
        rows = msgspec.json.decode(data, type=list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        yield BadInput(f"is not JSON: {error}", where=origin, mend=_MEND)
        return
    for number, row in enumerate(rows, start=1):
        yield read_line(bytes(row), f"{origin}, object {number}")


def read_line(line: bytes, where: str) -> RawArticle | BadInput:
    """One object; `where` names its file and line."""
    try:
        fields = msgspec.json.decode(line, type=Line)
        return _article(fields, where)
    except UnicodeDecodeError:
        return BadInput("is not UTF-8", where=where, mend="save it as UTF-8")
    except msgspec.ValidationError as error:
        return BadInput(_in_words(str(error)), where=where, mend=_MEND)
    except msgspec.DecodeError as error:
        return BadInput(f"is not JSON: {error}", where=where, mend=_MEND)
    except BadInput as error:
        return error


def _in_words(message: str) -> str:
    """msgspec's "Expected `str`, got `int` - at `$.text`" without its path notation."""
    return message.replace(" - at `$.", " in `").replace("Expected", "expected").replace("`object`", "an object")


def _article(fields: Line, where: str) -> RawArticle:
    text, title = (fields.text or "").strip(), _given(fields.title)
    if not text and not title:
        raise BadInput("has no text", where=where, mend='add "text"')
    external = _given(str(fields.id)) if fields.id is not None else None
    url = _given(fields.url)
    image = picture.address(fields.image or "", url or "")
    return RawArticle(
        text=text,
        origin=where,
        identity=_identity(external, url),
        external_id=external,
        title=title,
        language=_given(fields.lang),
        date=_date(fields.date, where),
        url=url,
        publisher=_given(fields.source),
        topics=_topics(fields.topic),
        image_url=image or None,
        image_alt=picture.said(fields.image_alt or "") if image else "",
    )


def _given(value: str | None) -> str | None:
    return (value or "").strip() or None


def _identity(external: str | None, url: str | None) -> str:
    if external:
        return f"id:{external}"
    page = canonical_url(url)
    # A bare site address is what exporters write when they know no better: it names no article.
    return f"url:{page}" if page and names_a_page(page) else ""


def _date(value: str | int | None, where: str) -> PartialDate | None:
    if value is None or not str(value).strip():
        return None
    try:
        return dates.parse(str(value))
    except BadInput as error:
        raise BadInput(error.what, where=where, mend=error.mend) from None


def _topics(value: str | list[str] | None) -> tuple[str, ...]:
    names = [value] if isinstance(value, str) else value or []
    return tuple(dict.fromkeys(name.strip() for name in names if name.strip()))
