"""Promise 3: the transition table. Never lost, never a false "sent", never twice after a recorded 250."""

from __future__ import annotations

import itertools

import pytest

from digest.model.delivery import IN_FLIGHT, OPEN, TRANSITIONS, DeliveryState, may_follow

S = DeliveryState
TERMINAL = {S.SENT, S.SUPPRESSED, S.EXPIRED, S.CANCELLED}


def before(state: S) -> set[S]:
    return {s for s in S if may_follow(s, state)}


def reachable(start: S, *, without: frozenset[S] = frozenset()) -> set[S]:
    found, todo = {start}, [start]
    while todo:
        fresh = TRANSITIONS[todo.pop()] - found - without
        found |= fresh
        todo += fresh
    return found


def test_every_state_has_its_line_and_no_state_follows_itself() -> None:
    assert set(TRANSITIONS) == set(S)
    assert all(state not in after for state, after in TRANSITIONS.items())


def test_may_follow_is_the_table() -> None:
    for one, other in itertools.product(S, S):
        assert may_follow(one, other) == (other in TRANSITIONS[one])


def test_terminal_states_are_final_and_the_only_ones() -> None:
    assert {state for state, after in TRANSITIONS.items() if not after} == TERMINAL


def test_every_state_can_be_reached_and_every_delivery_can_end() -> None:
    assert reachable(S.PLANNED) == set(S)
    for state in S:
        assert reachable(state) & TERMINAL


def test_what_is_open_can_still_reach_its_reader_and_nothing_else_can_but_by_retry() -> None:
    # A failed delivery is closed; only the operator opens it again.
    assert {state for state in S if S.SENT in reachable(state)} - {S.SENT, S.FAILED} == OPEN
    assert not OPEN & TERMINAL
    assert TRANSITIONS[S.FAILED] == {S.PLANNED}


def test_in_flight_is_open_and_is_never_expired() -> None:
    assert IN_FLIGHT < OPEN
    for state in IN_FLIGHT:
        assert not may_follow(state, S.EXPIRED)


def test_a_new_edition_can_expire_every_other_open_delivery() -> None:
    for state in OPEN - IN_FLIGHT:
        assert may_follow(state, S.EXPIRED)


def test_suppression_reaches_every_open_delivery_but_the_one_on_the_wire() -> None:
    assert before(S.SUPPRESSED) == OPEN - {S.COMMITTING}
    assert before(S.CANCELLED) == OPEN - {S.COMMITTING}


def test_only_a_claimed_delivery_is_committed_and_only_these_are_claimed() -> None:
    assert before(S.COMMITTING) == {S.CLAIMED}
    assert before(S.CLAIMED) == {S.PLANNED, S.DEFERRED, S.UNCERTAIN}


def test_sent_is_said_by_a_reply_or_by_the_operator() -> None:
    # The operator settles what was uncertain or held; nothing else gets there without a commit.
    assert before(S.SENT) == {S.COMMITTING, S.UNCERTAIN, S.HELD}
    without = frozenset({S.COMMITTING, S.UNCERTAIN, S.HELD})
    assert S.SENT not in reachable(S.PLANNED, without=without)


def test_a_crash_while_committing_is_never_taken_for_unsent() -> None:
    assert TRANSITIONS[S.COMMITTING] == {S.SENT, S.DEFERRED, S.FAILED, S.UNCERTAIN}


@pytest.mark.parametrize("state", [S.PLANNED, S.DEFERRED, S.EXPIRED])
def test_uncertain_never_silently_becomes_unsent(state: S) -> None:
    assert not may_follow(S.UNCERTAIN, state)


def test_a_claim_on_an_uncertain_delivery_can_be_given_back_as_uncertain() -> None:
    assert may_follow(S.UNCERTAIN, S.CLAIMED)
    assert may_follow(S.CLAIMED, S.UNCERTAIN)
    assert may_follow(S.HELD, S.UNCERTAIN)
