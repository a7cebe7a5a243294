import { Button, CloseButton, UnstyledButton } from "@mantine/core";
import { useEffect, useRef } from "react";
import { useStore } from "zustand";
import type { ColumnInfo, RowInfo, RowSort, RowsMessage } from "../../../net/socket/messages.ts";
import { cellText, MISSING } from "./cell-text.ts";
import { PAGE_ROWS, type RowPanel } from "./row-panel.ts";
import classes from "./RowsPanel.module.css";

/** Over the lower part of the plot: the rows behind a cell, a bar or a bin, a page at a time. */
export function RowsPanel({ panel }: { panel: RowPanel }) {
  const { wish, page, error, sort, all } = useStore(panel.store);
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
        <p role="status">{error || (page ? countText(page) : "Loading rows…")}</p>
        {page && page.matching > PAGE_ROWS && <Pages panel={panel} page={page} />}
        <CloseButton aria-label="Close rows" size="sm" onClick={close} />
      </header>
      {all.length > 1 && <Columns panel={panel} />}
      {page && page.rows.length > 0 && <Cells panel={panel} page={page} sort={sort} />}
    </section>
  );
}

function countText({ matching, offset, rows }: RowsMessage): string {
  if (matching === 0) return "No rows";
  const all = `${matching.toLocaleString("en")} ${matching === 1 ? "row" : "rows"}`;
  if (rows.length === matching) return all;
  return `Rows ${(offset + 1).toLocaleString("en")} to ${(offset + rows.length).toLocaleString("en")} of ${all}`;
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

function Pages({ panel, page }: { panel: RowPanel; page: RowsMessage }) {
  const { offset, matching } = page;
  return (
    <>
      <Button
        size="compact-xs"
        variant="default"
        disabled={offset === 0}
        onClick={() => panel.turn(offset - PAGE_ROWS)}
      >
        Previous
      </Button>
      <Button
        size="compact-xs"
        variant="default"
        disabled={offset + PAGE_ROWS >= matching}
        onClick={() => panel.turn(offset + PAGE_ROWS)}
      >
        Next
      </Button>
    </>
  );
}

function Cells({ panel, page, sort }: { panel: RowPanel; page: RowsMessage; sort: RowSort | null }) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, by keys too
    <div className={classes.scroll} tabIndex={0} role="region" aria-label="Cells of rows">
      <table>
        <thead>
          <tr>
            {page.columns.map((column) => (
              <Head key={column.name} column={column} sort={sort} panel={panel} />
            ))}
          </tr>
        </thead>
        <tbody>
          {page.rows.map((row) => (
            <Line key={row.number} row={row} columns={page.columns} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Head({ column, sort, panel }: { column: ColumnInfo; sort: RowSort | null; panel: RowPanel }) {
  const isSorted = sort?.column === column.name;
  const order = !isSorted ? "none" : sort.descending ? "descending" : "ascending";
  const mark = { none: "", ascending: " ▲", descending: " ▼" }[order];
  const name = (
    <>
      {column.name}
      {column.unit && <span className={classes.unit}> {column.unit}</span>}
    </>
  );
  return (
    <th scope="col" aria-sort={order} data-number={column.type === "number" || undefined}>
      {column.type === "text" ? (
        name
      ) : (
        <UnstyledButton onClick={() => panel.sortBy(column.name)}>
          {name}
          <span aria-hidden="true">{mark}</span>
        </UnstyledButton>
      )}
    </th>
  );
}

function Line({ row, columns }: { row: RowInfo; columns: readonly ColumnInfo[] }) {
  return (
    <tr>
      {columns.map((column, place) => {
        const text = cellText(row.cells[place] ?? null, column);
        return (
          <td
            key={column.name}
            data-number={column.type === "number" || undefined}
            className={text === MISSING && row.cells[place] === null ? classes.missing : undefined}
          >
            {text}
            {row.cut.includes(place) && "…"}
          </td>
        );
      })}
    </tr>
  );
}
