import { beforeEach, describe, expect, it } from "vitest";
import { axesOf, pieceOf, ROWS } from "../model/testing.ts";
import { START_LIMITS } from "../net/socket/limits.ts";
import { ExploreSession } from "./session.ts";
import { frameOf, World } from "./testing.ts";

const WHOLE = { x0: 0, x1: 2, y0: 0, y1: 1 };
const LEFT = { x0: 0, x1: 1, y0: 0, y1: 1 };

let world: World;
let session: ExploreSession;

const state = () => session.store.getState();

beforeEach(() => {
  world = new World();
  session = new ExploreSession(world, { kind: "points", options: { reduction: "count" }, viewport: null });
  session.resize({ width: 100, height: 50 });
  session.handleLink({ state: "live" });
  session.handle({ type: "welcome", sessionId: "s", kindsHash: "h", expiresIn: 300, limits: START_LIMITS });
  session.handle({
    type: "opened",
    viewId: 1,
    seq: 1,
    version: { id: "v1", number: 1, rows: 10 },
    extent: WHOLE,
    equalAspect: false,
    columns: [],
    options: { reduction: "count", x: "date", y: "delay", value: null },
    quantity: ROWS,
    axes: axesOf("date", "delay"),
  });
});

describe("an approximate frame", () => {
  const estimate = { ...pieceOf({ id: "ee" }), fraction: 0.01 };
  const receipt = { versionId: "v1", backend: "", rowsScanned: 0, piecesTotal: 1, piecesCached: 0 };
  const rest = { tilesRead: 0, stages: [], traceId: "", fraction: 0.01, degraded: "", unplaced: null };
  const first = (seq: number) =>
    frameOf(seq, { status: "approximate", pieces: [estimate], receipt: { ...receipt, ...rest } });
  const layers = () => session.frames.layers(WHOLE, session.pieces).map(({ id }) => id);

  it("is asked for", () => {
    expect(world.last("open")?.approximate).toBe(true);
  });

  it("is shown at once, and its request stays open until the exact one comes", () => {
    session.handle(first(1));
    expect(layers()).toEqual(["ee"]);
    expect(state().picture).toMatchObject({ seq: 1, status: "approximate", receipt: { fraction: 0.01 } });
    expect(state().pending).toMatchObject({ seq: 1 });
    session.handle(frameOf(1, { status: "approximate", progress: 0.5 }));
    expect(state().progress).toBe(0.5);
    expect(layers()).toEqual(["ee"]);
    session.handle(frameOf(1, { pieces: [pieceOf({ id: "aa" })] }));
    expect(layers()).toEqual(["aa"]);
    expect(state().picture?.status).toBe("exact");
    expect(state()).toMatchObject({ pending: null, progress: null });
  });

  it("is never acknowledged, kept or said to be held", () => {
    session.handle(first(1));
    session.drawn();
    expect(world.count("shown")).toBe(0);
    expect(session.pieces.get("ee")).toBeUndefined();
    session.handle(frameOf(1, { pieces: [pieceOf({ id: "aa" })] }));
    session.drawn();
    expect(world.count("shown")).toBe(1);
    session.handleLink({ state: "waiting", retryAt: 1 });
    session.handleLink({ state: "live" });
    session.handle({
      type: "welcome",
      sessionId: "t",
      kindsHash: "",
      expiresIn: 300,
      limits: START_LIMITS,
    });
    expect(world.last("open")?.held).toEqual(["aa"]);
  });

  it("only tells progress where there is no sample", () => {
    session.handle(frameOf(1, { status: "approximate", progress: 0.25 }));
    expect(state()).toMatchObject({ picture: null, progress: 0.25 });
  });

  it("does not replace what a newer request shows", () => {
    session.handle(frameOf(2, { pieces: [pieceOf({ id: "aa" })] }));
    session.handle(first(1));
    expect(layers()).toEqual(["aa"]);
  });

  it("lies under exact pieces of the same request, and is no part of later pictures", () => {
    session.handle(first(1));
    session.handle(frameOf(1, { status: "partial", pieces: [pieceOf({ id: "aa" })] }));
    expect(layers()).toEqual(["ee", "aa"]);
    session.handle(frameOf(2, { pieces: [pieceOf({ id: "bb", extent: LEFT })], viewport: null }));
    expect(layers()).not.toContain("ee");
  });
});
