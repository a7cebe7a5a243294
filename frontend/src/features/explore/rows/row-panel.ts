/** The rows behind the picture that a person asked for: which, in which order, and the page at hand. */
import type { JsonObject } from "@bufbuild/protobuf";
import { createStore, type StoreApi } from "zustand/vanilla";
import type { RowPlace, RowsAsk, RowSort, RowsMessage, ServerError } from "../../../net/socket/messages.ts";

export const PAGE_ROWS = 50;

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
  readonly offset: number;
  /** The last page that came; null: none of this wish yet. */
  readonly page: RowsMessage | null;
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
  offset: 0,
  page: null,
  error: "",
};
const OFFLINE = "There is no connection now. Try again in a moment.";

export class RowPanel {
  readonly store = createStore<RowPanelState>(() => CLOSED);
  private readonly source: RowSource;
  private readonly stop: () => void;
  private last = 0;

  constructor(source: RowSource) {
    this.source = source;
    this.stop = source.store.subscribe((now, before) => {
      // A place of other axes is another place.
      if (now.kind !== before.kind || now.options !== before.options) this.close();
    });
  }

  dispose(): void {
    this.stop();
  }

  get isOpen(): boolean {
    return this.store.getState().wish !== null;
  }

  open(wish: RowsWish): void {
    // Columns that were chosen stay so.
    const { columns, all } = this.store.getState();
    this.store.setState({ ...CLOSED, wish, columns, all });
    this.ask();
  }

  close(): void {
    this.last += 1;
    const { columns, all } = this.store.getState();
    if (this.isOpen) this.store.setState({ ...CLOSED, columns, all });
  }

  /** In the order of a column; once more turns it round, and a third time gives the order of the file. */
  sortBy(column: string): void {
    const { sort } = this.store.getState();
    const isSame = sort?.column === column;
    const next = isSame && sort.descending ? null : { column, descending: isSame };
    this.store.setState({ sort: next, offset: 0 });
    this.ask();
  }

  /** Shows a column or leaves it out; one always stays. */
  toggle(column: string): void {
    const { columns, all } = this.store.getState();
    const shown = columns.length > 0 ? columns : all;
    const next = all.filter((name) => (name === column) !== shown.includes(name));
    if (next.length === 0) return;
    this.store.setState({ columns: next.length === all.length ? [] : next });
    this.ask();
  }

  turn(offset: number): void {
    this.store.setState({ offset: Math.max(0, offset) });
    this.ask();
  }

  receive(message: RowsMessage | ServerError): void {
    if (message.pickId !== this.last) return;
    if (message.type === "error") this.store.setState({ error: message.detail || message.code });
    else {
      const all = message.columns.map(({ name }) => name);
      this.store.setState(({ columns, ...rest }) => ({
        page: message,
        error: "",
        all: columns.length === 0 ? all : rest.all,
      }));
    }
  }

  private ask(): void {
    const { wish, sort, columns, offset } = this.store.getState();
    if (!wish) return;
    this.last += 1;
    this.store.setState({ error: "" });
    if (!this.source.pick(this.last, { ...wish.place, columns, sort, offset }))
      this.store.setState({ error: OFFLINE });
  }
}
