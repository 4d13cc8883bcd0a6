"""Which lines need a ground; the quick way to an address is the library's."""

from __future__ import annotations

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given
from hypothesis import strategies as st

from digest.audience.address import normalise
from digest.audience.formats import SubscriberRow
from digest.audience.importing import needs_basis, state_of
from digest.errors import BadInput


@pytest.mark.parametrize(
    ("state", "address", "basis", "needs"),
    [
        ("", "", "", True),
        ("active", "", "", True),
        ("paused", "", "", True),
        ("active", "suppressed", "", True),
        ("", "suppressed", "", False),
        ("pending", "", "", False),
        ("unsubscribed", "", "", False),
        ("active", "", "wrote", False),
    ],
)
def test_who_may_be_mailed_some_day_needs_a_ground(state: str, address: str, basis: str, needs: bool) -> None:
    assert needs_basis(SubscriberRow("a@example.org", state=state, address=address, basis=basis)) is needs


def test_an_address_that_is_not_mailed_is_no_reader_unless_the_line_says_so() -> None:
    assert state_of(SubscriberRow("a@example.org", address="suppressed")) == "unsubscribed"
    assert state_of(SubscriberRow("a@example.org", address="suppressed", state="active")) == "active"
    assert state_of(SubscriberRow("a@example.org")) == "active"


LOCAL = st.one_of(st.text("abc.+-_ABC", max_size=8), st.text("ab", min_size=60, max_size=70), st.just("postmaster"))
DOMAIN = st.one_of(
    st.sampled_from(["example.org", "EXAMPLE.org", "a.test", "localhost", "xn--bcher-kva.example", "xn--a.org", "1.2"]),
    st.text("ab.-", max_size=12).map(lambda d: d + ".org"),
    st.text("ab", min_size=50, max_size=63).map(lambda d: ".".join([d] * 4) + ".org"),
)


@given(LOCAL, DOMAIN)
@example("Postmaster", "example.org")
@example("a", "bücher.example")
def test_the_quick_way_says_what_the_library_says(local: str, domain: str) -> None:
    try:
        expected = validate_email(f"{local}@{domain}", check_deliverability=False).normalized
    except EmailNotValidError:
        with pytest.raises(BadInput):
            normalise(f"{local}@{domain}")
        return
    assert normalise(f" {local}@{domain} ") == expected
