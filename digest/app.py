"""The composition root: the one place that knows every adapter."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from digest import __version__, plugins, resources
from digest.adapters.senders import Sender
from digest.checks import check
from digest.deliver.relay import Relay
from digest.deliver.transports.base import TransportSettings
from digest.errors import SettingsError, UsageError
from digest.group.topics import default_topics
from digest.home import FILE, Home, read_home
from digest.keys import write_secret
from digest.model.drafting import Ask
from digest.model.finding import Shot, Verdict
from digest.pipeline.envelope import confirm_page
from digest.pipeline.services import Progress, Services, quiet
from digest.settings import RelaySettings
from digest.store import schema, topics
from digest.store.engine import Database

WEB_BUSY_SECONDS = 8.0


def clock() -> datetime:
    return datetime.now(UTC)


def open_database(home: Home) -> Database:
    return Database(home.database_url, busy_seconds=home.settings.store.busy_seconds)


def services(
    folder: Path,
    environ: Mapping[str, str] | None = None,
    *,
    progress: Progress = quiet,
    check_schema: bool = True,
    said: Mapping[str, str] | None = None,
) -> Services:
    """Everything for one home. Raises SettingsError or SchemaError, and changes nothing then.

    `said`: settings for this once, like `summary.words`.
    """
    home = read_home(folder, os.environ if environ is None else environ, said)
    check(home)
    database = open_database(home)
    try:
        if check_schema:
            schema.require(database)
    except BaseException:
        database.close()
        raise
    return Services(
        home=home,
        database=database,
        clock=clock,
        template_folders=[home.templates, resources.templates()],
        load_source_kind=lambda kind: plugins.load(plugins.SOURCES, kind)(),
        open_relays=lambda: relays(home),
        load_summariser=lambda ask, name: plugins.load(plugins.SUMMARISERS, name or home.settings.summary.summariser)(
            ask
        ),
        load_translator=lambda ask, name: translator(home, ask, name),
        embedder=cache(lambda: embedder(home, progress)),
        endpoint=cache(lambda: endpoint(home)),
        confirm_page=lambda token: confirm_page(home, token),
        sender=lambda share: Sender(home.folder, {**os.environ, **home.environ}, share),
        progress=progress,
    )


def for_web(services: Services) -> Services:
    """The same with connections of its own to the database, which give up while somebody still waits for an answer."""
    home = services.home
    patience = min(home.settings.store.busy_seconds, WEB_BUSY_SECONDS)
    return replace(services, database=Database(home.database_url, busy_seconds=patience), memory={})


#: Connections, where the settings leave it to us: to a relay on this machine that shares commits, or to another.
_NEAR, _FAR = 32, 4


def relays(home: Home) -> list[Relay]:
    """The ways out that the settings name."""
    name, mail = home.settings.mail.transport, home.settings.mail
    load = plugins.load(plugins.TRANSPORTS, name)
    if name != "smtp":
        return [Relay(name, load(_transport_settings(home, home.settings.smtp, "")), mail.connections or _FAR)]
    smtp = home.settings.smtp
    return [
        Relay(
            label or "smtp",
            load(_transport_settings(home, each, label)),
            each.connections or mail.connections or (_NEAR if _is_near(each.host) else _FAR),
            each.per_second,
            each.idempotency_header,
            near=_is_near(each.host),
        )
        for label, each in {"": smtp, **smtp.relays}.items()
    ]


def _is_near(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _transport_settings(home: Home, relay: RelaySettings, label: str) -> TransportSettings:
    if relay.user and not home.password(label):
        key = f"smtp.relays.{label}" if label else "smtp"
        mend = f"name a file with it: {key}.password_file" + ("" if label else ", or set DIGEST_SMTP_PASSWORD")
        raise SettingsError(f"{key}.user is set, and there is no password", where=str(home.folder / FILE), mend=mend)
    maildir, sendmail = home.settings.maildir, home.settings.sendmail
    return TransportSettings(
        host=relay.host,
        port=relay.port,
        tls=relay.tls,
        user=relay.user,
        password=home.password(label),
        ca_file=str(home.path(relay.ca_file)) if relay.ca_file else "",
        helo=relay.helo,
        timeout=relay.timeout_seconds,
        folder=home.path(maildir.path),
        per_recipient=maildir.per_recipient,
        eml_folder=home.path(home.settings.eml.path),
        command=tuple(sendmail.command),
        command_timeout=sendmail.timeout_seconds,
    )


def translator(home: Home, ask: Ask, name: str = "") -> Any:
    """The translator of that name, or the one that the settings name, if any."""
    chosen = name or home.settings.summary.translator
    return plugins.load(plugins.TRANSLATORS, chosen)(ask) if chosen else None


def endpoint(home: Home) -> Any:
    """The language model that the settings name; None where they name none."""
    llm = home.settings.llm
    if not llm.url or not llm.model:
        return None
    from digest.adapters.openai_chat import OpenAiChat

    return OpenAiChat(
        url=llm.url,
        model=llm.model,
        key=home.llm_key(),
        connect_seconds=llm.connect_seconds,
        user_agent=home.settings.ingest.user_agent,
    )


def embedder(home: Home, progress: Progress = quiet) -> Any:
    """The model that makes vectors of articles; None where the settings name none."""
    named = home.settings.group.embeddings
    if not named:
        return None
    from digest.adapters.embeddings import Embeddings

    return Embeddings(named, home.path(named), where=str(home.folder / FILE), progress=progress)


def txt_records(nameserver: str = "") -> Callable[[str], list[str]]:
    """What asks the DNS for TXT records: the system's name server, or `HOST:PORT`."""
    from digest.adapters.txt_records import TxtRecords

    return TxtRecords(nameserver)


