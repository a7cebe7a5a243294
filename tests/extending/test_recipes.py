"""Every recipe of docs/extending.md takes as many files as it says, and can be carried out."""

import re
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.repo.files import ROOT

from .recipes import copy_below, recipes, run, run_in

CHECKS = Path(__file__).parent / "checks"
# No recipe may take more.
MOST = {"reduction": 1, "kind": 1, "transform": 5, "format": 1, "message": 3, "resource": 3, "setting": 1}
QUIET = ("-q", "-n", "0", "-p", "no:cacheprovider", "-p", "no:randomly")


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of Halftone to change."""
    copy_below(tmp_path)
    return tmp_path


def check(house: Path, name: str, *, beside: str, extensions: Iterable[Path] = ()) -> None:
    """Runs the tests of `checks/<name>.py` on the copy, as a test file of the folder `beside`."""
    test = house / beside / f"test_{name}_of_the_recipe.py"
    shutil.copyfile(CHECKS / f"{name}.py", test)
    run_in(house, "pytest", *QUIET, str(test.relative_to(house)), extensions=extensions)


@pytest.mark.parametrize("name", ["kind", "format"])
def test_a_file_beside_halftone(name: str, tmp_path: Path) -> None:
    recipes()[name].write_below(tmp_path)
    run([tmp_path], ROOT, "pytest", *QUIET, str(CHECKS / f"{name}.py"))


@pytest.mark.parametrize("name", MOST)
def test_a_recipe_takes_as_many_files_as_it_says(name: str) -> None:
    recipe = recipes()[name]
    assert recipe.stated == len(recipe.files) <= MOST[name]


def test_a_reduction(house: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("extensions")
    recipes()["reduction"].write_below(folder)
    check(house, "reduction", beside="services/compute-grpc/tests/serve", extensions=[folder])


def test_a_transform(house: Path) -> None:
    recipes()["transform"].write_below(house)
    run_in(house, "libs/contracts/generate.sh")
    check(house, "transform", beside="services/compute-grpc/tests/serve")
    run_in(house, "frontend/generate.sh")
    web, test = house / "frontend", "src/net/socket/recipe.test.ts"
    shutil.copyfile(CHECKS / "transform.ts", web / test)
    run_in(web, "node_modules/.bin/vitest", "run", test)


def test_a_message(house: Path) -> None:
    recipes()["message"].write_below(house)
    run_in(house, "libs/contracts/generate.sh")
    check(house, "message", beside="services/gateway-fastapi/tests/session")
    run_in(house, "pytest", *QUIET, "services/gateway-fastapi/tests/session/test_handlers.py")


def test_a_resource(house: Path) -> None:
    recipes()["resource"].write_below(house)
    check(house, "resource", beside="services/auth-django/tests/analytics/api")
    run_in(house, "pytest", *QUIET, "services/auth-django/tests/halftone_auth/test_docs.py")


def test_a_setting(house: Path) -> None:
    recipes()["setting"].write_below(house)
    show = "from halftone_gateway.settings import GatewaySettings as G; print(G().gateway_banner)"
    assert run_in(house, "python", "-c", show, HALFTONE_GATEWAY_BANNER="hello") == "hello\n"
    run_in(house, "python", "-m", "docs.generate")
    page = (house / "docs" / "settings" / "gateway.md").read_text()
    assert re.search(r"^\| `HALFTONE_GATEWAY_BANNER` \| text \|  \| Text above", page, re.MULTILINE)
