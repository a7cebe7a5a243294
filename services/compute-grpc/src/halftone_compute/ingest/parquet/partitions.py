"""Columns that lie in the names of folders: `year=2024/part.parquet`, as Hive and Spark write them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from halftone_compute.ingest.columns import ArrowField, Cells

_STEP = re.compile(r"([^/=]+)=([^/]*)/")
_NULL = "__HIVE_DEFAULT_PARTITION__"
# As int64 they are written the same again.
_INTEGER = re.compile(r"0|-?[1-9]\d{0,17}")


class Partitions:
    """The columns in the names of parts that no part has itself: whole numbers when all are, else text."""

    def __init__(self, names: Sequence[str], taken: Collection[str]) -> None:
        steps = [dict(_STEP.findall(name)) for name in names]
        keys = dict.fromkeys(unquote(key) for each in steps for key in each)
        self._texts = [{unquote(key): unquote(value) for key, value in each.items()} for each in steps]
        self.fields: list[ArrowField] = [pa.field(key, self._type(key)) for key in keys if key not in taken]

    def extended(self, batch: pa.RecordBatch, part: int) -> pa.RecordBatch:
        """A batch of the part at this place, with the values of its name after its own columns."""
        if not self.fields:
            return batch
        constants = [self._constant(part, field, batch.num_rows) for field in self.fields]
        names = [*batch.schema.names, *(field.name for field in self.fields)]
        return pa.RecordBatch.from_arrays([*batch.columns, *constants], names)

    def _type(self, key: str) -> pa.DataType:
        texts = [each[key] for each in self._texts if each.get(key, _NULL) != _NULL]
        return pa.int64() if texts and all(map(_INTEGER.fullmatch, texts)) else pa.string()

    def _constant(self, part: int, field: ArrowField, rows: int) -> Cells:
        text = self._texts[part].get(field.name, _NULL)
        if text == _NULL:
            return pa.nulls(rows, field.type)
        return pa.repeat(int(text) if pa.types.is_integer(field.type) else text, rows)
