/** What a picture shows, from its messages. */
import { ColumnType, TimeUnit, type ViewAxis as WireAxis } from "../../gen/halftone/v1/compute_pb.ts";
import {
  Empty as WireEmpty,
  Finisher as WireFinisher,
  type Quantity as WireQuantity,
} from "../../gen/halftone/v1/frame_pb.ts";
import type { Empty, Finisher, Quantity, ViewAxes, ViewAxis } from "../../model/quantity.ts";
import { ROLES } from "./pieces.ts";

const FINISHERS: Partial<Record<WireFinisher, Finisher>> = {
  [WireFinisher.IDENTITY]: "identity",
  [WireFinisher.PRESENCE]: "presence",
  [WireFinisher.RATIO]: "ratio",
  [WireFinisher.VARIANCE]: "variance",
  [WireFinisher.DEVIATION]: "deviation",
  [WireFinisher.DIFFERENCE]: "difference",
  [WireFinisher.CATEGORIES]: "categories",
};
const EMPTIES: Partial<Record<WireEmpty, Empty>> = {
  [WireEmpty.ZERO]: "zero",
  [WireEmpty.NO_VALUE]: "no_value",
};

/** Null when it is absent, or made in a way that this page does not know. */
export function plainQuantity(quantity: WireQuantity | undefined): Quantity | null {
  if (!quantity) return null;
  const finisher = FINISHERS[quantity.finisher];
  const empty = EMPTIES[quantity.empty];
  const planes = quantity.planes.flatMap((role) => ROLES[role] ?? []);
  if (!finisher || !empty || planes.length < quantity.planes.length) return null;
  const { label, unit, growsWithArea, integer, withinValue, value, category } = quantity;
  return { label, unit, finisher, planes, empty, growsWithArea, integer, withinValue, value, category };
}

/** Null when the message says nothing of axes. */
export function plainAxes(message: { x?: WireAxis | undefined; y?: WireAxis | undefined }): ViewAxes | null {
  return message.x ? { x: plainAxis(message.x), y: message.y ? plainAxis(message.y) : null } : null;
}

function plainAxis({ column, type, timeUnit, label, unit }: WireAxis): ViewAxis {
  const time = timeUnit === TimeUnit.MILLISECOND ? "time_ms" : "time";
  return { column, type: type === ColumnType.TIME ? time : "number", label, unit };
}
