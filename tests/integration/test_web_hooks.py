"""Webhooks over the web part: what is verified is handed on, all else leaves one line and nothing on record."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from importlib import import_module
from pathlib import Path

import pytest

from digest import app, checks, plugins
from digest.errors import BadInput, Busy, FetchError, SettingsError
from digest.ingest import fetch
from digest.model.report import Report, ReportKind
from digest.pipeline.services import Services
from digest.web.hooks.base import Refused, Setup, Webhook
from digest.web.hooks.postmark import PostmarkWebhook
from digest.web.hooks.ses import SesWebhook
from digest.web.hooks.setup import webhooks
from tests.support.home import House, open_house
from tests.support.sns import CERTIFICATE, TOPIC, Web, body, bounce, certificate, confirmation, notification, signed
from tests.support.web import Site, over_http, site

CHECKOUT = Path(__file__).resolve().parents[2]
REPORT = Report(ReportKind.HARD, "reader@example.org", by="a test")


class Scripted:
    """A webhook that does as it is told."""

    def __init__(self, does: list[Report] | Exception) -> None:
        self.does = does
        self.calls: list[tuple[Mapping[str, str], bytes, datetime]] = []

    def reports(self, headers: Mapping[str, str], body: bytes, now: datetime) -> list[Report]:
        self.calls.append((headers, body, now))
        if isinstance(self.does, Exception):
            raise self.does
        return self.does


@pytest.fixture
def web(house: House) -> Iterator[Site]:
    made = site(house.services)
    yield made
    made.services.database.close()


def ses(there: Web) -> Webhook:
    return SesWebhook(Setup("ses", {"topics": [TOPIC]}, {}, there))


def test_what_is_verified_is_handed_on(web: Site) -> None:
    web.hooks = {"ses": ses(Web({CERTIFICATE: certificate()}))}
    message = body(signed(notification(bounce())))
    headers = {"content-type": "text/plain; charset=UTF-8", "x-amz-sns-message-type": "Notification"}
    answer = web.ask("POST", "/hooks/ses", message, headers)
    assert (answer.status, answer.text) == (200, "ok\n")
    (report,) = web.taken
    assert (report.kind, report.address, report.message_id) == (
        "hard",
        "reader@example.org",
        "<edition.abc@example.com>",
    )
    assert web.said == []
    web.ask("POST", "/hooks/ses", message, headers)
    assert web.taken == [report, report], "the same report, for the books to know again"


def test_a_wrong_signature_leaves_one_line(web: Site) -> None:
    web.hooks = {"ses": ses(Web({CERTIFICATE: certificate()}))}
    forged = {**signed(notification(bounce())), "MessageId": "other"}
    answer = web.ask("POST", "/hooks/ses", body(forged))
    assert (answer.status, answer.text) == (403, "403\n"), "who forges is told nothing"
    assert web.said == ["webhook ses: refused: its signature does not fit"]
    assert web.taken == []


def test_a_subscription_is_confirmed(web: Site) -> None:
    message = signed(confirmation())
    there = Web({CERTIFICATE: certificate(), message["SubscribeURL"]: b"<xml/>"})
    web.hooks = {"ses": ses(there)}
    assert web.ask("POST", "/hooks/ses", body(message)).status == 200
    assert there.asked == [CERTIFICATE, message["SubscribeURL"]]
    assert web.taken == []


@pytest.mark.parametrize(
    ("does", "status", "said"),
    [
        ([], 200, []),
        (Refused("not you"), 403, ["webhook x: refused: not you"]),
        (BadInput("no sense"), 400, ["webhook x: no sense"]),
        (FetchError("answers 500", where="https://sns"), 503, ["/hooks/{name}: https://sns: answers 500"]),
    ],
)
def test_what_a_webhook_says_and_what_is_answered(
    web: Site, does: list[Report] | Exception, status: int, said: list[str]
) -> None:
    web.hooks = {"x": Scripted(does)}
    answer = web.ask("POST", "/hooks/x", b"{}", {"X-Thing": "y"})
    assert answer.status == status
    assert ("retry-after" in answer.headers) == (status == 503), (
        "a provider gives up at a 4xx, and comes again at a 5xx"
    )
    assert web.said == said
    assert web.taken == []


def test_a_fault_in_a_webhook_is_one_line_and_the_next_request_is_answered(web: Site) -> None:
    broken = Scripted(ZeroDivisionError("by design"))
    web.hooks = {"x": broken}
    assert web.ask("POST", "/hooks/x", b"{}").status == 500
    (line,) = web.said
    assert "ZeroDivisionError: by design" in line
    broken.does = [REPORT]
    assert web.ask("POST", "/hooks/x", b"{}").status == 200
    assert web.taken == [REPORT]


def test_what_is_not_on_record_is_not_answered_as_if_it_were(web: Site) -> None:
    def busy(_services: Services, _reports: Sequence[Report]) -> None:
        raise Busy("the database is locked by another process")

    web.hooks, web.take = {"x": Scripted([REPORT])}, busy
    answer = web.ask("POST", "/hooks/x", b"{}")
    assert answer.status == 503
    assert answer.headers["retry-after"]


def test_only_what_is_open_is_there_and_only_for_post(web: Site) -> None:
    hook = Scripted([REPORT])
    web.hooks = {"x": hook}
    for path in ("/hooks/", "/hooks", "/hooks/y", "/hooks/x/", "/hooks/x/y", "/hooks/X"):
        assert web.ask("POST", path, b"{}").status == 404, path
    for method in ("GET", "HEAD", "PUT", "OPTIONS"):
        assert web.ask(method, "/hooks/x", b"{}").status == 405
    assert hook.calls == []


def test_a_body_that_is_too_large_is_not_read(house: House) -> None:
    hook = Scripted([])
    with open_house(house.services.home.folder, DIGEST_WEB_MAX_KILOBYTES="16") as small:
        web = site(small.services, hooks={"x": hook})
        assert web.ask("POST", "/hooks/x", (b"a" * 10_000, b"b" * 10_000)).status == 413
        assert web.ask("POST", "/hooks/x", b"a" * 16_384).status == 200
        web.services.database.close()
    ((headers, body_, now),) = hook.calls
    assert headers["host"] == "testserver"
    assert (body_, now) == (b"a" * 16_384, house.clock())


def test_over_the_wire(web: Site) -> None:
    web.hooks = {"ses": ses(Web({CERTIFICATE: certificate()}))}
    message = body(signed(notification(bounce()), version="2"))
    with web.served() as server:
        assert over_http(server, "POST", "/hooks/ses", message).status == 200
        assert over_http(server, "POST", "/hooks/ses", message[:-3]).status == 400
    assert len(web.taken) == 1


# --- made from the settings -------------------------------------------------------------------------


class Other:
    def __init__(self, setup: Setup) -> None:
        self.setup = setup

    def reports(self, headers: Mapping[str, str], body: bytes, now: datetime) -> list[Report]:
        return []


@pytest.fixture
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"ses": SesWebhook, "postmark": PostmarkWebhook, "other": Other}
    names, load = plugins.names, plugins.load
    ours = plugins.WEBHOOKS
    monkeypatch.setattr(plugins, "names", lambda group: sorted(known) if group == ours else names(group))
    monkeypatch.setattr(plugins, "load", lambda group, name: known[name] if group == ours else load(group, name))


@pytest.mark.usefixtures("_registered")
def test_the_settings_make_them(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = house.services.home.folder
    (folder / "pw").write_text("correct horse battery\n")
    (folder / "key").write_text("s3cret\n")
    (folder / "digest.toml").write_text(
        f"""
