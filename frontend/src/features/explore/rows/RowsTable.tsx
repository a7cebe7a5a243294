import { UnstyledButton } from "@mantine/core";
import { useLayoutEffect, useRef, useState } from "react";
import { useStore } from "zustand";
import type { ColumnInfo, RowInfo, RowSort } from "../../../net/socket/messages.ts";
import { cellText, MISSING } from "./cell-text.ts";
import { rowAt } from "./row-pages.ts";
import type { RowPanel } from "./row-panel.ts";
import classes from "./RowsPanel.module.css";
import { RowView } from "./row-view.ts";
import { ROW_PX } from "./tall-scroll.ts";

/** All rows of a place; those in view are there, the others have only their room. */
export function RowsTable({ panel, matching }: { panel: RowPanel; matching: number }) {
  const { headings, pages, sort } = useStore(panel.store);
  const [view] = useState(() => new RowView(panel));
  const { first, last, abovePx, roomPx } = useStore(view.store);
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => (box.current ? view.attach(box.current) : undefined), [view]);
  const head = useRef<HTMLTableRowElement>(null);
  useLayoutEffect(() => keepWidths(head.current));
  const shown = Array.from({ length: last - first + 1 }, (_, step) => first + step);
  const isWaiting = shown.some((row) => rowAt(pages, row) === undefined);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, by keys too
    <div ref={box} className={classes.scroll} tabIndex={0} role="region" aria-label="Cells of rows">
      <div className={classes.room} style={{ height: roomPx, paddingTop: abovePx }}>
        <table aria-rowcount={matching + 1} aria-busy={isWaiting}>
          <thead>
            <tr ref={head} aria-rowindex={1}>
              {headings.map((column) => (
                <Head key={column.name} column={column} sort={sort} panel={panel} />
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <Line key={row} place={row} row={rowAt(pages, row)} columns={headings} />
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

/** Columns grow with the rows that come into view, and do not shrink again: they would jump. */
function keepWidths(head: HTMLTableRowElement | null): void {
  for (const cell of head?.cells ?? []) {
    const width = cell.getBoundingClientRect().width;
    if (width > (Number.parseFloat(cell.style.minWidth) || 0)) cell.style.minWidth = `${width}px`;
  }
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
      <UnstyledButton onClick={() => panel.sortBy(column.name)}>
        {name}
        <span aria-hidden="true">{mark}</span>
      </UnstyledButton>
    </th>
  );
}

interface LineProps {
  readonly place: number;
  /** Undefined: it has not come yet. */
  readonly row: RowInfo | undefined;
  readonly columns: readonly ColumnInfo[];
}

function Line({ place, row, columns }: LineProps) {
  return (
    <tr aria-rowindex={place + 2} style={{ height: ROW_PX }}>
      {columns.map((column, cell) =>
        row ? (
          <Cell key={column.name} column={column} row={row} place={cell} />
        ) : (
          <Waiting key={column.name} />
        ),
      )}
    </tr>
  );
}

function Waiting() {
  return (
    <td aria-label="Loading">
      <span className={classes.waiting} aria-hidden="true" />
    </td>
  );
}

function Cell({ column, row, place }: { column: ColumnInfo; row: RowInfo; place: number }) {
  const text = cellText(row.cells[place] ?? null, column);
  return (
    <td
      data-number={column.type === "number" || undefined}
      className={text === MISSING && row.cells[place] === null ? classes.missing : undefined}
    >
      {text}
      {row.cut.includes(place) && "…"}
    </td>
  );
}
