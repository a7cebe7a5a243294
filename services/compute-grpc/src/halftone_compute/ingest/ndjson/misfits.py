"""What did not fit: lines that hold no record, cells of another type; counted, the first with line and text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute.ingest.judge.misfits import ENOUGH, SHARE, CellMisfits
from halftone_compute.ingest.reading import KEPT_CELLS, ReadingWarning

if TYPE_CHECKING:
    from collections.abc import Sequence

    from halftone_compute.ingest.ndjson.records import Records


class LineMisfits(CellMisfits):
    """What did not fit in the blocks so far, added in their order."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(names)
        self._rows = 0
        self._bad_count = 0
        self._bad: list[tuple[int, str]] = []

    def add_lines(self, records: Records) -> None:
        """Raises what `check_lines` raises, once there is enough to say so."""
        self._rows += records.rows
        self._bad_count += records.bad_count
        self._bad += records.bad[: KEPT_CELLS - len(self._bad)]
        if self._rows + self._bad_count >= ENOUGH:
            self.check_lines()

    def check_lines(self) -> None:
        """Raises HalftoneError `type_mismatch` where more than 1 % of the lines hold no record."""
        lines = self._rows + self._bad_count
        if self._bad_count > SHARE * lines:
            line, text = self._bad[0]
            others = f" {self._bad_count:,} of {lines:,} lines are none." if self._bad_count > 1 else ""
            raise HalftoneError(
                ErrorCode.TYPE_MISMATCH, f"Line {line:,} is not one JSON object with different keys: {text}.{others}"
            )

    def warnings(self) -> list[ReadingWarning]:
        if not self._bad_count:
            return []
        lines = "1 line" if self._bad_count == 1 else f"{self._bad_count:,} lines"
        named = "; ".join(f"line {line:,}: {text}" for line, text in self._bad)
        return [ReadingWarning("no_record", f"{lines} left out that are not one JSON object: {named}.")]
