/** Words for how a column is read. */
import type { Column } from "../../../model/column.ts";
import type { ColumnReading, ReadingType } from "../../../model/reading.ts";
import { formatCount } from "../../../ui/format.ts";

export const TYPES: readonly { value: ReadingType; label: string }[] = [
  { value: "number", label: "number" },
  { value: "time", label: "time" },
  { value: "category", label: "category" },
];

const FORMAT_WORDS: Readonly<Record<string, string>> = {
  iso: "ISO 8601",
  epoch_s: "s since 1970",
  epoch_ms: "ms since 1970",
  epoch_us: "µs since 1970",
  epoch_ns: "ns since 1970",
};

const PATTERN_WORDS: Readonly<Record<string, string>> = {
  "%Y": "YYYY",
  "%y": "YY",
  "%m": "MM",
  "%d": "DD",
  "%H": "hh",
  "%I": "hh",
  "%M": "mm",
  "%S": "ss",
  "%f": "fraction",
  "%p": "AM/PM",
  "%b": "month name",
  "%B": "month name",
};

/** "%d.%m.%Y" reads "DD.MM.YYYY". */
export function formatWords(format: string): string {
  return FORMAT_WORDS[format] ?? format.replace(/%[a-zA-Z]/g, (part) => PATTERN_WORDS[part] ?? part);
}

/** "Use as time (ns since 1970)". */
export function suggestionWords([type, format]: readonly [string, string]): string {
  return format ? `Use as ${type} (${formatWords(format)})` : `Use as ${type}`;
}

/** Formats that a time is offered: those that files have most often. */
export const TIME_FORMATS = [
  "iso",
  "epoch_s",
  "epoch_ms",
  "epoch_us",
  "epoch_ns",
  "%d.%m.%Y",
  "%d/%m/%Y",
  "%m/%d/%Y",
  "%Y/%m/%d",
  "%Y%m%d",
  "%d.%m.%Y %H:%M:%S",
  "%d/%m/%Y %H:%M:%S",
  "%m/%d/%Y %I:%M:%S %p",
];

/** Between marks that mean missing; a comma may be part of one. */
const MARKS = "|";

export function marksText(marks: readonly string[]): string {
  return marks.join(` ${MARKS} `);
}

export function marksOf(text: string): string[] {
  return text
    .split(MARKS)
    .map((mark) => mark.trim())
    .filter((mark) => mark !== "");
}

/** What of a column is no plain value: "3 missing · 1 not readable". */
export function findingWords(column: Column): string {
  const parts = [
    [column.nulls, "missing"],
    [column.unreadable, "not readable"],
    [column.infinite, "infinite"],
    [column.outOfRange, "out of range"],
  ] as const;
  return parts
    .filter(([count]) => count > 0)
    .map(([count, words]) => `${formatCount(count)} ${words}`)
    .join(" · ");
}

/** A change of type: the format is found anew. */
export function typeChange(type: string, format = ""): Pick<ColumnReading, "type" | "format"> {
  return { type: type as ReadingType, format };
}
