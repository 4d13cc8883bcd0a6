"""What headers say of patience and of who we are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.ingest.fetch import introduction
from digest.ingest.fetch_answer import max_age, retry_after
from digest.settings import IngestSettings

NOW = datetime(2026, 3, 2, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("120", timedelta(minutes=2)),
        (" 120 ", timedelta(minutes=2)),
        ("Mon, 02 Mar 2026 08:00:00 GMT", timedelta(hours=1)),
        ("Mon, 02 Mar 2026 08:00:00", timedelta(hours=1)),
        ("99999999999999999999", timedelta(days=7)),
        ("Tue, 02 Mar 2027 08:00:00 GMT", timedelta(days=7)),
        ("0", None),
        ("-1", None),
        ("1.5", None),
        ("²", None),
        ("soon", None),
        ("Mon, 02 Mar 2020 08:00:00 GMT", None),
        (None, None),
    ],
)
def test_retry_after(value: str | None, wait: timedelta | None) -> None:
    assert retry_after(value, NOW) == (NOW + wait if wait else None)


@given(st.text(max_size=40))
def test_any_header_is_patience_in_reason_or_none(value: str) -> None:
    found = retry_after(value, NOW)
    assert found is None or NOW < found <= NOW + timedelta(days=7)
    age = max_age(value)
    assert age is None or age >= timedelta()


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("max-age=600", 600),
        ("public, Max-Age=600", 600),
        ('max-age="600"', 600),
        ("s-maxage=9, max-age = 5", 5),
        ("no-cache, max-age=600", None),
        ("no-store,max-age=600", None),
        ("x-max-age=600", None),
        ("max-age=-5", None),
        ("private", None),
        (None, None),
    ],
)
def test_max_age(value: str | None, seconds: int | None) -> None:
    assert max_age(value) == (timedelta(seconds=seconds) if seconds is not None else None)


@pytest.mark.parametrize(
    ("contact", "said"),
    [
        ("", "d/1"),
        ("desk@example.org", "d/1 (+mailto:desk@example.org)"),
        ("https://example.org/bot", "d/1 (+https://example.org/bot)"),
        ("mailto:desk@example.org", "d/1 (+mailto:desk@example.org)"),
    ],
)
def test_who_fetches(contact: str, said: str) -> None:
    assert introduction("d/1", contact) == said


@pytest.mark.parametrize("text", ["a\r\nX-Evil: 1", "a\nb", "é", "\x00", "a\n"])
@pytest.mark.parametrize("name", ["contact", "user_agent"])
def test_what_cannot_stand_in_a_header_is_no_setting(name: str, text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({name: text}, IngestSettings)
