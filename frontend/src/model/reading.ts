/** A reading: how a file is read, as the preview judges it, a person changes it and the version keeps it. */

export type ReadingType = "number" | "time" | "category";

/** How a text file is divided into cells; of a workbook, which sheet is read, and the marks are empty. */
export interface Dialect {
  readonly delimiter: string;
  readonly quote: string;
  /** A backslash, or empty: a quote is doubled. */
  readonly escape: string;
  readonly decimal: string;
  /** Between groups of digits; empty: none. */
  readonly thousands: string;
  readonly encoding: string;
  readonly header: boolean;
  /** Lines above the header that are left out. */
  readonly above: number;
  readonly units_row: boolean;
  /** Empty, or not there in older versions: the file is no workbook. */
  readonly sheet?: string;
}

export interface ColumnReading {
  /** Its name in the file; changes are kept by it. */
  readonly source: string;
  readonly name: string;
  readonly type: ReadingType;
  /** Of times: `iso`, a pattern, or `epoch_s` to `epoch_ns`; of numbers: the text around each. */
  readonly format: string;
  readonly unit: string;
  /** Cells that mean missing besides those that always do. */
  readonly missing: readonly string[];
  readonly leave_out: boolean;
  /** A type and a format that its values would fit as well. */
  readonly suggest: readonly [string, string] | null;
}

export interface ReadingWarning {
  readonly code: string;
  readonly text: string;
  /** The column it speaks of, or empty. */
  readonly column: string;
}

export interface Reading {
  readonly format: string;
  readonly columns: readonly ColumnReading[];
  /** Null for formats whose files say it themselves. */
  readonly dialect: Dialect | null;
  readonly warnings: readonly ReadingWarning[];
  /** The sheets of a workbook that can be read. */
  readonly sheets?: readonly string[];
}

/** Cells of one column that did not fit its type: how many, and the first ten. */
export interface Unreadable {
  readonly count: number;
  readonly cells: readonly { readonly line: number; readonly text: string }[];
}

export type ColumnChange = Partial<Omit<ColumnReading, "source" | "suggest">>;

/** What a person changed of a reading: only what differs. */
export interface Changes {
  readonly dialect: Partial<Dialect>;
  /** By name in the file. */
  readonly columns: Readonly<Record<string, ColumnChange>>;
}

export const NO_CHANGES: Changes = { dialect: {}, columns: {} };

export function isUnchanged({ dialect, columns }: Changes): boolean {
  return Object.keys(dialect).length === 0 && Object.keys(columns).length === 0;
}

export function changeDialect(changes: Changes, patch: Partial<Dialect>): Changes {
  return { ...changes, dialect: { ...changes.dialect, ...patch } };
}

export function changeColumn(changes: Changes, source: string, patch: ColumnChange): Changes {
  const before = Object.hasOwn(changes.columns, source) ? changes.columns[source] : {};
  return { ...changes, columns: { ...changes.columns, [source]: { ...before, ...patch } } };
}

/** The reading as it will be: what was judged, with what has been changed since. */
export function withChanges(reading: Reading, { dialect, columns }: Changes): Reading {
  return {
    ...reading,
    dialect: reading.dialect && { ...reading.dialect, ...dialect },
    columns: reading.columns.map((column) =>
      Object.hasOwn(columns, column.source) ? { ...column, ...columns[column.source] } : column,
    ),
  };
}

const NAME_BYTES = 256;

/** What is wrong with the names of columns, by the name in the file. */
export function nameFaults(columns: readonly ColumnReading[]): Readonly<Record<string, string>> {
  const kept = columns.filter(({ leave_out }) => !leave_out);
  const seen = new Map<string, number>();
  for (const { name } of kept) seen.set(name.trim(), (seen.get(name.trim()) ?? 0) + 1);
  const entries = kept.map(({ source, name }) => [source, nameFault(name.trim(), seen)] as const);
  return Object.fromEntries(entries.filter(([, fault]) => fault !== ""));
}

function nameFault(name: string, seen: ReadonlyMap<string, number>): string {
  if (name === "") return "Enter a name.";
  if (new TextEncoder().encode(name).length > NAME_BYTES) return `A name has at most ${NAME_BYTES} bytes.`;
  return (seen.get(name) ?? 0) > 1 ? "Another column has this name." : "";
}
