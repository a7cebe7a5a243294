import { describe, expect, it } from "vitest";
import { estimate, shareText } from "./piece.ts";
import { finish } from "./finishers.ts";
import { pieceOf, valueQuantity } from "./testing.ts";

const THIRD = 1 / 3;

describe("estimates from a sample", () => {
  it.each([
    ["count", [1, 2], [3, 6]],
    ["category", [1, 0], [3, 0]],
    ["sum", [0.5, -1], [1.5, -3]],
    ["min", [0.5, -1], [0.5, -1]],
    ["max", [5, 6], [5, 6]],
    ["first", [5, 6], [5, 6]],
    ["last", [5, 6], [5, 6]],
  ] as const)("grow with the rows, or hold as they are: %s", (role, cells, all) => {
    expect([...(estimate(role, Float64Array.from(cells), THIRD) ?? [])]).toEqual(all);
  });

  it("are whole where rows are counted", () => {
    expect(estimate("count", Uint8Array.of(0, 1), 0.03)).toEqual(Float64Array.of(0, 33));
  });

  it("leave empty planes empty", () => {
    expect(estimate("count", null, 0.5)).toBeNull();
  });

  it("do not shift a mean or a spread", () => {
    const planes = (["count", "valid", "sum", "squares"] as const).map((role, place) => ({
      role,
      category: 0,
      cells: estimate(role, Uint8Array.of(3 + place, 1), 0.03),
    }));
    const piece = pieceOf({ id: "a", planes });
    expect(finish(piece, valueQuantity("Mean of v", "ratio", ["sum"]))?.[0]).toBeCloseTo(5 / 4, 12);
    expect(finish(piece, valueQuantity("Variance of v", "variance", ["squares"]))?.[0]).toBeCloseTo(
      6 / 4,
      12,
    );
  });
});

it.each([
  [0.0105, "1 %"],
  [0.00105, "0.1 %"],
  [0.21, "21 %"],
  [0.2097, "21 %"],
  [1, "100 %"],
])("a share of %s is %s", (fraction, text) => {
  expect(shareText(fraction)).toBe(text);
});
