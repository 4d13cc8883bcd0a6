"""The keys of a home: made once, kept, found again by what a delivery has kept; their records in the DNS looked at."""

from __future__ import annotations

import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.adapters.txt_records import TxtRecords
from digest.deliver.dkim_keys import KeyPair, Record
from digest.errors import DigestError, NotFound, SettingsError, UsageError
from digest.home import FILE, Home, read_home
from digest.pipeline.dkim_check import Checked, check
from digest.pipeline.signing import Keyring, domains, keyring
from digest.settings import DkimSettings
from tests.support.home import open_house, publication
from tests.support.name_server import NameServer, serving

AT = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
MAIL = b"From: news@example.org\r\nSubject: Hi\r\n\r\nHello.\r\n"


def home(folder: Path, **environ: str) -> Home:
    folder.mkdir(exist_ok=True)
    (folder / FILE).touch()
    return read_home(folder, environ)


@pytest.fixture
def keys(tmp_path: Path) -> Keyring:
    """With one pair of keys, s1, that signs."""
    found = keyring(home(tmp_path / "home", DIGEST_DKIM_SELECTOR="s1"))
    found.make("s1")
    return found


def with_settings(keys: Keyring, **settings: str) -> Keyring:
    """As another process would find the keys, after the settings were changed."""
    return Keyring(keys.folder, DkimSettings(**settings))


# --- keys -----------------------------------------------------------------------------------------


def test_keys_are_for_their_owner_alone(keys: Keyring, tmp_path: Path) -> None:
    files = sorted(keys.folder.iterdir())
    assert [path.name for path in files] == ["s1.ed25519.pem", "s1.rsa.pem"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE(keys.folder.stat().st_mode) == 0o700
    there = home(tmp_path / "home")
    assert there.open_secrets() == []
    files[1].chmod(0o644)
    assert there.open_secrets() == [files[1]]


def test_a_key_is_never_overwritten(keys: Keyring) -> None:
    before = keys.pair("s1").pem()
    (keys.folder / "s2.ed25519.pem").write_bytes(b"half a pair")
    for name in ("s1", "s2"):
        with pytest.raises(UsageError, match="has keys already"):
            keys.make(name)
    assert with_settings(keys).pair("s1").pem() == before
    assert (keys.folder / "s2.ed25519.pem").read_bytes() == b"half a pair"
    assert not (keys.folder / "s2.rsa.pem").exists()


def test_half_a_pair_is_not_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from digest.pipeline import signing

    write = signing.write_private

    def full(path: Path, content: bytes) -> None:
        if path.name.endswith(".ed25519.pem"):
            raise OSError(28, "No space left on device", str(path))
        write(path, content)

    monkeypatch.setattr(signing, "write_private", full)
    found = keyring(home(tmp_path))
    with pytest.raises(OSError, match="No space"):
        found.make("s1")
    assert found.selectors() == []
    assert list(found.folder.iterdir()) == []


def test_a_month_has_as_many_selectors_as_are_asked_for(keys: Keyring) -> None:
    made = []
    for _ in range(3):
        made.append(keys.free_selector(AT))
        keys.make(made[-1], 1024)
    assert made == ["s202603", "s202603-2", "s202603-3"]
    assert [found.name for found in keys.selectors()] == ["s1", *made]
    assert keys.chosen().name == "s1"
    assert with_settings(keys).chosen().name == "s202603-3"
    with pytest.raises(NotFound, match="did you mean 's202603'"):
        keys.chosen("s20260")
    with pytest.raises(SettingsError, match="digest dkim new --selector s9"):
        with_settings(keys, selector="s9").chosen()


# --- who signs ------------------------------------------------------------------------------------


def test_nothing_is_signed_without_a_selector(tmp_path: Path) -> None:
    found = keyring(home(tmp_path))
    found.require()
    assert found.bind("news@example.org") == ""
    assert found.bound("") is None


def test_a_delivery_is_signed_again_as_it_was_first(keys: Keyring) -> None:
    binding = keys.bind("news@example.org")
    assert binding == "s1@example.org"
    first = keys.bound(binding)
    assert first is not None
    keys.make("s2")
    later = with_settings(keys, selector="s2", domain="mail.example.org")
    assert later.bind("news@example.org") == "s2@mail.example.org"
    again = later.bound(binding)
    assert again is not None
    assert again.sign(MAIL, AT) == first.sign(MAIL, AT)
    assert again.sign(MAIL, AT) == with_settings(keys).signer("s1", "example.org").sign(MAIL, AT)
    assert later.bound(binding) is again, "a key is read once"


def test_each_sender_is_signed_with_a_domain_that_aligns(keys: Keyring) -> None:
    covered = with_settings(keys, selector="s1", domain="example.org")
    assert covered.bind("a@news.example.org") == "s1@example.org"
    assert covered.bind("a@example.net") == "s1@example.net"
    with pytest.raises(SettingsError, match="cannot be signed"):
        covered.bind("a@bad domain")


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda folder: [path.unlink() for path in folder.iterdir()], "digest dkim new --selector s1"),
        (lambda folder: (folder / "s1.rsa.pem").unlink(), "s1.rsa.pem: the key of selector s1 is missing (put it back"),
        (lambda folder: (folder / "s1.ed25519.pem").unlink(), "s1.ed25519.pem: the key of selector s1 is missing"),
        (lambda folder: (folder / "s1.rsa.pem").write_text("x"), "no RSA key"),
        (lambda folder: [(folder / "s1.rsa.pem").unlink(), (folder / "s1.rsa.pem").mkdir()], "cannot be read"),
    ],
)
def test_a_key_that_is_missing_or_damaged_is_one_line(keys: Keyring, harm: Callable[[Path], object], said: str) -> None:
    harm(keys.folder)
    for attempt in (keys.require, lambda: keys.bound("s1@example.org"), lambda: keys.signer("s1", "example.org")):
        with pytest.raises(SettingsError) as error:
            attempt()
        assert said in str(error.value)
        assert "\n" not in str(error.value)


