"""[pure] Near-duplicate signatures: MinHash over shingles of five folded words."""

from __future__ import annotations

import re

import numpy as np
from rensa import RMinHash

from digest.ingest import plain

PERMUTATIONS = 64
SHINGLE = 5
_SEED = 42
_DTYPE = np.dtype("<u4")
_WORDS = re.compile(r"\w+")


def signature(text: str) -> bytes:
    """256 opaque bytes; none for a text without words."""
    shingles = _shingles(plain.bare(text))
    if not shingles:
        return b""
    minhash = RMinHash(num_perm=PERMUTATIONS, seed=_SEED)
    minhash.update(shingles)
    return np.asarray(minhash.digest(), dtype=_DTYPE).tobytes()


def _shingles(folded: str) -> list[str]:
    # Without spaces between words, characters take their place.
    words = [c for c in folded if c.isalnum()] if plain.is_cjk(folded) else _WORDS.findall(folded)
    if not words:
        return []
    if len(words) < SHINGLE:
        return [" ".join(words)]
    return list(set(map(" ".join, zip(*(words[i:] for i in range(SHINGLE)), strict=False))))
