/** What a picture shows, from its messages. */
import {
  ColumnType,
  TimeUnit,
  Transform,
  type ViewAxis as WireAxis,
} from "../../gen/halftone/v1/compute_pb.ts";
import {
  Empty as WireEmpty,
  Finisher as WireFinisher,
  Interval as WireInterval,
  type Quantity as WireQuantity,
} from "../../gen/halftone/v1/frame_pb.ts";
import type { Empty, Finisher, Interval, Quantity, ViewAxes, ViewAxis } from "../../model/quantity.ts";
import type { TransformName } from "../../model/transforms/transforms.ts";
import { ROLES } from "./pieces.ts";

const FINISHERS: Partial<Record<WireFinisher, Finisher>> = {
  [WireFinisher.IDENTITY]: "identity",
  [WireFinisher.PRESENCE]: "presence",
  [WireFinisher.RATIO]: "ratio",
  [WireFinisher.VARIANCE]: "variance",
  [WireFinisher.DEVIATION]: "deviation",
  [WireFinisher.DIFFERENCE]: "difference",
  [WireFinisher.CATEGORIES]: "categories",
  [WireFinisher.MODE]: "mode",
  [WireFinisher.SPAN]: "span",
};
const EMPTIES: Partial<Record<WireEmpty, Empty>> = {
  [WireEmpty.ZERO]: "zero",
  [WireEmpty.NO_VALUE]: "no_value",
};
const INTERVALS: Partial<Record<WireInterval, Interval>> = { [WireInterval.MEAN_95]: "mean95" };

const TRANSFORMS: Partial<Record<Transform, TransformName>> = {
  [Transform.UNSPECIFIED]: "linear",
  [Transform.LINEAR]: "linear",
  [Transform.LOG10]: "log10",
  [Transform.MERCATOR]: "mercator",
  [Transform.CATEGORY]: "steps",
  [Transform.HOUR]: "steps",
  [Transform.WEEKDAY]: "steps",
  [Transform.MONTH]: "steps",
};

/** Null when it is absent, or made in a way that this page does not know. */
export function plainQuantity(quantity: WireQuantity | undefined): Quantity | null {
  if (!quantity) return null;
  const finisher = FINISHERS[quantity.finisher];
  const empty = EMPTIES[quantity.empty];
  const planes = quantity.planes.flatMap((role) => ROLES[role] ?? []);
  if (!finisher || !empty || planes.length < quantity.planes.length) return null;
  const { label, unit, growsWithArea, integer, withinValue, value, category } = quantity;
  const interval = INTERVALS[quantity.interval];
  const plain = {
    label,
    unit,
    finisher,
    planes,
    empty,
    growsWithArea,
    integer,
    withinValue,
    value,
    category,
  };
  const { error } = quantity;
  return { ...plain, ...(interval && { interval }), ...(error > 0 && { error }) };
}

/** Null when the message says nothing of axes, or has a transform that this page does not know. */
export function plainAxes(message: { x?: WireAxis | undefined; y?: WireAxis | undefined }): ViewAxes | null {
  const x = message.x ? plainAxis(message.x) : null;
  const y = message.y ? plainAxis(message.y) : null;
  return !x || (message.y && !y) ? null : { x, y };
}

function plainAxis({
  column,
  type,
  transform,
  timeUnit,
  label,
  unit,
  steps,
  ranked,
  width,
}: WireAxis): ViewAxis | null {
  const time = timeUnit === TimeUnit.MILLISECOND ? "time_ms" : "time";
  const known = TRANSFORMS[transform];
  if (!known) return null;
  const axis = { column, transform: known, label, unit };
  return known === "steps"
    ? {
        ...axis,
        type: "number",
        steps: steps.map((step) => step.label ?? null),
        ...(ranked > 0 && { ranked }),
      }
    : { ...axis, type: type === ColumnType.TIME ? time : "number", ...(width > 0 && { width }) };
}
