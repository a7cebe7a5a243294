/** From the JSON Schema of a kind's options to the fields of a form. */
import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import type { ColumnInfo } from "../../../net/socket/messages.ts";
import type { Vocabulary } from "../url/view-url.ts";
import { type ColumnHint, refusalOf } from "./column-refusals.ts";

/** The parts of JSON Schema that kinds use. */
export interface OptionSchema {
  type?: string | string[];
  title?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  "x-halftone-column"?: string | string[];
  /** Number columns whose values are listed as categories are taken as well. */
  "x-halftone-labelled"?: boolean;
  /** Another choice has another unit of an axis. */
  "x-halftone-scale"?: boolean;
  /** Words for the choices of `enum`. */
  "x-halftone-labels"?: Record<string, string>;
}

export interface KindSchema {
  title?: string;
  description?: string;
  properties?: Record<string, OptionSchema>;
  "x-halftone-renderer"?: string;
}

export type Kinds = Readonly<Record<string, KindSchema>>;

interface FieldBase {
  readonly name: string;
  readonly label: string;
  readonly help: string;
}

export interface Choice {
  readonly value: string;
  readonly label: string;
  /** It cannot be chosen; the label says why. */
  readonly disabled?: boolean;
}

export type Field = FieldBase &
  (
    | {
        readonly input: "choice";
        readonly choices: readonly Choice[];
        readonly empty: boolean;
      }
    | { readonly input: "number"; readonly min: number | undefined; readonly max: number | undefined }
    | { readonly input: "switch" }
    | { readonly input: "text" }
  );

/** `axes`: names of the options that the axes come from. */
export function fieldsOf(
  schema: KindSchema | undefined,
  columns: readonly ColumnInfo[],
  axes: readonly string[] = [],
): Field[] {
  return Object.entries(schema?.properties ?? {}).map(([name, option]) => {
    const base = { name, label: option.title ?? name, help: option.description ?? "" };
    const hint = hintOf(option, axes.includes(name));
    if (hint) {
      const choices = columnChoices(columns, hint);
      return { ...base, input: "choice", choices, empty: typesOf(option).includes("null") };
    }
    if (option.enum) {
      const labels = option["x-halftone-labels"] ?? {};
      const choices = option.enum.map((value) => ({
        value: String(value),
        label: labels[String(value)] ?? String(value),
      }));
      return { ...base, input: "choice", choices, empty: false };
    }
    return { ...base, ...plainInput(option) };
  });
}

function plainInput(option: OptionSchema) {
  switch (valueType(option)) {
    case "number":
      return { input: "number" as const, min: option.minimum, max: option.maximum };
    case "boolean":
      return { input: "switch" as const };
    default:
      return { input: "text" as const };
  }
}

/** Whether an option takes a category column and no other. */
export function takesCategory(schema: KindSchema | undefined, name: string): boolean {
  const wanted = wantedTypes(schema?.properties?.[name]?.["x-halftone-column"] ?? []);
  return wanted.length > 0 && wanted.every((type) => type === "category");
}

function wantedTypes(hint: string | string[]): readonly string[] {
  return Array.isArray(hint) ? hint : hint.split("|").map((word) => word.trim());
}

/** Null for an option that takes no column. */
export function hintOf(option: OptionSchema | undefined, isAxis: boolean): ColumnHint | null {
  const hint = option?.["x-halftone-column"];
  if (hint === undefined) return null;
  return { types: wantedTypes(hint), labelled: option?.["x-halftone-labelled"] === true, isAxis };
}

/** Columns that fit come first; the others cannot be chosen, and say why. */
function columnChoices(columns: readonly ColumnInfo[], hint: ColumnHint): Choice[] {
  const judged = columns.map(({ name, ...rest }) => ({ name, refusal: refusalOf({ name, ...rest }, hint) }));
  const fitting = judged.filter(({ refusal }) => refusal === "");
  const refused = judged.filter(({ refusal }) => refusal !== "");
  return [
    ...fitting.map(({ name }) => ({ value: name, label: name })),
    ...refused.map(({ name, refusal }) => ({ value: name, label: `${name} (${refusal})`, disabled: true })),
  ];
}

function typesOf(option: OptionSchema): readonly string[] {
  return Array.isArray(option.type) ? option.type : [option.type ?? "string"];
}

function valueType(option: OptionSchema): "string" | "number" | "boolean" {
  const types = typesOf(option);
  if (types.includes("number") || types.includes("integer")) return "number";
  return types.includes("boolean") ? "boolean" : "string";
}

export function vocabularyOf(kinds: Kinds): Vocabulary {
  return Object.fromEntries(
    Object.entries(kinds).map(([kind, { properties }]) => [
      kind,
      Object.fromEntries(Object.entries(properties ?? {}).map(([name, option]) => [name, valueType(option)])),
    ]),
  );
}

/** Options that say in which units the axes are, with what they are by default. */
export function scaleOptions(schema: KindSchema | undefined): JsonObject {
  const scales = Object.entries(schema?.properties ?? {}).filter(([, option]) => option["x-halftone-scale"]);
  return Object.fromEntries(scales.map(([name, option]) => [name, (option.default ?? null) as JsonValue]));
}

/** Options of one kind that another kind has too. */
export function carriedOver(options: JsonObject, schema: KindSchema | undefined): JsonObject {
  const properties = schema?.properties ?? {};
  const isKnown = ([name, value]: [string, JsonValue]) =>
    Object.hasOwn(properties, name) && (properties[name]?.enum?.includes(value as string) ?? true);
  return Object.fromEntries(Object.entries(options).filter(isKnown));
}
