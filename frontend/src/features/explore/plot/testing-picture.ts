/** Draws known pieces as the plot draws them, for tests in a browser (`tests/e2e/test_pixels.py`). */
import { createStore } from "zustand/vanilla";
import { DEFAULT_LOOK, type Look } from "../../../model/look.ts";
import type { Cells, GridPlane, Role } from "../../../model/piece.ts";
import type { Quantity } from "../../../model/quantity.ts";
import { axesOf, pieceOf } from "../../../model/testing.ts";
import type { Extent } from "../../../model/viewport.ts";
import { BACKGROUNDS, lookupTable } from "../../../renderers/colours.ts";
import { GridRenderer } from "../../../renderers/grid.ts";
import { FrameBook } from "../../../session/frames.ts";
import { PieceStore } from "../../../session/piece-store.ts";
import { startState } from "../../../session/state.ts";
import { frameOf } from "../../../session/testing.ts";
import { GridPainter } from "../painters/grid-painter.ts";
import type { PaintWorld } from "../painters/painter.ts";
import { readingAt } from "./plot-readings.ts";
import type { LegendState } from "../state/plot-report.ts";

/** Numbers travel as text, because JSON has no infinity. */
interface Wish {
  readonly viewport: Extent;
  /** In device pixels. */
  readonly size: { readonly width: number; readonly height: number };
  readonly look: Partial<Look>;
  readonly quantity: Quantity;
  readonly pieces: readonly {
    readonly extent: Extent;
    readonly width: number;
    readonly height: number;
    readonly planes: readonly {
      readonly role: Role;
      readonly type: "u4" | "f8";
      readonly values: readonly string[];
    }[];
  }[];
  /** Device pixels from the lower left corner whose read-out is wanted. */
  readonly pointed: readonly { readonly x: number; readonly y: number }[];
}

export interface DrawnPicture {
  /** RGB of each device pixel, the lowest row first. */
  readonly pixels: number[];
  readonly lut: number[];
  readonly background: readonly number[];
  readonly hatch: readonly number[];
  readonly ratio: number;
  readonly readings: string[];
}

function cellsOf(type: "u4" | "f8", values: readonly string[]): Cells {
  const numbers = values.map(Number);
  return type === "u4" ? Uint32Array.from(numbers) : Float64Array.from(numbers);
}

interface Screen {
  readonly canvas: HTMLCanvasElement;
  readonly renderer: GridRenderer;
  readonly gl: WebGL2RenderingContext;
}

let screen: Screen | null = null;
/** Textures are kept by the ids of their pieces. */
let pictures = 0;

/** One for the page: a context takes longer than a picture. */
function screenOf(): Screen {
  const canvas = screen?.canvas ?? document.createElement("canvas");
  const renderer = screen?.renderer ?? GridRenderer.create(canvas);
  const gl = canvas.getContext("webgl2");
  if (!renderer || !gl) throw new Error("no WebGL2");
  return (screen = { canvas, renderer, gl });
}

function worldOf({ viewport, look, quantity, pieces }: Wish): PaintWorld {
  pictures += 1;
  const made = pieces.map(({ planes, ...piece }, index) =>
    pieceOf({
      ...piece,
      id: `${pictures}-${index}`,
      planes: planes.map(({ role, type, values }): GridPlane => ({
        role,
        category: 0,
        cells: cellsOf(type, values),
      })),
    }),
  );
  const [frames, store] = [new FrameBook(), new PieceStore(2 ** 30)];
  for (const piece of made) store.add(piece);
  const frame = frameOf(1, {
    pieces: made,
    quantity,
    axes: axesOf(),
    viewport: { width: 1, height: 1, extent: viewport },
  });
  frames.accept(frame, { kind: "points", options: {} });
  const start = startState({ kind: "points", options: {}, viewport });
  const session = {
    frames,
    pieces: store,
    store: createStore(() => ({ ...start, picture: frames.picture })),
  };
  const legend = createStore<LegendState>(() => ({ scale: null, quantity: null, markPixels: 0, mark: null }));
  return {
    session: session as unknown as PaintWorld["session"],
    look: createStore(() => ({ ...DEFAULT_LOOK, ...look })),
    legend,
    reducedMotion: true,
  };
}

export function drawPicture(wish: Wish): DrawnPicture {
  const { width, height } = wish.size;
  const { canvas, renderer, gl } = screenOf();
  const world = worldOf(wish);
  const painter = new GridPainter(world, renderer, canvas);
  painter.resize(wish.size);
  painter.paint(0);
  const rgba = new Uint8Array(width * height * 4);
  gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, rgba);
  if (gl.getError() !== gl.NO_ERROR) throw new Error("WebGL2 reports an error");
  const { mark } = world.legend.getState();
  const readings = wish.pointed.map(({ x, y }) => {
    const place = { u: (x + 0.5) / width, v: (y + 0.5) / height };
    return readingAt(world.session, place, { mark, hidden: [], pick: null })?.value ?? "";
  });
  const { map, reverse, background } = world.look.getState();
  const colours = BACKGROUNDS[background] ?? { background: [], hatch: [] };
  return {
    pixels: [...rgba].filter((_value, i) => i % 4 < 3),
    lut: [...lookupTable(map, reverse)].filter((_value, i) => i % 4 < 3),
    ...colours,
    ratio: devicePixelRatio,
    readings,
  };
}