[hooks]
names = ["ses", "postmark", "other"]
ses_topics = ["{TOPIC}"]
postmark_user = "digest"
postmark_password_file = "pw"
options = ["other.region = eu", "other.key_file=key", "another.region=us"]
"""
    )
    home = app.read_home(folder, {})
    made = webhooks(home)
    assert list(made) == ["ses", "postmark", "other"]
    other = made["other"]
    assert isinstance(other, Other)
    assert (other.setup.text("region"), other.setup.secret("key"), other.setup.listed("none")) == ("eu", "s3cret", [])

    asked: list[tuple[str, bool]] = []

    def get(url: str, **how: object) -> fetch.Fetched:
        asked.append((url, bool(how.get("allow_private"))))
        return fetch.Fetched(200, b"there", None, None, url.replace("moved", "elsewhere"), url)

    monkeypatch.setattr(fetch, "get", get)
    assert other.setup.fetch("https://sns.example.org/a.pem") == b"there"
    assert asked == [("https://sns.example.org/a.pem", False)]
    with pytest.raises(FetchError):
        other.setup.fetch("https://sns.example.org/moved.pem")
    with open_house(folder, DIGEST_HOOKS_POSTMARK_PASSWORD="another horse battery") as changed:
        mine = webhooks(changed.services.home)["postmark"]
        assert mine.reports({"x-webhook-secret": "another horse battery"}, b"{}", changed.clock()) == []


@pytest.mark.usefixtures("_registered")
@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("names = ['sse']", "hooks.names cannot have 'sse'"),
        ("options = ['region=eu']", "hooks.options cannot have"),
        ("postmark_password = 'x'", "hooks.postmark_password_file"),
    ],
)
def test_settings_that_cannot_be(house: House, setting: str, says: str) -> None:
    folder = house.services.home.folder
    (folder / "digest.toml").write_text(f"[hooks]\n{setting}\n")
    with pytest.raises(SettingsError, match=says):
        checks.check(app.read_home(folder, {}))


@pytest.mark.usefixtures("_registered")
def test_a_webhook_without_its_settings_is_not_made(house: House) -> None:
    for name, key in (("ses", "hooks.ses_topics"), ("postmark", "hooks.postmark_password_file")):
        (house.services.home.folder / "digest.toml").write_text(f"[hooks]\nnames = ['{name}']\n")
        with pytest.raises(SettingsError, match=key):
            webhooks(app.read_home(house.services.home.folder, {}))


def test_the_built_in_ones_are_registered() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = {}
    for name, point in project["entry-points"]["digest.webhooks"].items():
        module, _, attribute = point.partition(":")
        found[name] = getattr(import_module(module), attribute)
    assert found == {"ses": SesWebhook, "postmark": PostmarkWebhook}
