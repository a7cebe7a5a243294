import { NativeSelect, UnstyledButton } from "@mantine/core";
import { useMemo } from "react";
import { useStore } from "zustand";
import {
  CATEGORY_PLACES,
  type CategoryColumn,
  categoryLabel,
  modeLabel,
  placeLabel,
} from "../../../model/categories.ts";
import { axisTypeOf } from "../../../model/column.ts";
import type { Look } from "../../../model/look.ts";
import { type AxisType, isByCategory, isOfCategories, type Quantity } from "../../../model/quantity.ts";
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
  /** Null where no colour stands for a number. */
  scale: Scale | null;
  quantity: Quantity;
  /** Whether numbers of all categories are shown at once. */
  together?: boolean;
}

/** What each colour stands for: a colour map with its values, or the categories; and whose numbers are shown. */
export function ColourKey({ exploration, look, scale, quantity, together = false }: KeyProps) {
  const columns = useStore(exploration.session.store, (state) => state.columns);
  const columnOf = (name: string) => columns.find((column) => column.name === name) ?? null;
  const categories = columnOf(quantity.category);
  if (isOfCategories(quantity) || (together && isByCategory(quantity))) {
    return (
      <Swatches
        title={quantity.label}
        labels={labelsOf(categories, quantity.finisher === "mode" ? modeLabel : categoryLabel)}
        hidden={look.hidden}
        toggle={(place) => exploration.toggleCategory(place)}
      />
    );
  }
  const values = quantity.withinValue ? columnOf(quantity.value) : null;
  const type = values ? axisTypeOf(values) : "number";
  return (
    <>
      {scale && (
        <ColourBar
          title={`${quantity.label} in a cell`}
          look={look}
          scale={scale}
          quantity={quantity}
          type={type}
        />
      )}
      {isByCategory(quantity) && (
        <PlacePicker
          label={`Shown of ${quantity.category}`}
          labels={labelsOf(categories, categoryLabel)}
          pick={look.pick}
          choose={(pick) => exploration.changeLook({ pick })}
        />
      )}
    </>
  );
}

function labelsOf(column: CategoryColumn | null, labelOf: typeof categoryLabel): string[] {
  const count = Math.min(CATEGORY_PLACES, column?.categories.length ?? 0);
  return Array.from({ length: count }, (_, category) => labelOf(column, category));
}

interface PickerProps {
  label: string;
  labels: readonly string[];
  pick: number | null;
  choose: (pick: number | null) => void;
}

/** Whose numbers are shown: of one category, or of all rows together. */
function PlacePicker({ label, labels, pick, choose }: PickerProps) {
  const all = { value: "", label: placeLabel(null, null) };
  return (
    <NativeSelect
      size="xs"
      label={label}
      data={[all, ...labels.map((each, place) => ({ value: String(place), label: each }))]}
      value={pick === null ? "" : String(pick)}
      onChange={(event) =>
        choose(event.currentTarget.value === "" ? null : Number(event.currentTarget.value))
      }
    />
  );
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
