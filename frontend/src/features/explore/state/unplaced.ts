/** Rows that have no place in the picture, in sentences. */
import type { Column } from "../../../model/column.ts";
import type { Quantity, Unplaced, ViewAxes } from "../../../model/quantity.ts";
import { transformOf } from "../../../model/transforms/transforms.ts";

interface Shown {
  readonly unplaced: Unplaced | null;
  readonly axes: ViewAxes;
  readonly quantity: Quantity | null;
  readonly columns: readonly Column[];
}

/** Rows that have a place, of `rows` in all. */
export function placedRows(rows: number, unplaced: Unplaced | null): number {
  if (!unplaced) return rows;
  return rows - unplaced.missing - unplaced.infinite - unplaced.outOfRange - unplaced.notOnScale;
}

/** "4 rows have an infinite v and are not shown." */
export function unplacedSentences({ unplaced, axes, quantity, columns }: Shown): string[] {
  if (!unplaced) return [];
  const named = (holds: (column: Column) => boolean) => axisNames(axes, columns, holds);
  const value = quantity?.value ?? "";
  return [
    sentence(
      unplaced.missing,
      `no ${named(({ nulls, unreadable }) => nulls + unreadable > 0)}`,
      "and are not shown",
    ),
    sentence(unplaced.infinite, `an infinite ${named(({ infinite }) => infinite > 0)}`, "and are not shown"),
    sentence(
      unplaced.outOfRange,
      `a ${named(({ outOfRange }) => outOfRange > 0)} that no axis reaches`,
      "and are not shown",
    ),
    sentence(unplaced.notOnScale, notOnScale(axes), "and are not shown"),
    sentence(unplaced.valueMissing, `no ${value}`, "and are only counted as rows"),
    sentence(unplaced.valueInfinite, `an infinite ${value}`, "that is left out"),
  ].filter((text) => text !== "");
}

/** The axes whose transform leaves values out. */
function notOnScale({ x, y }: ViewAxes): string {
  const found = [x, ...(y ? [y] : [])].filter(({ transform }) => transform !== "linear");
  const names = [...new Set(found.map(({ column }) => column))].join(" or ");
  return transformOf(found[0]?.transform ?? "linear").lacking(names);
}

function sentence(rows: number, what: string, consequence: string): string {
  if (rows === 0) return "";
  const words = `${rows.toLocaleString("en")} ${rows === 1 ? "row has" : "rows have"} ${what}`;
  return `${words} ${rows === 1 ? consequence.replace("are ", "is ") : consequence}.`;
}

/** The axes that hold such values; both when the columns do not tell. */
function axisNames(
  { x, y }: ViewAxes,
  columns: readonly Column[],
  holds: (column: Column) => boolean,
): string {
  const names = [...new Set([x.column, ...(y ? [y.column] : [])])];
  const found = names.filter((name) => columns.some((column) => column.name === name && holds(column)));
  return (found.length > 0 ? found : names).join(" or ");
}
