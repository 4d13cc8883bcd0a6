"""[pure] Plain text: what never belongs in it, and how it falls into paragraphs and sentences."""

from __future__ import annotations

import re
import unicodedata

# Characters that change how text is shown, stored or sent without being seen: C0/C1 controls, bidi
# embeddings, overrides and isolates, zero-width space, soft hyphen, BOM, line separators of their
# own, interlinear and tag characters, lone surrogates, noncharacters. LRM, RLM, ZWJ and ZWNJ stay:
# Hebrew, Persian and emoji need them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u202a-\u202e\u2060-\u2064\u2066-\u206f"
    "\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028]")
_LINE_END = re.compile("[\r\x0b\x0c\x85\u2028]")
_BLANKS = re.compile(r"[^\S\n\u00a0\u202f]+")  # French typography keeps its no-break spaces
_PARAGRAPH = re.compile("\n[^\\S\n]*\n\\s*|\u2029")

SENTENCE_END = re.compile("[.!?…。！？؟۔।][\"'”’»«“›‹)\\]」』]*$")
# The marks over Latin, Greek and Cyrillic letters stand in one range; the others are looked for where there may be any.
_MARKS = re.compile("[\u0300-\u036f]+")
_FURTHER = re.compile("[\u0483-\u1fff\u20d0-\U0010ffff]")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


def tidy(text: str) -> str:
    """NFC, without control and bidi override characters; every line end is a newline."""
    if _LINE_END.search(text):
        text = _LINE_ENDS.sub("\n", text)
    return unicodedata.normalize("NFC", _UNSEEN.sub("", text))


def one_line(text: str) -> str:
    """Tidy text on one line, single spaces, trimmed."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    return " ".join(tidy(text).split())


def paragraphs(text: str) -> list[str]:
    """Split at blank lines; a block of lines is either hard-wrapped or one paragraph a line."""
    found: list[str] = []
    for block in _PARAGRAPH.split(tidy(text)):
        lines = [_BLANKS.sub(" ", line).strip() for line in block.split("\n")]
        lines = [line for line in lines if line]
        found.extend([" ".join(lines)] if _is_wrapped(lines) else lines)
    return found


def _is_wrapped(lines: list[str]) -> bool:
    """Whether line ends are only a column limit: even lengths, most of them inside a sentence."""
    if len(lines) < 2:
        return False
    inner = lines[:-1]
    lengths = [len(line) for line in inner]
    if not (min(lengths) >= 45 and max(lengths) <= 130 and max(lengths) - min(lengths) <= 30):
        return False
    inside = sum(1 for line in inner if not ends_sentence(line))
    if len(inner) == 1:  # two lines are little evidence: ask for a sentence that plainly goes on
        return inside == 1 and lines[1][:1].islower()
    return inside * 2 > len(inner)


def ends_sentence(text: str) -> bool:
    return bool(SENTENCE_END.search(text.rstrip()))


def is_cjk(text: str) -> bool:
    """Whether the text is mostly written without spaces between words."""
    return len(_CJK.findall(text)) * 3 > len(text)


def word_count(text: str) -> int:
    """Words; in scripts without spaces two characters count as one."""
    return len(_CJK.findall(text)) // 2 if is_cjk(text) else len(text.split())


def fold(text: str) -> str:
    """For comparing: case and accents gone, white space single."""
    return " ".join(bare(text).split())


def bare(text: str) -> str:
    """Case and accents gone."""
    plain = text.casefold()
    if not plain.isascii():
        plain = _MARKS.sub("", unicodedata.normalize("NFKD", plain))
        if _FURTHER.search(plain):
            plain = "".join(c for c in plain if not unicodedata.combining(c))
    return plain
