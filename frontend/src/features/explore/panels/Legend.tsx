import { NativeSelect, NumberInput, Switch, UnstyledButton } from "@mantine/core";
import { useMemo } from "react";
import { useStore } from "zustand";
import { CATEGORY_PLACES, categoryLabel } from "../../../model/categories.ts";
import { isCount, isWithinColumn, type Quantity } from "../../../model/finish.ts";
import { type Look, NORMALISATIONS, type RangeMode, SPREADS } from "../../../model/look.ts";
import { type Normalisation, type Scale, unshade } from "../../../model/scale.ts";
import { CATEGORY_COLOURS, COLOUR_MAPS, cssColour, cssGradient } from "../../../renderers/colours.ts";
import { numberText, valueText } from "../../../renderers/ticks.ts";
import classes from "../explore.module.css";
import type { Exploration } from "../state/exploration.ts";

const NORMALISATION_NAMES: Readonly<Record<Normalisation, string>> = {
  linear: "Linear",
  log: "Logarithmic",
  eq_hist: "Equal shares",
};
const REDUCTION_NAMES: Readonly<Record<string, string>> = {
  sum: "Sum",
  mean: "Mean",
  min: "Least",
  max: "Greatest",
  std: "Standard deviation",
  var: "Variance",
};
const TICKS = [0, 0.25, 0.5, 0.75, 1];

/** What the colours mean, and the ways to change them. */
export function Legend({ exploration }: { exploration: Exploration }) {
  const look = useStore(exploration.look);
  const { scale, quantity, markPixels } = useStore(exploration.legend);
  const kind = useStore(exploration.session.store, (state) => state.picture?.kind ?? state.kind);
  const change = (patch: Partial<Look>) => exploration.changeLook(patch);
  const grid = exploration.rendererOf(kind) === "grid";
  return (
    <section className={classes.group} aria-label="Legend">
      {grid && quantity && scale && (
        <Key exploration={exploration} look={look} scale={scale} quantity={quantity} />
      )}
      {grid && <RangeControls look={look} scale={scale} quantity={quantity} change={change} />}
      <ColourControls look={look} change={change} mapped={!(grid && quantity?.reduction === "categories")} />
      {grid && <MarkControls look={look} markPixels={markPixels} change={change} />}
    </section>
  );
}

interface KeyProps {
  exploration: Exploration;
  look: Look;
  scale: Scale;
  quantity: Quantity;
}

function Key({ exploration, look, scale, quantity }: KeyProps) {
  const columns = useStore(exploration.session.store, (state) => state.columns);
  if (quantity.reduction === "categories") {
    const column = columns.find(({ name }) => name === quantity.category) ?? null;
    return (
      <Swatches
        name={quantity.category}
        labels={labelsOf(column)}
        hidden={look.hidden}
        toggle={(place) => exploration.toggleCategory(place)}
      />
    );
  }
  const title = isCount(quantity)
    ? "Rows in a cell"
    : `${REDUCTION_NAMES[quantity.reduction]} of ${quantity.value} in a cell`;
  const isTime = columns.find(({ name }) => name === quantity.value)?.type === "time";
  return <Bar title={title} look={look} scale={scale} isTime={isTime && isWithinColumn(quantity)} />;
}

function labelsOf(column: Parameters<typeof categoryLabel>[0]): string[] {
  const count = Math.min(CATEGORY_PLACES, column?.categories.length ?? 0);
  return Array.from({ length: count }, (_, category) => categoryLabel(column, category));
}

function Bar({ title, look, scale, isTime }: { title: string; look: Look; scale: Scale; isTime: boolean }) {
  const gradient = useMemo(() => cssGradient(look.map, look.reverse), [look.map, look.reverse]);
  const text = (place: number) => {
    const value = unshade(scale, place);
    return isTime
      ? valueText("time", value, (scale.hi - scale.lo) / 100)
      : numberText(value, (scale.hi - scale.lo) / 100);
  };
  // A single value in view has one label, not five equal ones.
  const labels = [...new Set((isTime ? [0, 1] : TICKS).map(text))];
  return (
    <figure className={classes.key}>
      <figcaption>{title}</figcaption>
      <div className={classes.colourBar} style={{ background: gradient }} />
      <ol className={classes.ticks}>
        {labels.map((label) => (
          <li key={label}>{label}</li>
        ))}
      </ol>
    </figure>
  );
}

