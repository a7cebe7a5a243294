import { beforeEach, describe, expect, it } from "vitest";
import { axesOf, mapAxes, pieceOf, ROWS } from "../model/testing.ts";
import { type ServerLimits, START_LIMITS } from "../net/socket/limits.ts";
import type { ServerError } from "../net/socket/messages.ts";
import { ExploreSession } from "./session.ts";
import { frameOf, World } from "./testing.ts";

const WHOLE = { x0: 0, x1: 2, y0: 0, y1: 1 };
const LEFT = { x0: 0, x1: 1, y0: 0, y1: 1 };

let world: World;
let session: ExploreSession;

function error(change: Partial<ServerError>): ServerError {
  const base = { code: "param_invalid", field: "", detail: "No.", requestId: "r-1", retryAfterMs: 0 };
  return { type: "error", viewId: 1, seq: 1, ...base, ...change };
}

function start(viewport = null as typeof WHOLE | null): void {
  world = new World();
  session = new ExploreSession(world, { kind: "points", options: { reduction: "count" }, viewport });
  session.resize({ width: 100, height: 50 });
  session.handleLink({ state: "live" });
  session.handle({ type: "welcome", sessionId: "s", kindsHash: "h", expiresIn: 300, limits: START_LIMITS });
}

function opened(equalAspect = false): void {
  const options = { reduction: "count", x: "date", y: "delay", value: null };
  const version = { id: "v1", number: 1, rows: 10 };
  const axes = axesOf("date", "delay");
  session.handle({
    type: "opened",
    viewId: 1,
    seq: 1,
    version,
    extent: equalAspect ? { ...WHOLE, y1: 4 } : WHOLE,
    equalAspect,
    columns: [],
    options,
    quantity: ROWS,
    axes,
  });
}

const state = () => session.store.getState();

beforeEach(() => {
  start();
  opened();
});

describe("opening", () => {
  it("asks for the whole data and takes over what the first frame shows", () => {
    expect(world.last("open")).toMatchObject({ seq: 1, viewport: { extent: null, width: 100 }, held: [] });
    const shown = { x0: -0.1, x1: 2.1, y0: -0.1, y1: 1.1 };
    session.handle(frameOf(1, { viewport: { width: 100, height: 50, extent: shown } }));
    expect(state().viewport).toEqual(shown);
    expect(state().home).toEqual(shown);
    expect(state().options).toEqual({ reduction: "count", x: "date", y: "delay" });
  });

  it("shows a map with equal steps at once, and asks for what that shows", () => {
    start();
    opened(true);
    const { viewport, home } = state();
    if (!viewport) throw new Error("a map has a viewport");
    expect(viewport).toBe(home);
    expect((viewport.x1 - viewport.x0) / 100).toBeCloseTo((viewport.y1 - viewport.y0) / 50);
    world.pass(20);
    expect(world.last("set")).toMatchObject({ seq: 2, viewport: { extent: viewport } });
    session.handle(frameOf(1));
    expect(state().viewport).toBe(viewport);
  });

  it("leaves a map where a link has put it", () => {
    start(LEFT);
    opened(true);
    world.pass(20);
    expect(state().viewport).toEqual(LEFT);
    expect(world.count("set")).toBe(0);
  });

  it("waits for a size and a connection", () => {
    const other = new World();
    const waiting = new ExploreSession(other, { kind: "points", options: {}, viewport: null });
    waiting.handleLink({ state: "live" });
    waiting.resize({ width: 10, height: 10 });
    expect(other.sent).toEqual([]);
    waiting.handle({ type: "welcome", sessionId: "s", kindsHash: "h", expiresIn: 1, limits: START_LIMITS });
    expect(other.count("open")).toBe(1);
  });
});

describe("newest wins", () => {
  beforeEach(() => session.handle(frameOf(1, { pieces: [pieceOf({ id: "aa" })] })));

  it("sends one message for many moves before a paint, with the newest", () => {
    session.setMoving(true);
    for (let i = 1; i <= 9; i += 1) session.move({ ...LEFT, x1: 1 + i / 10 });
    world.pass(20);
    expect(world.count("set")).toBe(1);
    expect(world.last("set")).toMatchObject({ seq: 2, viewport: { extent: { x1: 1.9 } } });
  });

  it("while moving lets an answer come before it asks again, but not for ever", () => {
    session.setMoving(true);
    session.move(LEFT);
    world.pass(20);
    session.move({ ...LEFT, x1: 1.5 });
    world.pass(50);
    expect(world.count("set")).toBe(1);
    session.handle(frameOf(2));
    world.pass(1);
    expect(world.count("set")).toBe(2);
    session.move({ ...LEFT, x1: 1.6 });
    world.pass(200);
    expect(world.count("set")).toBe(3);
  });

  it("asks at once when the gesture ends", () => {
    session.setMoving(true);
    session.move(LEFT);
    world.pass(20);
    session.move({ ...LEFT, x1: 1.5 });
    world.pass(21);
    session.setMoving(false);
    world.pass(1);
    expect(world.count("set")).toBe(2);
  });

  it("drops a late frame, but gives its credit back", () => {
    session.handle(frameOf(5, { pieces: [pieceOf({ id: "bb" })] }));
    session.handle(frameOf(3, { pieces: [pieceOf({ id: "cc" })] }));
    expect(state().picture?.seq).toBe(5);
    session.drawn();
    const shown = world.sent.filter(({ type }) => type === "shown");
    expect(shown.map((message) => "seq" in message && message.seq)).toEqual([1, 5, 3]);
  });

  it("gives a credit only when the frame is on screen, once, and none for partial frames", () => {
    session.drawn();
    expect(world.count("shown")).toBe(1);
    session.handle(frameOf(2, { status: "partial" }));
    session.drawn();
    expect(world.count("shown")).toBe(1);
  });
});

