"""Whether the mail is built so that every reader, and every reading program, finds its way in it. Pure."""

from __future__ import annotations

import re
from itertools import pairwise

from selectolax.lexbor import LexborNode

from digest.compose.check.finished import Asked, Finished, name_of, short
from digest.model.finding import Finding, fail, ok, warn

CHECK = "structure"
_FORBIDDEN = ("script", "form", "iframe", "object", "embed", "base", "frame", "frameset", "applet")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_TOLD = 3  # examples in a line
_LEAST_PREHEADER = 20  # characters
_RTL = frozenset(("ar", "he", "fa", "ur", "yi", "ps", "sd", "ckb", "dv", "ug"))
_REMOTE = re.compile(r"\s*(?:https?:)?//", re.IGNORECASE)


def findings(mail: Finished, asked: Asked) -> list[Finding]:
    found = [*_unsubscribe(mail), *_imprint(mail, asked)]
    if not mail.html:
        return found
    return [*_head(mail), *_headings(mail), *_tables(mail), *_active(mail), *_images(mail), *found]


def _head(mail: Finished) -> list[Finding]:
    root = mail.tree.css_first("html")
    said = dict(root.attributes) if root is not None else {}
    title = mail.tree.css_first("title")
    language, direction = (said.get("lang") or "").strip(), (said.get("dir") or "").strip().lower()
    wrong = []
    if not mail.html.lstrip().lower().startswith("<!doctype html"):
        wrong.append(fail(CHECK, "there is no doctype", "body.html", "begin it with <!doctype html>"))
    if not language:
        wrong.append(fail(CHECK, "the HTML has no language", "<html>", 'lang="{{ page.lang }}"'))
    right = "rtl" if language.partition("-")[0].lower() in _RTL else "ltr"
    if direction != right:
        what = f"the HTML's direction is {direction or 'not given'}, and should be {right}"
        wrong.append(fail(CHECK, what, "<html>", 'dir="{{ page.dir }}"'))
    if title is None or not title.text().strip():
        wrong.append(fail(CHECK, "the HTML has no title", "<head>", "<title>{{ page.title }}</title>"))
    wrong += _preheader(mail)
    return wrong or [ok(CHECK, f"doctype, language ({language}), direction ({right}), title and preheader are there")]


def _preheader(mail: Finished) -> list[Finding]:
    """The first text of the body is what lists of mails show beside the subject."""
    body = mail.tree.body
    first = next((n for n in body.traverse() if n.tag == "div"), None) if body is not None else None
    style = (first.attributes.get("style") or "").replace(" ", "") if first is not None else ""
    if first is not None and "display:none" in style and len(first.text().strip("\u034f\u200c\xa0 \n")) > 0:
        shown = "".join(first.text().split("\u034f")[0].split("\u200c")[0]).strip()
        if len(shown) >= _LEAST_PREHEADER:
            return []
        mend = "say more than the subject does: {{ page.preheader }}"
        return [warn(CHECK, f"the preheader is short: {short(shown)}", name_of(first), mend)]
    mend = "a hidden <div> first in the body, with {{ page.preheader }}"
    return [warn(CHECK, "there is no preheader: lists of mails show whatever comes first", "<body>", mend)]


def _headings(mail: Finished) -> list[Finding]:
    found = [(int((n.tag or "h0")[1]), n) for n in mail.elements() if n.tag in _HEADINGS]
    wrong = []
    first = sum(1 for level, _ in found if level == 1)
    if first != 1:
        wrong.append(
            fail(
                CHECK, f"headings of the first level: {first}, and there should be one", "<h1>", "one, for the masthead"
            )
        )
    for (before, _), (level, node) in pairwise(found):
        if level > before + 1:
            what = f"after a heading of level {before} comes one of level {level}"
            wrong.append(warn(CHECK, what, f"{name_of(node)} {short(node.text())}", "leave no level out"))
            break
    empty = [n for _, n in found if not n.text().strip()]
    if empty:
        wrong.append(warn(CHECK, "a heading is empty", name_of(empty[0]), "leave it out where it says nothing"))
    return wrong or [ok(CHECK, f"one heading of the first level, none left out below it ({len(found)} there)")]


def _tables(mail: Finished) -> list[Finding]:
    tables = [n for n in mail.elements() if n.tag == "table"]
    bare = [n for n in tables if not _is_data(n) and n.attributes.get("role") not in ("presentation", "none")]
    if bare:
        what = f"tables of the layout that are read out as tables: {len(bare)} of {len(tables)}"
        return [fail(CHECK, what, _examples(bare), 'role="presentation", or <th> where it is one')]
    return [ok(CHECK, f"every table of the layout says that it is one ({len(tables)} there)")] if tables else []


