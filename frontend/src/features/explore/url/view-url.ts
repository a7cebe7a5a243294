/**
 * The URL is the view: one codec for links, Back and Forward, reload.
 * Defaults are left out; what cannot be read is left out too, and listed.
 */
import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import { CATEGORY_PLACES } from "../../../model/categories.ts";
import { DEFAULT_LOOK, type Look, NORMALISATIONS, SPREADS } from "../../../model/look.ts";
import { type Extent, isValid } from "../../../model/viewport.ts";

export interface View {
  readonly kind: string;
  readonly options: JsonObject;
  /** Null: the whole data. */
  readonly viewport: Extent | null;
  readonly look: Look;
}

/** What the codec must know of the kinds: their options and the type of each. */
export type Vocabulary = Readonly<Record<string, Readonly<Record<string, "string" | "number" | "boolean">>>>;

export interface Parsed {
  readonly view: View;
  /** Keys that were not understood, in the order of the link. */
  readonly ignored: readonly string[];
}

/** Grows when old links need translating. */
const VERSION = "1";
export const DEFAULT_KIND = "points";

export function formatView(view: View): URLSearchParams {
  const params = new URLSearchParams({ v: VERSION, kind: view.kind });
  for (const [name, value] of Object.entries(view.options)) {
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
      params.set(name, String(value));
    }
  }
  const { viewport } = view;
  if (viewport) {
    params.set("bx", `${viewport.x0},${viewport.x1}`);
    params.set("by", `${viewport.y0},${viewport.y1}`);
  }
  formatLook(view.look, params);
  return params;
}

function formatLook(look: Look, params: URLSearchParams): void {
  if (look.map !== DEFAULT_LOOK.map) params.set("map", look.map);
  if (look.reverse) params.set("reverse", "1");
  if (look.normalisation !== DEFAULT_LOOK.normalisation) params.set("norm", look.normalisation);
  if (look.background !== DEFAULT_LOOK.background) params.set("ground", look.background);
  if (look.spread !== DEFAULT_LOOK.spread) params.set("marks", String(look.spread));
  if (look.range === "data") params.set("range", "data");
  if (look.range === "locked") params.set("range", `${look.lo},${look.hi}`);
  if (look.hidden.length > 0) params.set("hide", look.hidden.join(","));
  if (look.pick !== null) params.set("pick", String(look.pick));
}

export function parseView(params: URLSearchParams, vocabulary: Vocabulary, maps: readonly string[]): Parsed {
  const reader = new Reader(params);
  const version = reader.take("v");
  if (version !== null && version !== VERSION) reader.ignored.push("v");
  const kind = reader.one("kind", Object.keys(vocabulary)) ?? DEFAULT_KIND;
  const options: JsonObject = {};
  for (const [name, type] of Object.entries(vocabulary[kind] ?? {})) {
    const value = reader.option(name, type);
    if (value !== undefined) options[name] = value;
  }
  const view: View = { kind, options, viewport: parseViewport(reader), look: parseLook(reader, maps) };
  return { view, ignored: [...reader.ignored, ...reader.rest()] };
}

function parseViewport(reader: Reader): Extent | null {
  const x = reader.pair("bx");
  const y = reader.pair("by");
  if (!x || !y) return null;
  const viewport = { x0: x[0], x1: x[1], y0: y[0], y1: y[1] };
  if (isValid(viewport)) return viewport;
  reader.ignored.push("bx", "by");
  return null;
}

/** The background is called `ground` in links, as in the first release. */
function parseLook(reader: Reader, maps: readonly string[]): Look {
  const marks = SPREADS.map(String);
  const range = reader.take("range");
  const ends = range === null || range === "data" || range === "view" ? null : numbers(range);
  if (range !== null && range !== "data" && range !== "view" && (!ends || ends[0] >= ends[1])) {
    reader.ignored.push("range");
  }
  const locked = ends && ends[0] < ends[1] ? { range: "locked" as const, lo: ends[0], hi: ends[1] } : null;
  const spread = SPREADS[marks.indexOf(reader.one("marks", marks) ?? "auto")];
  return {
    map: reader.one("map", maps) ?? DEFAULT_LOOK.map,
    reverse: reader.one("reverse", ["0", "1"]) === "1",
    normalisation: reader.one("norm", NORMALISATIONS) ?? DEFAULT_LOOK.normalisation,
    background: reader.one("ground", ["dark", "light"] as const) ?? DEFAULT_LOOK.background,
    spread: spread ?? DEFAULT_LOOK.spread,
    range: range === "data" ? "data" : "view",
    lo: DEFAULT_LOOK.lo,
    hi: DEFAULT_LOOK.hi,
    hidden: parseHidden(reader),
    pick: parsePick(reader),
    ...locked,
  };
}

function parseHidden(reader: Reader): readonly number[] {
  const text = reader.take("hide");
  if (text === null) return DEFAULT_LOOK.hidden;
  const places = [...new Set(text.split(","))].map((part) => (/^\d+$/.test(part) ? Number(part) : -1));
  if (places.every((place) => place >= 0 && place < CATEGORY_PLACES)) return places.toSorted((a, b) => a - b);
  reader.ignored.push("hide");
  return DEFAULT_LOOK.hidden;
}

function parsePick(reader: Reader): number | null {
  const places = Array.from({ length: CATEGORY_PLACES }, (_, place) => String(place));
  const text = reader.one("pick", places);
  return text === null ? DEFAULT_LOOK.pick : Number(text);
}

/** Takes keys one by one and keeps those that it does not understand. */
class Reader {
  readonly ignored: string[] = [];
  private readonly params: URLSearchParams;
  private readonly known = new Set<string>();

  constructor(params: URLSearchParams) {
    this.params = params;
  }

  take(key: string): string | null {
    this.known.add(key);
    return this.params.get(key);
  }

  one<T extends string>(key: string, allowed: readonly T[]): T | null {
    const text = this.take(key);
    if (text === null) return null;
    const found = allowed.find((candidate) => candidate === text);
    if (found === undefined) this.ignored.push(key);
    return found ?? null;
  }

  pair(key: string): [number, number] | null {
    const text = this.take(key);
    if (text === null) return null;
    const pair = numbers(text);
    if (!pair) this.ignored.push(key);
    return pair;
  }

  option(name: string, type: "string" | "number" | "boolean"): JsonValue | undefined {
    const text = this.take(name);
    if (text === null) return undefined;
    if (type === "string") return text;
    if (type === "boolean" && (text === "true" || text === "false")) return text === "true";
    if (type === "number" && text !== "" && Number.isFinite(Number(text))) return Number(text);
    this.ignored.push(name);
    return undefined;
  }

  rest(): string[] {
    return [...new Set(this.params.keys())].filter((key) => !this.known.has(key));
  }
}

function numbers(text: string): [number, number] | null {
  const parts = text.split(",");
  const [a, b] = parts.map(Number);
  const whole = parts.length === 2 && parts.every((part) => part.trim() !== "");
  return whole && Number.isFinite(a) && Number.isFinite(b) ? [a as number, b as number] : null;
}
