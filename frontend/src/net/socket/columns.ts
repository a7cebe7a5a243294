/** Columns of a version and rows of them, from their messages. */
import {
  type Column as WireColumn,
  ColumnType as WireColumnType,
  TimeUnit as WireTimeUnit,
} from "../../gen/halftone/v1/compute_pb.ts";
import type { Cell } from "../../gen/halftone/v1/rows_pb.ts";
import type { RowPage } from "../../gen/halftone/v1/session_pb.ts";
import type { RowCell, RowsMessage } from "./messages.ts";
import type { Column, ColumnType } from "../../model/column.ts";

const COLUMN_TYPES: Partial<Record<WireColumnType, ColumnType>> = {
  [WireColumnType.NUMBER]: "number",
  [WireColumnType.TIME]: "time",
  [WireColumnType.CATEGORY]: "category",
};

export function plainColumn(column: WireColumn): Column {
  return {
    name: column.name,
    type: COLUMN_TYPES[column.type] ?? "text",
    dtype: column.dtype,
    unit: column.unit,
    timeUnit: column.timeUnit === WireTimeUnit.MILLISECOND ? "ms" : "us",
    nulls: Number(column.nulls),
    infinite: Number(column.infinite),
    outOfRange: Number(column.outOfRange),
    unreadable: Number(column.unreadable),
    distinct: Number(column.distinct),
    min: column.min ?? null,
    max: column.max ?? null,
    typicalMin: column.typicalMin ?? null,
    typicalMax: column.typicalMax ?? null,
    leastPositive: column.leastPositive ?? null,
    categories: column.categories.map(({ label, count }) => ({ label: label ?? null, count: Number(count) })),
  };
}

export function plainRows(page: RowPage): RowsMessage {
  return {
    type: "rows",
    viewId: page.viewId,
    pickId: page.pickId,
    matching: Number(page.matching),
    offset: page.offset,
    columns: page.columns.map(plainColumn),
    rows: page.rows.map(({ number, cells }) => ({
      number: Number(number),
      cells: cells.map(plainCell),
      cut: cells.flatMap((cell, place) => (cell.cut ? [place] : [])),
    })),
  };
}

/** Whole numbers stay exact, however long they are. */
function plainCell({ value }: Cell): RowCell {
  return value.case === undefined ? null : value.value;
}
