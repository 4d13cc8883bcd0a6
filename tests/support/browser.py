"""Chromium as tests use it, and what they ask of a page in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

#: Each piece of visible text with its kind (its nearest class), its colour, what lies behind it, and their contrast by
#: the WCAG 2 formula; and the same of each line that is drawn by a border, under `line of` its kind.
COLOURS = """() => {
  const parse = c => { const m = c.match(/[\\d.]+/g).map(Number); return m.length > 3 ? m : [...m, 1]; };
  const lin = v => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
  const lum = c => 0.2126 * lin(c[0]) + 0.7152 * lin(c[1]) + 0.0722 * lin(c[2]);
  const hex = c => '#' + c.slice(0, 3).map(v => Math.round(v).toString(16).padStart(2, '0')).join('');
  const behind = e => {
    for (; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c[3] > 0.99) return c;
    }
    return [255, 255, 255, 1];
  };
  const ratio = (one, other) => {
    const a = lum(one), b = lum(other);
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  };
  const kind = e => { const near = e.closest('[class]'); return near ? near.classList[0] : e.localName; };
  const found = [];
  const add = (kind, front, back, text) =>
    found.push({ kind, front: hex(front), back: hex(back), ratio: ratio(front, back), text });
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, e = node.parentElement;
    if (!node.data.trim() || !e.checkVisibility() || getComputedStyle(e).opacity === '0') continue;
    add(kind(e), parse(getComputedStyle(e).color), behind(e), node.data.trim());
  }
  for (const e of document.querySelectorAll('[class]')) {
    const style = getComputedStyle(e);
    for (const side of ['Top', 'Right', 'Bottom', 'Left']) {
      if (!parseFloat(style[`border${side}Width`]) || !e.checkVisibility()) continue;
      add('line of ' + kind(e), parse(style[`border${side}Color`]), behind(e.parentElement), '');
    }
  }
  return found;
}"""


@contextmanager
def chromium() -> Iterator[Any]:
    """A running one; the test is skipped where it cannot be had."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not Path(CHROMIUM).exists():
        pytest.skip("Chromium is not installed")
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=CHROMIUM, args=_ARGUMENTS)
        try:
            yield running
        finally:
            running.close()


@contextmanager
def opened(
    browser: Any, html: str, *, width: int = 600, mode: str = "light", height: int = 800, scale: float = 1
) -> Iterator[Any]:
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=mode, device_scale_factor=scale)
    try:
        page.set_content(html)
        yield page
    finally:
        page.close()
