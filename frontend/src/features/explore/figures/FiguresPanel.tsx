import { CloseButton } from "@mantine/core";
import { useEffect, useMemo, useRef } from "react";
import { useStore } from "zustand";
import classes from "../rows/RowsPanel.module.css";
import type { Exploration } from "../state/exploration.ts";
import { useInView } from "../state/useInView.ts";
import type { Figures, FiguresOf } from "./figures.ts";

interface Props {
  readonly exploration: Exploration;
  readonly of: FiguresOf;
  readonly onClose: () => void;
}

/** Over the lower part of the plot: the numbers that lines and bars are drawn of, as a table. */
export function FiguresPanel({ exploration, of, onClose }: Props) {
  const { session, look } = exploration;
  const seen = useInView(exploration);
  const hidden = useStore(look, (state) => state.hidden);
  const figures = useMemo(() => (seen ? of.make(session, hidden) : null), [of, session, seen, hidden]);
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
        <p role="status">{figures ? countText(figures.rows.length, of) : "Waiting for the picture…"}</p>
        <CloseButton aria-label="Close numbers" size="sm" onClick={onClose} />
      </header>
      {figures && figures.rows.length > 0 && <Table figures={figures} />}
    </section>
  );
}

function countText(count: number, { one, several }: FiguresOf): string {
  if (count === 0) return "No rows in view";
  return `${count.toLocaleString("en")} ${count === 1 ? one : several} with rows`;
}

function Table({ figures: { heads, rows } }: { figures: Figures }) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, by keys too
    <div className={classes.scroll} tabIndex={0} role="region" aria-label="Cells of numbers">
      <table>
        <thead>
          <tr>{heads.map(head)}</tr>
        </thead>
        <tbody>
          {rows.map(({ x0, cells: [x, ...numbers] }) => (
            <tr key={x0}>
              <th scope="row">{x}</th>
              {numbers.map(cell)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

// Heads and cells never change their places, and a category may be called like another head.
function head(text: string, place: number) {
  return (
    <th key={place} scope="col" data-number={place > 0 || undefined}>
      {text}
    </th>
  );
}

function cell(text: string, place: number) {
  return (
    <td key={place} data-number>
      {text}
    </td>
  );
}
