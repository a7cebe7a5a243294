import { expect, it } from "vitest";
import { OptionLedger } from "./option-ledger.ts";

it("knows the options of every answer", () => {
  const ledger = new OptionLedger({ n: 0 }, 1);
  ledger.add(3, { n: 3 });
  ledger.add(5, { n: 5 });
  expect([1, 2, 3, 4, 9].map((seq) => ledger.at(seq)["n"])).toEqual([0, 0, 3, 3, 5]);
  expect(ledger.refuse(3)).toBe(true);
  expect(ledger.at(4)).toEqual({ n: 0 });
  expect(ledger.refuse(4)).toBe(false);
  ledger.settle(5);
  expect(ledger.at(1)).toEqual({ n: 5 });
  expect(ledger.current).toEqual({ n: 5 });
});

it("never loses what the view was opened with", () => {
  const ledger = new OptionLedger({ n: 0 }, 1);
  expect(ledger.refuse(1)).toBe(false);
  ledger.fill({ n: 1 });
  expect(ledger.current).toEqual({ n: 1 });
});
