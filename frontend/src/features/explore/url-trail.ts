/** When the address bar changes: one entry of history for each step, replaced while a gesture moves it. */
import type { Trace } from "./exploration.ts";

const WRITE_EVERY_MS = 200;

/** `quiet` replaces the entry without telling the router: nothing on the page depends on it yet. */
export type Write = "push" | "replace" | "quiet";

export interface TrailWorld {
  /** The query string of the present view. */
  read: () => string;
  write: (search: string, how: Write) => void;
  after: (ms: number, run: () => void) => () => void;
}

export class UrlTrail {
  private readonly world: TrailWorld;
  private last: string | null = null;
  /** A gesture has its entry already: what follows replaces it. */
  private entered = false;
  private quiet = false;
  private cancel: (() => void) | null = null;

  constructor(world: TrailWorld) {
    this.world = world;
  }

  note(trace: Trace): void {
    if (trace === "moving") {
      this.cancel ??= this.world.after(WRITE_EVERY_MS, () => {
        this.cancel = null;
        this.write(this.entered ? "quiet" : "push");
        this.entered = true;
      });
      return;
    }
    this.stopTimer();
    this.write(trace === "replace" || this.entered ? "replace" : "push");
    if (trace === "push") this.entered = false;
  }

  /** Whether this query string came from here, and not from Back, Forward or a link. */
  wrote(search: string): boolean {
    if (search === this.last) return true;
    // The entry that history has gone to is the present one from now on.
    this.stopTimer();
    this.entered = false;
    const first = this.last === null;
    this.last = search;
    return first;
  }

  dispose(): void {
    this.stopTimer();
  }

  private stopTimer(): void {
    this.cancel?.();
    this.cancel = null;
  }

  private write(how: Write): void {
    const search = this.world.read();
    // What was written quietly is written once more, for the router.
    if (search === this.last && !this.quiet) return;
    this.last = search;
    this.quiet = how === "quiet";
    this.world.write(search, how);
  }
}
