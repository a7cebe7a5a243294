import { Button, CloseButton } from "@mantine/core";
import { useEffect, useRef } from "react";
import { useStore } from "zustand";
import type { RowPanel } from "./row-panel.ts";
import classes from "./RowsPanel.module.css";
import { RowsTable } from "./RowsTable.tsx";

/** More rows than this are not found by a glance. */
const FEW_ROWS = 50;

/** Over the lower part of the plot: all rows behind a cell, a bar or a bin. */
export function RowsPanel({ panel }: { panel: RowPanel }) {
  const { wish, matching, reach, error, all } = useStore(panel.store);
  const root = useRef<HTMLElement>(null);
  useEffect(() => {
    if (wish?.focus) root.current?.focus();
  }, [wish]);
  if (!wish) return null;
  const close = () => {
    panel.close();
    document.querySelector<HTMLElement>("[data-part='area']")?.focus();
  };
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Escape closes it from within
    <section
      ref={root}
      className={classes.panel}
      aria-label="Rows"
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        close();
      }}
    >
      <header className={classes.head}>
        <h2>{wish.title}</h2>
        <p>
          <span role="status">{error || countText(matching)}</span>
          {!error && matching !== null && <InView panel={panel} />}
        </p>
        {error && (
          <Button size="compact-xs" variant="default" onClick={() => panel.retry()}>
            Try again
          </Button>
        )}
        {matching !== null && matching > FEW_ROWS && <GoTo panel={panel} reach={reach} />}
        <CloseButton aria-label="Close rows" size="sm" onClick={close} />
      </header>
      {all.length > 1 && <Columns panel={panel} />}
      {matching !== null && matching > 0 && <RowsTable panel={panel} matching={matching} />}
    </section>
  );
}

function countText(matching: number | null): string {
  if (matching === null) return "Loading rows…";
  if (matching === 0) return "No rows";
  return `${matching.toLocaleString("en")} ${matching === 1 ? "row" : "rows"}`;
}

/** Which of them are in view, where that is not all. Not spoken at each step: a table says it of its rows. */
function InView({ panel }: { panel: RowPanel }) {
  const { inView, matching, reach } = useStore(panel.store);
  const [first, last] = inView;
  const numbers = [first + 1, last + 1, reach].map((number) => number.toLocaleString("en"));
  const some =
    last > 0 && last - first + 1 < (matching ?? 0) ? `, ${numbers[0]} to ${numbers[1]} in view` : "";
  const end = reach < (matching ?? 0) ? `; in the order of a text the table ends at row ${numbers[2]}` : "";
  return <span>{some + end}</span>;
}

function GoTo({ panel, reach }: { panel: RowPanel; reach: number }) {
  return (
    <form
      className={classes.goto}
      onSubmit={(event) => {
        event.preventDefault();
        const row = Number(new FormData(event.currentTarget).get("row"));
        if (Number.isInteger(row) && row > 0) panel.goTo(row - 1);
      }}
    >
      <label>
        Go to row <input name="row" type="number" min={1} max={reach} step={1} required />
      </label>
    </form>
  );
}

/** Which columns are shown. */
function Columns({ panel }: { panel: RowPanel }) {
  const { all, columns } = useStore(panel.store);
  const shown = columns.length > 0 ? columns : all;
  return (
    <details className={classes.columns}>
      <summary>
        {shown.length === all.length
          ? `All ${all.length} columns`
          : `${shown.length} of ${all.length} columns`}
      </summary>
      <div>
        {all.map((name) => (
          <label key={name}>
            <input type="checkbox" checked={shown.includes(name)} onChange={() => panel.toggle(name)} />
            {name}
          </label>
        ))}
      </div>
    </details>
  );
}
