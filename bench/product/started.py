"""The product on free ports with one large table, without the sample data."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from launcher.sample import import_file

from tests.e2e.product import Product

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SLUG = "points"


@contextmanager
def started(parquet: Path, profile: Mapping[str, str] | None = None) -> Iterator[Product]:
    """Imports the table as `points`, and stops the product at the end. Raises CommandError."""
    with tempfile.TemporaryDirectory() as home:
        product = Product(Path(home), {"HALFTONE_SAMPLE": "none", **(profile or {})})
        product.make("up", "DETACH=1")
        try:
            import_file(parquet, SLUG, "Points", product.service_environment, None)
            yield product
        finally:
            product.make("down")
