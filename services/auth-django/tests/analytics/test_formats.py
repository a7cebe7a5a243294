import pytest
from analytics.formats import announce, check_head, ending_of, known_formats
from auth_rig.work import FORMATS
from halftone_servicekit.errors import HalftoneError


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("a.csv", "csv"),
        ("A.CSV", "csv"),
        ("a.b.parquet", "parquet"),
        ("日.Parquet", "parquet"),
        ("a.CSV.gz", "csv.gz"),
        ("csv.tsv", "tsv"),
    ],
)
def test_the_longest_ending_of_a_name_counts(name: str, ending: str) -> None:
    assert ending_of(name, FORMATS) == ending


@pytest.mark.parametrize("name", ["", "csv", ".csv", "a.csv.exe", "a.csv ", "acsv", "a.gz", "a.pkl"])
def test_another_name_names_the_known_endings(name: str) -> None:
    with pytest.raises(HalftoneError, match=r"type_mismatch.*\.csv, \.csv\.gz"):
        ending_of(name, FORMATS)


def test_while_none_is_known_every_name_will_do() -> None:
    assert ending_of("a.fits", ()) == ""
    check_head("", b"SIMPLE", (), whole=True)


@pytest.mark.parametrize(
    ("ending", "head", "whole"),
    [
        ("parquet", b"PAR1", True),
        ("parquet", b"P", False),
        ("parquet", b"", False),
        ("csv", b"x,y\n", True),
        ("csv", b"\xff\xfex", True),
        ("csv", b"\x1f\x8b\x08", True),
        ("csv.zip", b"PK\x03\x04", True),
        ("csv.gz", b"x,y\n", True),
    ],
)
def test_what_may_still_be_true_passes(ending: str, head: bytes, whole: bool) -> None:
    check_head(ending, head, FORMATS, whole=whole)


@pytest.mark.parametrize(
    ("ending", "head", "whole"),
    [
        ("parquet", b"PAR2", False),
        ("parquet", b"\0", False),
        ("parquet", b"P", True),
        ("csv", b"PAR1", False),
        ("csv", b"PK\x03\x04", False),
        ("csv.gz", b"PK\x03\x04", False),
        ("csv.zip", b"PAR1", True),
        ("csv", b"\x89PNG", True),
        ("csv", b"  <html>", True),
        ("csv", b"\x93NUMPY", True),
    ],
)
def test_what_cannot_be_true_does_not(ending: str, head: bytes, whole: bool) -> None:
    with pytest.raises(HalftoneError, match="type_mismatch"):
        check_head(ending, head, FORMATS, whole=whole)


@pytest.mark.django_db
def test_what_is_announced_takes_the_place_of_what_was() -> None:
    assert known_formats() == ()
    announce(FORMATS)
    assert known_formats() == FORMATS
    announce(FORMATS[:1])
    assert known_formats() == FORMATS[:1]
