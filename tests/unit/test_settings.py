"""Settings: the file, the environment on top, secrets from neither, and one line for whatever is wrong."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from digest import __version__, app, checks, resources
from digest.audience import tokens
from digest.errors import SettingsError
from digest.home import FILE, Home, read_home
from digest.keys import write_secret
from digest.model import splice
from digest.pipeline import envelope
from digest.settings import Settings
from tests.support.home import START as NOW
from tests.support.making import request


def load(folder: Path, text: str = "", **environ: str) -> Home:
    (folder / FILE).write_text(text, encoding="utf-8")
    return read_home(folder, environ)


def refusal(folder: Path, text: str = "", **environ: str) -> str:
    with pytest.raises(SettingsError) as error:
        load(folder, text, **environ)
    assert error.value.exit_code == 2
    assert "\n" not in str(error.value)
    return str(error.value)


def test_the_template_says_just_the_defaults(tmp_path: Path) -> None:
    text = (resources.templates() / "home" / FILE).read_text(encoding="utf-8")
    text = text.format(sender="Digest <digest@localhost.localdomain>", transport="maildir", version=__version__)
    assert load(tmp_path, text).settings == Settings()
    uncommented = "\n".join(
        line.removeprefix("# ") if line.startswith("# ") and " = " in line and not line.endswith("on.") else line
        for line in text.splitlines()
    )
    assert load(tmp_path, uncommented).settings == Settings(), "what is shown is the default"


def test_the_environment_goes_over_the_file(tmp_path: Path) -> None:
    text = '[smtp]\nhost = "file.example.org"\nport = 2525\n'
    found = load(tmp_path, text, DIGEST_SMTP_HOST="env.example.org").settings.smtp
    assert (found.host, found.port) == ("env.example.org", 2525)


@pytest.mark.parametrize(
    ("name", "value", "where", "expected"),
    [
        ("DIGEST_SMTP_PORT", "587", "smtp.port", 587),
        ("DIGEST_MAIL_FROM", "Me <me@example.org>", "mail.from_", "Me <me@example.org>"),
        ("DIGEST_INGEST_ALLOW_PRIVATE", "true", "ingest.allow_private", True),
        ("DIGEST_INGEST_LANGUAGES", "nl, de,", "ingest.languages", ["nl", "de"]),
        ("DIGEST_PUBLICATION_LATE_LIMIT_HOURS", "1.5", "publication.late_limit_hours", 1.5),
    ],
)
def test_every_kind_of_value_can_come_from_the_environment(
    tmp_path: Path, name: str, value: str, where: str, expected: object
) -> None:
    section, key = where.split(".")
    assert getattr(getattr(load(tmp_path, **{name: value}).settings, section), key) == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[smtp]\nprot = 25\n", ("digest.toml", "smtp.prot", "did you mean smtp.port?")),
        ("[smpt]\nport = 25\n", ("digest.toml", "smpt", "did you mean smtp?")),
        ("smtp = 25\n", ("digest.toml", "smtp is a section", "[smtp]")),
        ('[smtp]\nport = "many"\n', ("digest.toml", "smtp.port", "'many'")),
        ("[smtp]\nport = 0\n", ("digest.toml", "smtp.port", "1")),
        ('[mail]\nuncertain = "perhaps"\n', ("digest.toml", "mail.uncertain", "'perhaps'")),
        ("[smtp\n", ("digest.toml", "not valid TOML")),
    ],
)
def test_a_wrong_setting_is_one_line(tmp_path: Path, text: str, says: tuple[str, ...]) -> None:
    line = refusal(tmp_path, text)
    assert str(tmp_path) in line
    for part in says:
        assert part in line


def test_a_wrong_variable_is_named_and_not_the_file(tmp_path: Path) -> None:
    line = refusal(tmp_path, DIGEST_SMTP_PORT="many")
    assert line.startswith("environment: DIGEST_SMTP_PORT: ")
    assert "digest.toml" not in line


def test_an_unknown_variable_is_refused_with_the_nearest(tmp_path: Path) -> None:
    assert "did you mean DIGEST_SMTP_HOST?" in refusal(tmp_path, DIGEST_SMTP_HOTS="x")


def test_no_home_here(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no digest home") as error:
        read_home(tmp_path / "nowhere", {})
    assert "digest init" in str(error.value)


# --- secrets ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("section", "key"), [("smtp", "password"), ("mail", "secret"), ("llm", "key")])
def test_a_secret_in_the_file_is_refused_and_not_repeated(tmp_path: Path, section: str, key: str) -> None:
    line = refusal(tmp_path, f'[{section}]\n{key} = "hunter2"\n')
    assert "hunter2" not in line
    assert f"{section}.{key}_file" in line
    assert f"DIGEST_{section.upper()}_{key.upper()}" in line


def test_a_password_comes_from_the_environment_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("from the file\n", encoding="utf-8")
    text = '[smtp]\npassword_file = "pw"\n'
    assert load(tmp_path).password() == ""
    assert load(tmp_path, text).password() == "from the file"
    assert load(tmp_path, text, DIGEST_SMTP_PASSWORD="from outside").password() == "from outside"


def test_a_models_key_comes_from_the_environment_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "llm.key").write_text("from the file\n", encoding="utf-8")
    text = '[llm]\nkey_file = "llm.key"\n'
    assert load(tmp_path).llm_key() == ""
    assert load(tmp_path, text).llm_key() == "from the file"
    assert load(tmp_path, text, DIGEST_LLM_KEY="from outside").llm_key() == "from outside"
    assert "from outside" not in repr(load(tmp_path, text, DIGEST_LLM_KEY="from outside").settings)


def test_the_token_of_monitors_is_a_long_word_or_there_is_none(tmp_path: Path) -> None:
    file, text = tmp_path / "monitor", '[web]\nmonitor_token_file = "monitor"\n'
    word = "0123456789abcdef"
    assert load(tmp_path).monitor_token() == ""
    assert load(tmp_path, DIGEST_WEB_MONITOR_TOKEN=word).monitor_token() == word
    with pytest.raises(SettingsError, match="does not exist"):
        load(tmp_path, text).monitor_token()
    for wrong in ("", "\n", word[1:], f"{word} {word}", f"{word}é"):
        file.write_text(wrong, encoding="utf-8")
        with pytest.raises(SettingsError, match="no word of at least 16") as error:
            load(tmp_path, text).monitor_token()
        assert not wrong.strip() or wrong not in str(error.value)
    file.write_text(f"{word}\n", encoding="utf-8")
    assert load(tmp_path, text).monitor_token() == word
    with pytest.raises(SettingsError, match=r"use web\.monitor_token_file, or DIGEST_WEB_MONITOR_TOKEN"):
        load(tmp_path, f'[web]\nmonitor_token = "{word}"\n')


def test_a_password_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as error:
        load(tmp_path, '[smtp]\npassword_file = "pw"\n').password()
    said = f"{tmp_path / 'pw'}: smtp.password_file names this file, which does not exist "
    assert str(error.value) == said + "(put the password alone into it, or into DIGEST_SMTP_PASSWORD)"


def test_secrets_that_everybody_can_read_are_known(tmp_path: Path) -> None:
    password = tmp_path / "pw"
    password.write_text("hunter2", encoding="utf-8")
    home = load(tmp_path, '[smtp]\npassword_file = "pw"\n')
    password.chmod(0o644)
    assert home.open_secrets() == [password]
    password.chmod(0o640)
    assert home.open_secrets() == []


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    key = tmp_path / "secret.key"
    write_secret(key, NOW)
    first = load(tmp_path).secret()
    write_secret(key, NOW)
    assert load(tmp_path).secret() == first
    assert len(first) == 64
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert load(tmp_path, DIGEST_MAIL_SECRET="other").secret() == b"other"


def test_an_empty_key_signs_nothing(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="empty"):
        load(tmp_path).secret()


@pytest.mark.parametrize(
    ("text", "key", "mend"),
    [
        ('[mail]\ntransport = "smpt"\n', "mail.transport", "one of console, "),
        ('[sendmail]\ncommand = ["sendmail", "-t"]\n', "sendmail.command", "{recipient}"),
        ('[mail]\nfrom = "Morning news news@example.org"\n', "mail.from", ""),
        ('[web]\nurl = "http://news.example.org"\n', "web.url", "https://"),
        ('[web]\ntrusted_proxies = ["10.0.0.1/8"]\n', "web.trusted_proxies", "10.0.0.0/8"),
        ('[web]\ntrusted_proxies = ["::/0"]\n', "web.trusted_proxies", "name the proxies"),
        ('[web]\nurl = "news.example.org"\n', "web.url", "https://"),
        ('[web]\nurl = "https://me@news.example.org"\n', "web.url", "https://"),
        ('[web]\nurl = "https://news.example.org/?a=b"\n', "web.url", "https://"),
        ('[web]\nurl = "https://news.example.org:x"\n', "web.url", "https://"),
        ('[web]\nurl = "https://nëws.example.org"\n', "web.url", "https://"),
        ('[web]\nurl = "https://news.example.org/>,<"\n', "web.url", "https://"),
        ('[publication]\nzone = "Europe/Brusels"\n', "publication.zone", "IANA"),
        ('[publication]\nat = "7 uur"\n', "publication.at", "07:00"),
        ('[publication]\nlanguage = "zzz"\n', "publication.language", "nl"),
    ],
)
def test_what_a_type_cannot_say_is_checked_too(tmp_path: Path, text: str, key: str, mend: str) -> None:
    home = load(tmp_path, text)
    with pytest.raises(SettingsError) as error:
        checks.check(home)
    assert f"{key} cannot be" in str(error.value)
    assert str(tmp_path) in str(error.value)
    assert mend in str(error.value)


def test_a_setting_of_a_few_words_names_them(tmp_path: Path) -> None:
    said = refusal(tmp_path, '[smtp]\ntls = "startls"\n')
    assert "must be one of auto, starttls, tls, none" in said
    assert "did you mean starttls?" in said


@pytest.mark.parametrize(
    "url",
    ["https://news.example.org", "https://n.example.org:8443/digest/", "http://127.0.0.1:8080", "http://[::1]:1/", ""],
)
def test_where_readers_reach_the_web_part(tmp_path: Path, url: str) -> None:
    (tmp_path / "secret.key").write_text("s" * 32, encoding="utf-8")
    home = load(tmp_path, f'[web]\nurl = "{url}"\n')
    checks.check(home)
    publication = replace(request().publication, sender="News <news@example.org>")
    links = envelope.Links.of(home, publication).to(7)
    token = tokens.sign(home.secret(), envelope.UNSUBSCRIBE, "7")
    by_mail = f"mailto:news@example.org?subject=unsubscribe%20{token}"
    assert links[splice.UNSUBSCRIBE] == (f"{url.rstrip('/')}/u/{token}" if url else by_mail)
    assert links.get(splice.MAILTO) == (by_mail if url else None)
    page = f"{url.rstrip('/')}/p/{tokens.sign(home.secret(), envelope.PREFERENCES, '7')}"
    assert links[splice.PREFERENCES] == (page if url else envelope.preferences_link(home, publication, 7))


def test_a_transport_gets_its_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.plugins.load", lambda _group, name: lambda made: (name, made))
    text = '[mail]\ntransport = "eml"\n[eml]\npath = "out"\n'
    text += '[sendmail]\ncommand = ["s", "{recipient}"]\ntimeout_seconds = 5\n'
    (relay,) = app.relays(load(tmp_path, text))
    name, made = relay.transport  # type: ignore[misc]
    assert (name, made.eml_folder) == ("eml", tmp_path / "out")
    assert (made.command, made.command_timeout) == (("s", "{recipient}"), 5)


def test_what_is_said_for_this_once_stands_on_top_of_all(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("[summary]\nwords = 40\nsentences = 2", encoding="utf-8")
    said = {"summary.words": "50", "ingest.languages": "nl, de", "mail.from": "A <a@example.org>"}
    found = read_home(tmp_path, {"DIGEST_SUMMARY_WORDS": "45"}, said).settings
    assert (found.summary.words, found.summary.sentences) == (50, 2)
    assert found.ingest.languages == ["nl", "de"]
    assert found.mail.from_ == "A <a@example.org>"


def test_what_is_said_for_this_once_is_checked_like_the_file(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("", encoding="utf-8")
    for key, value, says in (
        ("summary.word", "50", "unknown setting summary.word (did you mean summary.words?)"),
        ("summary.words", "5", "--set summary.words: summary.words: expected `int` >= 10 (it says '5')"),
        ("sumary.words", "50", "unknown setting sumary (did you mean summary?)"),
    ):
        with pytest.raises(SettingsError) as error:
            read_home(tmp_path, {}, {key: value})
        assert says in str(error.value)
