"""First light, measured: how long until an exact frame of three million flights is there.

    make bench

Starts the product on free ports, walks one seeded list of gestures and measures, gesture by gesture and in turn:
the socket (gesture to last byte of the exact frame), Datashader on the same rows in this process (one cell for each
pixel), and Chromium (wheel to new exact pixels). Everything is one run on one machine, so only ratios are quoted.
Writes bench/out/first-light.json.
"""

import json
import os
import platform
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import datashader as ds
import pandas as pd
from halftone.v1 import frame_pb2
from playwright.sync_api import Page, sync_playwright

from bench.viewer import viewer
from tests.e2e.conftest import CHROMIUM_ARGUMENTS
from tests.e2e.product import EMAIL, PASSWORD, ROOT, Product
from tests.e2e.screen import explore, settle, sign_in

WIDTH, HEIGHT = 1024, 768
GESTURES = 60
WHEEL_STEPS = 20
OUT = Path(__file__).parent / "out" / "first-light.json"

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Figures:
    """Milliseconds over one series."""

    p50: float
    p95: float
    samples: int


@dataclass(frozen=True)
class Sample:
    """One gesture: seconds by socket and by Datashader, bytes received, whether rows had to be read."""

    ours: float
    theirs: float
    size: int
    is_fresh: bool


def figures(seconds: list[float]) -> Figures:
    """Return the median and the 95th percentile of `seconds` in milliseconds."""
    cuts = statistics.quantiles(seconds, n=20, method="inclusive")
    return Figures(round(statistics.median(seconds) * 1e3, 2), round(cuts[-1] * 1e3, 2), len(seconds))


def gestures(whole: Box, seed: int = 7) -> Iterator[Box]:
    """Yield viewports of a person who zooms in at places, pans about and comes back out."""
    random_number = random.Random(seed)  # noqa: S311 - a repeatable walk, not a secret
    x0, x1, y0, y1 = whole
    for step in range(GESTURES):
        if step % 12 == 0:
            x0, x1, y0, y1 = whole
        shift = random_number.uniform(-0.3, 0.3)
        scale = random_number.choice((0.55, 0.7, 1.0, 1.0, 1.3))
        x_middle, y_middle = (x0 + x1) / 2 + shift * (x1 - x0), (y0 + y1) / 2 + shift * (y1 - y0) / 2
        x_half, y_half = (x1 - x0) / 2 * scale, (y1 - y0) / 2 * scale
        x0, x1, y0, y1 = x_middle - x_half, x_middle + x_half, y_middle - y_half, y_middle + y_half
        yield x0, x1, y0, y1


def viewport(box: Box) -> frame_pb2.Viewport:
    """Return the message for `box` at the benchmark's size."""
    x0, x1, y0, y1 = box
    return frame_pb2.Viewport(extent=frame_pb2.Extent(x0=x0, x1=x1, y0=y0, y1=y1), width=WIDTH, height=HEIGHT)


def datashader_seconds(rows: pd.DataFrame, box: Box) -> float:
    """Return how long Datashader takes for the counts of `box`, in this process."""
    x0, x1, y0, y1 = box
    canvas = ds.Canvas(plot_width=WIDTH, plot_height=HEIGHT, x_range=(x0, x1), y_range=(y0, y1))
    started = time.perf_counter()
    canvas.points(rows, "date", "delay", ds.count())
    return time.perf_counter() - started


def measure_sockets(product: Product, rows: pd.DataFrame) -> list[Sample]:
    """Walk the gestures, asking the socket and Datashader in turn."""
    whole = (rows["date"].min(), rows["date"].max(), rows["delay"].min(), rows["delay"].max())
    with viewer(product.url, EMAIL, PASSWORD) as person:
        person.open("flights", "points", {"x": "date", "y": "delay"}, viewport(whole))
        datashader_seconds(rows, whole)
        samples = []
        for box in gestures(whole):
            answer = person.move(viewport(box))
            is_fresh = answer.frame.receipt.rows_scanned > 0
            samples.append(Sample(answer.seconds, datashader_seconds(rows, box), answer.size, is_fresh))
    return samples


