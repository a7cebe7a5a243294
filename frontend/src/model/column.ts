/** A column of a version, as the catalogue and a preview know it. */
import type { AxisType } from "./quantity.ts";

export type ColumnType = "number" | "time" | "category" | "text";

/** What one count of a time is: a millionth or a thousandth of a second since 1970, UTC. */
export type TimeUnit = "us" | "ms";

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly dtype: string;
  /** Empty when it is not known. */
  readonly unit: string;
  readonly timeUnit: TimeUnit;
  /** Missing cells; those of the next three are not among them. */
  readonly nulls: number;
  readonly infinite: number;
  /** Times outside the years 1 to 9999. */
  readonly outOfRange: number;
  /** Cells that did not fit the type. */
  readonly unreadable: number;
  /** Different values: exact below `EXACT_DISTINCT`, else estimated; 0 when they are not counted. */
  readonly distinct: number;
  /** Times are counts of `timeUnit` since 1970, UTC. */
  readonly min: number | null;
  readonly max: number | null;
  /** The 0.5 % and the 99.5 % quantile, estimated. */
  readonly typicalMin: number | null;
  readonly typicalMax: number | null;
  /** The least value above 0; null when there is none, or when it was not kept. */
  readonly leastPositive: number | null;
  readonly categories: readonly { readonly label: string | null; readonly count: number }[];
}

/** From this many on, different numbers and times are estimated. */
export const EXACT_DISTINCT = 4_096;

/** What an axis of its values shows; a category has no axis. */
export function axisTypeOf({ type, timeUnit }: Pick<Column, "type" | "timeUnit">): AxisType {
  if (type !== "time") return "number";
  return timeUnit === "ms" ? "time_ms" : "time";
}

/** Tables of as many rows, or fewer, stay in the order of their file. */
export const LEAF_ROWS = 65_536;

/** Whether rows can be ordered by its values: numbers and times that float64 holds exactly. */
export function canOrderRows({ type, dtype, min, max }: Column): boolean {
  if ((type !== "number" && type !== "time") || min === null || max === null) return false;
  const isWhole = type === "time" || /^u?int/.test(dtype);
  return !isWhole || Math.max(Math.abs(min), Math.abs(max)) < 2 ** 53;
}

/** A column in proto3 JSON: defaults left out, 64-bit integers as strings. */
export function readColumn(value: unknown): Column {
  const json = value as Record<string, unknown>;
  const count = (key: string) => Number(json[key] ?? 0);
  const text = (key: string) => String(json[key] ?? "");
  const categories = (json["categories"] ?? []) as Record<string, unknown>[];
  return {
    name: text("name"),
    type: columnType(text("type")),
    dtype: text("dtype"),
    unit: text("unit"),
    timeUnit: json["timeUnit"] === "TIME_UNIT_MILLISECOND" ? "ms" : "us",
    nulls: count("nulls"),
    infinite: count("infinite"),
    outOfRange: count("outOfRange"),
    unreadable: count("unreadable"),
    distinct: count("distinct"),
    min: optionalNumber(json["min"]),
    max: optionalNumber(json["max"]),
    typicalMin: optionalNumber(json["typicalMin"]),
    typicalMax: optionalNumber(json["typicalMax"]),
    leastPositive: optionalNumber(json["leastPositive"]),
    categories: categories.map((entry) => ({
      label: typeof entry["label"] === "string" ? entry["label"] : null,
      count: Number(entry["count"] ?? 0),
    })),
  };
}

function columnType(name: string): ColumnType {
  const plain = name.replace(/^COLUMN_TYPE_/, "").toLowerCase();
  return plain === "number" || plain === "time" || plain === "category" ? plain : "text";
}

function optionalNumber(value: unknown): number | null {
  return value === undefined || value === null ? null : Number(value);
}
