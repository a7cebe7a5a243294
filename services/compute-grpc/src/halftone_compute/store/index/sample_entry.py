"""What a manifest says of the sample of a version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from halftone_compute.store.data_file import DataFile


@dataclass(frozen=True, slots=True)
class SampleEntry:
    """`columns` has the files of each plain column by role, laid as those of the version, `numbers` the number that
    each row has in the file, as that of an index.
    """

    rows: int
    numbers: DataFile
    columns: Mapping[str, Mapping[str, DataFile]]
