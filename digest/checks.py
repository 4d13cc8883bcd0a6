"""What the type of a setting cannot say: whether it names what there is, and goes with the others."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import time
from email.utils import parseaddr

from digest import plugins
from digest.audience.address import normalise
from digest.deliver.dkim_names import check_domain, check_selector
from digest.deliver.headers import own_address
from digest.deliver.transports.sendmail import check_command
from digest.errors import DigestError, SettingsError
from digest.home import FILE, Home
from digest.ingest.fetch_connect import check_proxy
from digest.model.network import network_of
from digest.pipeline.choices import check_language, check_zone
from digest.pipeline.envelope import check_link, check_web_url
from digest.pipeline.imprint import check_reply_to

_OPTION = re.compile(r"\s*[a-z0-9-]+\.[a-z0-9_]+\s*=.*")


def check(home: Home) -> None:
    """What a setting's type cannot say. Raises SettingsError naming the key."""
    _check_model(home)
    _check_embeddings(home)
    _check_relays(home)
    _check_hooks(home)
    mail, dkim, publication = home.settings.mail, home.settings.dkim, home.settings.publication
    known = plugins.names(plugins.TRANSPORTS)
    checks: list[tuple[str, Callable[[], object]]] = [
        ("mail.transport", lambda: plugins.load(plugins.TRANSPORTS, mail.transport)),
        ("mail.from", lambda: own_address(normalise(parseaddr(mail.from_)[1]))),
        ("mail.reply_to", lambda: check_reply_to(mail.reply_to)),
        ("mail.bounces", lambda: mail.bounces and normalise(mail.bounces.replace("{token}", "t" * 36))),
        ("mail.unsubscribe", lambda: mail.unsubscribe and normalise(mail.unsubscribe)),
        ("mail.help", lambda: mail.help and check_link(mail.help)),
        ("mail.archive", lambda: mail.archive and check_link(mail.archive)),
        ("mail.cfbl", lambda: mail.cfbl and own_address(normalise(mail.cfbl))),
        ("mail.operator", lambda: mail.operator and normalise(mail.operator)),
        ("dkim.selector", lambda: dkim.selector and check_selector(dkim.selector)),
        ("dkim.domain", lambda: dkim.domain and check_domain(dkim.domain, parseaddr(mail.from_)[1])),
        ("sendmail.command", lambda: check_command(home.settings.sendmail.command)),
        ("ingest.proxy", lambda: home.settings.ingest.proxy and check_proxy(home.settings.ingest.proxy)),
        ("web.trusted_proxies", lambda: [network_of(text) for text in home.settings.web.trusted_proxies]),
        ("web.monitors", lambda: [network_of(text) for text in home.settings.web.monitors]),
        ("web.url", lambda: home.settings.web.url and check_web_url(home.settings.web.url)),
        ("publication.zone", lambda: check_zone(publication.zone)),
        ("publication.language", lambda: check_language(publication.language)),
        ("publication.at", lambda: time.fromisoformat(publication.at)),
    ]
    for key, tried in checks:
        try:
            tried()
        except (DigestError, ValueError) as error:
            section, _, name = key.partition(".")
            said = getattr(getattr(home.settings, section), "from_" if name == "from" else name)
            mend = f"one of {', '.join(known)}" if name == "transport" else getattr(error, "mend", "") or "like 07:00"
            raise SettingsError(f"{key} cannot be {said!r}", where=str(home.folder / FILE), mend=mend) from None


def _check_model(home: Home) -> None:
    """Whether those who are to summarise and translate are there, and the endpoint that they need."""
    summary, llm = home.settings.summary, home.settings.llm
    where = str(home.folder / FILE)
    for key, chosen, group in (
        ("summariser", summary.summariser, plugins.SUMMARISERS),
        ("translator", summary.translator, plugins.TRANSLATORS),
    ):
        known = plugins.names(group)
        if chosen not in known and not (key == "translator" and not chosen):
            mend = f"one of {', '.join(known)}"
            raise SettingsError(f"summary.{key} cannot be {chosen!r}", where=where, mend=mend)
        if chosen == "llm" and not (llm.url and llm.model):
            mend = "set url and model in [llm]"
            raise SettingsError(f"summary.{key} is 'llm', and no endpoint is set", where=where, mend=mend)
    if llm.url:
        from digest.adapters.openai_chat import trouble

        # Whether there is a key, not which: it is read when it is needed.
        if said := trouble(llm.url, keyed=bool(llm.key_file or home.environ.get("DIGEST_LLM_KEY"))):
            # Not the address itself: somebody may have put a password into it.
            raise SettingsError(f"llm.url {said}", where=where, mend="like https://api.example.org/v1")


def _check_relays(home: Home) -> None:
    """What several relays must agree on."""
    mail, smtp = home.settings.mail, home.settings.smtp
    named = {"": smtp, **smtp.relays}
    where = str(home.folder / FILE)
    for label in smtp.relays:
        if not re.fullmatch(r"[a-z0-9-]{1,40}", label) or label == "smtp":
            mend = "small letters, digits and dashes; not smtp"
            raise SettingsError(f"smtp.relays.{label}: a relay cannot be called that", where=where, mend=mend)
    without = [label for label, each in named.items() if not each.idempotency_header]
    if mail.uncertain == "idempotent" and mail.transport == "smtp" and without:
        key = f"smtp.relays.{without[0]}" if without[0] else "smtp"
        mend = "name the field by which the relay knows a message that it has already, or use resend or hold"
        raise SettingsError(
            f"mail.uncertain is idempotent, and {key}.idempotency_header is empty", where=where, mend=mend
        )


def _check_embeddings(home: Home) -> None:
    """Whether it can be a model at all. Whether it is there is seen when articles are grouped."""
    named = home.settings.group.embeddings
    if named != named.strip() or "://" in named or not named.isprintable():
        mend = "a folder, or a name at a hub like owner/name"
        raise SettingsError(f"group.embeddings cannot be {named!r}", where=str(home.folder / FILE), mend=mend)


def _check_hooks(home: Home) -> None:
    """Whether the webhooks are there. What each needs is seen when it is made."""
    hooks, where = home.settings.hooks, str(home.folder / FILE)
    known = plugins.names(plugins.WEBHOOKS) if hooks.names else []
    for name in hooks.names:
        if name not in known:
            raise SettingsError(f"hooks.names cannot have {name!r}", where=where, mend=f"one of {', '.join(known)}")
    for option in hooks.options:
        if not _OPTION.fullmatch(option):
            raise SettingsError(f"hooks.options cannot have {option!r}", where=where, mend='like "name.key=value"')