def _is_data(table: LexborNode) -> bool:
    return table.css_first("th") is not None or table.css_first("caption") is not None


def _active(mail: Finished) -> list[Finding]:
    """What mail clients take out, or take for an attack."""
    bad = [n for n in mail.elements() if n.tag in _FORBIDDEN or _is_handler(n)]
    linked = [n for n in mail.elements() if n.tag == "link" and "stylesheet" in (n.attributes.get("rel") or "").lower()]
    wrong = []
    if bad:
        what = "the HTML holds what runs, frames or asks: clients take it out, filters count it against you"
        wrong.append(fail(CHECK, what, _examples(bad), "leave it out"))
    if linked or "import" in mail.sheet.at_rules:
        where = _examples(linked) if linked else "@import"
        wrong.append(fail(CHECK, "a style sheet is loaded from elsewhere", where, "put it into style.css"))
    return wrong or [ok(CHECK, "nothing in it runs, and no style sheet is loaded")]


def _is_handler(node: LexborNode) -> bool:
    links = (node.attributes.get("href") or "", node.attributes.get("src") or "")
    handler = any(name.lower().startswith("on") for name in node.attributes)
    return handler or any(link.strip().lower().startswith("javascript:") for link in links)


def _images(mail: Finished) -> list[Finding]:
    images = [n for n in mail.elements() if n.tag == "img"]
    wrong = []
    silent = [n for n in images if n.attributes.get("alt") is None]
    if silent:
        what = f"pictures without an alt: {len(silent)} of {len(images)}"
        wrong.append(fail(CHECK, what, _examples(silent), 'say what is to be seen; alt="" where it only decorates'))
    remote = [n for n in images if _REMOTE.match(n.attributes.get("src") or "")]
    remote += [n for n in mail.elements() if _REMOTE.match(n.attributes.get("background") or "")]
    if remote:
        what = f"pictures are loaded from elsewhere ({len(remote)}), which tells who opens the mail and when"
        mend = "leave them out; lead images travel inside the mail: digest publication edit --images"
        wrong.append(fail(CHECK, what, _examples(remote), mend))
    if wrong or not images:
        return wrong or [ok(CHECK, "there are no pictures")]
    return [ok(CHECK, f"every picture has an alt ({len(images)} there)")]


def _unsubscribe(mail: Finished) -> list[Finding]:
    """RFC 8058 for the client's button, and a link in both parts for everybody else."""
    field = mail.header("List-Unsubscribe")
    listed = re.findall(r"<([^<>\s]+)>", field)
    if not listed:
        return [fail(CHECK, "there is no List-Unsubscribe", "header", "this is a fault of ours: report it")]
    wrong = []
    if not any(_clean(n.attributes.get("href")) in listed for n in mail.tree.css("a[href]")):
        mend = "{{ page.slots.unsubscribe }} in the footer's link"
        wrong.append(fail(CHECK, "the HTML has no link to unsubscribe", "body.html", mend))
    if not any(link in mail.text for link in listed):
        mend = "{{ page.slots.unsubscribe }}, alone on a line"
        wrong.append(fail(CHECK, "the plain text has no link to unsubscribe", "body.txt", mend))
    if not mail.header("List-Unsubscribe-Post") or not listed[0].startswith("https:"):
        what = "to unsubscribe takes a mail, not one click: large providers ask for one click"
        wrong.append(warn(CHECK, what, "List-Unsubscribe", "set web.url to an https address and run: digest web"))
    return wrong or [ok(CHECK, "both parts and the header have the link to unsubscribe, with one click")]


def _imprint(mail: Finished, asked: Asked) -> list[Finding]:
    lines = [" ".join(line.split()) for line in asked.imprint.splitlines() if line.strip()]
    if not lines:
        what = "no postal address or imprint: many countries' law asks for one in every bulk mail"
        return [warn(CHECK, what, "footer", "set mail.imprint")]
    body = mail.tree.body
    parts = {"body.html": " ".join(body.text().split()) if body is not None else "", "body.txt": mail.text}
    wrong = []
    for name, text in parts.items():
        flat = " ".join(text.split())
        missing = [line for line in lines if line not in flat]
        if missing:
            what = f"the imprint is not in it: {short(missing[0])}"
            wrong.append(fail(CHECK, what, name, "keep the block imprint of base/" + name.replace("body", "base")))
    return wrong or [ok(CHECK, "postal address or imprint stand in both parts")]


def _clean(link: str | None) -> str:
    """As a client reads an address: white space and line ends around it do not count."""
    return "".join((link or "").split())


def _examples(nodes: list[LexborNode]) -> str:
    names = list(dict.fromkeys(map(name_of, nodes)))
    return ", ".join(names[:_TOLD]) + (", …" if len(names) > _TOLD else "")
