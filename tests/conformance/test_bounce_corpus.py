"""Real bounces: the address and hard or soft, as a reader of each would say.

The figures: `pytest -s tests/conformance/test_bounce_corpus.py`. The Sisimai set states no
expectation; a reader's are in `bounces_expected.toml`. Which address it is about is not written down: it has to be
one that the message's own recipient fields name, or else the one that its copy of the original was sent to. One half
of the set, by a hash of the name, was looked at while the grammar was written, the other only afterwards.
"""

from __future__ import annotations

import email
import hashlib
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from flufl.bounce import all_failures

from digest.deliver.bounces import parse
from digest.model.report import Report, ReportKind

_FLOOR = 0.95
_ADDRESS = r"[^\s<>;:,()\[\]\"]+@[\w.-]+\w"
_LABELS = Path(__file__).parent / "bounces_expected.toml"


@pytest.fixture(scope="module")
def sisimai(shared: Path) -> dict[str, bytes]:
    return {path.stem: path.read_bytes() for path in sorted((shared / "corpora/bounces/sisimai/lf").glob("*.eml"))}


@pytest.fixture(scope="module")
def mailman(shared: Path) -> dict[str, bytes]:
    return {path.stem: path.read_bytes() for path in sorted((shared / "corpora/bounces/flufl").glob("*.txt"))}


def expected() -> dict[str, str]:
    tables = tomllib.loads(_LABELS.read_text(encoding="utf-8"))
    return {name: label for label, names in tables.items() for name in names.split()}


def seen_first(name: str) -> bool:
    return hashlib.sha1(f"{name}.eml".encode()).digest()[0] % 2 == 0


def named(raw: bytes) -> set[str]:
    """The addresses that a message may be about."""
    text = raw.replace(b"\r\n", b"\n").decode("latin-1")
    fields = r"(?im)^(?:original-|final-|x-actual-)recipient\s?:[^\n]*?(" + _ADDRESS + ")"
    found = set(re.findall(fields, text))
    if not found:
        found = {a for line in re.findall(r"(?im)^x-failed-recipients:(.*)$", text) for a in re.findall(_ADDRESS, line)}
    if not found:
        _, _, body = text.partition("\n\n")
        sent_to = set(re.findall(r"(?im)^to:[^\n]*?(" + _ADDRESS + ")", body))
        found = set(re.findall(_ADDRESS, body)) - set(re.findall(_ADDRESS, header(text, "from", "to"))) | sent_to
    return {address.lower() for address in found}


def header(text: str, *names: str) -> str:
    head = text.partition("\n\n")[0]
    return "\n".join(line for line in head.split("\n") if line.lower().startswith(tuple(f"{n}:" for n in names)))


def right(label: str, raw: bytes, reports: list[Report]) -> bool:
    if label == "none":
        return not reports
    kinds = {report.kind.value for report in reports}
    wanted = {"hard_and_soft": [{"hard", "soft"}], "either": [{"hard"}, {"soft"}]}.get(label, [{label}])
    if label == "complaint":
        return kinds == {label}
    about = named(raw)
    return kinds in wanted and all(report.address.strip('"').lower() in about for report in reports)


def test_every_message_has_a_label(sisimai: dict[str, bytes]) -> None:
    assert set(expected()) == set(sisimai)


def test_address_and_kind(sisimai: dict[str, bytes]) -> None:
    labels = expected()
    wrong = [name for name, raw in sisimai.items() if not right(labels[name], raw, parse(raw))]
    print(f"\n{'half':<16}{'messages':>9}{'bounces':>9}{'right':>7}{'share':>8}")
    for half, of in (("looked at", seen_first), ("looked at later", lambda name: not seen_first(name))):
        names = [name for name in sisimai if of(name) and labels[name] != "none"]
        good = len(names) - len(set(wrong) & set(names))
        print(f"{half:<16}{sum(map(of, sisimai)):>9}{len(names):>9}{good:>7}{good / len(names):>8.1%}")
        assert good >= _FLOOR * len(names), wrong
    print("wrong:", *wrong)
    assert [name for name in wrong if labels[name] == "none"] == []


def test_more_is_found_than_the_library_alone_finds(sisimai: dict[str, bytes]) -> None:
    labels = expected()
    bounces = {name: raw for name, raw in sisimai.items() if labels[name] not in ("none", "complaint")}
    alone = sum(bool(all_failures(email.message_from_bytes(raw))[1]) for raw in bounces.values())
    ours = sum(any(report.address for report in parse(raw)) for raw in bounces.values())
    print(f"\nan address in {len(bounces)} bounces: the library alone {alone}, with our grammar {ours}")
    assert ours > alone


def test_mailmans_set(mailman: dict[str, bytes]) -> None:
    """What flufl.bounce finds in its own set is found; warnings and answers give nothing."""
    missed = []
    for name, raw in mailman.items():
        temporary, failed = all_failures(email.message_from_bytes(raw))
        found = {report.address.lower() for report in parse(raw)}
        if not {address.decode().lower() for address in failed} <= found:
            missed.append(name)
        if temporary and not failed:
            assert not found, name
    print(f"\nMailman's set: {len(mailman) - len(missed)} of {len(mailman)}; missed: {' '.join(missed)}")
    assert len(missed) <= 0.05 * len(mailman)


def test_what_is_no_bounce(shared: Path) -> None:
    files = sorted((shared / "corpora/bounces/sisimai/not-bounces").glob("*.eml"))
    assert files
    assert {path.name: parse(path.read_bytes()) for path in files} == {path.name: [] for path in files}


def endings(raw: bytes) -> Iterator[bytes]:
    lines = raw.replace(b"\r\n", b"\n")
    yield lines.replace(b"\n", b"\r\n")
    yield lines.replace(b"\n", b"\r")


def test_line_ends_change_nothing(sisimai: dict[str, bytes], mailman: dict[str, bytes]) -> None:
    for name, raw in (sisimai | mailman).items():
        reports = parse(raw.replace(b"\r\n", b"\n"))
        assert [parse(other) for other in endings(raw)] == [reports, reports], name


def test_what_is_cut_off_never_fails(sisimai: dict[str, bytes]) -> None:
    """At a place in each that no two share."""
    for n, raw in enumerate(sisimai.values()):
        for part in (3, 7):
            parse(raw[: len(raw) * ((n * part) % 97) // 97])


def test_reasons_are_one_short_line(sisimai: dict[str, bytes]) -> None:
    reports = [report for raw in sisimai.values() for report in parse(raw)]
    assert all(len(report.reason) <= 300 and report.reason.isprintable() for report in reports)
    hard = [report for report in reports if report.kind is ReportKind.HARD]
    assert sum(bool(report.reason) for report in hard) == len(hard)
