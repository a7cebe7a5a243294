import { expect, it } from "vitest";
import { axesOf } from "../model/testing.ts";
import { ViewRequests } from "./requests.ts";

const EXTENT = { x0: 0, x1: 1, y0: 0, y1: 1 };
const KINDS = { optionNames: () => ["x", "y", "x_scale"], scaleOptions: () => ({ x_scale: "linear" }) };

const shape = (options: Record<string, string>) => ({
  kind: "points",
  options: { x: "a", y: "b", ...options },
});

function opened(): ViewRequests {
  const requests = new ViewRequests(shape({}).options, null, KINDS);
  requests.opened(shape({}), shape({}).options, axesOf("a", "b"));
  requests.takeScreen(shape({}));
  requests.aim(EXTENT);
  return requests;
}

it("takes the same columns in other units for other axes, without their extent", () => {
  const requests = opened();
  expect(requests.isTurning(shape({ x_scale: "log" }))).toBe(true);
  requests.change(shape({}), shape({ x_scale: "log" }), undefined);
  expect(requests.asked).toBeNull();
});

it("takes the usual units for the same, said or not", () => {
  const requests = opened();
  expect(requests.isTurning(shape({ x_scale: "linear" }))).toBe(false);
  requests.change(shape({}), shape({ x_scale: "linear" }), undefined);
  expect(requests.asked).toEqual(EXTENT);
});
