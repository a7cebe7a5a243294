/** Which pictures have a table of their numbers. */
import { barFigures } from "./bar-figures.ts";
import type { FiguresOf } from "./figures.ts";
import { lineFigures } from "./line-figures.ts";

const BY_RENDERER: Readonly<Record<string, FiguresOf>> = {
  lines: { one: "column of pixels", several: "columns of pixels", make: lineFigures },
  bars: { one: "bar", several: "bars", make: barFigures },
};

/** Null where pictures have too many numbers for a table. */
export function figuresOf(renderer: string): FiguresOf | null {
  return BY_RENDERER[renderer] ?? null;
}
