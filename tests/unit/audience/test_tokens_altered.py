"""Tokens under attack: each change of one character. None ever says anything else; tests/exhaustive guesses."""

from __future__ import annotations

import base64
import string
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from digest.audience import tokens
from digest.pipeline.confirmations import CONFIRM
from digest.pipeline.envelope import COPY, PREFERENCES, UNSUBSCRIBE

SECRETS = (b"the newest key, long enough", b"an older one, long enough too")
NOW = datetime(2026, 3, 2, 5, tzinfo=UTC)
UNTIL = NOW + timedelta(days=7)
PURPOSES = (UNSUBSCRIBE, PREFERENCES, COPY, CONFIRM)
#: What may stand in an address, and some that look alike or end lines.
LETTERS = string.ascii_letters + string.digits + "-_.~=+/%@: \n\0éΑ٣．"
#: As the program signs them, with the purpose that they are for.
REAL = {
    "unsubscribe": (UNSUBSCRIBE, tokens.sign(SECRETS[0], UNSUBSCRIBE, "17")),
    "unsubscribe, an older key": (UNSUBSCRIBE, tokens.sign(SECRETS[1], UNSUBSCRIBE, "184467")),
    "preferences": (PREFERENCES, tokens.sign(SECRETS[0], PREFERENCES, "17")),
    "copy": (COPY, tokens.sign(SECRETS[0], COPY, f"12:{'0123456789abcdef' * 2}")),
    "confirm": (CONFIRM, tokens.sign_until(SECRETS[0], CONFIRM, "17:1772427600000000.a1b2c3d4e5f6", UNTIL)),
}


def altered(token: str) -> Iterator[str]:
    """Each change of one character: another one, one more, one less, the other case; and two that change places."""
    for at in range(len(token) + 1):
        for letter in LETTERS:
            yield token[:at] + letter + token[at:]
            if at < len(token):
                yield token[:at] + letter + token[at + 1 :]
        if at < len(token):
            yield token[:at] + token[at + 1 :]
            yield token[:at] + token[at].swapcase() + token[at + 1 :]
            yield token[:at] + token[at + 1 : at + 2] + token[at] + token[at + 2 :]


@pytest.mark.parametrize("name", REAL)
def test_no_token_survives_the_change_of_a_character(name: str) -> None:
    purpose, token = REAL[name]
    assert tokens.verify(SECRETS, purpose, token) is not None
    changed = set(altered(token)) - {token}
    assert len(changed) > 100 * len(token)
    assert [each for each in changed if tokens.verify(SECRETS, purpose, each) is not None] == []


@pytest.mark.parametrize("name", REAL)
def test_no_token_is_good_for_another_purpose(name: str) -> None:
    mine, token = REAL[name]
    for purpose in (*PURPOSES, "", "token", "bounce", "forgotten", mine.upper()):
        assert (tokens.verify(SECRETS, purpose, token) is None) is (purpose != mine)


def test_no_token_has_another_end() -> None:
    purpose, token = REAL["confirm"]
    assert tokens.verify_until(SECRETS, purpose, token, NOW) == ("17:1772427600000000.a1b2c3d4e5f6", False)
    signature = token.partition(".")[2]
    payload = tokens.verify(SECRETS, purpose, token)
    assert payload is not None
    end, _, rest = payload.partition(":")
    for later in (1, 3600, 86400, 10**9):
        other = base64.urlsafe_b64encode(f"{int(end) + later}:{rest}".encode()).rstrip(b"=").decode()
        assert tokens.verify_until(SECRETS, purpose, f"{other}.{signature}", NOW) is None


def test_no_bounce_token_names_another_mail() -> None:
    token = tokens.bounce_token(SECRETS[0], 184467)
    found = {tokens.bounced_delivery(SECRETS, each) for each in altered(token)}
    assert found == {None, 184467}, "in another case it is the same one"
    assert tokens.bounced_delivery(SECRETS, "f" * 100_000) is None


def test_what_is_kept_of_an_address_needs_the_key() -> None:
    one = tokens.forgotten(SECRETS[0], "reader@example.org")
    assert len(one) == 64
    assert one == tokens.forgotten(SECRETS[0], "reader@example.org")
    others = {tokens.forgotten(SECRETS[1], "reader@example.org"), tokens.forgotten(SECRETS[0], "reade@example.org")}
    assert len(others | {one}) == 3


def test_a_pseudonym_is_known_as_one() -> None:
    name = tokens.pseudonym(SECRETS[0], 17)
    assert tokens.is_pseudonym(name)
    assert name != tokens.pseudonym(SECRETS[0], 18)
    for other in (name[:-1], name + "0", name.upper(), name + "\n", f"{name}@example.org", "forgotten"):
        assert not tokens.is_pseudonym(other)