# Milliseconds until the exact pixels of the new viewport are drawn.
WHEEL = """async (deltaY) => {
  const plot = document.querySelector('[aria-label="Interactive plot"]');
  const gl = document.querySelector('canvas').getContext('webgl2');
  const box = plot.getBoundingClientRect();
  const before = window.halftone.status().seq;
  const started = performance.now();
  plot.dispatchEvent(new WheelEvent('wheel', {deltaY, bubbles: true, cancelable: true,
    clientX: box.left + box.width / 2, clientY: box.top + box.height / 2}));
  for (;;) {
    await new Promise(requestAnimationFrame);
    const now = window.halftone.status();
    if (now.seq <= before || now.pending) continue;
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
    return performance.now() - started;
  }
}"""


def wheel_seconds(page: Page) -> float:
    """Turn the wheel one step over the plot; return seconds until the exact pixels of the new viewport are drawn.

    Reading one pixel back makes the graphics driver finish first.
    """
    milliseconds: float = page.evaluate(WHEEL, -60)
    settle(page)
    return milliseconds / 1e3


def measure_browser(product: Product) -> list[float]:
    """Return seconds from wheel to new exact pixels in Chromium."""
    with sync_playwright() as playwright:
        executable = os.environ.get("HALFTONE_CHROMIUM", "/usr/bin/chromium")
        chromium = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_ARGUMENTS)
        page = chromium.new_page(viewport={"width": WIDTH + 256, "height": HEIGHT + 32})
        sign_in(page, product.url)
        explore(page, product.url, "?x=date&y=delay")
        seconds = [wheel_seconds(page) for _ in range(WHEEL_STEPS)]
        chromium.close()
    return seconds


def ratio(samples: list[Sample]) -> float:
    """Return the median of socket over Datashader, gesture by gesture."""
    return round(statistics.median(sample.ours / sample.theirs for sample in samples), 2)


def report(samples: list[Sample], wheel: list[float]) -> dict[str, object]:
    """Return the figures of one run, with ratios to Datashader's median."""
    fresh = [sample for sample in samples if sample.is_fresh]
    peer, browser = figures([sample.theirs for sample in samples]), figures(wheel)
    return {
        "machine": {"cores": os.cpu_count(), "python": platform.python_version()},
        "rows": 3_000_000,
        "pixels": [WIDTH, HEIGHT],
        "milliseconds": {
            "gesture to last byte, all": asdict(figures([sample.ours for sample in samples])),
            "gesture to last byte, rows read": asdict(figures([sample.ours for sample in fresh])),
            "Datashader in this process": asdict(peer),
            "wheel to new pixels": asdict(browser),
        },
        "ratios to Datashader": {
            "gesture to last byte, all": ratio(samples),
            "gesture to last byte, rows read": ratio(fresh),
            "wheel to new pixels": round(browser.p50 / peer.p50, 2),
        },
        "bytes of a frame with rows read": statistics.median(sample.size for sample in fresh),
    }


def print_table(results: dict[str, object]) -> None:
    """Print the figures as a table."""
    rows = results["milliseconds"]
    ratios = results["ratios to Datashader"]
    assert isinstance(rows, dict)  # noqa: S101 - narrows the type
    assert isinstance(ratios, dict)  # noqa: S101 - narrows the type
    print(f"{'':34}{'samples':>8}{'p50 ms':>10}{'p95 ms':>10}{'÷ Datashader':>14}")
    for name, row in rows.items():
        print(f"{name:34}{row['samples']:>8}{row['p50']:>10}{row['p95']:>10}{ratios.get(name, 1.0):>14}")
    print(f"bytes of a frame with rows read: {results['bytes of a frame with rows read']:,}")


def main() -> None:
    """Measure once, print the table, write the file."""
    with tempfile.TemporaryDirectory() as home:
        product = Product(Path(home))
        product.make("up", "DETACH=1")
        try:
            sample = next(ROOT.glob("deploy/embedded/sample/**/flights-3m.parquet"))
            rows = pd.read_parquet(sample, columns=["date", "delay"])
            rows["date"] = rows["date"].astype("datetime64[us]").astype("int64")
            samples = measure_sockets(product, rows)
            wheel = measure_browser(product)
        finally:
            product.make("down")
    results = report(samples, wheel)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(results, indent=2) + "\n")
    print_table(results)


if __name__ == "__main__":
    main()
