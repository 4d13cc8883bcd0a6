"""What mail clients know: which features are found in a mail, and what the shipped looks use of them."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from digest.compose.check import contrast, features, structure, support
from digest.compose.check.finished import Asked, of_parts
from digest.compose.render import Renderer
from tests.support.checked import HEADERS, UNSUBSCRIBE, bad, html, mail
from tests.support.fixed_view import FACTS, SLOTS, TEMPLATES, modelled, view

CHECKOUT = Path(__file__).resolve().parents[3]
LOOKS = sorted(path.parent.name for path in TEMPLATES.glob("edition/*/body.html"))


def used(page: str) -> set[str]:
    return set(features.used(mail(page), frozenset(support.table())))


@pytest.mark.parametrize(
    ("page", "found"),
    [
        (html("<p style='margin-left:1em'>x"), {"css-margin", "css-unit-em", "html-p"}),
        (html("<p style='border-top-left-radius:3px'>x"), {"css-border-radius", "css-unit-px"}),
        (html("<p style='border-bottom-width:3px'>x"), {"css-border"}),
        (html("<p style='display:inline-flex'>x"), {"css-display-flex"}),
        (html("<p style='display:none'>x"), {"css-display-none"}),
        (html("<p style='display:block'>x"), {"css-display"}),
        (html("<p style='width:calc(9% - 2vw)'>x"), {"css-width", "css-unit-calc", "css-unit-percent", "css-unit-vw"}),
        (html("<p style='color:var(--a);color:light-dark(red,blue)'>x"), {"css-variables", "css-function-light-dark"}),
        (html("<p style='background:linear-gradient(red,blue)'>x"), {"css-background", "css-linear-gradient"}),
        (html("<p style='margin-inline-start:1px'>x"), {"css-margin-inline-start-end"}),
        (html(style="@media (hover: hover) { a:hover > b { top: 0 } }"), {"css-at-media-hover",
            "css-pseudo-class-hover", "css-selector-child", "css-selector-type", "css-left-right-top-bottom"}),
        (html(style=".a.b #c [d] * , e + f ~ g { color: red !important }"), {"css-selector-chaining",
            "css-selector-id", "css-selector-attribute", "css-selector-universal", "css-selector-grouping",
            "css-important", "css-selector-adjacent-sibling", "css-selector-general-sibling",
            "css-selector-descendant"}),
        (html(style="@font-face { font-family: X } @supports (top:0) { a { top: 0 } }"), {"css-at-font-face",
            "css-at-supports"}),
        (html("<ul><li>x</ul><article><img src='a.webp' width=1 alt=''><a href='#x'>y</a></article>"), {"html-lists",
            "html-semantics", "html-img", "image-webp", "html-width", "html-anchor-links"}),
        (html("<img src='data:image/png;base64,AA' alt=''>"), {"image-base64"}),
        (html("<!-- x -->"), {"html-comments", "html-doctype", "html-lang", "html-dir"}),
    ],
)  # fmt: skip
def test_features_are_found(page: str, found: set[str]) -> None:
    assert found <= used(page)


def test_what_is_not_there_is_not_found() -> None:
    assert used("<p>x</p>") == {"html-p"}
    assert not used(html(style="p { color: red }")) & {"css-selector-descendant", "css-selector-class", "css-at-media"}


def test_a_feature_that_a_big_family_lacks_fails_and_a_partial_one_warns() -> None:
    found = support.findings(mail(html("<div style='display:grid;position:absolute'><p>x</p></div>")))
    told = {f.what.partition(":")[0]: f for f in found}
    assert told["display-grid"].level == "fail"
    assert "Outlook on Windows" in told["display-grid"].what
    assert told["display-grid"].where == "<div>: display"
    assert told["position"].level == "fail"
    (unknown,) = [f for f in support.findings(mail(html("<p style='warp:9'>x"))) if f.level != "ok"]
    assert (unknown.level, unknown.what) == ("warn", "warp: who has it is not known")


def test_what_degrades_is_told_with_those_who_lack_it() -> None:
    found = support.findings(mail(html("<p style='border-radius:2px'>x")))
    (told,) = [f for f in found if f.what.startswith("border-radius")]
    assert (told.level, told.minor) == ("ok", True)
    assert "square corners" in told.what
    assert "Outlook on Windows" in told.where


def test_every_fallback_is_of_a_feature_that_can_be_found() -> None:
    known = features.detected() | set(support.table())
    assert [name for name in support.fallbacks() if name not in known and not name.startswith("css-pseudo-")] == []


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("language", ["nl", "ar"])
def test_every_shipped_look_stays_within_what_clients_know_and_can_be_read(look: str, language: str) -> None:
    for made in (view(language), modelled(language)):
        rendered = Renderer([TEMPLATES]).render(replace(made, look=look), SLOTS, FACTS)
        text, page = (
            part.replace(SLOTS.address, "a@kade.nl").replace(SLOTS.unsubscribe, UNSUBSCRIBE)
            for part in (rendered.text, rendered.html)
        )
        whole = of_parts(b"", rendered.subject, HEADERS, text, page)
        found = support.findings(whole) + contrast.findings(whole) + structure.findings(whole, Asked(FACTS.imprint))
        assert bad(found) == []


def test_the_table_is_what_the_source_says(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = shared / "corpora" / "caniemail"
    if not source.is_dir():
        pytest.skip("the corpus caniemail is not there")
    monkeypatch.syspath_prepend(str(CHECKOUT / "benchmarks"))
    monkeypatch.delitem(sys.modules, "mail_support", raising=False)
    import mail_support

    table = {
        name: support.Lacking(tuple(lacking["no"]), tuple(lacking["partly"]))
        for name, lacking in mail_support.read(source).items()
    }
    assert len(table) > 200
    assert dict(support.table()) == table
    assert table["css-border-radius"] == support.Lacking(("outlook-windows",), ("yahoo", "gmx"))