describe("never a blank", () => {
  beforeEach(() => session.handle(frameOf(1, { pieces: [pieceOf({ id: "aa" })] })));
  const drawn = () => session.frames.layers(WHOLE, session.pieces).map(({ id }) => id);

  it("keeps the old picture until the new one is whole", () => {
    session.setOptions({ reduction: "mean", value: "delay", x: "date", y: "delay" });
    world.pass(20);
    expect(drawn()).toEqual(["aa"]);
    session.handle(frameOf(2, { status: "partial", pieces: [pieceOf({ id: "bb" })] }));
    expect(drawn()).toEqual(["aa"]);
    session.handle(frameOf(2, { pieces: [pieceOf({ id: "cc", extent: { x0: 2, x1: 4, y0: 0, y1: 1 } })] }));
    expect(drawn()).toEqual(["bb"]);
    expect(state().picture?.options).toMatchObject({ reduction: "mean" });
  });

  it("keeps it through an error, a lost connection and another kind", () => {
    session.handle(error({ seq: 1, code: "internal" }));
    session.handleLink({ state: "waiting", retryAt: 1 });
    session.setKind("histogram", { x: "date" });
    expect(drawn()).toEqual(["aa"]);
    expect(state().picture?.kind).toBe("points");
  });

  it("does not change the viewport of other axes before their picture is there", () => {
    const before = state().viewport;
    session.setOptions({ reduction: "count", x: "distance", y: "delay" });
    world.pass(20);
    expect(world.last("set")).toMatchObject({ viewport: { extent: null } });
    session.move(LEFT);
    expect(state().viewport).toEqual(before);
    const extent = { x0: 0, x1: 5000, y0: 0, y1: 1 };
    session.handle(frameOf(2, { viewport: { width: 100, height: 50, extent } }));
    expect([state().viewport, state().home]).toEqual([extent, extent]);
    // A projection in other units is shown with equal steps.
    session.setOptions({ ...state().options, x_scale: "map" });
    world.pass(200);
    session.handle(frameOf(3, { axes: mapAxes(), viewport: { width: 100, height: 50, extent: LEFT } }));
    world.pass(200);
    expect(world.last("set")).toMatchObject({ viewport: { extent: { x0: -0.5, x1: 1.5, y0: 0, y1: 1 } } });
  });
});

describe("refusals", () => {
  beforeEach(() => session.handle(frameOf(1)));

  it("keep what was asked in the form and what was accepted on screen", () => {
    session.setOptions({ ...state().options, reduction: "mean" });
    world.pass(20);
    session.handle(error({ seq: 2, field: "value", detail: "mean needs a value column." }));
    expect(state()).toMatchObject({
      options: { reduction: "mean" },
      error: { field: "value" },
      pending: null,
    });
    session.move(LEFT);
    world.pass(200);
    session.handle(frameOf(3));
    expect(state().picture?.options).toMatchObject({ reduction: "count" });
  });

  it("take back removed options with null, whatever the server has", () => {
    session.setOptions({ x: "date", y: "delay" });
    world.pass(20);
    expect(world.last("set")?.options).toEqual({ x: "date", y: "delay", reduction: null });
  });

  it("of an open are tried again with the next change", () => {
    start();
    session.handle(error({ code: "unknown_column", field: "x" }));
    expect(state().error?.field).toBe("x");
    session.setOptions({ x: "date" });
    expect(world.count("open")).toBe(2);
  });
});

