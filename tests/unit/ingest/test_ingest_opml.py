from __future__ import annotations

import contextlib
from pathlib import Path

import listparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import BadInput
from digest.ingest import opml
from digest.ingest.opml import Outline

NESTED = b"""<?xml version="1.0" encoding="iso-8859-1"?>
<opml version="2.0"><head><title>Mine</title></head><body>
<outline text="Noord-Nederl\xe4nder"><outline text="Sport">
  <outline type="rss" text="Kade &amp; Wal" xmlUrl="https://quay.example/rss?a=1&amp;b=2" language="nl-BE"/>
</outline></outline>
<outline text="Again" xmlUrl="https://quay.example/rss?a=1&amp;b=2" category="/Tech/Python,boats"/>
<outline text="Nowhere" type="rss" xmlUrl=" "/>
<outline text="Other list" type="include" url="https://list.example/more.opml"/>
<outline text="A page" type="rss" xmlUrl="" htmlUrl="https://page.example/"/>
</body></opml>"""


def test_folders_languages_and_what_is_no_feed() -> None:
    found = opml.read(NESTED, "mine.opml")
    assert found.outlines == [
        Outline(
            "https://quay.example/rss?a=1&b=2",
            "Kade & Wal",
            (("Noord-Nederländer", "Sport"), ("Tech", "Python"), ("boats",)),
            "nl-BE",
        )
    ]
    assert found.again == 1
    not_fetched = "which is not fetched (save and import that one too)"
    assert [str(error) for error in found.bad] == [
        "mine.opml, outline 5 (Nowhere): has no address (add xmlUrl)",
        f"mine.opml, https://list.example/more.opml: leads to another list, {not_fetched}",
        "mine.opml, https://page.example/: names a page and no feed (digest source add looks for its feed)",
    ]


def test_every_list_that_listparser_reads_and_no_exception(shared: Path) -> None:
    """110 files: one is no list, and the others give the feeds that listparser itself gives, with their titles."""
    files = sorted((shared / "corpora" / "opml").rglob("*.xml"))
    no_list = []
    for file in files:
        data = file.read_bytes()
        try:
            found = [(outline.url, outline.title) for outline in opml.read(data, file.name).outlines]
        except BadInput:
            no_list.append(file.name)
            found = []
        expected = listparser.parse(data)["feeds"]
        assert found == [(feed["url"], " ".join(feed["title"].split())) for feed in expected], file.name
    assert (len(files), no_list) == (110, ["unknown-namespace.xml"])
    assert len([file for file in files if file.parent.name == "malformed"]) == 10


@pytest.mark.parametrize("name", ["xmlbomb.xml", "quadratic.xml", "external.xml", "external_file.xml", "cyclic.xml"])
def test_declared_entities_are_never_expanded(shared: Path, name: str) -> None:
    with pytest.raises(BadInput):
        opml.read((shared / "corpora" / "xml-bombs" / name).read_bytes(), name)


def test_an_entity_of_a_list_stays_what_it_is() -> None:
    bomb = b'<!DOCTYPE opml [<!ENTITY a "boom"><!ENTITY b "&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
    (outline,) = opml.read(bomb + b'<opml><outline text="&b;&f;" xmlUrl="http://q.example/f"/></opml>', "x").outlines
    assert outline.title == "&b;&f;"


def test_a_stray_end_does_not_cost_the_folders() -> None:
    stray = b'<outline text="A"></b></outline></outline><outline text="B"></p><outline xmlUrl="http://q.example/f"/>'
    assert opml.read(b"<opml>" + stray, "x").outlines[0].folders == (("B",),)
    tabs = b'<opml><outline text="a"><gtml:tab></gtml:tab></outline></outline><outline xmlUrl="http://q.example/f"/>'
    assert len(opml.read(tabs, "x").outlines) == 1


def test_what_is_no_list_is_one_line() -> None:
    for data in (b"", b"  ", b"plain text", b"<html><body>no</body></html>", b"\xff\xfe\x00", b"PK\x03\x04"):
        with pytest.raises(BadInput) as caught:
            opml.read(data, "x.opml")
        assert caught.value.mend


@given(st.binary(max_size=400) | st.text(alphabet='<>/="outlinexmlUrl &;![CDATA[-', max_size=400).map(str.encode))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    with contextlib.suppress(BadInput):
        opml.read(b'<opml version="2.0">' + data, "x")


_name = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters=",/"), min_size=1, max_size=8
)
_outline = st.builds(
    Outline,
    url=st.integers(0, 99).map("https://q.example/?a=1&n={}".format),
    title=_name,
    folders=st.lists(st.lists(_name, min_size=1, max_size=3).map(tuple), max_size=3, unique=True).map(tuple),
    language=st.sampled_from(["", "nl", "pt"]),
)


@given(st.lists(_outline, max_size=8, unique_by=lambda outline: outline.url))
def test_what_is_written_is_read_again(outlines: list[Outline]) -> None:
    if not outlines:
        return
    # plain.tidy composes characters, as names are composed before they are stored
    wanted = [opml.read(opml.write([outline], "t"), "x").outlines[0] for outline in outlines]
    read = opml.read(opml.write(wanted, "t"), "x")
    assert (read.bad, read.again) == ([], 0)
    assert {o.url: (o.title, set(o.folders), o.language) for o in read.outlines} == {
        o.url: (o.title, set(o.folders), o.language) for o in wanted
    }
    assert [bool(o.folders) for o in wanted] == [bool(o.folders) for o in outlines]
