"""Whether all text can be read on what it stands on, in light and in dark (WCAG 2, 1.4.3). Pure."""

from __future__ import annotations

from digest.compose.check.css import Scene
from digest.compose.check.finished import Finished, name_of, short
from digest.compose.check.styled import Colour, Style, over, texts
from digest.model.finding import Finding, fail, ok, warn

CHECK = "contrast"
_LEAST, _LEAST_LARGE = 4.5, 3.0
_LARGE, _LARGE_BOLD = 24.0, 18.66  # pixels
_NARROW, _WIDE = 320, 600
_TOLD = 5  # findings of a scheme: the others are of the same kind


def findings(mail: Finished) -> list[Finding]:
    return [finding for dark in (False, True) for finding in _scheme(mail, dark)] if mail.html else []


def _scheme(mail: Finished, dark: bool) -> list[Finding]:
    """Of the narrow and the wide mail together: media queries may colour either."""
    called = "dark" if dark else "light"
    faint: dict[tuple[Colour, Colour], tuple[float, str, str, float]] = {}
    least: tuple[float, str] | None = None
    pictured = 0
    for width in (_WIDE, _NARROW):
        for node, text, style in texts(mail, Scene(dark, width)):
            if style.behind is None:
                pictured += 1
                continue
            seen = over((*style.colour[:3], style.colour[3] * style.fade), style.behind)
            found, needed = ratio(seen, style.behind), _needed(style)
            if least is None or found < least[0]:
                least = found, text
            if found < needed:
                faint.setdefault((seen, style.behind), (found, text, name_of(node), needed))
    if least is None:
        return [warn(CHECK, f"{called}: no text to measure", mend="a mail needs text")]
    worst = sorted(faint.items(), key=lambda item: item[1][0])
    told = [
        fail(
            CHECK,
            f"{called}: {short(text)} has {found:.1f}:1, and needs {needed:g}:1",
            f"{where}: {_hex(seen)} on {_hex(behind)}",
            _mend(dark),
        )
        for (seen, behind), (found, text, where, needed) in worst[:_TOLD]
    ]
    if len(worst) > _TOLD:
        told.append(
            fail(CHECK, f"{called}: {len(worst) - _TOLD} more pairs of colours are too close", mend=_mend(dark))
        )
    if pictured:
        mend = "give the element a background-color too: it is seen where pictures are off"
        told.append(warn(CHECK, f"{called}: text over a picture cannot be measured", mend=mend))
    return told or [ok(CHECK, f"{called}: the faintest text has {least[0]:.1f}:1 (at least {_LEAST:g}:1)")]


def _mend(dark: bool) -> str:
    return "turn both colours in media.css" if dark else "a darker text, or a lighter ground, in style.css"


def _needed(style: Style) -> float:
    large = style.size >= (_LARGE_BOLD if style.bold else _LARGE)
    return _LEAST_LARGE if large else _LEAST


def ratio(first: Colour, second: Colour) -> float:
    """WCAG 2's contrast ratio, 1 to 21."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Colour) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour[:3])
    return float(0.2126 * red + 0.7152 * green + 0.0722 * blue)


def _hex(colour: Colour) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in colour[:3])
