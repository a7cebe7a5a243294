/** Builds the requests of a view: numbers them, and follows which options the server has. */
import type { JsonObject } from "@bufbuild/protobuf";
import type { Extent } from "../model/viewport.ts";
import type { ClientMessage, Pixels, WireViewport } from "../net/socket/messages.ts";
import { fullPatch, OptionLedger, withoutNulls } from "./option-ledger.ts";
import type { Change } from "./pacing.ts";

/** One state of the view, to be answered by frames. */
export interface FrameRequest {
  readonly kind: string;
  readonly options: JsonObject;
  readonly viewport: Extent | null;
  /** Device pixels to request. */
  readonly size: Pixels;
}

type Message<T extends ClientMessage["type"]> = Extract<ClientMessage, { type: T }>;

export class ViewRequests {
  private ledger: OptionLedger;
  private seq = 0;
  private resetting = false;

  constructor(options: JsonObject) {
    this.ledger = new OptionLedger(options, 0);
  }

  /** Number of the newest request. */
  get newest(): number {
    return this.seq;
  }

  /** The server chooses the extent: the axes are new, or nothing is known yet. */
  get isResetting(): boolean {
    return this.resetting;
  }

  /** Options that the server has, once it has seen every request. */
  get options(): JsonObject {
    return this.ledger.current;
  }

  reset(resetting: boolean): void {
    this.resetting = resetting;
  }

  open(
    request: FrameRequest,
    rest: Pick<Message<"open">, "viewId" | "dataset" | "held" | "versionId">,
  ): Message<"open"> {
    this.seq += 1;
    this.resetting ||= request.viewport === null;
    this.ledger = new OptionLedger(request.options, this.seq);
    const { kind, options } = request;
    return { type: "open", ...rest, seq: this.seq, kind, options, viewport: this.viewportOf(request) };
  }

  set(request: FrameRequest, viewId: number, change: Change): Message<"set"> {
    this.seq += 1;
    const options = change.options ? fullPatch(this.ledger.current, request.options) : null;
    if (change.options) this.ledger.add(this.seq, request.options);
    const viewport = change.viewport ? this.viewportOf(request) : null;
    return { type: "set", viewId, seq: this.seq, options, viewport };
  }

  /** The server has filled in the defaults of the open. Returns the options as they are now. */
  opened(options: JsonObject): JsonObject {
    const filled = withoutNulls(options);
    this.ledger.fill(filled);
    return filled;
  }

  /** Options that the frames of request `seq` are made with. */
  optionsAt(seq: number): JsonObject {
    return this.ledger.at(seq);
  }

  /** The final frame of request `seq` shows `extent`. True when that is the extent the server was to choose. */
  answered(seq: number, extent: Extent | null): boolean {
    this.ledger.settle(seq);
    const chosen = this.resetting && extent !== null;
    if (chosen) this.resetting = false;
    return chosen;
  }

  /** The server refused request `seq`. */
  refused(seq: number): void {
    if (this.ledger.refuse(seq)) this.resetting = false;
  }

  private viewportOf({ size, viewport }: FrameRequest): WireViewport {
    return { ...size, extent: this.resetting ? null : viewport };
  }
}
