"""What can be set, with its default and its limits. `digest/home.py` reads it."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from digest import __version__

Positive = Annotated[int, msgspec.Meta(ge=1)]
Days = Annotated[int, msgspec.Meta(ge=0, le=36500)]
Weight = Annotated[float, msgspec.Meta(ge=0, le=100)]
Hours = Annotated[float, msgspec.Meta(ge=0)]
Header = Annotated[str, msgspec.Meta(pattern=r"^[ -~]*\Z")]  # what can stand in a header as it is


class WebSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the web part listens, and how the world reaches it."""

    host: str = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 8080
    url: str = ""  # as readers and providers reach it, like https://news.example.org
    max_kilobytes: Annotated[int, msgspec.Meta(ge=16, le=65536)] = 512  # of the body of one webhook request
    trusted_proxies: list[str] = msgspec.field(default_factory=list)  # addresses or networks, like 127.0.0.1
    sign_ups_per_hour: Positive = 20  # from one network
    sign_ups_per_hour_in_all: Positive = 1000
    monitors: list[str] = msgspec.field(default_factory=list)  # likewise; who is told at /healthz and /metrics
    monitor_token_file: str = ""  # who shows what is in it is told, and nobody else
    log: bool = False
    log_addresses: bool = False


class HealthSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When something is wrong that nobody would notice otherwise."""

    pass_minutes: Annotated[int, msgspec.Meta(ge=0)] = 60  # 0: it does not matter
    late_minutes: Annotated[int, msgspec.Meta(ge=0)] = 120  # likewise


class HooksSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The webhooks that are open, and what each needs: `<name>_<key>`, or `options` for those of other packages."""

    names: list[str] = msgspec.field(default_factory=list)
    ses_topics: list[str] = msgspec.field(default_factory=list)
    postmark_user: str = ""
    postmark_password_file: str = ""
    options: list[str] = msgspec.field(default_factory=list)  # like "name.key=value"


class StoreSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    url: str = ""  # default: SQLite in the home folder
    busy_seconds: float = 30.0


class MailSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    from_: str = msgspec.field(name="from", default="Digest <digest@localhost.localdomain>")
    reply_to: str = ""
    bounces: str = (
        ""  # envelope sender, with {token} where each mail's own goes; default: the From address with +{token}
    )
    unsubscribe: str = ""  # mailbox that takes unsubscribe mails; default: the From address
    help: str = ""  # List-Help, with {publication} where its name goes; default: a mailto: to who reads the answers
    archive: str = ""  # List-Archive, likewise; default: none
    cfbl: str = ""  # address that takes complaint reports (RFC 9477); default: none
    domain: str = ""  # of Message-ID and List-Id; default: that of the From address
    postal: str = ""  # address, in every footer
    imprint: str = ""  # who answers for the mails, below it
    operator: str = ""  # hears of what stops or waits; as a reader, the copy carries what only the operator shall know
    operator_footer: bool = True
    transport: str = "maildir"
    uncertain: Literal["resend", "hold", "idempotent"] = "resend"
    connections: Annotated[int, msgspec.Meta(ge=0, le=200)] = 0  # 0: 4 to each relay, 32 to one on this machine
    secret_file: str = "secret.key"  # noqa: S105 - a file's name, not a secret


FieldName = Annotated[str, msgspec.Meta(pattern=r"^([A-Za-z0-9-]{1,70})?\Z")]


class RelaySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    host: str = "localhost"
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 25
    tls: Literal["auto", "starttls", "tls", "none"] = "auto"
    user: str = ""
    password_file: str = ""
    ca_file: str = ""
    helo: str = ""
    timeout_seconds: Annotated[float, msgspec.Meta(gt=0)] = 300.0
    connections: Annotated[int, msgspec.Meta(ge=0)] = 0  # 0: as mail.connections says
    per_second: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    idempotency_header: FieldName = ""


