/** Words for how a version was read. */
import type { ColumnReading, Dialect } from "../../model/reading.ts";
import { formatCount } from "../../ui/format.ts";

const MARKS: Readonly<Record<string, string>> = {
  ",": "comma",
  ";": "semicolon",
  "\t": "tab",
  "|": "bar",
  " ": "space",
  ".": "point",
  "'": "apostrophe",
  '"': "double quote",
  ":": "colon",
};

const markOf = (text: string) => MARKS[text] ?? text;

/** How the text was divided into cells, as sentences. */
export function dialectSentences(dialect: Dialect): string[] {
  const { header, above, units_row, sheet } = dialect;
  return [
    ...(sheet ? [`The sheet ${sheet} is read.`] : markSentences(dialect)),
    header ? "The first line names the columns." : "There is no header: the first line is a row.",
    ...(above > 0 ? [`${formatCount(above)} ${above === 1 ? "line" : "lines"} above it left out.`] : []),
    ...(units_row ? ["The line below the header holds units."] : []),
  ];
}

function markSentences({ delimiter, quote, escape, decimal, thousands, encoding }: Dialect): string[] {
  return [
    `The text is ${encoding.toUpperCase()}; cells are divided by a ${markOf(delimiter)}.`,
    `Numbers have a decimal ${markOf(decimal)}${thousands ? `, and groups of digits with a ${markOf(thousands)}` : ""}.`,
    quote
      ? `Quotes around cells are a ${markOf(quote)}${escape ? "; a backslash stands before one inside a cell" : ""}.`
      : "No quotes stand around cells.",
  ];
}

/** How one column was read: "time, format %d.%m.%Y; also missing: -9999". */
export function columnSentence({
  source,
  name,
  type,
  format,
  unit,
  missing,
  leave_out,
}: ColumnReading): string {
  if (leave_out) return "left out";
  const parts = [
    ...(source === name ? [] : [`named ${name}`]),
    type,
    ...(format ? [`format ${format}`] : []),
    ...(unit ? [`unit ${unit}`] : []),
    ...(missing.length > 0 ? [`also missing: ${missing.join(", ")}`] : []),
  ];
  return parts.join(", ");
}
