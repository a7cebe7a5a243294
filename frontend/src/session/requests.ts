/**
 * Builds the requests of a view: numbers them, and follows what the server has of them.
 *
 * The extent asked for and the extent on screen each belong to one pair of axes. A new pair is asked for with an extent of
 * its own, or with none (the server chooses), never with that of another pair; and it takes the screen together with its
 * extent, with its first whole picture.
 */
import type { JsonObject } from "@bufbuild/protobuf";
import { axisOptions, type ViewAxes } from "../model/quantity.ts";
import { type Extent, sameExtent } from "../model/viewport.ts";
import type { ClientMessage, Pixels, WireViewport } from "../net/socket/messages.ts";
import type { Change } from "./pacing.ts";
import type { SessionWorld, Turn } from "./state.ts";
import { fullPatch, RequestLedger, withoutNulls } from "./request-ledger.ts";

/** What a view shows, or is to show. */
export interface Shape {
  readonly kind: string;
  readonly options: JsonObject;
}

type OptionWorld = Pick<SessionWorld, "optionNames" | "scaleOptions">;
type Message<T extends ClientMessage["type"]> = Extract<ClientMessage, { type: T }>;

export class ViewRequests {
  private readonly world: OptionWorld;
  private ledger: RequestLedger;
  private seq = 0;
  private opening: { seq: number; options: JsonObject } = { seq: 0, options: {} };
  /** Extent of the axes asked for; null: the server chooses. */
  private extent: Extent | null;
  /** Axes that the extent on screen belongs to; null: not known. */
  private shownAxes: string | null = null;
  /** Options of a kind that its axes come from. */
  private readonly axisNames = new Map<string, readonly string[]>();
  /** Asked for last, and refused: those before are in force. */
  private refusedOptions: JsonObject | null = null;
  /** After an error the server may have options that it was asked for; the next request puts them right. */
  private doubtful: JsonObject | null = null;

  constructor(options: JsonObject, extent: Extent | null, world: OptionWorld) {
    this.ledger = new RequestLedger(options, extent, 0);
    this.extent = extent;
    this.world = world;
  }

  /** Number of the newest request. */
  get newest(): number {
    return this.seq;
  }

  /** Number of the newest open. */
  get openSeq(): number {
    return this.opening.seq;
  }

  /** Extent of the axes asked for; null: the server chooses. */
  get asked(): Extent | null {
    return this.extent;
  }

  /** The axes asked for are not those on screen. */
  isTurning(wish: Shape): boolean {
    return this.axesOf(wish) !== this.shownAxes;
  }

  /** Other options are asked for than those of the newest open. */
  isBeyondOpen({ options }: Shape): boolean {
    return options !== this.opening.options;
  }

  /** Asks for another part of the axes asked for; null: the server chooses. */
  aim(extent: Extent | null): void {
    this.extent = extent;
  }

  /** Asks for other options, and `extent`; undefined: as before, and the server's choice where the axes are new. */
  change(before: Shape, after: Shape, extent: Extent | null | undefined): void {
    const axes = this.axesOf(after);
    if (extent !== undefined) this.extent = extent;
    else if (axes === null || axes !== this.axesOf(before)) this.extent = null;
    this.refusedOptions = null;
  }

  /** The options refused last are asked for once more. */
  insist(): void {
    this.refusedOptions = null;
  }

  open(
    wish: Shape,
    size: Pixels,
    rest: Pick<Message<"open">, "viewId" | "dataset" | "held" | "versionId">,
  ): Message<"open"> {
    this.seq += 1;
    this.opening = { seq: this.seq, options: wish.options };
    const options = this.effective(wish.options);
    this.ledger = new RequestLedger(options, this.extent, this.seq);
    this.doubtful = null;
    const { seq } = this;
    const viewport = this.viewport(size);
    return { type: "open", ...rest, seq, kind: wish.kind, options, viewport, approximate: true };
  }

  set(wish: Shape, size: Pixels, viewId: number, change: Change): Message<"set"> {
    this.seq += 1;
    const { seq, doubtful } = this;
    const wanted = change.options || doubtful ? this.effective(wish.options) : null;
    const options = wanted && fullPatch({ ...doubtful, ...this.ledger.current }, wanted);
    this.doubtful = null;
    this.ledger.add({ seq, options: wanted, extent: change.viewport ? this.extent : undefined });
    return { type: "set", viewId, seq, options, viewport: change.viewport ? this.viewport(size) : null };
  }

  /** The server has filled in the defaults of the open. Returns the options asked for: filled in, or newer ones. */
  opened(wish: Shape, options: JsonObject, axes: ViewAxes | null): JsonObject {
    const filled = withoutNulls(options);
    this.ledger.fill(filled);
    this.learn({ kind: wish.kind, options: filled }, axes);
    return wish.options === this.opening.options ? filled : wish.options;
  }

  /** The screen shows nothing yet, and takes the axes asked for. */
  takeScreen(wish: Shape): void {
    this.shownAxes = this.axesOf(wish);
  }

  /** Options that the frames of request `seq` are made with. */
  optionsAt(seq: number): JsonObject {
    return this.ledger.at(seq);
  }

  /** The final frame of request `seq` shows `extent` of `made`: what the screen changes. */
  answered(seq: number, made: Shape, axes: ViewAxes | null, extent: Extent | null, wish: Shape): Turn {
    this.learn(made, axes);
    const chosen = this.ledger.extentAt(seq) === null;
    this.ledger.settle(seq, extent);
    const key = this.axesOf(made);
    const isWished = key === this.axesOf(wish);
    const turned = key !== this.shownAxes;
    this.shownAxes = key;
    if (chosen && isWished && this.extent === null && extent) {
      this.extent = extent;
      return { viewport: extent, home: extent };
    }
    if (!turned) return { viewport: null, home: undefined };
    return { viewport: isWished && this.extent ? this.extent : extent, home: chosen ? extent : null };
  }

  /** The server refused request `seq`, while `onScreen` is shown. True when what is in force is to be asked for again. */
  refused(seq: number, wish: Shape, onScreen: Extent | null): boolean {
    const removed = this.ledger.refuse(seq);
    if (!removed?.options) return false;
    this.doubtful = { ...this.doubtful, ...removed.options };
    if (removed.options !== wish.options) return false;
    this.refusedOptions = wish.options;
    const { current, currentExtent } = this.ledger;
    const stays = this.axesOf({ kind: wish.kind, options: current }) === this.shownAxes;
    this.extent = stays ? onScreen : currentExtent;
    return stays && !(currentExtent && onScreen && sameExtent(currentExtent, onScreen));
  }

  private effective(options: JsonObject): JsonObject {
    return options === this.refusedOptions ? this.ledger.current : options;
  }

  private axesOf({ kind, options }: Shape): string | null {
    const names = this.axisNames.get(kind);
    const held = this.effective(options);
    if (!names) return null;
    // The same columns in other units are other axes.
    const scales = Object.entries(this.world.scaleOptions(kind)).map(([name, usual]) => held[name] ?? usual);
    return JSON.stringify([kind, ...names.map((name) => held[name] ?? null), ...scales]);
  }

  private learn({ kind, options }: Shape, axes: ViewAxes | null): void {
    const found = axisOptions(this.world.optionNames(kind), options, axes);
    if (axes && found.length === (axes.y ? 2 : 1)) this.axisNames.set(kind, found);
  }

  private viewport(size: Pixels): WireViewport {
    return { ...size, extent: this.extent };
  }
}
