import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { ColumnType, Transform, ViewAxisSchema } from "../../gen/halftone/v1/compute_pb.ts";
import { Empty, Finisher, Interval, PlaneRole, QuantitySchema } from "../../gen/halftone/v1/frame_pb.ts";
import { plainAxes, plainQuantity } from "./quantities.ts";

const MEAN: MessageInitShape<typeof QuantitySchema> = {
  label: "Mean of delay",
  finisher: Finisher.RATIO,
  planes: [PlaneRole.SUM],
  empty: Empty.NO_VALUE,
  withinValue: true,
  value: "delay",
};
const read = (change: typeof MEAN = {}) => plainQuantity(create(QuantitySchema, { ...MEAN, ...change }));

it("says what a picture shows", () => {
  expect(read()).toEqual({
    label: "Mean of delay",
    unit: "",
    finisher: "ratio",
    planes: ["sum"],
    empty: "no_value",
    growsWithArea: false,
    integer: false,
    withinValue: true,
    value: "delay",
    category: "",
  });
});

it("knows the interval of a mean, and passes over one that it does not know", () => {
  expect(read({ interval: Interval.MEAN_95 })?.interval).toBe("mean95");
  expect(read({ interval: 99 as Interval })).not.toHaveProperty("interval");
  expect(read({ error: 0.016, planes: [PlaneRole.STATISTIC] })).toMatchObject({
    error: 0.016,
    planes: ["statistic"],
  });
});

it.each([
  [Finisher.IDENTITY, "identity"],
  [Finisher.PRESENCE, "presence"],
  [Finisher.RATIO, "ratio"],
  [Finisher.VARIANCE, "variance"],
  [Finisher.DEVIATION, "deviation"],
  [Finisher.DIFFERENCE, "difference"],
  [Finisher.CATEGORIES, "categories"],
])("knows finisher %s as %s", (finisher, name) => {
  expect(read({ finisher })?.finisher).toBe(name);
});

it("knows nothing of what a newer server makes", () => {
  expect(plainQuantity(undefined)).toBeNull();
  expect(read({ finisher: 99 as Finisher })).toBeNull();
  expect(read({ empty: Empty.UNSPECIFIED })).toBeNull();
  expect(read({ planes: [PlaneRole.SUM, 99 as PlaneRole] })).toBeNull();
});

it("names the axes; without y the number of a cell is its height", () => {
  const x = create(ViewAxisSchema, { column: "date", type: ColumnType.TIME, label: "Date" });
  const y = create(ViewAxisSchema, {
    column: "delay",
    type: ColumnType.NUMBER,
    label: "Delay",
    unit: "min",
    transform: Transform.LOG10,
  });
  expect(plainAxes({ x, y })).toEqual({
    x: { column: "date", type: "time", transform: "linear", label: "Date", unit: "" },
    y: { column: "delay", type: "number", transform: "log10", label: "Delay", unit: "min" },
  });
  expect(plainAxes({ x })?.y).toBeNull();
  expect(plainAxes({})).toBeNull();
  const steps = [{ label: "AA" }, {}, { label: "" }];
  const carrier = create(ViewAxisSchema, { column: "c", type: ColumnType.CATEGORY, transform: 4, steps });
  expect(plainAxes({ x: carrier })?.x).toMatchObject({
    type: "number",
    transform: "steps",
    steps: ["AA", null, ""],
  });
  expect(plainAxes({ x: create(ViewAxisSchema, { ...x, width: 0.1 }) })?.x).toMatchObject({ width: 0.1 });
  const newer = create(ViewAxisSchema, { ...y, transform: 99 as Transform });
  expect(plainAxes({ x: newer })).toBeNull();
  expect(plainAxes({ x, y: newer })).toBeNull();
});
