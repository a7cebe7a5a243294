/** What messages of the server change: in the parts of a session, and in the state that the page shows. */
import type { StoreApi } from "zustand/vanilla";
import type { FrameMessage, Opened, ServerError, ServerMessage } from "../net/socket/messages.ts";
import type { Access } from "./access.ts";
import type { Delivery } from "./delivery.ts";
import type { Pacing } from "./pacing.ts";
import type { ViewRequests } from "./requests.ts";
import type { Sender } from "./sender.ts";
import {
  endedPatch,
  estimatePatch,
  finalPatch,
  homeOf,
  mapTurn,
  noticePatch,
  openedPatch,
  type SessionState,
} from "./state.ts";

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
  readonly open: () => void;
  /** There is something new to draw. */
  readonly notify: () => void;
}

type Message = Exclude<ServerMessage, { type: "welcome" | "pong" | "rows" }>;

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
  if (opened.viewId !== access.viewId || opened.seq !== requests.openSeq) return;
  access.opened(opened.version.id);
  const options = requests.opened(store.getState(), opened.options, opened.axes);
  const home = homeOf(opened, sender.plotSize);
  // With equal steps more is in view than the server chose, so that it is asked for.
  const isGrown = requests.asked === null && opened.equalAspect;
  if (isGrown) requests.aim(home);
  store.setState((state) => openedPatch(state, opened, { options, home, asked: requests.asked }));
  if (!store.getState().picture) requests.takeScreen(store.getState());
  if (isGrown) pacing.change({ options: false, viewport: true });
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
  if (verdict === "final") finish(parts);
  else if (verdict === "approximate") showEstimate(parts);
  else if (verdict === "progress") store.setState({ progress: frame.progress });
  else if (verdict === "partial") {
    const total = frame.receipt?.piecesTotal ?? 0;
    if (total > 0) store.setState({ progress: delivery.share(total) });
  }
  parts.notify();
}

function finish({ delivery, requests, pacing, store, sender }: SessionParts): void {
  const { picture } = delivery.frames;
  pacing.answered();
  if (picture) {
    const { seq, axes, extent } = picture;
    const turn = requests.answered(seq, picture, axes, extent, store.getState());
    const map = mapTurn(turn, axes, sender.plotSize);
    // With equal steps more is in view than the server chose, so that it is asked for.
    if (map) requests.aim(map.viewport);
    store.setState((state) => finalPatch(state, picture, map ?? turn));
    if (map) pacing.change({ options: false, viewport: true });
  }
  sender.drop(delivery.evict());
  pacing.plan();
}

/** A picture of a sample takes the screen as a whole one does, while its request stays pending. */
function showEstimate({ delivery, requests, pacing, store, sender }: SessionParts): void {
  const { picture } = delivery.frames;
  if (!picture) return;
  const { seq, axes, extent } = picture;
  const turn = requests.answered(seq, picture, axes, extent, store.getState());
  const map = mapTurn(turn, axes, sender.plotSize);
  if (map) requests.aim(map.viewport);
  store.setState((state) => estimatePatch(state, picture, map ?? turn));
  if (map) pacing.change({ options: false, viewport: true });
}

function receiveError(parts: SessionParts, error: ServerError): void {
  const { access, requests, store } = parts;
  if (error.code === "cancelled" || isPast(parts, error)) return;
  const { pending } = store.getState();
  const passes = TRANSIENT.has(error.code);
  if (error.viewId === access.viewId) access.failed(passes);
  if (passes && pending) {
    if (error.seq === 0 || error.seq >= pending.seq) retry(parts, error);
    return;
  }
  if (access.phase === "refused" && requests.isBeyondOpen(store.getState())) {
    // Something else was chosen before the open was refused.
    parts.open();
    return;
  }
  if (!passes) takeBack(parts, error.seq);
  store.setState({ error, ...(pending && error.seq >= pending.seq && { pending: null }) });
  parts.notify();
}

/** It answers another view, or what was asked before the newest open. */
function isPast({ access, requests }: SessionParts, { viewId, seq }: ServerError): boolean {
  return viewId !== 0 && (viewId !== access.viewId || seq < requests.openSeq);
}

function takeBack({ requests, pacing, store }: SessionParts, seq: number): void {
  const state = store.getState();
  if (requests.refused(seq, state, state.viewport)) pacing.change({ viewport: true });
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
