"""Pictures of others: fetched, and made anew as small ones, through Pillow (the extra `images`).

Nothing of the file that came goes on: a mail gets what was decoded here and written by us, without EXIF, colour
profiles or comments.
"""

from __future__ import annotations

import importlib.util
import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from digest.errors import BadInput, DigestError, UsageError
from digest.ingest.fetch import Fetched
from digest.ingest.kinds.base import Run
from digest.ingest.kinds.web import refusal
from digest.ingest.picture import LEAST_HEIGHT, LEAST_WIDTH
from digest.model.image import Image

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

MEND = "pip install 'storyline-digest[images]'"
ACCEPT = "image/avif, image/webp, image/jpeg, image/png, image/gif;q=0.8"

MAX_WIDTH = MAX_HEIGHT = 1040  # pixels: twice what a mail shows
MAX_BYTES = 60_000
_MAX_PIXELS = 40_000_000  # 160 MB decoded, which the memory of a process that reads can hold
_MAX_SIDE = 20_000
_NARROW = 4  # sides beyond 1 : 4 are banners and rules
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")  # no SVG, which can do things
_COLOURS = 256
_BEGINS = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n"}
#: Quality and width, until it is small enough.
_TRIES = ((80, 1040), (72, 1040), (64, 1040), (56, 1040), (56, 832), (50, 660), (45, 520), (35, 520), (30, 400))


def available() -> bool:
    return importlib.util.find_spec("PIL") is not None


def require(where: str = "") -> None:
    """Raises UsageError where the extra is not installed."""
    if not available():
        raise UsageError("lead images take Pillow, which is not installed", where=where, mend=MEND)


def fetch(url: str, get: Callable[[str], Fetched], run: Run) -> Image:
    """One picture, read by `run`. Raises FetchError; BadInput where it is none that can be shown."""
    got = get(url)
    if got.status != 200:
        raise refusal(url, got)
    return _believed(run(small, got.body, url, where=url), url)


def _believed(image: Image, where: str) -> Image:
    """Who has read a stranger's file may not be who it was: what it gives goes to readers only as what it must be."""
    begin = _BEGINS.get(image.mime)
    sides = 0 < image.width <= MAX_WIDTH and 0 < image.height <= MAX_HEIGHT
    if begin is None or not image.data.startswith(begin) or not sides or len(image.data) > MAX_BYTES:
        raise BadInput("broke the process that read it", where=where, mend="it is left out")
    return image


def small(body: bytes, where: str) -> Image:
    """Raises BadInput for what is no picture, or too large or too small to be shown."""
    try:
        import PIL.Image
    except ImportError as error:
        raise DigestError(f"lead images take Pillow, which lacks something ({error})", where=where, mend=MEND) from None
    PIL.Image.init()
    formats = [name for name in _FORMATS if name in PIL.Image.OPEN]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what is odd in it; that it is too large is told by the sizes below
            with _opened(body, formats) as picture:
                _check(picture, where)
                return _made(picture, where)
    except (BadInput, MemoryError):
        raise
    except PIL.Image.DecompressionBombError:
        raise BadInput("is larger than can be shown", where=where, mend="it is left out") from None
    except PIL.UnidentifiedImageError:
        raise BadInput("is no picture of a kind that is known", where=where, mend="it is left out") from None
    except Exception as error:  # noqa: BLE001 - a stranger's file in the hands of a library that takes it apart
        raise BadInput(f"cannot be read as a picture ({type(error).__name__})", where=where) from None


@contextmanager
def _opened(body: bytes, formats: list[str]) -> Iterator[Picture]:
    """Its head is read. Animations stay at their first frame."""
    import PIL.Image

    PIL.Image.MAX_IMAGE_PIXELS = _MAX_PIXELS
    with PIL.Image.open(io.BytesIO(body), formats=formats) as picture:
        yield picture


def _check(picture: Picture, where: str) -> None:
    width, height = picture.size
    told = f"{width:,} x {height:,} pixels"
    if width * height > _MAX_PIXELS or max(width, height) > _MAX_SIDE:
        raise BadInput(f"is larger than can be shown: {told}", where=where, mend="it is left out")
    if width < LEAST_WIDTH or height < LEAST_HEIGHT:
        raise BadInput(f"is smaller than can be shown: {told}", where=where, mend="it is left out")
    if max(width, height) > _NARROW * min(width, height):
        raise BadInput(f"is narrower than can be shown: {told}", where=where, mend="it is left out")


def _made(picture: Picture, where: str) -> Image:
    from PIL import ImageOps

    picture.draft("RGB", (MAX_WIDTH, MAX_HEIGHT))  # of a large JPEG not all is decoded
    picture.thumbnail((2 * MAX_WIDTH, 2 * MAX_HEIGHT), reducing_gap=None)
    plain = _on_white(ImageOps.exif_transpose(picture))
    plain.thumbnail((MAX_WIDTH, MAX_HEIGHT))
    if plain.getcolors(_COLOURS) and (drawn := _written(plain.quantize(_COLOURS), "PNG", optimize=True)):
        return Image("image/png", *plain.size, drawn)
    for quality, width in _TRIES:
        if width < plain.width:
            plain.thumbnail((width, MAX_HEIGHT))
        if data := _written(plain, "JPEG", quality=quality, optimize=True, progressive=True):
            return Image("image/jpeg", *plain.size, data)
    raise BadInput("cannot be made small enough", where=where, mend="it is left out")


def _on_white(picture: Picture) -> Picture:
    """What is transparent would be black in a JPEG, and unreadable on one of two grounds in a PNG."""
    import PIL.Image

    if not picture.has_transparency_data:
        return picture.convert("RGB")
    clear = picture.convert("RGBA")
    ground = PIL.Image.new("RGB", clear.size, "white")
    ground.paste(clear, mask=clear.getchannel("A"))
    return ground


def _written(picture: Picture, kind: str, **options: Any) -> bytes | None:
    """None where it is too large."""
    file = io.BytesIO()
    picture.info.clear()  # nothing of what came with it
    picture.save(file, kind, **options)
    return file.getvalue() if file.tell() <= MAX_BYTES else None
