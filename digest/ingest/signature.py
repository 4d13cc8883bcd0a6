"""[pure] Near-duplicate signatures: MinHash (Broder 1997) over shingles of five folded words.

All texts of a feed are signed together: their words are found and hashed in arrays, by a polynomial over the bytes
whose prefix sums give any word's hash by one subtraction (Karp and Rabin 1987).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from rensa import RMinHash

from digest.ingest import plain

PERMUTATIONS = 64
SHINGLE = 5
#: Characters of a text that are signed: what is a copy so far is one.
LONGEST = 100_000

_SEED = 42
_AT_ONCE = 400_000  # characters
_SPACE = 0x20
_WORDS_ONLY = bytes(c if c >= 0x80 or chr(c).isalnum() or c == ord("_") else _SPACE for c in range(256))
_OTHER_SIGNS = re.compile(r"[^\w\x00-\x7f]+")
_BASE = 0x9E3779B97F4A7C15
_INVERSE = pow(_BASE, -1, 2**64)
# Odd numbers of 64 bits without a pattern: of a word's place in its shingle, and to mix.
_PLACES = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53, 0xD6E8FEB86659FD93)
_MIX = np.uint64(0xFF51AFD7ED558CCD)

Hashes = NDArray[np.uint64]


def signature(text: str) -> bytes:
    """256 opaque bytes; none for a text without words."""
    return signatures([text])[0]


def signatures(texts: Sequence[str]) -> list[bytes]:
    """The signature of each."""
    found: list[bytes] = []
    for batch in _batches([_words(text[:LONGEST]) for text in texts]):
        hashes = list(_shingles(batch))
        ends = np.cumsum([0, *map(len, hashes)]).astype(np.uint64)
        rows = RMinHash.digest_matrix_from_flat_token_hashes(np.concatenate(hashes), ends, PERMUTATIONS, _SEED)
        lanes = np.asarray(rows.to_rows(), dtype="<u4")
        found += [row.tobytes() if len(of_one) else b"" for row, of_one in zip(lanes, hashes, strict=True)]
    return found


def _words(text: str) -> bytes:
    """Its words, folded, with blanks between them."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    latin = folded.encode("ascii", "ignore").translate(_WORDS_ONLY)
    letters, others = len(latin) - latin.count(b" "), len(folded) - len(latin)
    if letters > 2 * others:  # these are marks on letters, dashes and quotes
        return latin
    folded = plain.bare(text)
    if plain.is_cjk(folded):  # without blanks between words, characters take their place
        folded = " ".join(folded)
    return _OTHER_SIGNS.sub(" ", folded).encode("utf-8", "replace").translate(_WORDS_ONLY)


def _batches(texts: Sequence[bytes]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    for text in texts:
        if batch and sum(map(len, batch)) + len(text) > _AT_ONCE:
            yield batch
            batch = []
        batch.append(text)
    if batch:
        yield batch


def _shingles(texts: Sequence[bytes]) -> Iterator[Hashes]:
    """Hashes of each text's shingles: of all its words together, where they are fewer than a shingle has."""
    data = np.frombuffer(b" ".join((b"", *texts, b"")), dtype=np.uint8)
    words, starts = _hashes(data)
    begins = np.cumsum([1, *(len(text) + 1 for text in texts)])
    firsts = np.searchsorted(starts, begins)
    whole = _together(words, SHINGLE) if len(words) >= SHINGLE else words[:0]
    for first, end in pairwise(firsts.tolist()):
        several = end - first >= SHINGLE
        yield whole[first : end - SHINGLE + 1] if several else _together(words[first:end], end - first)


def _hashes(data: NDArray[np.uint8]) -> tuple[Hashes, NDArray[np.int64]]:
    """Of each word, and where it starts. The first and the last byte are blanks."""
    blank = data == _SPACE
    edges = np.flatnonzero(blank[1:] != blank[:-1]) + 1
    starts, ends = edges[::2], edges[1::2]
    sums = np.cumsum(data * _powers(_BASE, len(data)), dtype=np.uint64)
    words: Hashes = (sums[ends - 1] - sums[starts - 1]) * _powers(_INVERSE, len(data))[starts]
    return _mixed(words), starts


def _powers(base: int, number: int) -> Hashes:
    return np.cumprod(np.full(number, base, dtype=np.uint64), dtype=np.uint64)


def _together(words: Hashes, number: int) -> Hashes:
    """One hash for each row of so many words."""
    if not number:
        return words
    rows = len(words) - number + 1
    told = np.zeros(rows, dtype=np.uint64)
    for place in range(number):
        told += words[place : place + rows] * np.uint64(_PLACES[place])
    return _mixed(told)


def _mixed(hashes: Hashes) -> Hashes:
    hashes = (hashes ^ (hashes >> np.uint64(33))) * _MIX
    return hashes ^ (hashes >> np.uint64(29))
