"""Lead images from the feed to the mail: fetched once, in time or not at all, and gone with their article."""

from __future__ import annotations

import email
import email.policy
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import dkim
import pytest
import sqlalchemy as sa
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

pytest.importorskip("PIL", reason="Pillow is not installed")

from digest.compose.check.finished import read
from digest.ingest import images as made_small
from digest.model.image import Image
from digest.pipeline import checking, group, ingest, preview, removing
from digest.pipeline.compose import MOST_BYTES
from digest.pipeline.signing import keyring
from digest.store import articles, images
from digest.store import tables as t
from tests.support import home, pictures
from tests.support.home import House, open_house
from tests.support.pictures import HOSTILE

READER = "reader@example.org"
HERE = {"DIGEST_INGEST_ALLOW_PRIVATE": "true", "DIGEST_INGEST_HOST_SECONDS": "0"}


@pytest.fixture
def opened(tmp_path: Path, empty_home: Path) -> Iterator[Callable[..., House]]:
    """Opens a home with these settings."""
    left: list[object] = []

    def make(name: str = "home", **environ: str) -> House:
        context = open_house(tmp_path / name, template=empty_home, **{**HERE, **environ})
        left.append(context)
        return context.__enter__()

    yield make
    for context in left:
        context.__exit__(None, None, None)  # type: ignore[attr-defined]


@pytest.fixture
def house(opened: Callable[..., House]) -> House:
    return opened()


def serve(server: HTTPServer, path: str, data: bytes, kind: str = "image/jpeg") -> str:
    server.expect_request(path).respond_with_data(data, content_type=kind)
    return server.url_for(path)


def asked(server: HTTPServer) -> list[str]:
    return [request.path for request, _ in server.log]


def take_in(house: House, *urls: str, first: int = 1, alt: str = "The quay at night", version: int = 1) -> None:
    """An article with each picture."""
    now = house.clock()
    made = [home.raw(n, now, version=version) for n, _ in enumerate(urls, first)]
    led = [replace(raw, image_url=url, image_alt=alt) for raw, url in zip(made, urls, strict=True)]
    ingest.ingest(house.services, led)
    group.group(house.services)


def mail(house: House, recipient: str = "") -> EmailMessage:
    home.deliver_all(house)
    found = email.message_from_bytes(house.mails(recipient)[-1], policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def shown(message: EmailMessage) -> list[bytes]:
    return [part.get_payload(decode=True) for part in message.walk() if part.get_content_maintype() == "image"]  # type: ignore[misc]


def kept(house: House) -> dict[str, tuple[str, str]]:
    """Address -> state and reason."""
    with house.services.database.read() as connection:
        return {row.url: (row.state, row.reason) for row in connection.execute(sa.select(t.image))}


def test_the_best_entries_carry_their_picture_inside_the_mail(house: House, httpserver: HTTPServer) -> None:
    urls = [serve(httpserver, f"/{n}.jpg", pictures.jpeg(n)) for n in range(3)]
    home.publication(house, images=2)
    home.subscribe(house, READER)
    take_in(house, *urls)
    report = home.publish_now(house)
    assert (report.planned, report.images_missing, report.error) == (1, 0, None)
    message = mail(house)
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/jpeg", "image/jpeg",
    ]  # fmt: skip
    html = message.get_body(("html",)).get_content()  # type: ignore[union-attr]
    for part in message.walk():
        if part.get_content_maintype() == "image":
            assert html.count(f'src="cid:{part["Content-ID"].strip("<>")}"') == 1
            assert pictures.opened(part.get_content()).size == (1040, 585)
    assert html.count('width="520"') == 2
    assert html.count('height="292"') == 2
    assert html.count('alt="The quay at night"') == 2
    assert "127.0.0.1" not in html
    assert "quay" not in message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert len(asked(httpserver)) == 2


def test_pictures_of_the_mail_show_its_pictures(house: House, httpserver: HTTPServer, tmp_path: Path) -> None:
    """Chromium knows no `cid:`, as no browser does."""
    home.publication(house, images=1)
    take_in(house, serve(httpserver, "/1.jpg", pictures.jpeg()))
    found = preview.preview(house.services, "news", preview.Wish()).mail
    assert found is not None
    pages: list[str] = []
    checking.photograph(house.services, read(found.message), "", tmp_path / "out", lambda page, *_: pages.append(page))
    assert "cid:" not in pages[0]
    assert 'src="data:image/jpeg;base64,' in pages[0]


def test_off_by_default_and_then_nobody_is_asked(house: House, httpserver: HTTPServer) -> None:
    url = serve(httpserver, "/1.jpg", pictures.jpeg())
    home.publication(house)
    home.subscribe(house, READER)
    take_in(house, url)
    home.publish_now(house)
    assert shown(mail(house)) == []
    assert asked(httpserver) == []
    assert kept(house) == {}


