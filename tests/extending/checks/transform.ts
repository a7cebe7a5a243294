/** The transform of the recipe, in the browser's code: its axis is known, and places are those of the server. */
import { create } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { Transform, ViewAxisSchema } from "../../gen/halftone/v1/compute_pb.ts";
import { transformOf } from "../../model/transforms/transforms.ts";
import { plainAxes } from "./quantities.ts";

it("knows the axis, and has the places of the server", () => {
  const axes = plainAxes({ x: create(ViewAxisSchema, { column: "x", transform: Transform.ROOT }) });
  expect(axes?.x.transform).toBe("root");
  const { forward, inverse } = transformOf("root");
  expect([forward(9), inverse(3), inverse(-1)]).toEqual([3, 9, 0]);
});
