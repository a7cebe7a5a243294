"""What stands around every number."""

import pyarrow as pa
import pytest
from halftone_compute.ingest.judge.affixes import affix_of, without_affix


@pytest.mark.parametrize(
    ("cells", "affix"),
    [
        (["5 %", "6 %"], "%"),
        (["$5", "-$6", "$-7"], "$"),
        (["EUR 5", "EUR 6"], "EUR"),
        (["5km/h"], "km/h"),
        (["5", "6 km"], ""),
        (["5e"], ""),
        (["$5 %"], ""),
        (["x"], ""),
        ([], ""),
    ],
)
def test_an_affix_is_that_of_all(cells: list[str], affix: str) -> None:
    assert affix_of(cells) == affix


def test_a_cell_without_it_is_no_number() -> None:
    assert without_affix(pa.array(["$5", "-$ 6", "$-7", "8", None]), "$").to_pylist() == ["5", "-6", "-7", None, None]
    assert without_affix(pa.array(["5 %", "5%"]), "%").to_pylist() == ["5", "5"]
    assert without_affix(pa.array(["5"]), "").to_pylist() == ["5"]
