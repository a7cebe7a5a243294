/** Random orders of gestures, choices, stalls, reconnects and errors: the last picture is what was asked for last. */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { JsonObject } from "@bufbuild/protobuf";
import { axesOf, ROWS } from "../model/testing.ts";
import { type Extent, sameExtent, zoomAt } from "../model/viewport.ts";
import { START_LIMITS } from "../net/socket/limits.ts";
import type { ClientMessage, Pixels, ServerError, ServerMessage } from "../net/socket/messages.ts";
import { ExploreSession } from "./session.ts";
import { frameOf } from "./testing.ts";

type Message<T extends ClientMessage["type"]> = Extract<ClientMessage, { type: T }>;

/** No two columns share a number, so that an extent tells its axes. */
const RANGES: Readonly<Record<string, number>> = { date: 1_000, delay: 2_000, distance: 3_000, time: 4_000 };
const COLUMNS = Object.keys(RANGES);
const SIZE = { width: 100, height: 50 };

/** What the server shows of these columns when it may choose. */
function wholeOf(x: string, y: string | null): Extent {
  const from = (column: string) => RANGES[column] ?? Number.NaN;
  const lower = y === null ? { y0: 0, y1: 1 } : { y0: from(y), y1: from(y) + 512 };
  return { x0: from(x), x1: from(x) + 512, ...lower };
}

const isWithin = (inner: Extent, outer: Extent) =>
  inner.x0 >= outer.x0 && inner.x1 <= outer.x1 && inner.y0 >= outer.y0 && inner.y1 <= outer.y1;

/** The gateway as `docs/protocol.md` has it, for one socket and one view. */
class Gateway {
  readonly answers: ServerMessage[] = [];
  /** Frames that fail because compute is away. */
  failures = 0;
  private view: { id: number; seq: number; kind: string; options: JsonObject; extent: Extent | null } | null =
    null;

  forget(): void {
    this.view = null;
    this.answers.length = 0;
    const hello = { sessionId: "s", kindsHash: "h", expiresIn: 300, limits: START_LIMITS };
    this.answers.push({ type: "welcome", ...hello });
  }

  take(message: ClientMessage): void {
    if (message.type === "open") this.open(message);
    else if (message.type === "set") this.set(message);
    else if (message.type === "close" && this.view?.id === message.viewId) this.view = null;
  }

  private open({ viewId, seq, kind, options, viewport }: Message<"open">): void {
    const filled = { reduction: "count", x: "date", ...(kind === "points" && { y: "delay" }), ...options };
    const refusal = refusalOf(filled);
    if (refusal) {
      this.view = null;
      this.answers.push({ ...refusal, viewId, seq });
      return;
    }
    this.view = { id: viewId, seq, kind, options: filled, extent: viewport.extent };
    const axes = axesIn(kind, filled);
    const version = { id: "v1", number: 1, rows: 10 };
    const rest = { columns: [], options: filled, quantity: ROWS, equalAspect: false };
    const extent = wholeOf(axes.x.column, axes.y?.column ?? null);
    this.answers.push({ type: "opened", viewId, seq, version, extent, axes, ...rest });
    this.answer();
  }

  private set({ viewId, seq, options: patch, viewport }: Message<"set">): void {
    const { view } = this;
    if (view?.id !== viewId) {
      this.answers.push(failure("not_found", viewId, seq));
      return;
    }
    const merged = Object.entries({ ...view.options, ...patch }).filter(([, value]) => value !== null);
    const options = Object.fromEntries(merged) as JsonObject;
    const refusal = refusalOf(options);
    if (refusal) this.answers.push({ ...refusal, viewId, seq });
    else {
      this.view = { ...view, seq, options, extent: viewport ? viewport.extent : view.extent };
      this.answer();
    }
  }

