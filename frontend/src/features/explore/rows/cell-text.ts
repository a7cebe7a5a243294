/** Cells of rows as text, with every digit that they have. */
import type { Column } from "../../../model/column.ts";
import type { RowCell } from "../../../net/socket/messages.ts";

export const MISSING = "missing";
const SHORTEST_DIGITS = 6;
const LONGEST_DIGITS = 9;

export function cellText(cell: RowCell, column: Pick<Column, "type" | "dtype" | "timeUnit">): string {
  if (cell === null) return MISSING;
  if (typeof cell === "string") return cell;
  if (typeof cell === "bigint")
    return column.type === "time" ? timeOf(cell, column.timeUnit) : cell.toString();
  return column.dtype === "float" || column.dtype === "halffloat" ? narrowText(cell) : String(cell);
}

/** A narrow number in as few digits as tell it apart from its neighbours. */
function narrowText(value: number): string {
  for (let digits = SHORTEST_DIGITS; digits < LONGEST_DIGITS; digits += 1) {
    const text = Number(value.toPrecision(digits));
    if (Math.fround(text) === value) return String(text);
  }
  return String(value);
}

/** A time in UTC, to its last digit other than 0. */
function timeOf(count: bigint, unit: Column["timeUnit"]): string {
  const perMillisecond = unit === "ms" ? 1n : 1000n;
  const rest = ((count % perMillisecond) + perMillisecond) % perMillisecond;
  const iso = new Date(Number((count - rest) / perMillisecond)).toISOString();
  const [day = "", clock = ""] = iso.slice(0, -1).split("T");
  const [second = "", parts = ""] = clock.split(".");
  const fraction = `${parts}${unit === "ms" ? "" : String(rest).padStart(3, "0")}`.replace(/0+$/, "");
  return `${day} ${second}${fraction && `.${fraction}`}`;
}
