"""Tokens under attack: a million guesses. None ever says anything."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable

from digest.audience import tokens
from digest.pipeline.confirmations import CONFIRM
from digest.pipeline.envelope import COPY, PREFERENCES, UNSUBSCRIBE

SECRET = b"the newest key, long enough"
PURPOSES = (UNSUBSCRIBE, PREFERENCES, COPY, CONFIRM)
GUESSES, EACH = 1_000_000, 500  # in all, and signatures tried for one payload


def test_a_million_guesses_say_nothing() -> None:
    """Of the shape of real ones: a payload that there could be, and a signature of the right length."""
    chance = random.Random(7)
    payloads: list[Callable[[], bytes]] = [
        lambda: b"%d" % chance.randrange(1, 10**6),
        lambda: b"%d:%032x" % (chance.randrange(1, 10**4), chance.getrandbits(128)),
        lambda: b"%d:%d:%d.%012x" % (1772427600 + chance.randrange(10**7), 17, 10**15, chance.getrandbits(48)),
    ]
    tried, hits = 0, []
    for number in range(GUESSES // EACH):
        payload = base64.urlsafe_b64encode(payloads[number % 3]()).rstrip(b"=").decode()
        letters = base64.urlsafe_b64encode(chance.randbytes(18 * EACH)).decode()
        purpose = PURPOSES[number % 4]
        for at in range(0, 24 * EACH, 24):
            guess = f"{payload}.{letters[at : at + 22]}"
            tried += 1
            if tokens.verify(SECRET, purpose, guess) is not None:
                hits.append(guess)
    assert (tried, hits) == (GUESSES, [])
