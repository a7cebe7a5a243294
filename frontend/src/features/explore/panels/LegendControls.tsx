import { NativeSelect, NumberInput, Switch } from "@mantine/core";
import { type Look, NORMALISATIONS, type RangeMode, SPREADS } from "../../../model/look.ts";
import type { Quantity } from "../../../model/quantity.ts";
import type { Normalisation, Scale } from "../../../model/scale.ts";
import { COLOUR_MAPS } from "../../../renderers/colours.ts";
import classes from "../explore.module.css";

const NORMALISATION_NAMES: Readonly<Record<Normalisation, string>> = {
  linear: "Linear",
  log: "Logarithmic",
  eq_hist: "Equalised",
};

interface ControlProps {
  look: Look;
  change: (patch: Partial<Look>) => void;
}

/** How numbers are spread over the colours, and which numbers the ends are. */
export function RangeControls({
  look,
  scale,
  quantity,
  change,
}: ControlProps & { scale: Scale | null; quantity: Quantity | null }) {
  const within = quantity?.withinValue === true;
  const ranges = [
    { value: "view", label: "This view" },
    // Other quantities depend on the size of cells, so they have no range of the whole data.
    ...(within ? [{ value: "data", label: "Whole data" }] : []),
    { value: "locked", label: "Locked numbers" },
  ];
  const chooseRange = (range: RangeMode) => {
    const { lo, hi } = scale ?? look;
    change(range === "locked" ? { range, lo, hi: hi > lo ? hi : lo + 1 } : { range });
  };
  const equalised = look.normalisation === "eq_hist";
  return (
    <>
      <Choice
        label="Normalisation"
        data={NORMALISATIONS.map((value) => ({ value, label: NORMALISATION_NAMES[value] }))}
        value={look.normalisation}
        onChoose={(value) => change({ normalisation: value as Normalisation })}
      />
      {/* Equalised colours have no range to choose: they follow the cells in view. */}
      {!equalised && (
        <Choice
          label="Range"
          data={ranges}
          value={look.range}
          onChoose={(value) => chooseRange(value as RangeMode)}
        />
      )}
      {look.range === "locked" && !equalised && <LockedEnds look={look} change={change} />}
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
export function ColourControls({ look, change, mapped }: ControlProps & { mapped: boolean }) {
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
        label="Background"
        data={["dark", "light"]}
        value={look.background}
        onChoose={(background) => change({ background: background === "light" ? "light" : "dark" })}
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

/** Size at which isolated rows are drawn. */
export function MarkControls({ look, markPixels, change }: ControlProps & { markPixels: number }) {
  const names: Record<string, string> = { auto: "Automatic", off: "One cell" };
  const note =
    markPixels > 1
      ? `Isolated rows are drawn at least ${markPixels} px wide.`
      : "Each cell is drawn at its own size.";
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
