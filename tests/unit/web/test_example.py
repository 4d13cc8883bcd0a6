"""The example in the documentation is a webhook that works."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from digest.model.report import ReportKind
from digest.web.hooks.base import Refused, Setup

PAGE = Path(__file__).resolve().parents[3] / "docs" / "write-a-webhook.md"
NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def courier() -> Any:
    block = re.search(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert block
    names: dict[str, Any] = {}
    exec(compile(block[1], str(PAGE), "exec"), names)
    return names["CourierWebhook"](Setup("courier", {"key_file": "k"}, {"key": lambda: "s3cret"}, lambda _url: b""))


def signed(event: object) -> tuple[dict[str, str], bytes]:
    body = json.dumps(event).encode()
    return {"x-courier-signature": hmac.new(b"s3cret", body, hashlib.sha256).hexdigest()}, body


def test_it_reads_what_is_signed(courier: Any) -> None:
    told = {"type": "bounce", "permanent": True, "recipient": "a@example.org", "reply": "550 5.1.1 nobody"}
    (report,) = courier.reports(*signed(told), NOW)
    assert (report.kind, report.address, report.status) == (ReportKind.HARD, "a@example.org", "5.1.1")
    assert courier.reports(*signed({"type": "opened"}), NOW) == []
    assert courier.reports(*signed([]), NOW) == []


def test_it_refuses_what_is_not(courier: Any) -> None:
    headers, body = signed({"type": "bounce"})
    for wrong in ({}, {"x-courier-signature": "ÿ"}, {"x-courier-signature": headers["x-courier-signature"][:-1]}):
        with pytest.raises(Refused):
            courier.reports(wrong, body, NOW)
    with pytest.raises(Refused):
        courier.reports(headers, body + b" ", NOW)
