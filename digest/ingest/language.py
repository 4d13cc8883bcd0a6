"""[pure] Which of the configured languages a text is in."""

from __future__ import annotations

import copy
import re
from functools import lru_cache
from typing import Any

from digest.ingest.once import once

UNKNOWN = "und"
LANGUAGES = (
    "nl",
    "de",
    "it",
    "en",
    "fr",
    "es",
    "pt",
    "pl",
    "sv",
    "da",
    "fi",
    "cs",
    "sl",
    "ro",
    "hu",
    "el",
    "tr",
    "uk",
    "ru",
    "ar",
    "he",
    "ja",
    "zh",
)

_SAMPLE = 400  # characters: more changes nothing and costs time
# So much of it tells the same where it is as plain as that: what was declared, or whatever it is.
_DECLARED_GLANCE, _GLANCE = (60, 0.7), (120, 0.9)
_MIN_LETTERS = 12
_CONFIDENT = 0.3  # a short text's best guess below this is worth nothing
_PLAUSIBLE = 0.02  # a declared language below this is a template's default, not a statement
_ENOUGH = re.compile(r"(?:[^a-zA-Z]*[a-zA-Z]){12}")
_TAG = re.compile(r"([a-z]{2,3})(?:[-_].*)?", re.IGNORECASE)
_OLD_CODES = {"iw": "he", "in": "id", "ji": "yi", "nb": "no", "nn": "no"}
_THREE = {
    "nld": "nl",
    "deu": "de",
    "ita": "it",
    "eng": "en",
    "fra": "fr",
    "spa": "es",
    "por": "pt",
    "pol": "pl",
    "swe": "sv",
    "slv": "sl",
    "rus": "ru",
    "ara": "ar",
}


def normalise_tag(tag: str | None) -> str | None:
    """`en-GB` -> `en`; None where it names no language."""
    match = _TAG.fullmatch((tag or "").strip())
    if not match:
        return None
    code = match.group(1).lower()
    code = _THREE.get(code, _OLD_CODES.get(code, code))
    return code if len(code) == 2 else None


def detect(text: str, languages: tuple[str, ...] = LANGUAGES, declared: str | None = None) -> str:
    """ISO 639-1, or "und". What was declared wins unless the text plainly contradicts it."""
    sample = text[:_SAMPLE]
    claimed = normalise_tag(declared)
    if not _ENOUGH.match(sample) and _weight(sample) < _MIN_LETTERS:
        return claimed or UNKNOWN
    for length, sure in (_DECLARED_GLANCE, _GLANCE) if claimed else (_GLANCE,):
        if len(sample) > length:
            best, score = _identifier(languages).rank(sample[:length])[0]
            if score >= sure and claimed in (None, best):
                return str(best)
    ranked: list[tuple[str, float]] = _identifier(languages).rank(sample)
    scores = dict(ranked)
    if claimed and (claimed not in scores or scores[claimed] >= _PLAUSIBLE):
        return claimed
    best, score = ranked[0]
    return best if score >= _CONFIDENT else claimed or UNKNOWN


def _weight(sample: str) -> int:
    """Letters. A kana or an ideograph says as much as a word's half: three of them are a sentence's start."""
    letters = sum(1 for c in sample if c.isalpha())
    return letters + 4 * sum(1 for c in sample if c >= "\u2e80" and c.isalpha())


@once
def _model() -> Any:
    # The import and the model take half a second: not before the first text needs them.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


@lru_cache(maxsize=8)
def _identifier(languages: tuple[str, ...]) -> Any:
    model = _model()
    known = set(model.labels).intersection(languages)
    narrowed = copy.copy(model)
    narrowed.set_languages(sorted(known) or None)
    return narrowed