interface SwatchesProps {
  name: string;
  labels: readonly string[];
  hidden: readonly number[];
  toggle: (place: number) => void;
}

function Swatches({ name, labels, hidden, toggle }: SwatchesProps) {
  return (
    <figure className={classes.key}>
      <figcaption>Rows by {name}</figcaption>
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

interface ControlProps {
  look: Look;
  change: (patch: Partial<Look>) => void;
}

function RangeControls({
  look,
  scale,
  quantity,
  change,
}: ControlProps & { scale: Scale | null; quantity: Quantity | null }) {
  const within = quantity !== null && isWithinColumn(quantity);
  const ranges = [
    { value: "view", label: "This view" },
    // Counts, sums and spreads depend on the size of cells, so only these have a range of the whole data.
    ...(within ? [{ value: "data", label: "Whole data" }] : []),
    { value: "locked", label: "Locked numbers" },
  ];
  const chooseRange = (range: RangeMode) => {
    const { lo, hi } = scale ?? look;
    change(range === "locked" ? { range, lo, hi: hi > lo ? hi : lo + 1 } : { range });
  };
  const equal = look.normalisation === "eq_hist";
  return (
    <>
      <Choice
        label="Normalisation"
        data={NORMALISATIONS.map((value) => ({ value, label: NORMALISATION_NAMES[value] }))}
        value={look.normalisation}
        onChoose={(value) => change({ normalisation: value as Normalisation })}
      />
      {/* Equal shares are of what is in view: there is no range to choose. */}
      {!equal && (
        <Choice
          label="Range"
          data={ranges}
          value={look.range}
          onChoose={(value) => chooseRange(value as RangeMode)}
        />
      )}
      {look.range === "locked" && !equal && <LockedEnds look={look} change={change} />}
    </>
  );
}

function LockedEnds({ look, change }: ControlProps) {
  const set = (lo: number | string, hi: number | string) => {
    if (typeof lo === "number" && typeof hi === "number" && lo < hi) change({ lo, hi });
  };
  const common = { size: "xs", hideControls: true, className: classes.field ?? "" } as const;
  return (
    <>
      <NumberInput {...common} label="From" value={look.lo} onChange={(lo) => set(lo, look.hi)} />
      <NumberInput {...common} label="To" value={look.hi} onChange={(hi) => set(look.lo, hi)} />
    </>
  );
}

/** `mapped`: colours come from a colour map, and not from categories. */
function ColourControls({ look, change, mapped }: ControlProps & { mapped: boolean }) {
  return (
    <>
      {mapped && (
        <Choice
          label="Colours"
          data={Object.keys(COLOUR_MAPS)}
          value={look.map}
          onChoose={(map) => change({ map })}
        />
      )}
      <Choice
        label="Ground"
        data={["dark", "light"]}
        value={look.ground}
        onChoose={(ground) => change({ ground: ground === "light" ? "light" : "dark" })}
      />
      {mapped && (
        <Switch
          size="xs"
          label="Reversed"
          checked={look.reverse}
          onChange={(event) => change({ reverse: event.currentTarget.checked })}
        />
      )}
    </>
  );
}

interface ChoiceProps {
  label: string;
  data: string[] | { value: string; label: string }[];
  value: string;
  description?: string;
  onChoose: (value: string) => void;
}

function Choice({ label, data, value, description, onChoose }: ChoiceProps) {
  return (
    <NativeSelect
      size="xs"
      className={classes.field ?? ""}
      label={label}
      data={data}
      value={value}
      {...(description && { description, inputWrapperOrder: ["label", "input", "description"] })}
      onChange={(event) => onChoose(event.currentTarget.value)}
    />
  );
}

function MarkControls({ look, markPixels, change }: ControlProps & { markPixels: number }) {
  const names: Record<string, string> = { auto: "Automatic", off: "One cell" };
  const note =
    markPixels > 1 ? `Lone rows are at least ${markPixels} px wide.` : "Cells have their own size.";
  return (
    <Choice
      label="Marks"
      description={note}
      data={SPREADS.map((spread) => ({
        value: String(spread),
        label: names[String(spread)] ?? `${spread} px`,
      }))}
      value={String(look.spread)}
      onChoose={(value) => {
        const spread = SPREADS.find((candidate) => String(candidate) === value);
        if (spread !== undefined) change({ spread });
      }}
    />
  );
}
