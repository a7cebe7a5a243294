"""The clients in examples/ do what they say, against the running product."""

import datashader as ds
import numpy as np
import pandas as pd
import pytest

from examples import grpc_client

from .product import EMAIL, PASSWORD, Product

pytestmark = pytest.mark.e2e


def test_grpc_client_draws_a_png_and_an_array(product: Product, flights: pd.DataFrame) -> None:
    png, counts = grpc_client.draw_flights(product.url, product.compute, EMAIL, PASSWORD)
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert counts.shape == (600, 800)
    assert counts.sum() == len(flights)
    canvas = ds.Canvas(plot_width=800, plot_height=600)
    assert np.count_nonzero(counts) > np.count_nonzero(canvas.points(flights, "date", "delay").data) / 2
