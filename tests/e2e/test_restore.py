"""Copies of database and objects in an empty installation are that installation: docs/operations/upgrade.md."""

import shutil
import subprocess
from pathlib import Path

import datashader as ds
import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import BrowserContext

from .oracle import expected
from .product import Product
from .profiles import Servers, cluster
from .screen import explore, pieces, sign_in

pytestmark = pytest.mark.e2e


def dump(servers: Servers, file: Path) -> None:
    command = [str(servers.postgres.programs / "pg_dump"), "--dbname", servers.database, "-Fc", "--file", str(file)]
    subprocess.run(command, check=True)


def restore(servers: Servers, file: Path) -> None:
    command = [
        str(servers.postgres.programs / "pg_restore"),
        "-d",
        servers.database,
        "--clean",
        "--if-exists",
        str(file),
    ]
    subprocess.run(command, check=True)


def copy_objects(source: Path, target: Path) -> None:
    """Copy what is there; what goes away meanwhile, as the parts of an import that was cancelled do, was in no dump."""
    try:
        shutil.copytree(source, target, dirs_exist_ok=True)
    except shutil.Error as error:
        left = [fault for fault in error.args[0] if Path(fault[0]).exists()]
        if left:
            raise shutil.Error(left) from error


def test_an_installation_comes_back_on_an_empty_machine(
    product: Product, servers: Servers | None, context: BrowserContext, flights: pd.DataFrame, tmp_path: Path
) -> None:
    if servers is None:
        pytest.skip("the embedded profile is its folder; HALFTONE_E2E_PROFILE=cluster runs this")
    dump(servers, tmp_path / "halftone.dump")
    with cluster() as fresh:
        restore(fresh, tmp_path / "halftone.dump")
        copy_objects(servers.objects.objects, fresh.objects.objects)
        (tmp_path / "home").mkdir()
        shutil.copytree(product.home / "secrets", tmp_path / "home" / "secrets")
        copy = Product(tmp_path / "home", fresh.settings() | {"HALFTONE_SAMPLE": "none"})
        copy.make("up", "DETACH=1")
        try:
            page = context.new_page()
            sign_in(page, copy.url)
            explore(page, copy.url, "?x=date&y=delay")
            for piece in pieces(page):
                np.testing.assert_array_equal(
                    piece.planes["count"], expected(flights, piece, "date", "delay", ds.count())
                )
        finally:
            copy.make("down")
