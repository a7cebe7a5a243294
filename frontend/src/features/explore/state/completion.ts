/** Finishes a choice that the server refuses because other options do not go with it. */
import type { JsonObject } from "@bufbuild/protobuf";
import type { ColumnInfo } from "../../../net/socket/messages.ts";
import { refusalOf } from "./column-refusals.ts";
import { hintOf, type KindSchema, takesCategory } from "./schema.ts";

export interface Completion {
  readonly options: JsonObject;
  /** What was done, as a sentence. */
  readonly note: string;
}

interface Refusal {
  /** The option that the server names. */
  readonly field: string;
  readonly detail: string;
  /** The option that was changed last. */
  readonly changed: string;
  readonly options: JsonObject;
  /** Columns that are axes: the last ones to be taken for something else. */
  readonly axisColumns: readonly string[];
}

/** Null when there is nothing to finish. The last choice stays; what does not go with it is filled in or taken back. */
export function complete(
  schema: KindSchema | undefined,
  columns: readonly ColumnInfo[],
  refusal: Refusal,
): Completion | null {
  const { field, changed, options } = refusal;
  if (!schema?.properties || !Object.hasOwn(schema.properties, field)) return null;
  const chosen = options[field] ?? null;
  if (chosen === null) return filledIn(schema, columns, refusal);
  if (field !== changed) return takenBack(schema, refusal, [field]);
  const others = Object.keys(schema.properties).filter(
    (name) => name !== changed && takesCategory(schema, name) && (options[name] ?? null) !== null,
  );
  return others.length > 0 ? takenBack(schema, refusal, others) : null;
}

/** The first column that fits, one that is no axis if there is any. */
function filledIn(
  schema: KindSchema,
  columns: readonly ColumnInfo[],
  { field, changed, options, axisColumns }: Refusal,
): Completion | null {
  const hint = hintOf(schema.properties?.[field], false);
  if (!hint || field === changed) return null;
  const fitting = columns.filter((column) => refusalOf(column, hint) === "");
  const column = fitting.find(({ name }) => !axisColumns.includes(name)) ?? fitting.at(-1);
  if (!column) return null;
  const note = `${labelOf(schema, field)} is ${column.name}: ${labelOf(schema, changed)} needs a column. Choose another one at will.`;
  return { options: { ...options, [field]: column.name }, note };
}

function takenBack(schema: KindSchema, { detail, options }: Refusal, names: readonly string[]): Completion {
  const kept = Object.entries(options).filter(([name]) => !names.includes(name));
  const named = names.map((name) => labelOf(schema, name)).join(" and ");
  return { options: Object.fromEntries(kept) as JsonObject, note: `${named} was taken back. ${detail}` };
}

function labelOf(schema: KindSchema, name: string): string {
  return schema.properties?.[name]?.title ?? name;
}