  private answer(): void {
    if (!this.view) return;
    const { id: viewId, seq, kind, options, extent } = this.view;
    if (this.failures > 0) {
      this.failures -= 1;
      this.answers.push(failure("compute_unavailable", viewId, seq));
      return;
    }
    const axes = axesIn(kind, options);
    const shown = extent ?? wholeOf(axes.x.column, axes.y?.column ?? null);
    this.answers.push(frameOf(seq, { viewId, axes, viewport: { ...SIZE, extent: shown } }));
  }
}

function axesIn(kind: string, options: JsonObject) {
  return axesOf(String(options["x"]), kind === "points" ? String(options["y"]) : null);
}

function failure(code: string, viewId: number, seq: number): ServerError {
  return { type: "error", code, field: "", detail: "", viewId, seq, requestId: "", retryAfterMs: 0 };
}

/** A mean lacks its value column here, whatever else is asked. */
function refusalOf(options: JsonObject): ServerError | null {
  return options["reduction"] === "mean" ? failure("param_invalid", 0, 0) : null;
}

/** A page, a gateway, and the network between them. */
class World {
  readonly gateway = new Gateway();
  readonly session: ExploreSession;
  private readonly requests: ClientMessage[] = [];
  private timers: { at: number; run: () => void }[] = [];
  private paints: (() => void)[] = [];
  private time = 0;
  private state: "live" | "stalled" | "lost" = "lost";

  constructor() {
    const world = {
      dataset: "flights",
      send: (message: ClientMessage) => void (this.state !== "lost" && this.requests.push(message)),
      beforePaint: (run: () => void) => void this.paints.push(run),
      after: (ms: number, run: () => void) => {
        const timer = { at: this.time + ms, run };
        this.timers.push(timer);
        return () => void (this.timers = this.timers.filter((other) => other !== timer));
      },
      now: () => this.time,
      random: () => 0.5,
      optionNames: () => ["x", "y", "reduction"],
      scaleOptions: () => ({}),
      requestSize: (_kind: string, size: Pixels) => size,
    };
    this.session = new ExploreSession(world, { kind: "points", options: {}, viewport: null });
    this.session.resize(SIZE);
    this.connect();
  }

  /** Some messages cross the network, one way and back; none while it stands still. */
  deliver(count: number): void {
    if (this.state !== "live") return;
    for (const request of this.requests.splice(0, count)) this.gateway.take(request);
    for (const answer of this.gateway.answers.splice(0, count)) this.session.handle(answer);
    this.check();
  }

  pass(ms: number): void {
    this.time += ms;
    for (const timer of this.timers.filter(({ at }) => at <= this.time)) {
      if (!this.timers.includes(timer)) continue;
      this.timers = this.timers.filter((other) => other !== timer);
      timer.run();
    }
    for (const run of this.paints.splice(0)) run();
    this.session.drawn();
  }

  /** `said`: long enough for the page to know. */
  stall(said: boolean): void {
    if (this.state === "lost") return;
    this.state = "stalled";
    if (said) this.session.handleLink({ state: "stalled" });
  }

  /** The network moves again, on the same socket. */
  resume(): void {
    if (this.state !== "stalled") return;
    this.state = "live";
    this.session.handleLink({ state: "live" });
  }

  lose(): void {
    this.state = "lost";
    this.requests.length = 0;
    this.gateway.answers.length = 0;
    this.session.handleLink({ state: "waiting", retryAt: 0 });
  }

  connect(): void {
    if (this.state !== "lost") return;
    this.state = "live";
    this.gateway.forget();
    this.session.handleLink({ state: "live" });
  }

  settle(): void {
    this.resume();
    this.connect();
    this.gateway.failures = 0;
    for (let i = 0; i < 40; i += 1) {
      this.deliver(99);
      this.pass(1_000);
    }
  }

  /** What is on screen lies on its own axes, at any time. */
  private check(): void {
    const { picture, viewport } = this.session.store.getState();
    if (!picture?.axes || !viewport) return;
    const whole = wholeOf(picture.axes.x.column, picture.axes.y?.column ?? null);
    expect(isWithin(viewport, whole)).toBe(true);
  }
}

/** What the person asked for last. */
interface Wish {
  kind: string;
  options: JsonObject;
  /** Null: what the view opens with. */
  extent: Extent | null;
}

