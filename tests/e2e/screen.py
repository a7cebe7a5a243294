"""What a person does and sees in the browser, in words of the product."""

import base64
import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from .oracle import Shown
from .product import EMAIL, PASSWORD, wait_until

# Values travel as the smallest integers that hold all of them, else as float64: categories have sixteen planes a piece.
READ_PIECES = """() => {
  const view = window.halftone.explore();
  const packed = values => {
    for (const [type, name] of [[Uint8Array, 'u1'], [Uint16Array, 'u2'], [Uint32Array, 'u4']]) {
      const whole = new type(values);
      if (values.every((value, index) => Object.is(value, whole[index]))) return [whole, name];
    }
    return [Float64Array.from(values), 'f8'];
  };
  return {...view, pieces: view.pieces.map(piece => ({...piece, planes: piece.planes.map(plane => {
    const [values, type] = packed(plane.values);
    const bytes = new Uint8Array(values.buffer);
    let text = '';
    for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
    return {...plane, values: btoa(text), type};
  })}))};
}"""
# Gestures are taken in before a paint: until then the state is that of the picture before.
NEXT_FRAME = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def sign_in(page: Page, url: str, email: str = EMAIL, password: str = PASSWORD) -> None:
    """Fill in the sign-in form and wait for the catalogue."""
    page.goto(f"{url}/login")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile("/datasets"))


def plot(page: Page) -> Locator:
    """Return the plot: what takes gestures and shows the picture."""
    return page.get_by_role("application", name="Interactive plot")


def explore(page: Page, url: str, query: str = "") -> None:
    """Open Explore on the flights and wait for the first exact frame."""
    page.goto(f"{url}/d/flights/explore{query}")
    settle(page)


def state(page: Page) -> dict[str, Any]:
    """Return the status, viewport and seq of the view, without its cells."""
    view: dict[str, Any] = page.evaluate("() => window.halftone.status()")
    return view


def is_settled(page: Page) -> bool:
    """Whether the newest viewport is on screen, exact."""
    ready: bool = page.evaluate("() => window.halftone?.status?.()?.status === 'exact'")
    return ready


def settle(page: Page, seconds: float = 90.0) -> dict[str, Any]:
    """Wait until the newest viewport is on screen, exact."""
    page.evaluate(NEXT_FRAME)
    wait_until(lambda: is_settled(page), "an exact frame", seconds)
    return state(page)


def wheel(page: Page, steps: int, delta: int = -120, at: tuple[float, float] = (0.5, 0.5)) -> None:
    """Turn the wheel over a place of the plot given as shares of its width and height."""
    box = plot(page).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * at[0], box["y"] + box["height"] * at[1])
    for _ in range(steps):
        page.mouse.wheel(0, delta)


def plane_name(plane: dict[str, Any]) -> str:
    """Return "count", "valid", "sum", "min", "max" or "category 3"."""
    role: str = plane["role"]
    return f"category {plane['category']}" if role == "category" else role


def unpacked(text: str, dtype: str) -> NDArray[np.float64]:
    """Return the values of a plane, shape (height · width,)."""
    return np.frombuffer(base64.b64decode(text), dtype).astype(np.float64)


def pieces(page: Page) -> list[Shown]:
    """Return every piece on the screen with its exact numbers."""
    shown = []
    for piece in page.evaluate(READ_PIECES)["pieces"]:
        shape = (piece["height"], piece["width"])
        extent = piece["extent"]
        planes = {
            plane_name(plane): unpacked(plane["values"], plane["type"]).reshape(shape) for plane in piece["planes"]
        }
        shown.append(Shown((extent["x0"], extent["x1"], extent["y0"], extent["y1"]), planes))
    return shown


def colours(picture: Path) -> NDArray[np.int64]:
    """Return the pixels of a picture file, shape (height, width, 3)."""
    with Image.open(picture) as image:
        return np.asarray(image.convert("RGB"), dtype=np.int64)
