/** Creates a plot on its elements, and again after a lost graphics context. */
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { GridRenderer } from "../../../renderers/grid.ts";
import { exposeSnapshot } from "../state/debug.ts";
import type { Exploration } from "../state/exploration.ts";
import { BarsPainter } from "../painters/bars-painter.ts";
import { LinesPainter } from "../painters/lines-painter.ts";
import { GridPainter } from "../painters/grid-painter.ts";
import type { Painter } from "../painters/painter.ts";
import { Plot, type PlotParts } from "./plot.ts";

interface PlotHandle {
  /** Put it on the element around all parts. */
  ref: (root: HTMLElement | null) => void;
  /** What a tool button does: the same as its key. */
  press: (key: string) => void;
  /** False when the browser lacks what the renderer needs. */
  supported: boolean;
}

export function usePlot(
  exploration: Exploration,
  renderer: string,
  boxTool: boolean,
  onBoxed: () => void,
): PlotHandle {
  const [root, setRoot] = useState<HTMLElement | null>(null);
  const plot = useRef<Plot | null>(null);
  const tool = useRef({ boxTool, onBoxed });
  const [generation, setGeneration] = useState(0);
  const [supported, setSupported] = useState(true);
  useEffect(() => {
    tool.current = { boxTool, onBoxed };
  });

  useLayoutEffect(() => {
    const parts = root && partsOf(root);
    if (!parts) return undefined;
    const painter = createPainter(exploration, renderer, parts.canvas);
    setSupported(painter !== null);
    if (!painter) return undefined;
    const made = new Plot(exploration, parts, painter, {
      boxTool: () => tool.current.boxTool,
      onBoxed: () => tool.current.onBoxed(),
    });
    plot.current = made;
    const hide = exposeSnapshot(exploration, () => made.info());
    const stopWatching = watchContext(parts.canvas, () => setGeneration((count) => count + 1));
    return () => {
      stopWatching();
      hide();
      made.dispose();
    };
  }, [exploration, renderer, generation, root]);

  const press = useCallback((key: string) => plot.current?.press(key), []);
  return { ref: setRoot, press, supported };
}

/** The parts name themselves with `data-part`. */
function partsOf(root: HTMLElement): PlotParts | null {
  const area = root.querySelector<HTMLElement>("[data-part=area]");
  const canvas = root.querySelector<HTMLCanvasElement>("[data-part=canvas]");
  const x = root.querySelector<SVGSVGElement>("[data-part=x]");
  const y = root.querySelector<SVGSVGElement>("[data-part=y]");
  const box = root.querySelector<HTMLElement>("[data-part=box]");
  const cross = root.querySelector<HTMLElement>("[data-part=cross]");
  return area && canvas && x && y && box && cross ? { area, canvas, x, y, box, cross } : null;
}

function createPainter(
  exploration: Exploration,
  renderer: string,
  canvas: HTMLCanvasElement,
): Painter | null {
  const { session, look, legend } = exploration;
  const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const world = { session, look, legend, reducedMotion };
  if (renderer === "bars") {
    const context = canvas.getContext("2d", { alpha: false });
    return context && new BarsPainter(world, canvas, context);
  }
  if (renderer === "lines") {
    const context = canvas.getContext("2d", { alpha: false });
    return context && new LinesPainter(world, canvas, context);
  }
  const grid = GridRenderer.create(canvas);
  return grid && new GridPainter(world, grid, canvas);
}

function watchContext(canvas: HTMLCanvasElement, restored: () => void): () => void {
  // Without this a lost context never comes back.
  const lost = (event: Event) => event.preventDefault();
  canvas.addEventListener("webglcontextlost", lost);
  canvas.addEventListener("webglcontextrestored", restored);
  return () => {
    canvas.removeEventListener("webglcontextlost", lost);
    canvas.removeEventListener("webglcontextrestored", restored);
  };
}