type Step = (world: World, wish: Wish) => void;

const choose = (change: JsonObject): Step => {
  return (world, wish) => {
    const options = { ...world.session.store.getState().options, ...change };
    world.session.setOptions(options);
    const names = wish.kind === "points" ? ["x", "y"] : ["x"];
    if (names.some((name) => options[name] !== wish.options[name])) wish.extent = null;
    wish.options = options;
  };
};

const zoom: Step = ({ session }, wish) => {
  const { viewport } = session.store.getState();
  if (!viewport) return;
  const next = zoomAt(viewport, { u: 0.25, v: 0.75 }, 0.5);
  session.move(next);
  // A gesture on axes that are about to leave the screen does nothing.
  if (session.store.getState().viewport === next) wish.extent = next;
};

const STEPS: Readonly<Record<string, fc.Arbitrary<Step>>> = {
  x: fc.constantFrom(...COLUMNS).map((x) => choose({ x })),
  y: fc.constantFrom(...COLUMNS).map((y) => choose({ y })),
  reduction: fc.constantFrom("count", "any", "mean").map((reduction) => choose({ reduction })),
  zoom: fc.constant(zoom),
  kind: fc.constantFrom("points", "histogram").map((kind) => (world, wish) => {
    const { options } = world.session.store.getState();
    world.session.setKind(kind, options);
    Object.assign(wish, { kind, options, extent: null });
  }),
  deliver: fc.integer({ min: 1, max: 4 }).map((count) => (world) => world.deliver(count)),
  pass: fc.constantFrom(0, 20, 130, 3_000).map((ms) => (world) => world.pass(ms)),
  stall: fc.boolean().map((said) => (world) => world.stall(said)),
  resume: fc.constant((world) => world.resume()),
  lose: fc.constant((world) => world.lose()),
  connect: fc.constant((world) => world.connect()),
  failure: fc.constant((world) => void (world.gateway.failures += 1)),
};

function play(steps: readonly Step[]): { world: World; wish: Wish } {
  const world = new World();
  world.settle();
  const { kind, options } = world.session.store.getState();
  const wish = { kind, options, extent: null };
  for (const step of steps) step(world, wish);
  return { world, wish };
}

function expectShown(world: World, wish: Wish): void {
  const { picture, viewport, pending, error, home } = world.session.store.getState();
  expect({ pending, error }).toEqual({ pending: null, error: null });
  expect(picture?.kind).toBe(wish.kind);
  expect(picture?.options).toMatchObject(wish.options);
  const axes = axesIn(wish.kind, wish.options);
  expect([picture?.axes?.x.column, picture?.axes?.y?.column]).toEqual([axes.x.column, axes.y?.column]);
  const whole = wholeOf(axes.x.column, axes.y?.column ?? null);
  expect(viewport).toEqual(wish.extent ?? whole);
  expect(picture?.extent).toEqual(viewport);
  expect(home === null || isWithin(whole, home)).toBe(true);
}

it("shows what was asked for last, whatever came between", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(...Object.values(STEPS)), { maxLength: 24 }), (steps) => {
      const { world, wish } = play(steps);
      // A choice that is refused is said, and the next one heals it.
      choose({ x: "time", y: "distance", reduction: "any" })(world, wish);
      world.settle();
      expect(world.session.store.getState().picture?.options).toMatchObject(wish.options);
      expectShown(world, wish);
    }),
    { numRuns: 800 },
  );
});

it("shows it also where the last steps are any but a refused choice", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(...Object.values(STEPS)), { maxLength: 24 }), (steps) => {
      const { world, wish } = play(steps);
      world.settle();
      const { picture, viewport, pending, error } = world.session.store.getState();
      expect(pending).toBeNull();
      if (!error) expect(viewport && picture?.extent && sameExtent(viewport, picture.extent)).toBe(true);
      if (wish.options["reduction"] !== "mean") expectShown(world, wish);
    }),
    { numRuns: 800 },
  );
});
