/** Pages of rows that came, and which one is asked for next. */
import type { RowInfo } from "../../../net/socket/messages.ts";

export const PAGE_ROWS = 50;
const KEPT_PAGES = 40;
/** Rows beyond those in view that are fetched with them. */
const BEYOND = 10;

/** By number of the page. */
export type RowPages = ReadonlyMap<number, readonly RowInfo[]>;

export function rowAt(pages: RowPages, row: number): RowInfo | undefined {
  return pages.get(Math.floor(row / PAGE_ROWS))?.[row % PAGE_ROWS];
}

/** With one page more; those farthest from it go when they become too many. */
export function withPage(pages: RowPages, page: number, rows: readonly RowInfo[]): RowPages {
  const all = [...pages.entries()].filter(([number]) => number !== page);
  all.push([page, rows]);
  all.sort(([one], [other]) => Math.abs(one - page) - Math.abs(other - page));
  return new Map(all.slice(0, KEPT_PAGES));
}

/** Pages with the rows from `first` to `last`, and a few more on both sides; those in view come first. */
export function pagesInView(first: number, last: number, reach: number): readonly number[] {
  const pageOf = (row: number) => Math.floor(Math.min(Math.max(0, row), Math.max(0, reach - 1)) / PAGE_ROWS);
  const pages = new Set<number>();
  for (let page = pageOf(first); page <= pageOf(last); page += 1) pages.add(page);
  return [...pages.add(pageOf(last + BEYOND)).add(pageOf(first - BEYOND))];
}
