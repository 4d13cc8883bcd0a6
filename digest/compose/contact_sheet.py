"""A page that shows pictures of one mail side by side. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from digest.model.finding import Shot

_STYLE = (
    "body{margin:0;padding:24px;background:#e9e9ec;color:#1d1d1f;font:15px/1.5 system-ui,sans-serif}"
    "h1{font-size:20px;margin:0 0 4px}p{margin:0 0 20px}"
    ".row{display:flex;gap:24px;align-items:flex-start;overflow-x:auto;padding:0 0 32px}"
    "figure{margin:0;flex:none}figcaption{font-size:13px;color:#515154;padding:0 0 6px}"
    "img{display:block;border:1px solid #b8b8bd;background:#fff}"
)


def contact_sheet(subject: str, about: str, shots: Sequence[Shot]) -> str:
    """Light in one row, dark in the next, from narrow to wide. The pictures lie beside the page."""
    rows = []
    for dark in (False, True):
        mine = sorted((shot for shot in shots if shot.dark is dark), key=lambda shot: shot.width)
        rows.append(f'<section class="row" aria-label="{_scheme(dark)}">{"".join(map(_figure, mine))}</section>')
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(subject)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>'
        f"<body><h1>{escape(subject)}</h1><p>{escape(about)}</p>{''.join(rows)}</body></html>\n"
    )


def _figure(shot: Shot) -> str:
    called = f"{shot.width} px, {_scheme(shot.dark)}"
    name = escape(shot.file.name)
    return (
        f"<figure><figcaption>{called}</figcaption>"
        f'<a href="{name}"><img src="{name}" width="{shot.width}" alt="The mail at {called}"></a></figure>'
    )


def _scheme(dark: bool) -> str:
    return "dark" if dark else "light"
