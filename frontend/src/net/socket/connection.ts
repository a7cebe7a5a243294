/** The page's end of the Worker that holds the socket. */
import type { Rgb } from "../../model/piece.ts";
import { auth } from "../rest/auth.ts";
import { ApiError } from "../rest/errors.ts";
import type { ClientMessage, FromWorker, LinkState, ServerMessage, ToWorker } from "./messages.ts";

export interface ConnectionEvents {
  onLink: (link: LinkState) => void;
  onMessage: (message: ServerMessage) => void;
}

export interface Connection {
  send: (message: ClientMessage) => void;
  retry: () => void;
  close: () => void;
}

const TOKEN_RETRY_MS = 3_000;

export function connect(palette: readonly Rgb[], events: ConnectionEvents): Connection {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), {
    type: "module",
    name: "halftone-socket",
  });
  const post = (message: ToWorker) => worker.postMessage(message);
  const tokens = new TokenSupply(post, events.onLink);
  worker.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => {
    if (data.type === "link") events.onLink(data.link);
    else if (data.type === "message") events.onMessage(data.message);
    else tokens.supply(data.refused);
  });
  worker.addEventListener("error", () =>
    events.onLink({ state: "stopped", reason: "The Worker of the connection could not start." }),
  );
  post({ type: "start", url: socketUrl(location), palette });
  return {
    send: (message) => post({ type: "send", message }),
    retry: () => post({ type: "retry" }),
    close: () => {
      tokens.close();
      worker.terminate();
    },
  };
}

export function socketUrl(from: Pick<Location, "protocol" | "host">): string {
  return `${from.protocol === "https:" ? "wss:" : "ws:"}//${from.host}/ws/compute`;
}

/** Hands access tokens to the Worker: on request, and each new one. */
class TokenSupply {
  private readonly post: (message: ToWorker) => void;
  private readonly onLink: (link: LinkState) => void;
  private readonly unsubscribe: () => void;
  private last = "";
  private timer: ReturnType<typeof setTimeout> | undefined;
  private closed = false;

  constructor(post: (message: ToWorker) => void, onLink: (link: LinkState) => void) {
    this.post = post;
    this.onLink = onLink;
    this.unsubscribe = auth.onTokenChange((token) => {
      if (token) this.hand(token);
    });
  }

  supply(refused: boolean): void {
    const token = refused && this.last ? auth.renewAccessToken(this.last) : auth.getAccessToken();
    token.then(
      (value) => this.hand(value),
      (error: unknown) => this.handleFailure(error, refused),
    );
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.unsubscribe();
  }

  private hand(token: string): void {
    if (this.closed) return;
    this.last = token;
    this.post({ type: "token", token });
  }

  private handleFailure(error: unknown, refused: boolean): void {
    if (this.closed) return;
    if (error instanceof ApiError && error.status !== 401 && error.status !== 403) {
      // No response, or a busy service: the sign-in is still valid.
      const delay = Math.max(TOKEN_RETRY_MS, error.retryAfterMs);
      this.onLink(
        navigator.onLine ? { state: "waiting", retryAt: performance.now() + delay } : { state: "offline" },
      );
      this.timer = setTimeout(() => this.supply(refused), delay);
      return;
    }
    this.onLink({ state: "stopped", reason: "You are signed out. Sign in again to continue." });
  }
}
