import { Button } from "@mantine/core";
import { useStore } from "zustand";
import { sameExtent } from "../../../model/viewport.ts";
import type { Exploration } from "../state/exploration.ts";
import type { InView } from "../state/summary.ts";
import { useInView } from "../state/useInView.ts";
import classes from "./PlotNotes.module.css";

/** Over the plot: how many rows lie outside of what a view opens with, and the way out of an empty part. */
export function PlotNotes({ exploration }: { exploration: Exploration }) {
  const seen = useInView(exploration);
  const home = useStore(exploration.session.store, (state) => state.home);
  if (!seen) return <div className={classes.notes} role="status" />;
  return (
    <div className={classes.notes} role="status">
      {seen.rows === 0 && seen.placed > 0 && <Empty exploration={exploration} />}
      {seen.rows > 0 && home && sameExtent(seen.viewport, home) && (
        <Outside exploration={exploration} seen={seen} />
      )}
    </div>
  );
}

function showAll(exploration: Exploration): void {
  exploration.showAll();
  // The button goes: the keyboard goes on in the plot.
  document.querySelector<HTMLElement>("[data-part='area']")?.focus();
}

function Empty({ exploration }: { exploration: Exploration }) {
  return (
    <p className={classes.chip}>
      No rows here{" "}
      <Button size="compact-xs" variant="default" onClick={() => showAll(exploration)}>
        Show everything
      </Button>
    </p>
  );
}

function Outside({ exploration, seen }: { exploration: Exploration; seen: InView }) {
  const outside = seen.placed - seen.rows;
  if (outside <= 0 || !exploration.wholeExtent()) return null;
  return (
    <p className={classes.chip}>
      {outside.toLocaleString("en")} {outside === 1 ? "row lies" : "rows lie"} outside{" "}
      <Button size="compact-xs" variant="default" onClick={() => showAll(exploration)}>
        Show all
      </Button>
    </p>
  );
}
