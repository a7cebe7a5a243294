import { expect, it } from "vitest";
import { GridRenderer } from "./grid.ts";

it("is not there without WebGL2", () => {
  const canvas = document.createElement("canvas");
  canvas.getContext = () => null;
  expect(GridRenderer.create(canvas)).toBeNull();
});
