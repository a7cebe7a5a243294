/** One visit to Explore: the session, the look, and the changes by the panels and by links. */
import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import { createStore, type StoreApi } from "zustand/vanilla";
import type { Look } from "../../../model/look.ts";
import { type Extent, sameExtent } from "../../../model/viewport.ts";
import { after } from "../../../net/after.ts";
import { connect, type Connection } from "../../../net/socket/connection.ts";
import type { ServerLimits } from "../../../net/socket/limits.ts";
import type { Pixels } from "../../../net/socket/messages.ts";
import { CATEGORY_COLOURS, COLOUR_MAPS } from "../../../renderers/colours.ts";
import { ExploreSession } from "../../../session/session.ts";
import type { HistoryStep } from "../url/url-trail.ts";
import { formatView, type Parsed, parseView, type Vocabulary } from "../url/view-url.ts";
import type { LegendState, ReadingText } from "./plot-report.ts";
import { RowPanel } from "../rows/row-panel.ts";
import { complete } from "./completion.ts";
import { carriedOver, type Kinds, scaleOptions, takesCategory, vocabularyOf } from "./schema.ts";
import { wholeExtent } from "./whole-extent.ts";

/** Bars narrower than this are hard to point at. */
const BAR_PIXELS = 6;

export class Exploration {
  readonly kinds: Kinds;
  readonly session: ExploreSession;
  readonly look: StoreApi<Look>;
  readonly legend: StoreApi<LegendState>;
  /** `spoken`: the crosshair's read-out, for screen readers. */
  readonly probe: StoreApi<{ text: ReadingText | null; spoken: string }>;
  readonly summary: StoreApi<{ text: string }>;
  readonly ignored: StoreApi<{ keys: readonly string[] }>;
  /** What was changed beside the last choice, so that it could be shown. */
  readonly note: StoreApi<{ text: string }>;
  /** Rows behind the picture. */
  readonly rows: RowPanel;
  readonly connection: Connection;
  onChange: (step: HistoryStep) => void = () => undefined;
  private readonly vocabulary: Vocabulary;
  /** The last choice, until it is finished once; empty: there is none. */
  private changed = "";

  constructor(dataset: string, kinds: Kinds, search: string) {
    this.kinds = kinds;
    this.vocabulary = vocabularyOf(kinds);
    const { view, ignored } = this.parse(search);
    this.look = createStore(() => view.look);
    this.legend = createStore(() => ({ scale: null, quantity: null, markPixels: 0, mark: null }));
    this.probe = createStore(() => ({ text: null, spoken: "" }));
    this.summary = createStore(() => ({ text: "" }));
    this.ignored = createStore(() => ({ keys: ignored }));
    this.note = createStore(() => ({ text: "" }));
    const world = {
      dataset,
      send: (message: Parameters<Connection["send"]>[0]) => this.connection.send(message),
      beforePaint: (run: () => void) => void requestAnimationFrame(run),
      after,
      now: () => performance.now(),
      random: Math.random,
      optionNames: (kind: string) => Object.keys(this.vocabulary[kind] ?? {}),
      scaleOptions: (kind: string) => scaleOptions(this.kinds[kind]),
      requestSize: (kind: string, size: Pixels, limits: ServerLimits) =>
        requestSize(this.rendererOf(kind), size, devicePixelRatio, limits),
    };
    this.session = new ExploreSession(world, view);
    this.rows = new RowPanel(this.session);
    this.connection = connect(CATEGORY_COLOURS, {
      onLink: (link) => this.session.handleLink(link),
      onMessage: (message) => {
        if (message.type === "rows" || (message.type === "error" && message.pickId !== undefined)) {
          this.rows.receive(message);
          return;
        }
        this.session.handle(message);
        if (message.type === "error" && !this.finish(message.field, message.detail))
          this.leaveOut(message.field);
      },
    });
  }

  /**
   * Leaves out an option of a link that the server refuses, and shows the rest. When the server misses an option that
   * the link does not have, the options do not fit together: all of them are left out.
   */
  private leaveOut(field: string): void {
    const { kind, options, picture, error } = this.session.store.getState();
    const names = Object.keys(options);
    if (picture || error?.field !== field || names.length === 0 || !(field in (this.vocabulary[kind] ?? {})))
      return;
    const refused = names.includes(field) ? [field] : names;
    this.ignored.setState(({ keys }) => ({ keys: [...new Set([...keys, ...refused])] }));
    const kept = Object.entries(options).filter(([name]) => !refused.includes(name));
    this.session.startOver(Object.fromEntries(kept) as JsonObject);
  }

