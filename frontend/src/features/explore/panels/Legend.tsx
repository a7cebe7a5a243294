import { useStore } from "zustand";
import { isByCategory, isOfCategories } from "../../../model/quantity.ts";
import type { Look } from "../../../model/look.ts";
import classes from "../explore.module.css";
import type { Exploration } from "../state/exploration.ts";
import { ColourKey } from "./ColourKey.tsx";
import { ColourControls, MarkControls, RangeControls } from "./LegendControls.tsx";

/** What the colours mean, and the ways to change them. */
export function Legend({ exploration }: { exploration: Exploration }) {
  const look = useStore(exploration.look);
  const { scale, quantity, markPixels } = useStore(exploration.legend);
  const kind = useStore(exploration.session.store, (state) => state.picture?.kind ?? state.kind);
  const change = (patch: Partial<Look>) => exploration.changeLook(patch);
  const grid = exploration.rendererOf(kind) === "grid";
  const together = exploration.rendererOf(kind) === "lines";
  const mapped = !(quantity && (isOfCategories(quantity) || (together && isByCategory(quantity))));
  const sized = grid && quantity?.finisher !== "mode";
  return (
    <section className={classes.group} aria-label="Legend">
      {quantity && (
        <ColourKey
          exploration={exploration}
          look={look}
          scale={grid ? scale : null}
          quantity={quantity}
          together={together}
        />
      )}
      {sized && <RangeControls look={look} scale={scale} quantity={quantity} change={change} />}
      <ColourControls look={look} change={change} mapped={mapped} />
      {grid && <MarkControls look={look} markPixels={markPixels} change={change} />}
    </section>
  );
}
