import { describe, expect, it } from "vitest";
import { valueQuantity } from "../../../model/testing.ts";
import type { Picture } from "../../../session/frames.ts";
import { startState } from "../../../session/state.ts";
import { QUIET_MS, statusOf, type StatusPart, statusPart } from "./status.ts";

const EXTENT = { x0: 0, x1: 1, y0: 0, y1: 1 };
const PICTURE: Picture = {
  viewId: 1,
  seq: 1,
  kind: "points",
  options: {},
  key: "",
  ids: new Set(),
  extent: EXTENT,
  status: "exact",
  receipt: null,
  quantity: null,
  axes: null,
};
const ERROR = {
  type: "error" as const,
  code: "internal",
  field: "",
  detail: "It broke.",
  viewId: 1,
  seq: 1,
  requestId: "r",
  retryAfterMs: 0,
};
const START = startState({ kind: "points", options: {}, viewport: EXTENT });
const LIVE = statusPart({ ...START, link: { state: "live" }, picture: PICTURE });
const at = (change: Partial<StatusPart>, now = 1000, since = 0) =>
  statusOf({ ...LIVE, ...change }, now, since)?.label;

describe("the status", () => {
  it("is exact only when the picture is whole and covers what is looked at", () => {
    expect(at({})).toBe("Exact");
    expect(at({ covered: false })).toBe("Moving");
    expect(at({ pending: { seq: 2, since: 990 } })).toBe("Moving");
    expect(statusPart({ ...START, picture: PICTURE, viewport: { ...EXTENT, x1: 2 } }).covered).toBe(false);
  });

  it("says nothing before a wait is long", () => {
    const loading = { picture: null, pending: { seq: 1, since: 1000 } };
    expect(at(loading, 1000 + QUIET_MS - 1)).toBeUndefined();
    expect(at(loading, 1000 + QUIET_MS)).toBe("Refining");
    expect(at({ ...loading, progress: 0.25 }, 2000)).toBe("Refining 25 %");
  });

  it("never calls a sample exact", () => {
    const receipt = { versionId: "", backend: "", rowsScanned: 0, piecesTotal: 1, piecesCached: 0 };
    const rest = { tilesRead: 0, stages: [], traceId: "", degraded: "", unplaced: null };
    const picture: Picture = {
      ...PICTURE,
      status: "approximate",
      receipt: { ...receipt, ...rest, fraction: 0.0105 },
    };
    expect(at({ picture })).toBe("Approximate, 1 % of rows");
    const pending = { seq: 1, since: 0 };
    expect(at({ picture, pending })).toBe("Approximate, 1 % of rows");
    expect(at({ picture, pending, progress: 0.12 })).toBe("Refining 12 %");
    expect(statusOf({ ...LIVE, picture, pending, progress: 0.12 }, 1000, 0)?.detail).toContain(
      "1 % of the rows",
    );
  });

  it("never calls numbers exact that are estimates of all rows", () => {
    const quantity = { ...valueQuantity("Distinct values of v", "identity", []), error: 0.016 };
    const found = statusOf({ ...LIVE, picture: { ...PICTURE, quantity } }, 1000, 0);
    expect(found?.label).toBe("Estimated");
    expect(found?.detail).toContain("1.6 %");
  });

  it("calls what something slower made as exact as it is", () => {
    const slower = "The graphics card is not available now.";
    const slow = statusPart({ ...START, link: { state: "live" }, picture: PICTURE, slower });
    expect(statusOf(slow, 1000, 0)).toMatchObject({ kind: "exact", label: "Exact, slower" });
    expect(at({ slower, moving: true })).toBe("Moving");
  });

  it("tells moving, stale and failed", () => {
    expect(at({ moving: true })).toBe("Moving");
    expect(at({ newVersion: { id: "b", number: 2, rows: 1 } })).toBe("Stale");
    expect(at({ error: ERROR, moving: true })).toBe("Failed");
    expect(at({ error: { ...ERROR, code: "param_invalid", field: "value" } })).toBe("Not possible");
  });

  it("tells what is wrong with the connection, after a moment", () => {
    const waiting = { link: { state: "waiting", retryAt: 0 } } as const;
    expect(at(waiting, 100, 0)).toBe("Exact");
    expect(at(waiting, 1000, 0)).toBe("Reconnecting");
    expect(at({ ...waiting, picture: null }, 1000, 0)).toBe("Connecting");
    expect(at({ ...waiting, picture: null }, 100, 0)).toBeUndefined();
    expect(at({ link: { state: "stalled" }, moving: true }, 0, 0)).toBe("Stalled");
    expect(at({ link: { state: "offline" } })).toBe("Offline");
    expect(at({ link: { state: "stopped", reason: "Refused." } })).toBe("Disconnected");
  });
});
