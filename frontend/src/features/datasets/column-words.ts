import { type Column, EXACT_DISTINCT } from "../../model/column.ts";
import { formatCount, formatNumber } from "../../ui/format.ts";

const SHOWN_CATEGORIES = 3;
/** The furthest that a Date reaches from 1970, in milliseconds. */
const DATE_LIMIT_MS = 8.64e15;
/** What an estimate is good for: its standard error is 1.6 %. */
const ESTIMATE_DIGITS = 3;

/** One end of a column's range; times are UTC and shown to the second. */
export function formatEnd(column: Column, value: number | null): string {
  if (value === null) return "–";
  if (column.type !== "time") return formatNumber(value);
  const ms = column.timeUnit === "ms" ? value : value / 1000;
  if (Math.abs(ms) > DATE_LIMIT_MS) return formatNumber(value);
  return new Date(ms).toISOString().slice(0, -5).replace("T", " ").replace(" 00:00:00", "");
}

/** Where nearly all values lie: between the 0.5 % and the 99.5 % quantile. */
export function formatTypical(column: Column): string {
  const { typicalMin, typicalMax } = column;
  if (typicalMin === null || typicalMax === null) return "–";
  return `${formatEnd(column, typicalMin)} to ${formatEnd(column, typicalMax)}`;
}

/** How many different values there are; "about" where that is an estimate. */
export function formatDistinct({ type, distinct }: Column): string {
  if (distinct === 0) return "–";
  if (type === "category" || distinct < EXACT_DISTINCT) return formatCount(distinct);
  return `about ${formatCount(Number(distinct.toPrecision(ESTIMATE_DIGITS)))}`;
}

export function formatTopCategories(column: Column): string {
  return column.categories
    .slice(0, SHOWN_CATEGORIES)
    .map(({ label, count }) => `${label ?? "missing"} (${formatCount(count)})`)
    .join(", ");
}