  /** A refused choice that lacks another one is finished, or what does not go with it is taken back. False: it is not. */
  private finish(field: string, detail: string): boolean {
    const { kind, options, columns, axes, picture, error } = this.session.store.getState();
    if (this.changed === "" || error?.field !== field) return false;
    const shown = picture?.axes ?? axes;
    const axisColumns = [shown?.x.column ?? "", shown?.y?.column ?? ""];
    const refusal = { field, detail, changed: this.changed, options, axisColumns };
    const done = complete(this.kinds[kind], columns, refusal);
    this.changed = "";
    if (!done) return false;
    this.note.setState({ text: done.note });
    this.session.setOptions(done.options);
    this.onChange("replace");
    return true;
  }

  rendererOf(kind: string): string {
    return this.kinds[kind]?.["x-halftone-renderer"] ?? "grid";
  }

  changeOption(name: string, value: JsonValue | undefined): void {
    const { kind, options } = this.session.store.getState();
    // Places in the legend mean other categories now.
    if (takesCategory(this.kinds[kind], name)) this.look.setState({ hidden: [], pick: null });
    const { [name]: _old, ...rest } = options;
    this.changed = name;
    this.note.setState({ text: "" });
    this.session.setOptions(value === undefined ? rest : { ...rest, [name]: value });
    this.onChange("push");
  }

  changeKind(kind: string): void {
    const { options } = this.session.store.getState();
    this.session.setKind(kind, carriedOver(options, this.kinds[kind]));
    this.onChange("push");
  }

  changeLook(patch: Partial<Look>): void {
    this.look.setState(patch);
    this.onChange("push");
  }

  toggleCategory(place: number): void {
    const { hidden } = this.look.getState();
    const rest = hidden.filter((other) => other !== place);
    const next = rest.length < hidden.length ? rest : [...hidden, place].toSorted((a, b) => a - b);
    this.changeLook({ hidden: next });
  }

  /** All of the data on the axes of the picture; null while its range is not known. */
  wholeExtent(): Extent | null {
    const { picture, columns, viewport } = this.session.store.getState();
    return picture?.axes && viewport ? wholeExtent(picture.axes, columns, viewport) : null;
  }

  /** Also the few rows that lie outside of what the view opens with. */
  showAll(): void {
    const whole = this.wholeExtent();
    if (!whole) return;
    this.session.move(whole);
    this.onChange("push");
  }

  /** The view as a query string; everything needs no bounds. */
  search(): string {
    const { kind, options, home } = this.session.store.getState();
    const { asked } = this.session;
    const whole = !asked || (home !== null && sameExtent(asked, home));
    // In the order of the form, so that equal views have equal links.
    const ordered = Object.keys(this.vocabulary[kind] ?? {}).map((name) => [name, options[name] ?? null]);
    const view = {
      kind,
      options: Object.fromEntries(ordered) as JsonObject,
      viewport: whole ? null : asked,
      look: this.look.getState(),
    };
    return `?${formatView(view)}`;
  }

  /** Back, Forward, or a link typed into the address bar. */
  apply(search: string): void {
    const { view, ignored } = this.parse(search);
    const { kind, options, home } = this.session.store.getState();
    this.look.setState(view.look);
    this.ignored.setState({ keys: ignored });
    this.changed = "";
    this.note.setState({ text: "" });
    if (view.kind !== kind) {
      this.session.setKind(view.kind, view.options, view.viewport);
    } else if (differs(view.options, options)) {
      this.session.setOptions(view.options, view.viewport);
    } else {
      const { asked } = this.session;
      const extent = view.viewport ?? (asked && home);
      // A step that changed only colours needs no request, also on the way back.
      const isSame = asked && extent ? sameExtent(asked, extent) : asked === extent;
      if (!isSame) this.session.show(extent);
    }
  }

  dispose(): void {
    this.connection.close();
    this.rows.dispose();
    this.session.close();
  }

  private parse(search: string): Parsed {
    return parseView(new URLSearchParams(search), this.vocabulary, Object.keys(COLOUR_MAPS));
  }
}

function differs(a: JsonObject, b: JsonObject): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].some((name) => a[name] !== b[name]);
}

/** Size to request: cells or columns of about a pixel, or bars wide enough to see. */
export function requestSize(
  renderer: string,
  size: Pixels,
  ratio: number,
  { sidePixels, picturePixels }: Pick<ServerLimits, "sidePixels" | "picturePixels">,
): Pixels {
  const side = (pixels: number) => Math.min(sidePixels, Math.max(1, pixels));
  if (renderer === "bars") return { width: side(Math.round(size.width / (BAR_PIXELS * ratio))), height: 1 };
  if (renderer === "lines") return { width: side(size.width), height: 1 };
  const shrink = Math.min(1, Math.sqrt(picturePixels / Math.max(1, size.width * size.height)));
  return { width: side(Math.floor(size.width * shrink)), height: side(Math.floor(size.height * shrink)) };
}
