/** What messages of the server change: in the parts of a session, and in the state that the page shows. */
import type { StoreApi } from "zustand/vanilla";
import type { FrameMessage, Opened, ServerError, ServerMessage } from "../net/socket/messages.ts";
import type { Access } from "./access.ts";
import type { Delivery } from "./delivery.ts";
import type { Pacing } from "./pacing.ts";
import type { ViewRequests } from "./requests.ts";
import type { Sender } from "./sender.ts";
import { endedPatch, finalPatch, homeOf, noticePatch, openedPatch, type SessionState } from "./state.ts";

/** Errors that pass by themselves: the request is sent again. */
const TRANSIENT: ReadonlySet<string> = new Set([
  "overloaded",
  "rate_limited",
  "deadline_exceeded",
  "compute_unavailable",
  "auth_unavailable",
  "storage_unavailable",
]);

export interface SessionParts {
  readonly store: StoreApi<SessionState>;
  readonly access: Access;
  readonly delivery: Delivery;
  readonly requests: ViewRequests;
  readonly pacing: Pacing;
  readonly sender: Sender;
  /** There is something new to draw. */
  readonly notify: () => void;
}

type Message = Exclude<ServerMessage, { type: "welcome" | "pong" }>;

export function receive(parts: SessionParts, message: Message): void {
  switch (message.type) {
    case "opened":
      receiveOpened(parts, message);
      break;
    case "frame":
      receiveFrame(parts, message);
      break;
    case "error":
      receiveError(parts, message);
      break;
    case "closed":
      if (message.viewId === parts.access.viewId) receiveEnd(parts, message.code);
      break;
    case "notice":
      parts.store.setState(noticePatch(message, parts.access.viewId));
      break;
  }
}

function receiveOpened(parts: SessionParts, opened: Opened): void {
  const { access, requests, store, sender, pacing } = parts;
  if (opened.viewId !== access.viewId) return;
  access.opened(opened.version.id);
  const options = requests.opened(opened.options);
  const home = homeOf(opened, sender.plotSize);
  // With equal steps more is in view than the server chose, so that it is asked for.
  const chosen = requests.isResetting && opened.equalAspect;
  store.setState((state) => openedPatch(state, opened, { options, home, chosen }));
  if (chosen) {
    requests.reset(false);
    pacing.change({ options: false, viewport: true });
  }
  parts.notify();
}

function receiveFrame(parts: SessionParts, frame: FrameMessage): void {
  const { access, delivery, requests, store } = parts;
  const made = { kind: store.getState().kind, options: requests.optionsAt(frame.seq) };
  const { verdict, missing } = delivery.receive(frame, access.viewId, made);
  if (verdict === "foreign") return;
  if (missing.length > 0) {
    parts.sender.drop(missing);
    parts.pacing.change({ viewport: true });
  }
  if (verdict === "final") finish(parts, frame);
  else if (verdict === "partial") {
    const total = frame.receipt?.piecesTotal ?? 0;
    if (total > 0) store.setState({ progress: delivery.share(total) });
  }
  parts.notify();
}

function finish({ delivery, requests, pacing, store, sender }: SessionParts, frame: FrameMessage): void {
  const { picture } = delivery.frames;
  const chosen = requests.answered(frame.seq, frame.viewport?.extent ?? null);
  pacing.answered();
  if (picture) store.setState((state) => finalPatch(state, picture, chosen));
  sender.drop(delivery.evict());
  pacing.plan();
}

function receiveError(parts: SessionParts, error: ServerError): void {
  const { access, requests, store } = parts;
  if (error.code === "cancelled" || (error.viewId !== 0 && error.viewId !== access.viewId)) return;
  const { pending } = store.getState();
  const passes = TRANSIENT.has(error.code);
  requests.refused(error.seq);
  if (error.viewId === access.viewId) access.failed(passes);
  if (passes && pending) {
    if (error.seq === 0 || error.seq >= pending.seq) retry(parts, error);
    return;
  }
  store.setState({ error, ...(pending && error.seq >= pending.seq && { pending: null }) });
  parts.notify();
}

function retry({ pacing, store }: SessionParts, error: ServerError): void {
  pacing.retry(error.retryAfterMs);
  // A single failure is not shown; a second in a row is.
  if (pacing.failures > 1) store.setState({ error });
}

function receiveEnd({ access, requests, store }: SessionParts, code: string): void {
  access.ended();
  store.setState((state) => endedPatch(state, code, access.viewId, requests.newest));
}