def test_each_address_is_asked_once_whatever_shows_it(house: House, httpserver: HTTPServer) -> None:
    url = serve(httpserver, "/1.jpg", pictures.jpeg())
    home.publication(house, images=3)
    home.publication(house, "evening", images=1)
    home.subscribe(house, READER)
    home.subscribe(house, "lezer@example.org", language="nl")
    home.subscribe(house, READER, "evening")
    take_in(house, url, url)
    assert home.publish_now(house).variants == 2
    assert home.publish_now(house, "evening").planned == 1
    found = preview.preview(house.services, "news", preview.Wish()).mail
    assert found is not None
    assert len(found.composed.images) == 1, "two entries with one picture show it once"
    home.deliver_all(house)
    assert len({shown(email.message_from_bytes(m, policy=email.policy.default))[0] for m in house.mails()}) == 1  # type: ignore[arg-type]
    assert asked(httpserver) == ["/1.jpg"]


def test_what_cannot_be_had_leaves_room_for_the_next_and_is_asked_again_the_day_after(
    house: House, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/gone.jpg").respond_with_data("no", status=404)
    gone, there = httpserver.url_for("/gone.jpg"), serve(httpserver, "/there.jpg", pictures.jpeg())
    home.publication(house, images=1)
    home.subscribe(house, READER)
    take_in(house, gone, there)
    report = home.publish_now(house)
    assert (report.planned, report.error) == (1, None)
    assert len(shown(mail(house))) == 1
    for _ in range(2):
        take_in(house, gone, first=3, version=asked(httpserver).count("/gone.jpg") + 1)
        assert home.publish_now(house).images_missing == 1
    assert kept(house)[gone] == ("failed", "the server answered 404")
    assert asked(httpserver).count("/gone.jpg") == 1
    house.clock.go(days=1)
    take_in(house, gone, first=3, version=9)
    home.publish_now(house)
    assert asked(httpserver).count("/gone.jpg") == 2


def test_no_edition_waits_for_a_server_that_is_slow(opened: Callable[..., House], httpserver: HTTPServer) -> None:
    let_go = threading.Event()

    def slowly(_request: Request) -> Response:
        let_go.wait(20)
        return Response(pictures.jpeg(), content_type="image/jpeg")

    house = opened(DIGEST_IMAGES_EDITION_SECONDS="1.5")
    httpserver.expect_request("/slow.jpg").respond_with_handler(slowly)
    slow, quick = httpserver.url_for("/slow.jpg"), serve(httpserver, "/quick.jpg", pictures.jpeg())
    home.publication(house, images=2)
    home.subscribe(house, READER)
    take_in(house, slow, quick)
    begun = time.monotonic()
    try:
        report = home.publish_now(house)
        took = time.monotonic() - begun
        assert (report.planned, report.error) == (1, None)
        assert report.images_missing >= 1
        assert took < 12
        assert slow not in kept(house), "it had no time to answer, so it is asked again"
    finally:
        let_go.set()


def test_a_private_address_is_not_asked(opened: Callable[..., House], httpserver: HTTPServer) -> None:
    house = opened(DIGEST_INGEST_ALLOW_PRIVATE="false")
    url = serve(httpserver, "/private.jpg", pictures.jpeg())
    home.publication(house, images=1)
    home.subscribe(house, READER)
    take_in(house, url)
    assert home.publish_now(house).images_missing == 1
    assert shown(mail(house)) == []
    assert "/private.jpg" not in asked(httpserver)
    assert "private network" in kept(house)[url][1]


def test_nor_one_behind_a_redirect(opened: Callable[..., House], httpserver: HTTPServer, monkeypatch) -> None:
    """The picture's server is taken for a public one, and leads inwards."""
    from digest.ingest import fetch_connect

    real = fetch_connect.is_public
    monkeypatch.setattr(fetch_connect, "is_public", lambda address: address == "127.0.0.1" or real(address))
    monkeypatch.setattr(fetch_connect, "names_private", lambda host: host == "localhost")
    house = opened(DIGEST_INGEST_ALLOW_PRIVATE="false")
    serve(httpserver, "/inside.jpg", pictures.jpeg())
    inwards = {"Location": f"http://localhost:{httpserver.port}/inside.jpg"}
    httpserver.expect_request("/out.jpg").respond_with_data("", status=302, headers=inwards)
    home.publication(house, images=1)
    home.subscribe(house, READER)
    take_in(house, f"http://127.0.0.1:{httpserver.port}/out.jpg")
    home.publish_now(house)
    assert asked(httpserver) == ["/out.jpg"]
    assert "private network" in next(iter(kept(house).values()))[1]


def test_hostile_files_hurt_nobody(house: House, httpserver: HTTPServer) -> None:
    urls = [serve(httpserver, f"/{n}.jpg", data) for n, (data, _) in enumerate(HOSTILE.values())]
    good = serve(httpserver, "/good.jpg", pictures.jpeg())
    home.publication(house, images=len(urls) + 1, max_entries=40, max_per_section=40)
    home.subscribe(house, READER)
    take_in(house, *urls, good)
    report = home.publish_now(house)
    assert (report.planned, report.error, report.images_missing) == (1, None, len(urls))
    assert len(shown(mail(house))) == 1
    told = kept(house)
    for url, (name, (_, reason)) in zip(urls, HOSTILE.items(), strict=True):
        assert told[url][0] == "failed", name
        assert reason.partition(":")[0] in told[url][1], name


def test_a_file_that_is_larger_than_may_be_fetched_is_left_out(
    opened: Callable[..., House], httpserver: HTTPServer
) -> None:
    house = opened(DIGEST_IMAGES_MAX_KILOBYTES="20")
    url = serve(httpserver, "/1.jpg", pictures.file(pictures.noise(400, 300), "PNG"))
    home.publication(house, images=1)
    home.subscribe(house, READER)
    take_in(house, url)
    assert home.publish_now(house).images_missing == 1
    assert kept(house)[url] == ("failed", "is larger than 20,000 bytes")


def test_a_mail_stays_below_its_limit_however_many_are_wanted(house: House, httpserver: HTTPServer) -> None:
    noisy = [pictures.file(pictures.noise(700, 460, n), "JPEG") for n in range(9)]
    urls = [serve(httpserver, f"/{n}.jpg", data) for n, data in enumerate(noisy)]
    home.publication(house, images=20)
    home.subscribe(house, READER)
    take_in(house, *urls)
    assert home.publish_now(house).images_missing == 0
    message = mail(house)
    assert 3 <= len(shown(message)) < 9
    assert len(house.mails()[-1]) <= MOST_BYTES
    html = message.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert html.count("cid:") == len(shown(message)), "none is named that is not there"


def test_the_cache_lets_go_of_what_was_used_least_recently(house: House) -> None:
    now = house.clock()
    picture = Image("image/jpeg", 1040, 585, b"\xff\xd8\xff" + bytes(49_997))
    with house.services.database.write() as connection:
        for n in range(10):
            images.keep(connection, {f"https://quay.example/{n}": picture}, now + timedelta(hours=n))
        images.used(connection, ["https://quay.example/0"], now + timedelta(hours=20))
        images.keep(connection, {"https://quay.example/gone": "the server answered 404"}, now)
        assert images.prune(connection, 200_000, now + timedelta(hours=20)) == 6
    assert set(kept(house)) == {f"https://quay.example/{n}" for n in (0, 7, 8, 9, "gone")}
    with house.services.database.write() as connection:
        assert images.prune(connection, 200_000, now + timedelta(days=8)) == 1
        assert images.known(connection, ["https://quay.example/0"])["https://quay.example/0"].image == picture


def test_what_is_removed_takes_its_picture_along(house: House, httpserver: HTTPServer) -> None:
    gone, stays = (serve(httpserver, f"/{n}.jpg", pictures.jpeg(n)) for n in range(2))
    home.publication(house, images=2)
    home.subscribe(house, READER)
    take_in(house, gone, stays)
    home.publish_now(house)
    assert set(kept(house)) == {gone, stays}
    removing.remove(house.services, ["1"], "the publisher asked for it")
    assert set(kept(house)) == {stays}
    with house.services.database.read() as connection:
        rows = connection.execute(sa.select(t.revision.c.image_url, t.revision.c.image_alt).order_by(t.revision.c.id))
        assert [tuple(row) for row in rows] == [(None, ""), (stays, "The quay at night")]
    assert gone.encode() not in (house.services.home.folder / "digest.db").read_bytes()


def test_another_picture_alone_is_no_revision(house: House) -> None:
    take_in(house, "https://quay.example/1.jpg")
    take_in(house, "https://quay.example/2.jpg", alt="Another")
    with house.services.database.read() as connection:
        (found,) = articles.listing(connection)
    assert (found.ordinal, found.image_url, found.image_alt) == (1, "https://quay.example/1.jpg", "The quay at night")


def test_a_mail_with_pictures_is_signed(house: House, httpserver: HTTPServer) -> None:
    from tests.integration.test_signed_sending import signing

    url = serve(httpserver, "/1.jpg", pictures.jpeg())
    home.publication(house, images=1)
    home.subscribe(house, READER)
    take_in(house, url)
    home.publish_now(house)
    keys = keyring(house.services.home)
    keys.make("s1")
    assert len(shown(mail(signing(house, selector="s1")))) == 1
    records = {r.name: r.text for r in keys.records("s1", "example.com")}

    def answer(name: bytes, timeout: int = 5) -> bytes:
        return records[name.decode().rstrip(".")].encode()

    raw = house.mails()[-1]
    assert all(dkim.DKIM(raw).verify(idx=n, dnsfunc=answer) for n in (0, 1))
    with pytest.raises(dkim.ValidationError, match="body hash"):
        dkim.DKIM(raw.replace(b"\r\n/9j/", b"\r\n/9k/")).verify(dnsfunc=answer)


def test_without_pillow_the_edition_goes_without(house: House, httpserver: HTTPServer, monkeypatch) -> None:
    url = serve(httpserver, "/1.jpg", pictures.jpeg())
    home.publication(house, images=1)
    home.subscribe(house, READER)
    take_in(house, url)
    with monkeypatch.context() as without:
        without.setattr(made_small, "available", lambda: False)
        report = home.publish_now(house)
    assert (report.planned, report.images_missing) == (1, 1)
    assert shown(mail(house)) == []
    assert kept(house) == {}, "as soon as it is there, the picture is fetched"
