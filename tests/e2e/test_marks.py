"""Marks and the legend in Explore: what is drawn larger is one row, and numbers stand at their colours."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .product import Product
from .screen import colours, explore, plot

pytestmark = pytest.mark.e2e

# A month of late flights: few cells are filled.
SPARSE = "?x=date&y=delay&marks=3&bx=985000000000000,987600000000000&by=250,650"
# A lone cell that is well inside its piece and the plot: its rows, and its middle and size as shares of the plot.
LONE = """() => {
  const {viewport, pieces} = window.halftone.explore();
  for (const {extent, width, height, planes} of pieces) {
    const rows = planes.find(({role}) => role === 'count').values;
    const [cw, ch] = [(extent.x1 - extent.x0) / width, (extent.y1 - extent.y0) / height];
    for (let at = 0; at < rows.length; at += 1) {
      const [column, row] = [at % width, Math.floor(at / width)];
      if (!rows[at] || column < 8 || row < 8 || column > width - 9 || row > height - 9) continue;
      const near = [];
      for (let y = -6; y <= 6; y += 1) for (let x = -6; x <= 6; x += 1) near.push(rows[at + y * width + x]);
      const u = (extent.x0 + (column + 0.5) * cw - viewport.x0) / (viewport.x1 - viewport.x0);
      const v = (extent.y0 + (row + 0.5) * ch - viewport.y0) / (viewport.y1 - viewport.y0);
      if (near.filter(Boolean).length > 1 || u < 0.1 || u > 0.8 || v < 0.2 || v > 0.8) continue;
      return {rows: rows[at], u, v, step: cw / (viewport.x1 - viewport.x0)};
    }
  }
}"""
# Numbers under the colour bar: text, and the place of the line above it as a share of the bar.
TICKS = """() => [...document.querySelectorAll('[class*=ticks] li')].map(li => {
  const bar = li.parentElement.getBoundingClientRect();
  const {left, right} = li.getBoundingClientRect();
  const at = {start: left, end: right}[li.dataset.edge] ?? (left + right) / 2;
  return [li.textContent, (at - bar.left) / bar.width];
})"""
# Choices of a select that are wider than the room for them.
CUT = """select => {
  const style = getComputedStyle(select);
  const room = select.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  const pen = document.createElement('canvas').getContext('2d');
  pen.font = `${style.fontSize} ${style.fontFamily}`;
  return [...select.options].map(option => option.text).filter(text => pen.measureText(text).width > room);
}"""


def test_a_lone_row_is_seen_and_read_anywhere_on_its_mark(page: Page, product: Product, tmp_path: Path) -> None:
    page.emulate_media(reduced_motion="reduce")
    explore(page, product.url, SPARSE)
    lone = page.evaluate(LONE)
    box = plot(page).bounding_box()
    assert lone is not None
    assert box is not None
    shot = tmp_path / "plot.png"
    page.locator("canvas").first.screenshot(path=shot)
    seen = colours(shot)
    rows = f"{lone['rows']} {'row' if lone['rows'] == 1 else 'rows'}"
    # Its own cell, the next one of its mark, and one beyond.
    for cells, text, is_background in ((0, rows, False), (1, rows, False), (5, "0 rows", True)):
        x, y = box["width"] * (lone["u"] + cells * lone["step"]), box["height"] * (1 - lone["v"])
        assert (seen[int(y), int(x)].tolist() == [11, 13, 19]) == is_background
        page.mouse.move(box["x"] + x, box["y"] + y)
        expect(page.locator("p[aria-hidden=true] span").last).to_have_text(text)


def test_numbers_of_the_legend_stand_at_their_colours(page: Page, product: Product) -> None:
    explore(page, product.url, f"{SPARSE}&norm=linear")
    ticks = [(int(text.replace(",", "")), at) for text, at in page.evaluate(TICKS)]
    assert len(ticks) > 1
    (low, _), *_, (high, _) = ticks
    for number, at in ticks:
        assert at == pytest.approx((number - low) / (high - low), abs=0.01)


def test_choices_are_written_in_full(page: Page, product: Product) -> None:
    explore(page, product.url, "?x=date&y=delay")
    for label in ("Reduction", "Normalisation", "Colours", "Marks"):
        assert page.get_by_label(label, exact=True).evaluate(CUT) == []
