/** From the JSON Schema of a kind's options to the fields of a form. */
import type { JsonObject } from "@bufbuild/protobuf";
import type { ColumnInfo, ColumnType } from "../../../net/socket/messages.ts";
import type { Vocabulary } from "../url/view-url.ts";

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

export type Field = FieldBase &
  (
    | {
        readonly input: "choice";
        readonly choices: readonly { value: string; label: string }[];
        readonly empty: boolean;
      }
    | { readonly input: "number"; readonly min: number | undefined; readonly max: number | undefined }
    | { readonly input: "switch" }
    | { readonly input: "text" }
  );

export function fieldsOf(schema: KindSchema | undefined, columns: readonly ColumnInfo[]): Field[] {
  return Object.entries(schema?.properties ?? {}).map(([name, option]) => {
    const base = { name, label: option.title ?? name, help: option.description ?? "" };
    const hint = option["x-halftone-column"];
    if (hint !== undefined) {
      const fitting = columns.filter((column) => fits(column.type, hint));
      const choices = fitting.map((column) => ({ value: column.name, label: column.name }));
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

function fits(type: ColumnType, hint: string | string[]): boolean {
  const wanted = wantedTypes(hint);
  return type !== "text" && (wanted.includes("any") || wanted.includes(type));
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

/** Options of one kind that another kind has too. */
export function carriedOver(options: JsonObject, schema: KindSchema | undefined): JsonObject {
  const names = Object.keys(schema?.properties ?? {});
  return Object.fromEntries(Object.entries(options).filter(([name]) => names.includes(name)));
}
