"""One frame stage by stage, from a turn of the wheel to its pixels: marks of the browser, spans of the services.

All of them read the clock of one machine. The browser gives times in steps of a tenth of a millisecond.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from bench.first_light import WHEEL
from bench.product.started import SLUG
from tests.e2e.conftest import CHROMIUM, CHROMIUM_ARGUMENTS
from tests.e2e.screen import settle, sign_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from playwright.sync_api import Page

    from bench.product.traces import Collector, Span
    from tests.e2e.product import Product

    Marks = Sequence[tuple[str, float]]

TURNS = 15
_WARM_TURNS = 3
_PATIENCE_S = 3.0
_IN_PAGE = """
globalThis.marks = [];
globalThis.mark = name => globalThis.marks.push([name, performance.timeOrigin + performance.now()]);
const post = Worker.prototype.postMessage;
Worker.prototype.postMessage = function (message, ...others) {
  if (message.type === 'send') globalThis.mark('posted');
  return post.call(this, message, ...others);
};
"""
_IN_WORKER = """() => {
  globalThis.marks = [];
  const mark = name => globalThis.marks.push([name, performance.timeOrigin + performance.now()]);
  const {send} = WebSocket.prototype;
  WebSocket.prototype.send = function (bytes) { mark('sent'); return send.call(this, bytes); };
  const data = Object.getOwnPropertyDescriptor(MessageEvent.prototype, 'data');
  Object.defineProperty(MessageEvent.prototype, 'data', {...data, get() {
    const found = data.get.call(this);
    if (found instanceof ArrayBuffer) mark('received');
    return found;
  }});
  const post = globalThis.postMessage.bind(globalThis);
  globalThis.postMessage = (event, options) => {
    post(event, options);
    if (event.type === 'message' && event.message.type === 'frame') mark('decoded');
  };
}"""
_TURN = f"""async () => {{
  globalThis.mark('gesture');
  await ({WHEEL})(-120);
  globalThis.mark('painted');
}}"""
_TAKE_MARKS = "() => globalThis.marks.splice(0)"


@dataclass(frozen=True)
class Stage:
    """What happens where; `times` are intervals in milliseconds since the gesture."""

    where: str
    what: str
    times: tuple[tuple[float, float], ...]

    @property
    def ms(self) -> float:
        return sum(end - start for start, end in self.times)


def anatomy(product: Product, collector: Collector) -> list[Stage]:
    """The stages of the frame that took the median of all, among turns of the wheel that fetched pieces from compute.

    Raises RuntimeError when none did.
    """
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        page = chromium.new_page(viewport={"width": 1280, "height": 800})
        page.add_init_script(_IN_PAGE)
        sign_in(page, product.url)
        page.goto(f"{product.url}/d/{SLUG}/explore?x=x&y=y")
        settle(page)
        for worker in page.workers:
            worker.evaluate(_IN_WORKER)
        turns = [_turn(page, collector) for _ in range(TURNS)][_WARM_TURNS:]
        chromium.close()
    found = sorted((stages for stages in turns if stages), key=lambda stages: stages[-1].times[-1][1])
    if not found:
        raise RuntimeError("no turn of the wheel fetched pieces")
    return found[len(found) // 2]


def _turn(page: Page, collector: Collector) -> list[Stage]:
    _taken(page)
    page.evaluate(_TURN)
    marks = _taken(page)
    settle(page)
    begun, painted = (next(at for name, at in marks if name == wanted) for wanted in ("gesture", "painted"))
    spans = _arrived(lambda: collector.of_frame(begun, painted))
    return stages_of(sorted(marks, key=lambda mark: mark[1]), spans) if spans else []


def _taken(page: Page) -> list[tuple[str, float]]:
    """The marks since the last time, of the page and then of its workers."""
    found = [page.evaluate(_TAKE_MARKS), *(worker.evaluate(_TAKE_MARKS) for worker in page.workers)]
    return [(name, at) for marks in found for name, at in marks]


def _arrived(look: Callable[[], list[Span]]) -> list[Span]:
    """The spans of a frame, once both services have sent theirs; none where compute had no part."""
    deadline = time.monotonic() + _PATIENCE_S
    while not (spans := look()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return spans


def stages_of(marks: Marks, spans: Sequence[Span]) -> list[Stage]:
    """The way of one frame. Pure; both in the order of time."""
    frame, render = (next(span for span in spans if span.name == name) for name in ("frame", "render"))
    lookups, encodes = ([span for span in spans if span.name == name] for name in ("scan", "encode"))
    begun = _first(marks, "gesture")
    sent = _last(marks, "sent", frame.start)
    posted = _last(marks, "posted", sent)
    painted = _first(marks, "painted")
    decodings = list(_decodings([mark for mark in marks if frame.start < mark[1] < painted]))
    received, decoded = decodings[0][0], decodings[-1][1]
    answered = max(span.end for span in (*lookups, *encodes))

    def stage(where: str, what: str, *times: tuple[float, float]) -> Stage:
        return Stage(where, what, tuple((start - begun, end - begun) for start, end in times))

    return [
        stage("page", "gesture, viewport, message", (begun, posted)),
        stage("worker", "message to bytes", (posted, sent)),
        stage("socket", "to the gateway", (sent, frame.start)),
        stage("gateway", "plan, caches, request to compute", (frame.start, render.start)),
        stage("compute", "grant, slot, thread", (render.start, lookups[0].start)),
        stage("compute", "index, tiles, rows", *((span.start, span.end) for span in lookups)),
        stage("compute", "pieces to bytes", *((span.start, span.end) for span in encodes)),
        stage("gateway", "stream of pieces, frame", (answered, frame.end)),
        stage("socket", "to the browser", (min(frame.end, received), received)),
        stage("worker", "decoding", *decodings),
        stage("page", "upload, shader, pixels", (decoded, painted)),
    ]


def _decodings(marks: Marks) -> Iterator[tuple[float, float]]:
    """From the bytes of a message to the frame that it becomes. Other messages become none."""
    for (name, start), (then, end) in pairwise(marks):
        if (name, then) == ("received", "decoded"):
            yield start, end


def _first(marks: Marks, wanted: str) -> float:
    return next(at for name, at in marks if name == wanted)


def _last(marks: Marks, wanted: str, before: float) -> float:
    return [at for name, at in marks if name == wanted and at <= before][-1]
