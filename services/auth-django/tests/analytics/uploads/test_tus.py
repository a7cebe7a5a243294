import base64

import pytest
from analytics.models import Upload
from analytics.uploads import tus
from analytics.uploads.resumable import Checksum
from halftone_servicekit.errors import HalftoneError


def named(name: str) -> dict[str, str]:
    return {"Upload-Metadata": f"filename {base64.b64encode(name.encode()).decode()}"}


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("My points.csv", "My points.csv"),
        ("../../evil.csv", "evil.csv"),
        ("C:\\a\\b.csv", "b.csv"),
        ("日本\0.csv", "日本.csv"),
    ],
)
def test_a_name_is_data_and_no_path(name: str, kept: str) -> None:
    assert tus.file_name(named(name)) == kept


@pytest.mark.parametrize(
    "text",
    ["filename", "filename !!!", "filename YQ==,filename YQ==", "filename /w==", " YQ==", "fi lename YQ==", "a" * 4097,
     "filename Lg==/", "é YQ=="],
)  # fmt: skip
def test_metadata_that_is_none(text: str) -> None:
    with pytest.raises(HalftoneError, match=r"param_invalid.*Upload-Metadata"):
        tus.file_name({"Upload-Metadata": text})


def test_other_metadata_is_left_alone() -> None:
    assert tus.metadata({"Upload-Metadata": "filename YS5jc3Y=, is_draft,filetype dGV4dA=="}) == {
        "filename": "a.csv",
        "is_draft": "",
        "filetype": "text",
    }


@pytest.mark.parametrize("text", ["", "-1", "+1", "1.0", "0x10", "1e3", "\u0661", "1 ", "9" * 19])
def test_numbers_that_are_none(text: str) -> None:
    with pytest.raises(HalftoneError, match=r"param_invalid.*Upload-Length"):
        tus.number({"Upload-Length": text}, "Upload-Length")


def test_checksums() -> None:
    assert tus.checksum({}) is None
    assert tus.checksum({"Upload-Checksum": "sha1 YQ=="}) == Checksum("sha1", b"a")


@pytest.mark.parametrize("text", ["", "sha256", "md5 YQ==", "sha256 ?", "SHA256 YQ==", "sha256  YQ=="])
def test_checksums_that_are_none(text: str) -> None:
    with pytest.raises(HalftoneError, match=r"param_invalid.*Upload-Checksum"):
        tus.checksum({"Upload-Checksum": text})


@pytest.mark.parametrize("given", [{}, {"Tus-Resumable": "0.2.2"}, {"Tus-Resumable": "1.0.0, 2"}])
def test_another_version_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(HalftoneError, match="precondition_failed"):
        tus.check_version(given)


def test_the_state_of_a_whole_upload_is_its_length() -> None:
    state = tus.state(Upload(name="a.csv", bytes=7))
    assert (state["Upload-Offset"], state["Upload-Length"], state["Upload-Metadata"]) == ("7", "7", "filename YS5jc3Y=")
    assert "Upload-Expires" not in state
