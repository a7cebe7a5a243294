/** Lines as a table: the numbers of each column of pixels in view. */
import { axisTitle } from "../../../model/quantity.ts";
import type { ExploreSession } from "../../../session/session.ts";
import { acrossText, lanesAt, lineColumns } from "./line-readings.ts";

/** `heads` name the cells of each row: the place on x, a number for each line, and how many rows these are of. */
export interface Figures {
  readonly heads: readonly string[];
  /** `x0` is where the column of pixels begins. */
  readonly rows: readonly { readonly x0: number; readonly cells: readonly string[] }[];
}

/** `hidden`: categories that are left out. Null before there is a picture. */
export function lineFigures(session: ExploreSession, hidden: readonly number[]): Figures | null {
  const { picture } = session.store.getState();
  if (!picture?.quantity || !picture.axes) return null;
  const { quantity, axes } = picture;
  const columns = lineColumns(session, hidden);
  const first = columns[0] ? lanesAt(session, columns[0], hidden) : [];
  return {
    heads: [axisTitle(axes.x), ...first.map(({ label }) => label || quantity.label), "Rows"],
    rows: columns.map((column) => {
      const lanes = lanesAt(session, column, hidden);
      const rows = lanes.reduce((sum, lane) => sum + lane.rows, 0);
      const numbers = lanes.map(({ number }) => number);
      return { x0: column.x0, cells: [acrossText(axes.x, column), ...numbers, rows.toLocaleString("en")] };
    }),
  };
}
