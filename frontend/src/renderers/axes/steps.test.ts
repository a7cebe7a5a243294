import { describe, expect, it } from "vitest";
import { stepAt, stepLabel, stepsBetween, stepTicks } from "./steps.ts";

const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MANY = Array.from({ length: 300 }, (_, index) => `A${index}`);

it("names a category that is missing, and one that the version does not list", () => {
  expect([0, 1, 2].map((index) => stepLabel(["AA", null, ""], index))).toEqual(["AA", "(missing)", "#3"]);
});

it("names the step under a place, beyond the axis the nearest", () => {
  expect([-3, 0, 0.99, 1, 6.5, 7, 90].map((place) => stepAt(DAYS, place))).toEqual([
    "Monday",
    "Monday",
    "Monday",
    "Tuesday",
    "Sunday",
    "Sunday",
    "Sunday",
  ]);
});

it("names a cell by its step, and a range by its first and last", () => {
  expect(stepsBetween(DAYS, 2, 3, " – ")).toBe("Wednesday");
  expect(stepsBetween(DAYS, -0.1, 7.1, " to ")).toBe("Monday to Sunday");
  expect(stepsBetween(DAYS, 1.5, 1.6, " to ")).toBe("Tuesday");
});

describe("ticks", () => {
  const labels = (steps: readonly string[], lo: number, hi: number, length: number, side: "x" | "y" = "x") =>
    stepTicks(steps, lo, hi, side, length).map(({ label }) => label);

  it("stand in the middle of each step where there is room", () => {
    expect(stepTicks(DAYS, -0.14, 7.14, "x", 900)).toEqual(
      DAYS.map((label, index) => ({ at: index + 0.5, label })),
    );
    expect(labels(DAYS, 2.2, 4.8, 900)).toEqual(["Wednesday", "Thursday", "Friday"]);
  });

  it("are of every second, fifth or tenth step where there is less", () => {
    expect(labels(DAYS, 0, 7, 250)).toEqual(["Monday", "Wednesday", "Friday", "Sunday"]);
    expect(labels(MANY, 0, 300, 900)).toEqual(Array.from({ length: 15 }, (_, index) => `A${index * 20}`));
    expect(labels(MANY, 0, 300, 600, "y")).toEqual(
      Array.from({ length: 30 }, (_, index) => `A${index * 10}`),
    );
  });

  it("are cut before one is left out", () => {
    expect(labels(["Other (219)", "ACY"], 0, 2, 150)).toEqual(["Other (2…", "ACY"]);
    expect(labels(DAYS, 0, 7, 280)).toEqual(["Mon…", "Tue…", "Wed…", "Thu…", "Fri…", "Sat…", "Sun…"]);
  });

  it("are cut where they are long, and none where no step is in view", () => {
    expect(labels(["Hartsfield–Jackson Atlanta International"], 0, 1, 900)).toEqual(["Hartsfield–Jack…"]);
    expect(labels(["Wednesday and Thursday"], 0, 1, 90, "y")).toEqual(["Wednesd…"]);
    expect(labels(DAYS, 8, 9, 900)).toEqual([]);
    expect(labels(DAYS, 3, 3, 900)).toEqual([]);
  });
});
