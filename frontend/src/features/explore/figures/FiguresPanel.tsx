import { CloseButton } from "@mantine/core";
import { Children, useEffect, useMemo, useRef } from "react";
import { useStore } from "zustand";
import classes from "../rows/RowsPanel.module.css";
import type { Exploration } from "../state/exploration.ts";
import { useInView } from "../state/useInView.ts";
import { type Figures, lineFigures } from "./line-figures.ts";

/** Over the lower part of the plot: the numbers that lines are drawn of, as a table. */
export function FiguresPanel({ exploration, onClose }: { exploration: Exploration; onClose: () => void }) {
  const { session, look } = exploration;
  const seen = useInView(exploration);
  const hidden = useStore(look, (state) => state.hidden);
  const figures = useMemo(() => (seen ? lineFigures(session, hidden) : null), [session, seen, hidden]);
  const root = useRef<HTMLElement>(null);
  useEffect(() => root.current?.focus(), []);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Escape closes it from within
    <section
      ref={root}
      className={classes.panel}
      aria-label="Numbers of the picture"
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onClose();
      }}
    >
      <header className={classes.head}>
        <h2>Numbers of the picture</h2>
        <p role="status">{figures ? countText(figures.rows.length) : "Waiting for the picture…"}</p>
        <CloseButton aria-label="Close numbers" size="sm" onClick={onClose} />
      </header>
      {figures && figures.rows.length > 0 && <Table figures={figures} />}
    </section>
  );
}

function countText(columns: number): string {
  if (columns === 0) return "No rows in view";
  return `${columns.toLocaleString("en")} ${columns === 1 ? "column" : "columns"} of pixels with rows`;
}

function Table({ figures: { heads, rows } }: { figures: Figures }) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, by keys too
    <div className={classes.scroll} tabIndex={0} role="region" aria-label="Cells of numbers">
      <table>
        <thead>
          <tr>{Children.toArray(heads.map(head))}</tr>
        </thead>
        <tbody>
          {rows.map(({ x0, cells: [x, ...numbers] }) => (
            <tr key={x0}>
              <th scope="row">{x}</th>
              {Children.toArray(numbers.map((number) => <td data-number>{number}</td>))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function head(text: string, place: number) {
  return (
    <th scope="col" data-number={place > 0 || undefined}>
      {text}
    </th>
  );
}
