import { UnstyledButton } from "@mantine/core";
import { useMemo } from "react";
import { useStore } from "zustand";
import { CATEGORY_PLACES, type CategoryColumn, categoryLabel } from "../../../model/categories.ts";
import { axisTypeOf } from "../../../model/column.ts";
import type { Look } from "../../../model/look.ts";
import type { AxisType, Quantity } from "../../../model/quantity.ts";
import type { Scale } from "../../../model/scale.ts";
import { CATEGORY_COLOURS, cssColour, cssGradient } from "../../../renderers/colours.ts";
import type { Exploration } from "../state/exploration.ts";
import classes from "./ColourKey.module.css";
import { legendTicks } from "./legend-ticks.ts";

/** Labels nearer to an end of the bar than this are aligned with it. */
const EDGE = 0.1;

interface KeyProps {
  exploration: Exploration;
  look: Look;
  scale: Scale;
  quantity: Quantity;
}

/** What each colour stands for: a colour map with its values, or the categories. */
export function ColourKey({ exploration, look, scale, quantity }: KeyProps) {
  const columns = useStore(exploration.session.store, (state) => state.columns);
  const columnOf = (name: string) => columns.find((column) => column.name === name) ?? null;
  if (quantity.finisher === "categories") {
    return (
      <Swatches
        title={quantity.label}
        labels={labelsOf(columnOf(quantity.category))}
        hidden={look.hidden}
        toggle={(place) => exploration.toggleCategory(place)}
      />
    );
  }
  const values = quantity.withinValue ? columnOf(quantity.value) : null;
  const type = values ? axisTypeOf(values) : "number";
  return (
    <ColourBar
      title={`${quantity.label} in a cell`}
      look={look}
      scale={scale}
      quantity={quantity}
      type={type}
    />
  );
}

function labelsOf(column: CategoryColumn | null): string[] {
  const count = Math.min(CATEGORY_PLACES, column?.categories.length ?? 0);
  return Array.from({ length: count }, (_, category) => categoryLabel(column, category));
}

function ColourBar({
  title,
  look,
  scale,
  quantity,
  type,
}: {
  title: string;
  look: Look;
  scale: Scale;
  quantity: Quantity;
  type: AxisType;
}) {
  const gradient = useMemo(() => cssGradient(look.map, look.reverse), [look.map, look.reverse]);
  const ticks = useMemo(() => legendTicks(scale, quantity, type), [scale, quantity, type]);
  return (
    <figure className={classes.key}>
      <figcaption>{title}</figcaption>
      <div className={classes.colourBar} style={{ background: gradient }} />
      <ol className={classes.ticks}>
        {ticks.map(({ label, at }) => (
          <li key={label} style={{ left: `${at * 100}%` }} data-edge={edgeOf(at)}>
            {label}
          </li>
        ))}
      </ol>
    </figure>
  );
}

function edgeOf(at: number): "start" | "end" | undefined {
  if (at < EDGE) return "start";
  return at > 1 - EDGE ? "end" : undefined;
}

interface SwatchesProps {
  title: string;
  labels: readonly string[];
  hidden: readonly number[];
  toggle: (place: number) => void;
}

function Swatches({ title, labels, hidden, toggle }: SwatchesProps) {
  return (
    <figure className={classes.key}>
      <figcaption>{title}</figcaption>
      <ul className={classes.swatches}>
        {labels.map((label, category) => (
          <li key={label}>
            <UnstyledButton
              className={classes.swatch ?? ""}
              aria-pressed={!hidden.includes(category)}
              title={`${hidden.includes(category) ? "Show" : "Hide"} ${label}`}
              onClick={() => toggle(category)}
            >
              <i style={{ background: cssColour(CATEGORY_COLOURS[category] ?? [128, 128, 128]) }} />
              {label}
            </UnstyledButton>
          </li>
        ))}
      </ul>
    </figure>
  );
}