def spam_filters() -> Callable[[bytes], list[Verdict]]:
    """What asks the filters of this machine about a message."""
    from digest.adapters.spam_filters import judge

    return judge


def photographer(home: Home) -> Callable[[str, Sequence[Shot], Callable[[int], None]], None]:
    """What takes pictures of a page. Raises DigestError where there is no Chromium."""
    from digest.adapters import chromium

    program = chromium.find(home.settings.preview.chromium, {**os.environ, **home.environ})
    return lambda page, shots, told: chromium.photograph(program, page, shots, told)


def init(folder: Path, *, sender: str, transport: str, environ: Mapping[str, str] | None = None) -> list[Path]:
    """Make a home: settings, key, database, folder for templates. Keeps whatever is there; returns what it made."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / FILE
    made = []
    if not file.exists():
        text = (resources.templates() / "home" / FILE).read_text(encoding="utf-8")
        # JSON's escapes hold between the quotes of a TOML string too.
        quoted = json.dumps(sender, ensure_ascii=False)[1:-1]
        text = text.format(sender=quoted, transport=transport, version=__version__)
        file.write_text(text, encoding="utf-8")
        made.append(file)
    home = read_home(folder, os.environ if environ is None else environ)
    secret = home.path(home.settings.mail.secret_file)
    if not secret.exists():
        write_secret(secret, clock())
        made.append(secret)
    if not home.templates.exists():
        home.templates.mkdir()
        made.append(home.templates)
    if upgrade(home).current is None:
        made.append(Path(home.database_url.removeprefix("sqlite:///")))
    return made


def upgrade(home: Home) -> schema.SchemaStatus:
    """Bring the schema up to date; returns what it was before."""
    database = open_database(home)
    before = schema.upgrade(database)
    with database.write() as connection:
        topics.seed(connection, default_topics())
    database.close()
    return before


def home_folder(given: str, environ: Mapping[str, str]) -> Path:
    """`--home`, else DIGEST_HOME, else the current folder if it is a home, else the user's data folder."""
    if given or environ.get("DIGEST_HOME"):
        return Path(given or environ["DIGEST_HOME"]).expanduser().resolve()
    if (Path.cwd() / FILE).exists():
        return Path.cwd()
    base = environ.get("XDG_DATA_HOME") or str(Path("~/.local/share").expanduser())
    if not Path(base).is_absolute():
        raise UsageError("there is no home folder", mend="give --home FOLDER")
    return Path(base) / "digest"
