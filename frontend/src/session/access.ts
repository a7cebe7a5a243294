/**
 * Whether the view takes requests, and under which id and version.
 *
 * | phase            | event                                  | next    |
 * |------------------|----------------------------------------|---------|
 * | all but refused  | the link is lost                       | closed  |
 * | all but refused  | welcome of a new socket                | closed  |
 * | all              | an open is sent                        | opening |
 * | opening, refused | the newest open is answered: opened    | open    |
 * | opening          | an error that passes by itself         | closed  |
 * | opening          | another error                          | refused |
 * | all              | the server ends the view               | refused |
 * | all              | the view is left: the next id is next  | closed  |
 *
 * Beside the phases the link may be stalled: the view stays what it is, and nothing is sent.
 */
import type { LinkState } from "../net/socket/messages.ts";

export type AccessPhase = "closed" | "opening" | "open" | "refused";

export class Access {
  private current: AccessPhase = "closed";
  /** The server has greeted on the socket that is there. */
  private greeted = false;
  private stalled = false;
  private id = 1;
  private version = "";

  get phase(): AccessPhase {
    return this.current;
  }

  get viewId(): number {
    return this.id;
  }

  /** Version to stay on; empty: the newest. */
  get versionId(): string {
    return this.version;
  }

  /** The server knows the view. */
  get isKnown(): boolean {
    return this.current === "opening" || this.current === "open";
  }

  /** Messages go out. */
  get isLive(): boolean {
    return this.greeted && !this.stalled;
  }

  /** True when a stalled link moves again. */
  linkChanged(link: LinkState["state"]): boolean {
    const moves = this.stalled && link === "live";
    this.stalled = link === "stalled";
    if (link !== "live" && link !== "stalled") {
      this.greeted = false;
      this.forget();
    }
    return moves;
  }

  welcomed(): void {
    this.greeted = true;
    this.forget();
  }

  opening(): void {
    this.current = "opening";
  }

  opened(versionId: string): void {
    if (this.current !== "closed") this.current = "open";
    this.version = versionId;
  }

  /** The server refuses the open; `passes`: it is worth another open. */
  failed(passes: boolean): void {
    if (this.current === "opening") this.current = passes ? "closed" : "refused";
  }

  ended(): void {
    this.current = "refused";
  }

  leave(): void {
    this.id += 1;
    this.current = "closed";
  }

  /** The next open takes the newest version. */
  unpin(): void {
    this.version = "";
  }

  private forget(): void {
    if (this.current !== "refused") this.current = "closed";
  }
}
