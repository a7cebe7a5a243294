/** When the address bar changes: one entry of history for each step, replaced while a gesture moves it. */
const WRITE_EVERY_MS = 200;

/** How the address bar follows a change. */
export type HistoryStep = "push" | "replace" | "moving";

/** `quiet` replaces the entry past the router: nothing on the page depends on it yet. */
export type Write = "push" | "replace" | "quiet";

export interface TrailWorld {
  /** The query string of the present view. */
  read: () => string;
  write: (search: string, how: Write) => void;
  after: (ms: number, run: () => void) => () => void;
}

export class UrlTrail {
  private readonly world: TrailWorld;
  private last: string;
  /** Written, and not yet confirmed by the router, which may confirm late, or only the last of several. */
  private unconfirmed: string[] = [];
  /** A gesture has its entry already: what follows replaces it. */
  private entered = false;
  private quiet = false;
  private cancel: (() => void) | null = null;

  /** `search`: the query string that the view started from. */
  constructor(world: TrailWorld, search: string) {
    this.world = world;
    this.last = search;
  }

  note(step: HistoryStep): void {
    if (step === "moving") {
      this.cancel ??= this.world.after(WRITE_EVERY_MS, () => {
        this.cancel = null;
        this.write(this.entered ? "quiet" : "push");
        this.entered = true;
      });
      return;
    }
    this.stopTimer();
    this.write(step === "replace" || this.entered ? "replace" : "push");
    if (step === "push") this.entered = false;
  }

  /**
   * The router has moved to `search`. True when this trail wrote it; false after Back or Forward (`popped`) or a link.
   */
  isOwn(search: string, popped: boolean): boolean {
    const at = popped ? -1 : this.unconfirmed.indexOf(search);
    this.unconfirmed = at < 0 ? [] : this.unconfirmed.slice(at + 1);
    if (at >= 0 || search === this.last) return true;
    // The entry that history has gone to is the present one from now on.
    this.stopTimer();
    this.entered = false;
    this.quiet = false;
    this.last = search;
    return false;
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
    if (!this.quiet) this.unconfirmed.push(search);
    this.world.write(search, how);
  }
}
