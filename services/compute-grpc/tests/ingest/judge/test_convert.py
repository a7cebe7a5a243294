"""What is read back is what was written, cell by cell, or it is named."""

import datetime
import random

import numpy as np
import pyarrow as pa
import pytest
from halftone_compute.ingest.format import TypesDifferError
from halftone_compute.ingest.judge.column import ColumnJudge
from halftone_compute.ingest.judge.convert import Converted, converted
from halftone_compute.ingest.judge.numbers import NumberStyle

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


def read(cells: list[str], decimal: str = ".", sample: int | None = None) -> Converted:
    judge = ColumnJudge("x", "x", decimal)
    judge.add(pa.array(cells[:sample], pa.string()))
    reading = judge.reading()
    return converted(pa.array(cells, pa.string()), reading, judge.dtype(reading), NumberStyle(decimal, judge.thousands))


def numbers_in_a_style(random_: random.Random) -> tuple[list[str], list[float], str]:
    """Cells, the numbers they stand for, and the decimal mark."""
    decimal = random_.choice(".,")
    group = random_.choice(["", "", "," if decimal == "." else ".", "'", " ", "\u00a0"])
    before, after = random_.choice([("", "")] * 4 + [("€ ", ""), ("$", ""), ("", " %"), ("", "km"), ("", " °C")])
    digits = random_.randrange(0, 6)
    values = [round(random_.uniform(-1, 1) * 10 ** random_.randrange(0, 9), digits) for _ in range(60)]
    cells = []
    for value in values:
        text = f"{abs(value):,.{digits}f}".replace(".", "\0").replace(",", group).replace("\0", decimal)
        sign = "" if value >= 0 else random_.choice(["-", "\u2212"])
        cells.append(f"{sign}{before}{text}{after}")
    return cells, values, decimal


@pytest.mark.parametrize("seed", range(200))
def test_numbers_in_any_style_come_back(seed: int) -> None:
    cells, values, decimal = numbers_in_a_style(random.Random(seed))  # noqa: S311  # no secret
    made = read(cells, decimal)
    if pa.types.is_dictionary(made.array.type):
        # Kept as text, nothing is lost.
        assert made.array.to_pylist() == cells
        return
    assert made.bad.tolist() == []
    assert made.array.to_pylist() == values


FORMS = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y", "%d-%m-%Y", "%d/%m/%Y", "%m/%d/%Y", "%m-%d-%Y", "%d %b %Y",
    "%b %d, %Y", "%d-%b-%Y", "%d.%m.%y", "%Y-%b-%d",
)  # fmt: skip
CLOCKS = ("", " %H:%M", "T%H:%M:%S", " %H:%M:%S.%f", " %I:%M:%S %p", " %H:%M:%S UTC", "T%H:%M:%SZ", " %H:%M:%S+00:00")


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("form", FORMS)
def test_times_in_any_form_come_back(form: str, clock: str) -> None:
    random_ = random.Random(form + clock)  # noqa: S311  # no secret
    span = 30 * 365 * 86_400 * 1_000_000
    times = [EPOCH + datetime.timedelta(microseconds=random_.randrange(span)) for _ in range(60)]
    cells = [time.strftime(form + clock) for time in times]
    back = [datetime.datetime.strptime(cell, form + clock).replace(tzinfo=datetime.UTC) for cell in cells]
    made = read(cells)
    assert made.bad.tolist() == []
    assert [EPOCH + datetime.timedelta(microseconds=each) for each in made.array.cast(pa.int64()).to_pylist()] == back


@pytest.mark.parametrize(
    ("cell", "micros"),
    [
        ("2021-04-27T15:05:01.123456789Z", 1_619_535_901_123_456),
        ("2021-04-27T15:05:01,5+02:00", 1_619_528_701_500_000),
        ("1969-12-31T23:59:59.9999999", -1),
        ("2020-01-01 24:00:00", 1_577_923_200_000_000),
        ("0001-01-01", -62_135_596_800_000_000),
        ("9999-12-31 23:59:59.999999", 253_402_300_799_999_999),
        ("2020-01-01T00:00:00-0530", 1_577_856_600_000_000),
    ],
)
def test_a_time_is_its_microsecond(cell: str, micros: int) -> None:
    assert read([cell, "2020-01-01T00:00:00"]).array.cast(pa.int64())[0].as_py() == micros


def test_what_does_not_fit_is_named() -> None:
    cells = [str(place) for place in range(500)]
    cells[7], cells[9], cells[400] = "x", "007", ""
    made = read(cells)
    assert made.bad.tolist() == [7, 9]
    assert made.missing == 1
    assert made.array[7].as_py() is None
    assert made.array[8].as_py() == 8


@pytest.mark.parametrize("bad", ["2023-02-29", "2023-01-01 10:00:60", "0000-01-01", "2023-01-01 25:00"])
def test_a_time_in_no_calendar_is_named(bad: str) -> None:
    assert read(["2020-01-01"] * 200 + [bad]).bad.tolist() == [200]


@pytest.mark.parametrize("late", ["0x10", "007", "1e400", "0.12345678901234567891", "99999999999999999999"])
def test_a_late_cell_never_becomes_another_number(late: str) -> None:
    made = read([*["1.5"] * 200, late], sample=200)
    assert made.bad.tolist() == [200]


def test_a_late_fraction_asks_for_another_type() -> None:
    with pytest.raises(TypesDifferError):
        read(["1", "2", "2.5"], sample=2)


def test_epochs_are_times() -> None:
    for format, cell in (("epoch_s", "1609459200"), ("epoch_ms", "1609459200000"), ("epoch_ns", "1609459200000000001")):
        judge = ColumnJudge("x", "x")
        judge.add(pa.array([cell]))
        reading = judge.reading({"type": "time", "format": format})
        made = converted(pa.array([cell, "x"]), reading, judge.dtype(reading), NumberStyle())
        assert made.array.cast(pa.int64()).to_pylist() == [1_609_459_200_000_000, None]
        assert made.bad.tolist() == [1]


def test_text_keeps_every_label_but_the_empty_one() -> None:
    made = read(["NA", "", " x ", "NA", "\\N", "-"])
    assert made.array.to_pylist() == ["NA", None, " x ", "NA", None, "-"]
    assert made.missing == 2


def test_an_empty_part_is_read() -> None:
    made = read(["1", "2"], sample=2)
    judge = ColumnJudge("x", "x")
    judge.add(pa.array([], pa.string()))
    empty = converted(pa.array([], pa.string()), judge.reading(), pa.float64(), NumberStyle())
    assert len(empty.array) == 0
    assert made.array.to_numpy().dtype == np.int64
