/** Colour maps and category colours. Data colours are the same in every theme. */
import {
  interpolateCividis,
  interpolateInferno,
  interpolateMagma,
  interpolatePlasma,
  interpolateTurbo,
  interpolateViridis,
} from "d3-scale-chromatic";
import type { Rgb } from "../model/piece.ts";

/** Perceptually uniform first; cividis is made for red-green colour blindness; turbo trades order for contrast. */
export const COLOUR_MAPS: Readonly<Record<string, (at: number) => string>> = {
  viridis: interpolateViridis,
  cividis: interpolateCividis,
  inferno: interpolateInferno,
  magma: interpolateMagma,
  plasma: interpolatePlasma,
  turbo: interpolateTurbo,
};

export const LUT_STEPS = 256;

/** Maps start above the background's brightness, so that a single row differs from none. */
const DARKEST = 0.12;

/** 256 RGBA colours. */
export function lookupTable(name: string, reverse: boolean): Uint8Array<ArrayBuffer> {
  const map = COLOUR_MAPS[name] ?? interpolateViridis;
  const table = new Uint8Array(LUT_STEPS * 4);
  for (let i = 0; i < LUT_STEPS; i += 1) {
    const at = (reverse ? LUT_STEPS - 1 - i : i) / (LUT_STEPS - 1);
    const [r, g, b] = rgbFrom(map(DARKEST + at * (1 - DARKEST)));
    table.set([r, g, b, 255], i * 4);
  }
  return table;
}

/** d3 writes #rrggbb or rgb(r, g, b). */
export function rgbFrom(css: string): Rgb {
  if (css.startsWith("#")) {
    const value = Number.parseInt(css.slice(1), 16);
    return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
  }
  const [r = 0, g = 0, b = 0] = (css.match(/\d+/g) ?? []).map(Number);
  return [r, g, b];
}

/** Sixteen colours that stay apart on dark and light background; the last is for all other categories. */
export const CATEGORY_COLOURS: readonly Rgb[] = [
  "#4e9af0",
  "#f28e2b",
  "#59c36a",
  "#e8566b",
  "#b07ce8",
  "#e3c03c",
  "#38bfc4",
  "#f08fc0",
  "#a8754f",
  "#8fb53d",
  "#6f7fe0",
  "#d96ad9",
  "#2f9e7a",
  "#c9a27a",
  "#7fb2d9",
  "#9a9a9a",
].map(rgbFrom);

export interface Background {
  readonly background: Rgb;
  readonly hatch: Rgb;
}

export const BACKGROUNDS: Readonly<Record<string, Background>> = {
  dark: { background: [11, 13, 19], hatch: [33, 37, 47] },
  light: { background: [255, 255, 255], hatch: [226, 229, 235] },
};

export function cssColour([r, g, b]: Rgb): string {
  return `rgb(${r} ${g} ${b})`;
}

/** A CSS gradient of a colour map from left to right. */
export function cssGradient(name: string, reverse: boolean): string {
  const table = lookupTable(name, reverse);
  const stops = Array.from({ length: 17 }, (_, i) => {
    const at = Math.round((i / 16) * (LUT_STEPS - 1)) * 4;
    return `rgb(${table[at]} ${table[at + 1]} ${table[at + 2]})`;
  });
  return `linear-gradient(to right, ${stops.join(", ")})`;
}
