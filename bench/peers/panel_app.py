"""HoloViews' `rasterize` in Panel: prints its address, and serves the rows of a Parquet file until it is ended."""

from __future__ import annotations

import sys

import holoviews as hv
import pandas as pd
import panel as pn
from holoviews.operation.datashader import rasterize

WIDTH, HEIGHT = 1024, 768


def main() -> None:
    hv.extension("bokeh")
    frame = pd.read_parquet(sys.argv[1])
    picture = rasterize(hv.Points(frame, ["x", "y"])).opts(
        width=WIDTH, height=HEIGHT, xlim=(-4, 4), ylim=(-3, 3), active_tools=["wheel_zoom"], tools=["wheel_zoom"]
    )
    server = pn.io.server.get_server(picture, address="127.0.0.1", show=False, start=False)
    server.start()
    print(f"http://localhost:{server.port}", flush=True)
    server.io_loop.start()


if __name__ == "__main__":
    main()
