"""The density view of `xy`: its message for a new viewport, answered in this process.

A grid of a few hundred cells a side at most, coded in 256 steps, or some points: less than a cell for each pixel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import xy
from xy.channel import handle_message

if TYPE_CHECKING:
    import pandas as pd

    from bench.engine.gestures import Look
    from bench.peers.memory import Draw


def density(frame: pd.DataFrame) -> Draw:
    """The first view also makes its pyramid."""
    figure = xy.scatter_chart(xy.scatter(frame["x"].to_numpy(), frame["y"].to_numpy(), density=True)).figure()

    def draw(look: Look) -> None:
        view = look.viewport
        box = {"x0": view.x0, "x1": view.x1, "y0": view.y0, "y1": view.y1}
        message = {"type": "density_view", "trace": 0, **box, "w": view.width, "h": view.height}
        if handle_message(figure, message) is None:
            raise RuntimeError("xy has no answer to its message for a new viewport")

    return draw
