/** The live plot: one loop that paints when something changed, and the gestures over it. */
import type { Extent, Place } from "../../../model/viewport.ts";
import { Axes } from "../../../renderers/axes/axes.ts";
import type { Exploration } from "../state/exploration.ts";
import { type Box, Cursor } from "./cursor.ts";
import { Gestures } from "./gestures.ts";
import type { Painter } from "../painters/painter.ts";
import { lineReadingAt, stepColumns } from "../figures/line-readings.ts";
import { axisLooks, boxText, type Drawn, readingAt, stepCells } from "./plot-readings.ts";
import { rowsAt, rowsInView } from "./row-place.ts";

export interface PlotParts {
  /** Focusable, exactly over the canvas. */
  readonly area: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  readonly x: SVGSVGElement;
  readonly y: SVGSVGElement;
  readonly box: HTMLElement;
  readonly cross: HTMLElement;
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
  private readonly cursor: Cursor;
  private readonly stops: (() => void)[] = [];
  private scheduled = 0;
  private later: ReturnType<typeof setTimeout> | undefined;
  private isPainted = false;
  private hoverAt: Place | null = null;
  private crossAt: Place | null = null;

  constructor(exploration: Exploration, parts: PlotParts, painter: Painter, hooks: PlotHooks) {
    this.exploration = exploration;
    this.parts = parts;
    this.painter = painter;
    this.axes = new Axes(parts.x, parts.y);
    this.cursor = new Cursor(this.cursorTarget());
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
    clearTimeout(this.later);
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

  /** Does what a key does; tool buttons call it. */
  press(key: string): void {
    this.gestures.press(key);
  }

  private paint(now: number): void {
    const { session } = this.exploration;
    const painted = this.painter.paint(now);
    this.isPainted = painted.axes !== null;
    const { clientWidth: width, clientHeight: height } = this.parts.area;
    if (painted.axes) this.axes.draw(painted.axes, { width, height }, axisLooks(session));
    session.drawn();
    this.updateProbe();
    clearTimeout(this.later);
    if (painted.again === 0) this.schedule();
    else if (painted.again !== null) this.later = setTimeout(() => this.schedule(), painted.again);
  }

  private resize(entry: ResizeObserverEntry | undefined): void {
    const box = entry?.contentRect;
    const exact = entry?.devicePixelContentBoxSize?.[0];
    const width = exact?.inlineSize ?? Math.round((box?.width ?? 0) * devicePixelRatio);
    const height = exact?.blockSize ?? Math.round((box?.height ?? 0) * devicePixelRatio);
    if (width < 1 || height < 1) return;
    this.painter.resize({ width, height });
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
      box: (corners: Box | null) => {
        if (corners) this.cursor.stop();
        this.showBox(corners);
        if (!corners) hooks.onBoxed();
      },
      hover: (at: Place | null) => {
        if (at) this.cursor.stop();
        this.hoverAt = at;
        this.updateProbe();
      },
      click: (at: Place) => this.askRows(at, false),
      cursorKey: (key: string, far: boolean) => this.rowsKey(key) || this.cursor.press(key, far),
      boxTool: hooks.boxTool,
      axes: () => this.dataAxes(),
    };
  }

  private dataAxes(): "x" | "both" {
    return this.renderer() === "grid" ? "both" : "x";
  }

  private renderer(): string {
    return this.exploration.rendererOf(this.exploration.session.store.getState().kind);
  }

  private cursorTarget() {
    return {
      axes: () => this.dataAxes(),
      step: (at: Place, right: number, up: number) =>
        this.renderer() === "lines"
          ? stepColumns(this.exploration.session, at, right, this.exploration.look.getState().hidden)
          : stepCells(this.exploration.session, at, right, up, this.dataAxes()),
      cross: (at: Place | null) => {
        this.crossAt = at;
        this.showCross(at);
        this.updateProbe();
      },
      box: (box: Box | null) => {
        this.showBox(box);
        this.exploration.probe.setState({
          spoken: box ? boxText(this.exploration.session, box, this.dataAxes()) : "",
        });
      },
      zoom: ({ a, b }: Box) => this.gestures.zoomTo(a, b),
      rows: (at: Place) => this.askRows(at, true),
    };
  }

  /** Opens the rows behind a place; `focus`: the keyboard goes on there. */
  private askRows(at: Place, focus: boolean): void {
    const { session, rows } = this.exploration;
    const { clientWidth: width, clientHeight: height } = this.parts.area;
    const drawn = this.drawn();
    // The read-out of a line is that of the nearest column with rows.
    const pointed = this.renderer() === "lines" ? stepColumns(session, at, 0, drawn.hidden) : at;
    const found = this.isPainted ? rowsAt(session, pointed, drawn, { width, height }) : null;
    if (found) rows.open({ ...found, focus });
    else rows.close();
  }

  private rowsKey(key: string): boolean {
    const { rows, session } = this.exploration;
    if (key === "t" || key === "T") {
      const found = rowsInView(session);
      if (found) rows.open({ ...found, focus: true });
      return true;
    }
    if (key !== "Escape" || !rows.isOpen) return false;
    rows.close();
    return true;
  }

  private showBox(corners: Box | null): void {
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

  private showCross(at: Place | null): void {
    const { style } = this.parts.cross;
    style.display = at ? "block" : "none";
    if (!at) return;
    style.setProperty("--u", `${at.u * 100}%`);
    style.setProperty("--v", `${(1 - at.v) * 100}%`);
  }

  private drawn(): Drawn {
    const { legend, look } = this.exploration;
    const { hidden, pick } = look.getState();
    return { mark: legend.getState().mark, hidden, pick };
  }

  private updateProbe(): void {
    const { probe, session } = this.exploration;
    const at = this.hoverAt ?? this.crossAt;
    const reading = this.renderer() === "lines" ? lineReadingAt : readingAt;
    const text = at && this.isPainted ? reading(session, at, this.drawn()) : null;
    // The pointer's read-out is only shown; the crosshair's is also announced.
    const spoken = text && this.crossAt ? [text.value, text.x, text.y].filter(Boolean).join(", ") : "";
    if (text || probe.getState().text) probe.setState({ text, spoken });
  }
}
