"""What replies mean: a delivery fails only for its own fault, and nothing is a success that was not said to be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.deliver.retry import Stage, backoff, classify, give_up_at
from digest.model.delivery import DeliveryState

SENT, DEFERRED, FAILED, UNCERTAIN = (
    DeliveryState.SENT,
    DeliveryState.DEFERRED,
    DeliveryState.FAILED,
    DeliveryState.UNCERTAIN,
)
BEFORE = [Stage.CONNECT, Stage.EHLO, Stage.STARTTLS, Stage.AUTH]


@pytest.mark.parametrize(
    ("code", "enhanced", "text", "stage", "state"),
    [
        (220, "", "ready", "connect", None),
        (250, "", "ok", "ehlo", None),
        (334, "", "", "auth", None),
        (235, "2.7.0", "welcome", "auth", None),
        (250, "2.1.0", "ok", "mail", None),
        (251, "", "will forward", "rcpt", None),
        (354, "", "go on", "data", None),
        (250, "2.0.0", "queued as 1", "dot", SENT),
        (450, "4.2.0", "greylisted", "rcpt", DEFERRED),
        (451, "4.3.0", "try later", "dot", DEFERRED),
        (452, "4.3.1", "disk full", "mail", DEFERRED),
        (550, "5.1.1", "no such user", "rcpt", FAILED),
        (552, "5.2.2", "mailbox full", "rcpt", FAILED),
        (552, "", "too many recipients", "rcpt", DEFERRED),
        (556, "5.1.10", "null MX", "rcpt", FAILED),
        (554, "5.7.1", "spam", "dot", FAILED),
        (552, "5.3.4", "too big", "mail", FAILED),
        (553, "5.6.7", "no SMTPUTF8", "mail", FAILED),
        (550, "5.7.1", "sender not allowed", "mail", DEFERRED),
        (530, "5.7.0", "log in first", "mail", DEFERRED),
        (530, "5.7.0", "log in first", "rcpt", DEFERRED),
        (503, "5.5.1", "bad sequence", "rcpt", DEFERRED),
        (521, "", "no mail here", "connect", DEFERRED),
        (535, "5.7.8", "wrong password", "auth", DEFERRED),
    ],
)
def test_the_state_that_a_reply_leads_to(
    code: int, enhanced: str, text: str, stage: str, state: DeliveryState | None
) -> None:
    assert classify(code, enhanced, text, stage).state == state


@given(code=st.integers(-1, 999), stage=st.sampled_from(list(Stage)), text=st.text(max_size=40))
def test_only_a_positive_reply_to_the_dot_is_sent(code: int, stage: Stage, text: str) -> None:
    verdict = classify(code, "", text, stage)
    assert (verdict.state is SENT) == (stage is Stage.DOT and 200 <= code < 300)
    assert (verdict.state is UNCERTAIN) == (stage is Stage.DOT and code // 100 not in (2, 4, 5))
    if verdict.state not in (None, SENT):
        assert verdict.reason
        assert "\n" not in verdict.reason
    if stage in BEFORE:
        assert verdict.state in (None, DEFERRED)


@given(code=st.integers(-1, 999), stage=st.sampled_from(BEFORE))
def test_a_refusal_before_any_message_is_the_relays_and_fails_nobody(code: int, stage: Stage) -> None:
    verdict = classify(code, "", "", stage)
    if verdict.state is not None:
        assert verdict.state is DEFERRED
        assert verdict.relay_trouble
        assert verdict.closes_session


@pytest.mark.parametrize("stage", [s for s in Stage if s is not Stage.DOT])
@pytest.mark.parametrize("code", [0, -1])
def test_a_connection_lost_before_the_final_dot_is_safe_to_repeat(stage: Stage, code: int) -> None:
    verdict = classify(code, "", "", stage)
    assert (verdict.state, verdict.closes_session) == (DEFERRED, True)


@pytest.mark.parametrize("code", [0, -1, 354, 101, 600])
def test_after_the_final_dot_no_real_reply_is_uncertain(code: int) -> None:
    verdict = classify(code, "", "", "dot")
    assert (verdict.state, verdict.closes_session) == (UNCERTAIN, True)


@pytest.mark.parametrize("stage", list(Stage))
def test_421_closes_the_session(stage: Stage) -> None:
    verdict = classify(421, "4.3.2", "shutting down", stage)
    assert (verdict.state, verdict.closes_session) == (DEFERRED, True)


def test_a_recipients_refusal_leaves_the_session_open() -> None:
    for code in (450, 550):
        verdict = classify(code, "", "", "rcpt")
        assert not verdict.closes_session
        assert not verdict.relay_trouble


def test_250_where_354_was_due_is_out_of_turn() -> None:
    verdict = classify(250, "", "ok", "data")
    assert (verdict.state, verdict.closes_session) == (DEFERRED, True)
    assert "out of turn" in verdict.reason


def test_reasons_are_words_with_the_codes() -> None:
    assert classify(550, "5.1.1", "x", "rcpt").reason == "no such mailbox (550 5.1.1)"
    assert classify(550, "", "5.1.1 <a@b>: unknown", "rcpt").reason == "no such mailbox (550 5.1.1)"
    assert classify(550, "", "unknown", "rcpt").reason == "the recipient was refused (550)"
    assert classify(450, "4.2.0", "Greylisting in action", "rcpt").reason == "greylisted (450 4.2.0)"


def test_an_unknown_stage_is_our_own_mistake() -> None:
    with pytest.raises(ValueError, match="helo"):
        classify(250, "", "", "helo")


@given(attempts=st.integers(1, 60), key=st.text(max_size=20))
def test_backoff_stays_between_5_and_67_minutes_and_grows(attempts: int, key: str) -> None:
    wait = backoff(attempts, key)
    assert timedelta(minutes=5) <= wait <= timedelta(minutes=67)
    assert wait == backoff(attempts, key)
    if attempts < 5:
        assert wait < backoff(attempts + 1, key)


def test_backoff_spreads_deliveries_that_were_deferred_together() -> None:
    waits = {backoff(5, f"delivery-{n}") for n in range(500)}
    assert len(waits) > 250
    assert max(waits) - min(waits) > timedelta(minutes=11)


@pytest.mark.parametrize(("next_in", "hours"), [(None, 24), (1, 4), (4, 4), (10, 10), (24, 24), (168, 24), (-5, 4)])
def test_give_up_at_the_next_edition_in_4_to_24_hours(next_in: int | None, hours: int) -> None:
    planned = datetime(2025, 6, 1, 7, tzinfo=UTC)
    next_slot = None if next_in is None else planned + timedelta(hours=next_in)
    assert give_up_at(planned, next_slot) == planned + timedelta(hours=hours)
