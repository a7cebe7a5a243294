import { formatCount, formatNumber } from "../../ui/format.ts";
import type { Column } from "../../model/column.ts";

const SHOWN_CATEGORIES = 3;
/** The furthest that a Date reaches from 1970, in milliseconds. */
const DATE_LIMIT_MS = 8.64e15;

/** One end of a column's range; times are microseconds UTC and shown to the second. */
export function formatEnd(column: Column, value: number | null): string {
  if (value === null) return "–";
  if (column.type !== "time") return formatNumber(value);
  const ms = value / 1000;
  if (Math.abs(ms) > DATE_LIMIT_MS) return formatNumber(value);
  return new Date(ms).toISOString().slice(0, 19).replace("T", " ").replace(" 00:00:00", "");
}

export function formatTopCategories(column: Column): string {
  return column.categories
    .slice(0, SHOWN_CATEGORIES)
    .map(({ label, count }) => `${label ?? "missing"} (${formatCount(count)})`)
    .join(", ");
}