def test_an_old_key_that_is_missing_is_not_to_be_made_anew(keys: Keyring) -> None:
    with pytest.raises(SettingsError, match="put it back from your backup"):
        keys.bound("s0@example.org")


def test_the_domains_are_those_of_the_senders(tmp_path: Path, empty_home: Path) -> None:
    with open_house(tmp_path / "home", template=empty_home, DIGEST_DKIM_DOMAIN="example.com") as house:
        publication(house, "one")
        publication(house, "two", sender="Two <two@news.example.com>")
        publication(house, "three", sender="Three <three@example.net>")
        assert domains(house.services) == ["example.com", "example.net"]


# --- the records in the DNS -----------------------------------------------------------------------

RSA_NAME, ED_NAME = "s1r._domainkey.example.org", "s1e._domainkey.example.org"


def looked_at(keys: Keyring, found: dict[str, list[str]]) -> list[Checked]:
    records = keys.records("s1", "example.org")
    return check(keys.pair("s1"), records, "s1", lambda name: found.get(name, []), AT)


def published(records: list[Record]) -> dict[str, list[str]]:
    return {record.name: [record.text] for record in records}


def test_what_is_published_as_shown_is_well(keys: Keyring) -> None:
    found = looked_at(keys, published(keys.records("s1", "example.org")))
    assert [(c.record.name, c.trouble, c.mend) for c in found] == [(RSA_NAME, "", ""), (ED_NAME, "", "")]


@pytest.mark.parametrize(
    ("change", "trouble", "mend"),
    [
        (lambda text: [], "no such TXT record", "dkim show s1"),
        (lambda text: [text, text], "2 TXT records", "remove all but ours"),
        (lambda text: [text[:-30]], "damaged", "dkim show s1"),
        (lambda text: ["v=DKIM1; k=rsa; p="], "revoked", "dkim show s1"),
        (lambda text: ["v=spf1 -all"], "v=DKIM1", "dkim show s1"),
        (lambda text: [text + "; t=y"], "t=y", "take t=y out"),
    ],
)
def test_each_fault_is_told_with_how_to_mend_it(
    keys: Keyring, change: Callable[[str], list[str]], trouble: str, mend: str
) -> None:
    there = published(keys.records("s1", "example.org"))
    rsa, ed = looked_at(keys, there | {RSA_NAME: change(there[RSA_NAME][0])})
    assert trouble in rsa.trouble
    assert mend in rsa.mend
    assert ed.trouble == ""


def test_a_record_of_another_key_is_told(keys: Keyring) -> None:
    keys.make("s2")
    others = [record.text for record in keys.records("s2", "example.org")]
    found = looked_at(keys, {RSA_NAME: [others[0]], ED_NAME: [others[1]]})
    assert ["another key than ours" in c.trouble for c in found] == [True, True]


def test_a_signature_is_tried_too(keys: Keyring) -> None:
    """As if the pair said of itself what it cannot keep: the comparison of keys passes, the signature does not."""
    mine = keys.pair("s1")
    records = keys.records("s1", "example.org")

    class Torn(KeyPair):
        def public(self) -> dict[str, object]:  # type: ignore[override]
            return dict(mine.public())

    other = KeyPair.make(1024)
    texts = published(records)
    found = check(Torn(other.rsa, other.ed25519), records, "s1", lambda name: texts[name], AT)
    assert [c.trouble for c in found] == ["the key in the DNS does not fit the key that signs"] * 2


# --- asking ---------------------------------------------------------------------------------------


@pytest.fixture
def name_server() -> object:
    with serving({}) as server:
        yield server


def test_strings_of_a_record_are_put_together(name_server: NameServer) -> None:
    name_server.records = {"a.example.org": ['"v=DKIM1; " "p=" "x"', '"two"'], "empty.example.org": []}
    ask = TxtRecords(name_server.place)
    assert sorted(ask("a.example.org")) == ["two", "v=DKIM1; p=x"]
    assert ask("empty.example.org") == []
    assert ask("none.example.org") == []
    assert name_server.asked == ["a.example.org", "empty.example.org", "none.example.org"], "no search list"


def test_a_name_server_that_does_not_answer_is_not_a_missing_record(name_server: NameServer) -> None:
    name_server.rcode = 2  # type: ignore[assignment] # SERVFAIL
    with pytest.raises(DigestError, match="answer with an error"):
        TxtRecords(name_server.place)("a.example.org")
    with pytest.raises(DigestError, match="cannot be looked up"):
        TxtRecords(name_server.place)("a..example.org")


def test_silence_ends(name_server: NameServer) -> None:
    name_server.mute = True
    with pytest.raises(DigestError, match="no name server answers"):
        TxtRecords(name_server.place, seconds=0.3)("a.example.org")


@pytest.mark.parametrize("place", ["", "127.0.0.1", "127.0.0.1:5353", "[::1]:53", "::1", "localhost:53", "localhost"])
def test_places_of_name_servers(place: str) -> None:
    TxtRecords(place)


@pytest.mark.parametrize("place", ["127.0.0.1:x", "127.0.0.1:0", "127.0.0.1:70000", ":53", "[::1]:", "no such host"])
def test_what_is_no_place_is_refused(place: str) -> None:
    with pytest.raises(UsageError, match="is no name server"):
        TxtRecords(place)