describe("troubles that pass", () => {
  it("are asked again, later and later, and shown only when they stay", () => {
    session.handle(frameOf(1));
    session.move(LEFT);
    world.pass(20);
    session.handle(error({ seq: 2, code: "compute_unavailable" }));
    expect(state().error).toBeNull();
    world.pass(260);
    world.pass(20);
    expect(world.count("set")).toBe(2);
    session.handle(error({ seq: 3, code: "compute_unavailable" }));
    expect(state().error?.code).toBe("compute_unavailable");
    session.handle(frameOf(3));
    expect(state().error).toBeNull();
  });

  it("of the connection end with the same view, seq going on and pieces not sent twice", () => {
    session.handle(frameOf(1, { pieces: [pieceOf({ id: "aabb" })] }));
    session.move(LEFT);
    world.pass(20);
    session.handleLink({ state: "waiting", retryAt: 1 });
    session.handleLink({ state: "live" });
    session.handle({
      type: "welcome",
      sessionId: "s2",
      kindsHash: "h",
      expiresIn: 300,
      limits: START_LIMITS,
    });
    const open = { seq: 3, held: ["aabb"], versionId: "v1", viewport: { extent: LEFT } };
    expect(world.last("open")).toMatchObject(open);
  });

  it("sends nothing while the connection is down", () => {
    session.handle(frameOf(1));
    session.handleLink({ state: "waiting", retryAt: 1 });
    const before = world.sent.length;
    session.move(LEFT);
    world.pass(200);
    expect(world.sent.length).toBe(before);
  });
});

it("asks again for pieces that the server thinks are here", () => {
  session.handle(frameOf(1, { reuse: ["ffff"] }));
  world.pass(200);
  expect(world.last("drop")?.pieceIds).toEqual(["ffff"]);
  expect(world.last("set")).toMatchObject({ seq: 2 });
});

it("shows progress by the pieces that have come", () => {
  const receipt = {
    versionId: "v1",
    backend: "cpu",
    rowsScanned: 1,
    piecesTotal: 4,
    piecesCached: 0,
    tilesRead: 0,
  };
  const whole = { ...receipt, stages: [], traceId: "", fraction: 1, degraded: "", unplaced: null };
  session.handle(frameOf(1, { status: "partial", pieces: [pieceOf({ id: "aa" })], receipt: whole }));
  expect(state().progress).toBe(0.25);
});

it("stays on its version until a person asks for the newest", () => {
  session.handle(frameOf(1));
  const version = { id: "v2", number: 2, rows: 11 };
  const notice = { type: "notice", notice: "version_available", viewId: 1, detail: "" } as const;
  session.handle({ ...notice, reconnectAfterMs: 0, version });
  expect(state().newVersion).toEqual(version);
  session.refresh();
  expect(world.last("close")).toEqual({ type: "close", viewId: 1 });
  expect(world.last("open")).toMatchObject({ viewId: 2, versionId: "" });
});

it("says that pictures take longer until one is made as fast as ever", () => {
  const pieces = { piecesTotal: 1, piecesCached: 0, tilesRead: 0 };
  const known = { versionId: "v1", rowsScanned: 1, ...pieces, stages: [], traceId: "" };
  const shown = (seq: number, backend: string, degraded = "") =>
    session.handle(frameOf(seq, { receipt: { ...known, fraction: 1, backend, degraded, unplaced: null } }));
  const notice = { type: "notice", notice: "degraded", detail: "Only slower." } as const;
  const degraded = (viewId: number) =>
    session.handle({ ...notice, viewId, reconnectAfterMs: 0, version: null });
  degraded(7);
  expect(state().slower).toBe("");
  shown(1, "cpu", "card_lost");
  degraded(1);
  expect(state().slower).toBe("Only slower.");
  expect(state().error).toBeNull();
  shown(2, "cache");
  shown(3, "cpu", "card_lost");
  session.handle(frameOf(4));
  expect(state().slower).toBe("Only slower.");
  shown(5, "gpu");
  expect(state().slower).toBe("");
});

describe("limits of the server", () => {
  const welcome = (limits: Partial<ServerLimits>) =>
    session.handle({
      type: "welcome",
      sessionId: "s",
      kindsHash: "h",
      expiresIn: 300,
      limits: { ...START_LIMITS, ...limits },
    });
  const pieces = ["aa", "bb", "cc"].map((id) => pieceOf({ id }));

  it("cut the lists of pieces that are held and dropped", () => {
    session.handle(frameOf(1, { pieces }));
    welcome({ messageBytes: 64 });
    expect(world.last("open")?.held).toEqual(["bb", "cc"]);
    session.handle(frameOf(2, { reuse: ["d1", "d2", "d3"] }));
    const dropped = world.sent.filter((message) => message.type === "drop");
    expect(dropped.map(({ pieceIds }) => pieceIds)).toEqual([["d1", "d2"], ["d3"]]);
  });

  it("space the requests", () => {
    session.handle(frameOf(1));
    welcome({ messagesPerSecond: 12 });
    session.move(LEFT);
    world.pass(0);
    session.move(WHOLE);
    world.pass(99);
    expect(world.count("set")).toBe(1);
    world.pass(1);
    expect(world.count("set")).toBe(2);
  });

  it("bound the size that is asked for", () => {
    welcome({ sidePixels: 40 });
    expect(world.last("open")?.viewport).toMatchObject({ width: 40, height: 40 });
  });
});

it("says so when a picture shows what this page does not know", () => {
  session.handle(frameOf(1, { quantity: null }));
  expect(state().error?.code).toBe("page_outdated");
  session.handle(frameOf(2));
  expect(state().error).toBeNull();
});
