/** The rows behind the picture that a person asked for: which, in which order, and the pages that are in view. */
import type { JsonObject } from "@bufbuild/protobuf";
import { createStore, type StoreApi } from "zustand/vanilla";
import { after } from "../../../net/after.ts";
import type {
  ColumnInfo,
  RowPlace,
  RowsAsk,
  RowSort,
  RowsMessage,
  ServerError,
} from "../../../net/socket/messages.ts";
import { PAGE_ROWS, pagesInView, type RowPages, withPage } from "./row-pages.ts";

/** What is asked: a place of the picture, and what it is called. */
export interface RowsWish {
  readonly place: RowPlace;
  readonly title: string;
  /** The keyboard asked: it goes on in the panel. */
  readonly focus: boolean;
}

export interface RowPanelState {
  /** Null: the panel is closed. */
  readonly wish: RowsWish | null;
  readonly sort: RowSort | null;
  /** Those that are shown; empty: all. */
  readonly columns: readonly string[];
  /** Every column that there is, once a page has come. */
  readonly all: readonly string[];
  /** How many rows there are; null: no page of this wish has come. */
  readonly matching: number | null;
  /** How many of them are in reach: far down the order of a text there are none. */
  readonly reach: number;
  /** The columns of `pages`. */
  readonly headings: readonly ColumnInfo[];
  readonly pages: RowPages;
  /** The first row in view, and the last one. */
  readonly inView: readonly [number, number];
  /** The row to go to; each wish is an object of its own. */
  readonly target: { readonly row: number };
  readonly error: string;
}

/** What the panel needs of a session. */
export interface RowSource {
  readonly store: Pick<StoreApi<{ kind: string; options: JsonObject }>, "subscribe">;
  pick: (pickId: number, ask: RowsAsk) => boolean;
}

const CLOSED: RowPanelState = {
  wish: null,
  sort: null,
  columns: [],
  all: [],
  matching: null,
  reach: 0,
  headings: [],
  pages: new Map(),
  inView: [0, 0],
  target: { row: 0 },
  error: "",
};
/** As far as the server knows the order of a text column. */
export const SORTED_TEXTS = 20_000;
const OFFLINE = "There is no connection now. Try again in a moment.";
/** A page that has left the view is waited for until the view has rested this long. */
const REST_MS = 100;

export class RowPanel {
  readonly store = createStore<RowPanelState>(() => CLOSED);
  private readonly source: RowSource;
  private readonly stop: () => void;
  private last = 0;
  /** The page that is under way. */
  private pending: number | null = null;
  /** The pages at hand have other columns than those that are wished. */
  private stale = false;
  private sortsText = false;
  private stopRest: () => void = () => undefined;

  constructor(source: RowSource) {
    this.source = source;
    this.stop = source.store.subscribe((now, before) => {
      // A place of other axes is another place.
      if (now.kind !== before.kind || now.options !== before.options) this.close();
    });
  }

  dispose(): void {
    this.stop();
    this.stopRest();
  }

  get isOpen(): boolean {
    return this.store.getState().wish !== null;
  }

  open(wish: RowsWish): void {
    // Columns that were chosen stay so.
    const { columns, all } = this.store.getState();
    this.stale = false;
    this.sortsText = false;
    this.store.setState({ ...CLOSED, wish, columns, all });
    this.ask(0);
  }

  close(): void {
    this.last += 1;
    this.pending = null;
    this.stopRest();
    const { columns, all } = this.store.getState();
    if (this.isOpen) this.store.setState({ ...CLOSED, columns, all });
  }

  /** In the order of a column; once more turns it round, and a third time gives the order of the file. */
  sortBy(column: string): void {
    const { sort, headings } = this.store.getState();
    const isSame = sort?.column === column;
    const next = isSame && sort.descending ? null : { column, descending: isSame };
    this.sortsText = next !== null && headings.some(({ name, type }) => name === column && type === "text");
    // The table goes to its start meanwhile, and must not ask too.
    this.pending = 0;
    this.store.setState({
      sort: next,
      reach: this.reachOf(this.store.getState().matching),
      pages: new Map(),
      inView: [0, 0],
      target: { row: 0 },
    });
    this.ask(0);
  }

  /** Shows a column or leaves it out; one always stays. */
  toggle(column: string): void {
    const { columns, all, inView } = this.store.getState();
    const shown = columns.length > 0 ? columns : all;
    const next = all.filter((name) => (name === column) !== shown.includes(name));
    if (next.length === 0) return;
    this.store.setState({ columns: next.length === all.length ? [] : next });
    this.stale = true;
    this.ask(Math.floor(inView[0] / PAGE_ROWS));
  }

  /** Brings a row into view, counted from 0. */
  goTo(row: number): void {
    const most = Math.max(0, this.store.getState().reach - 1);
    this.store.setState({ target: { row: Math.min(Math.max(0, row), most) } });
  }

  /** These rows are in view now. */
  look(first: number, last: number): void {
    this.store.setState({ inView: [first, last] });
    this.fetch();
  }

  /** Asks again for what failed. */
  retry(): void {
    if (this.store.getState().matching === null) this.ask(0);
    else this.fetch();
  }

  receive(message: RowsMessage | ServerError): void {
    if (message.pickId !== this.last || !this.isOpen) return;
    this.pending = null;
    if (message.type === "error") {
      this.store.setState({ error: message.detail || message.code });
      return;
    }
    const { columns, all, pages } = this.store.getState();
    const kept: RowPages = this.stale ? new Map() : pages;
    this.stale = false;
    this.store.setState({
      matching: message.matching,
      reach: this.reachOf(message.matching),
      headings: message.columns,
      pages: withPage(kept, Math.floor(message.offset / PAGE_ROWS), message.rows),
      all: columns.length === 0 ? message.columns.map(({ name }) => name) : all,
      error: "",
    });
    this.fetch();
  }

  private reachOf(matching: number | null): number {
    return Math.min(matching ?? 0, this.sortsText ? SORTED_TEXTS : Number.POSITIVE_INFINITY);
  }

  /** Asks for the first page in view that is missing. One is under way at a time. */
  private fetch(): void {
    const { inView, matching, reach, pages } = this.store.getState();
    this.stopRest();
    if (matching === null) return;
    const wished = pagesInView(...inView, reach);
    const missing = wished.find((page) => this.stale || !pages.has(page));
    if (missing === undefined) return;
    if (this.pending === null) this.ask(missing);
    else if (!wished.includes(this.pending)) this.stopRest = after(REST_MS, () => this.ask(missing));
  }

  private ask(page: number): void {
    const { wish, sort, columns } = this.store.getState();
    if (!wish) return;
    this.stopRest();
    this.last += 1;
    this.pending = page;
    this.store.setState({ error: "" });
    if (this.source.pick(this.last, { ...wish.place, columns, sort, offset: page * PAGE_ROWS })) return;
    this.pending = null;
    this.store.setState({ error: OFFLINE });
  }
}
