"""Contrast without a browser: colours resolved as mail clients resolve them."""

from __future__ import annotations

import pytest

from digest.compose.check import contrast
from digest.compose.check.css import Scene
from digest.compose.check.styled import BLACK, WHITE, parse_colour, texts
from tests.support.checked import bad, html, mail

LIGHT, DARK = Scene(dark=False, width=600), Scene(dark=True, width=600)
PHONE = Scene(dark=False, width=320)


def seen(body: str, scene: Scene = LIGHT, style: str = "", head: str = "") -> dict[str, tuple[str, str]]:
    """Text -> its colour and what lies behind it."""
    found = texts(mail(html(body, style=style, head=head)), scene)
    return {text.strip(): (hexed(s.colour), hexed(s.behind)) for _, text, s in found}


def hexed(colour: tuple[float, ...] | None) -> str:
    return "?" if colour is None else "#" + "".join(f"{round(c * 255):02x}" for c in colour[:3])


def test_the_formula() -> None:
    assert contrast.ratio(BLACK, WHITE) == pytest.approx(21)
    grey = parse_colour("#767676")
    assert grey is not None
    assert contrast.ratio(grey, WHITE) == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize(
    ("body", "style", "colours"),
    [
        ("<p>x</p>", "", ("#000000", "#ffffff")),
        ("<div style='color:#123456;background:#eee'><p>x</p></div>", "", ("#123456", "#eeeeee")),
        ("<a href='https://x.se'>x</a>", "", ("#0000ee", "#ffffff")),
        ("<p style='color:#123'><a href='#' style='color:inherit'>x</a></p>", "", ("#112233", "#ffffff")),
        ("<table bgcolor='#222222'><tr><td><font color=red>x</font></table>", "", ("#ff0000", "#222222")),
        ("<p class='a b'>x</p>", ".b {color: blue} p.a {color: lime} p {color: red}", ("#00ff00", "#ffffff")),
        ("<p class=a id=i>x</p>", "#i {color: blue} .a {color: lime}", ("#0000ff", "#ffffff")),
        ("<p class=a style='color:red'>x</p>", ".a {color: lime}", ("#ff0000", "#ffffff")),
        ("<p class=a style='color:red'>x</p>", ".a {color: lime !important}", ("#00ff00", "#ffffff")),
        ("<p style='color:red; color: nonsense'>x</p>", "", ("#ff0000", "#ffffff")),
        ("<div style='background:#000'><p style='background:rgba(255,255,255,.5)'>x", "", ("#000000", "#808080")),
        ("<p style='background:url(a.png)'>x</p>", "", ("#000000", "?")),
        ("<p style='background:#fafafa url(a.png) no-repeat'>x</p>", "", ("#000000", "#fafafa")),
        ("<div style='background:red'><p style='background:none'>x</p></div>", "", ("#000000", "#ff0000")),
    ],
)  # fmt: skip
def test_which_colours_win(body: str, style: str, colours: tuple[str, str]) -> None:
    assert seen(body, style=style)["x"] == colours


def test_media_rules_hold_where_they_are_meant() -> None:
    style = (
        "@media (prefers-color-scheme: dark) { .a { color: #eee !important; } }"
        "@media only screen and (max-width: 480px) { .a { color: #00f !important; } }"
        "@media print { .a { color: #0f0 !important; } }"
    )
    body = "<p class=a style='color:#111'>x</p>"
    assert seen(body, LIGHT, style)["x"][0] == "#111111"
    assert seen(body, DARK, style)["x"][0] == "#eeeeee"
    assert seen(body, PHONE, style)["x"][0] == "#0000ff"


def test_the_canvas_is_dark_only_where_the_mail_knows_the_dark() -> None:
    known = '<meta name="color-scheme" content="light dark">'
    assert seen("<p>x</p>", DARK, head=known)["x"] == ("#ffffff", "#121212")
    assert seen("<p>x</p>", DARK, ":root { color-scheme: light dark; }")["x"] == ("#ffffff", "#121212")
    assert seen("<p>x</p>", DARK)["x"] == ("#000000", "#ffffff")
    assert seen("<p>x</p>", LIGHT, head=known)["x"] == ("#000000", "#ffffff")


@pytest.mark.parametrize(
    "hidden",
    [
        "display:none", "visibility:hidden", "opacity:0", "font-size:0", "max-height:0;overflow:hidden",
    ],
)  # fmt: skip
def test_what_is_hidden_is_not_measured(hidden: str) -> None:
    assert list(seen(f"<div style='{hidden}'><p>x</p></div><p>y</p>")) == ["y"]


@pytest.mark.parametrize(
    ("style", "enough"),
    [
        ("color:#767676", True),
        ("color:#777777", False),
        ("color:#949494;font-size:24px", True),
        ("color:#949494;font-size:23px", False),
        ("color:#949494;font-size:19px;font-weight:bold", True),
        ("color:#949494;font-size:19px", False),
        ("color:#949494;font:bold 14pt/1.2 serif", True),
        ("color:#959595;font-size:24px", False),
        ("color:#000;opacity:.3", False),
    ],
)
def test_how_much_is_enough(style: str, enough: bool) -> None:
    found = bad(contrast.findings(mail(html(f"<p style='{style}'>Kop</p>"))))
    assert (found == []) is enough
    if not enough:
        assert all(level == "fail" and '"Kop" has ' in what for level, what in found)


def test_the_dark_alone_can_fail_and_a_picture_cannot_be_measured() -> None:
    style = "@media (prefers-color-scheme: dark) { .s { background-color: #222 !important; } }"
    page = html("<div class=s style='background:#fff'><p style='color:#333'>Kop</p></div>", style=style)
    (found,) = contrast.findings(mail(page))[1:]
    assert (found.level, found.what) == ("fail", 'dark: "Kop" has 1.3:1, and needs 4.5:1')
    assert found.where == "<p>: #333333 on #222222"
    (light, _) = contrast.findings(mail(html("<p style='background-image:url(a.png)'>Kop</p>")))
    assert (light.level, "picture" in light.what) == ("warn", True) or "no text" in light.what