class SmtpSettings(RelaySettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    relays: dict[str, RelaySettings] = {}


class DkimSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which keys sign the mails."""

    selector: str = ""  # nothing is signed where there is none
    domain: str = ""  # default: that of a publication's From address
    folder: str = "dkim"


class MaildirSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    path: str = "maildir"
    per_recipient: bool = True


class EmlSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    path: str = "eml"


class SendmailSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    command: list[str] = msgspec.field(
        default_factory=lambda: ["/usr/sbin/sendmail", "-i", "-f", "{sender}", "--", "{recipient}"]
    )
    timeout_seconds: Annotated[float, msgspec.Meta(gt=0)] = 600.0


class PublicationSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a new publication gets where its command says nothing."""

    at: str = "07:00"
    zone: str = "UTC"
    language: str = "en"
    late: Literal["late", "merge", "discard"] = "late"
    late_limit_hours: Hours = 12.0
    look: str = "paper"
    max_entries: Positive = 30
    max_per_section: Positive = 10
    catch_up_days: Positive = 14
    nothing_new: Literal["skip", "say"] = "skip"
    approval_hours: Annotated[float, msgspec.Meta(ge=0, le=720)] = 0.0  # 0: editions wait for nobody
    unapproved: Literal["send", "drop"] = "send"


class SubscriberSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody who signs up is sent, until it is confirmed."""

    confirm_days: Annotated[int, msgspec.Meta(ge=1, le=365)] = 7
    confirm_times: Positive = 3
    confirm_times_in_all: Positive = 6
    confirm_minutes: Annotated[float, msgspec.Meta(ge=0)] = 10.0
    forget_pending_days: Annotated[int, msgspec.Meta(ge=1, le=3650)] = 30


class RankingSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What counts how much when entries are put in order: `model/ranking.py` says of each what it is."""

    coverage: Weight = 2.0
    languages: Weight = 1.0
    articles: Weight = 0.5
    freshness: Weight = 1.0
    freshness_days: Annotated[float, msgspec.Meta(gt=0)] = 3.0
    novelty: Weight = 1.0
    topics: Weight = 1.0


class SummarySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    summariser: str = "extract"
    translator: str = ""
    words: Annotated[int, msgspec.Meta(ge=10, le=300)] = 60
    sentences: Annotated[int, msgspec.Meta(ge=1, le=10)] = 3
    max_quote_words: Annotated[int, msgspec.Meta(ge=40)] = 100  # a headline taken from a text must fit


class LlmSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The endpoint of a language model, and what may be spent there."""

    url: str = ""
    model: str = ""
    key_file: str = ""
    connect_seconds: Annotated[float, msgspec.Meta(gt=0)] = 5.0
    timeout_seconds: Annotated[float, msgspec.Meta(gt=0)] = 30.0
    edition_seconds: Annotated[float, msgspec.Meta(gt=0)] = 120.0
    connections: Annotated[int, msgspec.Meta(ge=1, le=32)] = 4
    edition_tokens: Positive = 100_000
    day_tokens: Positive = 500_000
    price_in: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    price_out: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    edition_cost: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    day_cost: Annotated[float, msgspec.Meta(ge=0)] = 0.0


class IngestSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    languages: list[str] = msgspec.field(
        default_factory=lambda: ["nl", "de", "it", "en", "fr", "es", "pt", "pl", "sv", "da", "sl", "ru", "ar"]
    )
    first_news: Annotated[int, msgspec.Meta(ge=0)] = 10
    flood: Positive = 20
    old_days: Positive = 7
    repeated: Annotated[int, msgspec.Meta(ge=0)] = 3
    fetch_minutes: Positive = 30
    fetch_threads: Positive = 16
    quiet_minutes: Positive = 240
    failing_days: Annotated[float, msgspec.Meta(ge=0)] = 2.0
    host_connections: Positive = 2
    host_seconds: Annotated[float, msgspec.Meta(ge=0, le=600)] = 1.0
    timeout_seconds: Annotated[float, msgspec.Meta(gt=0)] = 30.0
    max_megabytes: Positive = 10
    allow_private: bool = False
    user_agent: Header = f"storyline-digest/{__version__}"
    contact: Header = ""
    proxy: str = ""


class GroupSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A model that makes vectors of articles, and what their likeness counts."""

    embeddings: str = ""  # a folder, or the name of a model at a hub
    embeddings_weight: Annotated[float, msgspec.Meta(ge=0, le=100)] = 4.0
    embeddings_centre: Annotated[float, msgspec.Meta(ge=-1, le=1)] = 0.4


class ScheduleSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    tick_seconds: Positive = 30
    grace_minutes: Positive = 15


class DeliverSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    lease_seconds: Positive = 900
    processes: Annotated[int, msgspec.Meta(ge=0, le=16)] = 0
    batch: Positive = 400
    max_per_hour: Annotated[int, msgspec.Meta(ge=0)] = 0
    max_per_edition: Annotated[int, msgspec.Meta(ge=0)] = 0


class BouncesSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Mails that come back, and when nothing more is sent to an address."""

    maildir: str = ""  # where they are delivered to; empty: none is read
    threshold: Annotated[float, msgspec.Meta(gt=0)] = 3.0
    soft: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.5  # what a soft bounce counts; a hard one counts 1
    stale_days: Positive = 7


class CommandsSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Mails that unsubscribe, confirm and the like."""

    maildir: str = ""  # where they are delivered to; empty: none is read
    left: str = "left"  # the maildir that keeps what came by a pipe and waits for a person


class KeepSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many days what is kept; 0: for ever."""

    articles: Days = 3650  # of stories that nothing was added to since then
    editions: Days = 730  # texts of mails, and their copies on the web
    deliveries: Days = 365  # to whom what was sent, and what became of it
    bounces: Days = 365  # reports of them
    weblog: Days = 30
    consents: Days = 1095  # what became of subscriptions, once they have ended
    origins: Days = 90  # addresses of the network from which a subscription was changed
    answers: Days = 30  # of a language model


class PreviewSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Programs that previews are looked at with."""

    chromium: str = ""  # a path or a name; default: CHROMIUM in the environment, or as it is installed


class ImagesSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Lead images, of publications that want some."""

    max_kilobytes: Annotated[int, msgspec.Meta(ge=10, le=50_000)] = 3000  # of one file, as it is fetched
    edition_seconds: Annotated[float, msgspec.Meta(ge=0)] = 20.0
    cache_megabytes: Annotated[int, msgspec.Meta(ge=1)] = 100


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    store: StoreSettings = StoreSettings()
    mail: MailSettings = MailSettings()
    smtp: SmtpSettings = SmtpSettings()
    maildir: MaildirSettings = MaildirSettings()
    dkim: DkimSettings = DkimSettings()
    eml: EmlSettings = EmlSettings()
    sendmail: SendmailSettings = SendmailSettings()
    publication: PublicationSettings = PublicationSettings()
    subscriber: SubscriberSettings = SubscriberSettings()
    ranking: RankingSettings = RankingSettings()
    summary: SummarySettings = SummarySettings()
    llm: LlmSettings = LlmSettings()
    ingest: IngestSettings = IngestSettings()
    group: GroupSettings = GroupSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    deliver: DeliverSettings = DeliverSettings()
    web: WebSettings = WebSettings()
    health: HealthSettings = HealthSettings()
    hooks: HooksSettings = HooksSettings()
    bounces: BouncesSettings = BouncesSettings()
    commands: CommandsSettings = CommandsSettings()
    keep: KeepSettings = KeepSettings()
    preview: PreviewSettings = PreviewSettings()
    images: ImagesSettings = ImagesSettings()
