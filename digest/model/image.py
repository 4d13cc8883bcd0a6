"""Lead images: where one is, and what of it goes into mails."""

from __future__ import annotations

import enum
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LeadImage:
    """The picture that leads an article. `alt` is what it shows, in words of the article's language."""

    url: str
    alt: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Image:
    """A picture made ready for mails: small, and without anything that its maker wrote into the file."""

    mime: str  # image/jpeg or image/png
    width: int  # pixels
    height: int
    data: bytes


class ImageState(enum.StrEnum):
    OK = "ok"
    FAILED = "failed"
