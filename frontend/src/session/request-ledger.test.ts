import { expect, it } from "vitest";
import { RequestLedger } from "./request-ledger.ts";

const HERE = { x0: 0, x1: 1, y0: 0, y1: 1 };
const THERE = { ...HERE, x1: 2 };

it("knows the options and the extent of every answer", () => {
  const ledger = new RequestLedger({ n: 0 }, null, 1);
  ledger.add({ seq: 3, options: { n: 3 }, extent: HERE });
  ledger.add({ seq: 4, options: null, extent: THERE });
  ledger.add({ seq: 5, options: { n: 5 }, extent: undefined });
  expect([1, 2, 3, 4, 9].map((seq) => ledger.at(seq)["n"])).toEqual([0, 0, 3, 3, 5]);
  expect([1, 3, 4, 9].map((seq) => ledger.extentAt(seq))).toEqual([null, HERE, THERE, THERE]);
  expect(ledger.refuse(3)).toMatchObject({ options: { n: 3 } });
  expect(ledger.at(4)).toEqual({ n: 0 });
  expect(ledger.refuse(3)).toBeNull();
  ledger.settle(5, null);
  expect(ledger.at(1)).toEqual({ n: 5 });
  expect([ledger.current, ledger.currentExtent]).toEqual([{ n: 5 }, THERE]);
});

it("takes over the extent that the server chose", () => {
  const ledger = new RequestLedger({}, null, 1);
  ledger.settle(1, HERE);
  expect(ledger.currentExtent).toEqual(HERE);
});

it("never loses what the view was opened with", () => {
  const ledger = new RequestLedger({ n: 0 }, null, 1);
  expect(ledger.refuse(1)).toBeNull();
  ledger.fill({ n: 1 });
  expect(ledger.current).toEqual({ n: 1 });
});
