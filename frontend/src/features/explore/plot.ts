/** The live plot: one loop that paints when something changed, and the gestures over it. */
import { Axes, type AxisLook } from "../../renderers/axes.ts";
import { quantityOf } from "../../session/finish.ts";
import type { Extent, Place } from "../../session/viewport.ts";
import { dataAt } from "../../session/viewport.ts";
import type { Exploration } from "./exploration.ts";
import { Gestures } from "./gestures.ts";
import type { Painter } from "./painter.ts";
import { axisType, describe, read } from "./probe.ts";

export interface PlotParts {
  /** Focusable, exactly over the canvas. */
  readonly area: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  readonly x: SVGSVGElement;
  readonly y: SVGSVGElement;
  readonly box: HTMLElement;
}

export interface PlotHooks {
  readonly boxTool: () => boolean;
  readonly onBoxed: () => void;
}

export class Plot {
  private readonly exploration: Exploration;
  private readonly parts: PlotParts;
  private readonly painter: Painter;
  private readonly axes: Axes;
  private readonly gestures: Gestures;
  private readonly stops: (() => void)[] = [];
  private scheduled = 0;
  private shownAxes: Extent | null = null;
  private hoverAt: Place | null = null;

  constructor(exploration: Exploration, parts: PlotParts, painter: Painter, hooks: PlotHooks) {
    this.exploration = exploration;
    this.parts = parts;
    this.painter = painter;
    this.axes = new Axes(parts.x, parts.y);
    this.gestures = new Gestures({ plot: parts.area, x: parts.x, y: parts.y }, this.gestureTarget(hooks));
    const resize = new ResizeObserver((entries) => this.resize(entries.at(-1)));
    resize.observe(parts.area);
    this.stops.push(
      () => resize.disconnect(),
      exploration.session.onPicture(() => this.schedule()),
      exploration.look.subscribe(() => this.schedule()),
    );
  }

  dispose(): void {
    cancelAnimationFrame(this.scheduled);
    this.gestures.dispose();
    for (const stop of this.stops) stop();
    this.painter.dispose();
  }

  info(): Record<string, unknown> {
    return this.painter.info();
  }

  schedule(): void {
    if (this.scheduled) return;
    this.scheduled = requestAnimationFrame((now) => {
      this.scheduled = 0;
      this.paint(now);
    });
  }

  /** What a tool button does: the same as its key. */
  press(key: string): void {
    this.gestures.press(key);
  }

  private paint(now: number): void {
    const { session } = this.exploration;
    const painted = this.painter.paint(now);
    this.shownAxes = painted.axes;
    const { clientWidth: width, clientHeight: height } = this.parts.area;
    if (painted.axes) this.axes.draw(painted.axes, { width, height }, this.axisLooks());
    session.drawn();
    this.updateProbe();
    if (painted.again) this.schedule();
  }

  /** Axes belong to the picture on screen, not to the one that is asked for. */
  private axisLooks(): { x: AxisLook; y: AxisLook } {
    const { session } = this.exploration;
    const { columns, picture, options, kind } = session.store.getState();
    const shown = picture?.options ?? options;
    const name = (axis: string) => (typeof shown[axis] === "string" ? shown[axis] : "");
    const bars = this.exploration.rendererOf(picture?.kind ?? kind) === "bars";
    return {
      x: { type: axisType(columns, shown, "x"), title: name("x") },
      y: bars ? { type: "number", title: "rows" } : { type: axisType(columns, shown, "y"), title: name("y") },
    };
  }

  private resize(entry: ResizeObserverEntry | undefined): void {
    const box = entry?.contentRect;
    const exact = entry?.devicePixelContentBoxSize?.[0];
    const width = exact?.inlineSize ?? Math.round((box?.width ?? 0) * devicePixelRatio);
    const height = exact?.blockSize ?? Math.round((box?.height ?? 0) * devicePixelRatio);
    if (width < 1 || height < 1) return;
    this.parts.canvas.width = width;
    this.parts.canvas.height = height;
    this.exploration.session.resize({ width, height });
    // A canvas that changes size is blank until it is painted.
    this.paint(performance.now());
  }

  private gestureTarget(hooks: PlotHooks) {
    const { session } = this.exploration;
    return {
      viewport: () => session.store.getState().viewport,
      move: (viewport: Extent) => {
        session.move(viewport);
        this.exploration.onChange("moving");
      },
      begin: () => session.setMoving(true),
      end: () => {
        session.setMoving(false);
        this.exploration.onChange("push");
      },
      reset: () => {
        session.reset();
        this.exploration.onChange("push");
      },
      box: (corners: { a: Place; b: Place } | null) => {
        this.showBox(corners);
        if (!corners) hooks.onBoxed();
      },
      hover: (at: Place | null) => {
        this.hoverAt = at;
        this.updateProbe();
      },
      boxTool: hooks.boxTool,
      axes: () =>
        (this.exploration.rendererOf(session.store.getState().kind) === "bars" ? "x" : "both") as
          "x" | "both",
    };
  }

  private showBox(corners: { a: Place; b: Place } | null): void {
    const { style } = this.parts.box;
    style.display = corners ? "block" : "none";
    if (!corners) return;
    const { a, b } = corners;
    const percent = (share: number) => `${Math.min(1, Math.max(0, share)) * 100}%`;
    style.left = percent(Math.min(a.u, b.u));
    style.right = percent(1 - Math.max(a.u, b.u));
    style.top = percent(1 - Math.max(a.v, b.v));
    style.bottom = percent(Math.min(a.v, b.v));
  }

  private updateProbe(): void {
    const { session, probe } = this.exploration;
    const { viewport, columns, picture } = session.store.getState();
    if (!this.hoverAt || !viewport || !picture || !this.shownAxes) {
      if (probe.getState().text) probe.setState({ text: null });
      return;
    }
    const bars = this.exploration.rendererOf(picture.kind) === "bars";
    const at = dataAt(viewport, this.hoverAt);
    const layers = session.frames.layers(viewport, session.pieces);
    const quantity = quantityOf(picture.options);
    const reading = read(layers, quantity, at.x, bars ? 0.5 : at.y);
    if (!reading) {
      probe.setState({ text: null });
      return;
    }
    const axes = { x: axisType(columns, picture.options, "x"), y: axisType(columns, picture.options, "y") };
    const find = (name: string) => columns.find((column) => column.name === name) ?? null;
    const text = describe(reading, quantity, axes, find(quantity.category), find(quantity.value));
    probe.setState({ text: bars ? { ...text, y: "" } : text });
  }
}
