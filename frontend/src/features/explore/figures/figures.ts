/** The numbers of a picture as a table, for pictures whose columns of cells have a number or a few each. */
import type { ExploreSession } from "../../../session/session.ts";

/** `heads` name the cells of each row: the place on x, a number for each line or bar, and how many rows these are of. */
export interface Figures {
  readonly heads: readonly string[];
  /** `x0` is where the column of cells begins. */
  readonly rows: readonly { readonly x0: number; readonly cells: readonly string[] }[];
}

export interface FiguresOf {
  /** What a row of the table stands for: one, and several of them. */
  readonly one: string;
  readonly several: string;
  /** `hidden`: categories that are left out. Null before there is a picture. */
  readonly make: (session: ExploreSession, hidden: readonly number[]) => Figures | null;
}
