"""Markdown tables that can also be read in a terminal, and the figures in them."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

Cells = Sequence[object]


def show(title: str, header: Sequence[str], rows: Sequence[Cells]) -> None:
    """Print a table; columns of figures stand to the right."""
    text = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(line[i]) for line in [list(header), *text]) for i in range(len(header))]
    right = [all(not any(c.isalpha() for c in row[i]) for row in text) and i > 0 for i in range(len(header))]
    print(f"\n{title}\n")
    print(_line(header, widths, right))
    print("|" + "|".join("-" * (w + 1) + (":" if r else "-") for w, r in zip(widths, right, strict=True)) + "|")
    for row in text:
        print(_line(row, widths, right), flush=True)


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    padded = (c.rjust(w) if r else c.ljust(w) for c, w, r in zip(cells, widths, right, strict=True))
    return "| " + " | ".join(padded) + " |"


def percent(value: float) -> str:
    return f"{100 * value:.1f}"


def three(values: Sequence[float]) -> str:
    """Precision, recall and F1."""
    return " / ".join(percent(v) for v in values)


def load_score(folder: Path) -> ModuleType:
    """The score.py that lies with the sets. Raises FileNotFoundError."""
    path = folder / "score.py"
    spec = importlib.util.spec_from_file_location("score", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
