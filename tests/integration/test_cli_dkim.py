"""digest dkim: make keys, show what to publish, look whether it is out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.name_server import Records, serving
from tests.unit.cli.running import Runner, make_home

_LINE = re.compile(r'^(\S+)\. IN TXT (?:\( )?("[^()\n]*")(?: \))?$', re.MULTILINE)


@pytest.fixture
def digest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(make_home(tmp_path / "home"), capsys)


def records(printed: str) -> Records:
    """As an operator would copy them into a zone."""
    return {name: [texts] for name, texts in _LINE.findall(printed)}


def set_selector(digest: Runner, selector: str) -> None:
    file = digest.home / "digest.toml"
    file.write_text(file.read_text().replace('# selector = ""', f'selector = "{selector}"'))


def test_from_no_keys_to_mails_that_are_signed(digest: Runner) -> None:
    assert "digest dkim new" in digest.well("dkim", "show").out
    made = digest.well("dkim", "new", "--selector", "s1").out
    assert re.search(r"RSA +\S+/dkim/s1\.rsa\.pem\n", made)
    assert re.search(r"Ed25519 +\S+/dkim/s1\.ed25519\.pem\n", made)
    assert "digest dkim check s1" in made
    zone = records(made)
    assert list(zone) == ["s1r._domainkey.example.org", "s1e._domainkey.example.org"]
    assert records(digest.well("dkim", "show").out) == zone

    with serving({}) as server:
        early = digest("dkim", "check", "--nameserver", server.place)
        assert (early.code, early.out.count("failed")) == (1, 2)
        assert [line.partition("(")[0] for line in early.err.splitlines()] == [
            f"digest: {name}: there is no such TXT record " for name in zone
        ]
        server.records = zone
        well = digest.well("dkim", "check", "--nameserver", server.place).out
        assert re.findall(r"(RSA|Ed25519) +(\w+)\n", well) == [("RSA", "ok"), ("Ed25519", "ok")]
        assert 'In digest.toml, in [dkim]: selector = "s1"' in well
        set_selector(digest, "s1")
        assert "Next" not in digest.well("dkim", "check", "--nameserver", server.place).out
    assert re.search(r"s1 .* yes\n", digest.well("dkim", "show").out)


def test_new_keys_wait_until_the_settings_name_them(digest: Runner) -> None:
    digest.well("dkim", "new", "--selector", "s1")
    set_selector(digest, "s1")
    made = digest.well("dkim", "new").out
    found = re.search(r"the keys of selector (s\d{6}):", made)
    assert found
    told = digest.well("dkim", "show", "--json").json
    assert [(s["selector"], s["signs"], s["days"]) for s in told["selectors"]] == [
        ("s1", True, 0),
        (found[1], False, 0),
    ]
    assert {r["name"] for r in told["records"]} == {"s1r._domainkey.example.org", "s1e._domainkey.example.org"}
    newer = digest.well("dkim", "show", found[1], "--json").json
    assert [s["selector"] for s in newer["selectors"]] == [found[1]]
    assert records(made) == records(digest.well("dkim", "show", found[1]).out)
    assert all(r["zone_line"] in made for r in newer["records"])


def test_every_domain_that_sends_is_published_and_checked(digest: Runner) -> None:
    digest.well("publication", "add", "other", "--every", "day", "--from", "Other <other@example.net>")
    zone = records(digest.well("dkim", "new", "--selector", "s1").out)
    names = [f"s1{end}._domainkey.{domain}" for domain in ("example.org", "example.net") for end in "re"]
    assert list(zone) == names
    del zone[names[2]]
    with serving(zone) as server:
        said = digest("dkim", "check", "--nameserver", server.place, "--json")
    assert (said.code, said.err) == (1, "")
    assert [(c["name"], bool(c["trouble"]), bool(c["mend"])) for c in said.json] == [
        (name, name == names[2], name == names[2]) for name in names
    ]


@pytest.mark.slow
def test_a_long_key_goes_through_the_dns_too(digest: Runner) -> None:
    zone = records(digest.well("dkim", "new", "--selector", "s1", "--bits", "4096").out)
    assert max(len(texts) for (texts,) in zone.values()) > 700
    with serving(zone) as server:
        digest.well("dkim", "check", "--nameserver", server.place)


def test_what_cannot_be_is_one_line(digest: Runner) -> None:
    assert "there are no keys yet (digest dkim new)" in digest.refused("dkim", "check")
    assert "'S 1' cannot be a selector" in digest.refused("dkim", "new", "--selector", "S 1")
    digest.well("dkim", "new", "--selector", "s1")
    assert "has keys already" in digest.refused("dkim", "new", "--selector", "s1")
    assert "there is no selector 's2'" in digest.refused("dkim", "show", "s2")
    assert "is no name server" in digest.refused("dkim", "check", "--nameserver", "127.0.0.1:x")
    (digest.home / "dkim" / "s1.rsa.pem").unlink()
    assert "put it back from your backup" in digest.refused("dkim", "check")
    assert "put it back from your backup" in digest.refused("dkim", "show")


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ('selector = "S1"', "dkim.selector cannot be 'S1' (small letters"),
        ('selector = "../s1"', "dkim.selector cannot be '../s1'"),
        ('domain = "example.net"', "dkim.domain cannot be 'example.net' (the domain of mail.from"),
        ('domain = "a b"', "dkim.domain cannot be 'a b'"),
    ],
)
def test_settings_that_cannot_be_are_refused(digest: Runner, section: str, said: str) -> None:
    file = digest.home / "digest.toml"
    file.write_text(re.sub(r"^\[dkim\].*$", f"[dkim]\n{section}", file.read_text(), flags=re.MULTILINE))
    assert said in digest.refused("deliver")
