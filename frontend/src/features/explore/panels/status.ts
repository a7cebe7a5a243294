/** The status of the picture on screen, in a word. */
import { shareText } from "../../../model/piece.ts";
import { errorText } from "../../../model/quantity.ts";
import { contains } from "../../../model/viewport.ts";
import type { Picture } from "../../../session/frames.ts";
import type { SessionState } from "../../../session/state.ts";

export type StatusKind =
  | "exact"
  | "approximate"
  | "refining"
  | "moving"
  | "stale"
  | "connecting"
  | "reconnecting"
  | "stalled"
  | "offline"
  | "refused"
  | "failed";

export interface Status {
  readonly kind: StatusKind;
  readonly label: string;
  readonly detail: string;
}

/** Waits shorter than this are not shown. */
export const QUIET_MS = 150;

/** A choice that cannot be shown is no fault: it is said at its field. */
const CHOICES: ReadonlySet<string> = new Set([
  "param_invalid",
  "unknown_column",
  "unsupported_type",
  "too_many_categories",
]);

/** What the status depends on; unlike the viewport it does not change with every step of a gesture. */
export type StatusPart = Pick<
  SessionState,
  "link" | "picture" | "pending" | "progress" | "error" | "newVersion" | "moving" | "version" | "slower"
> & {
  /** The picture reaches over the whole viewport. */
  covered: boolean;
};

export function statusPart(state: SessionState): StatusPart {
  const { link, picture, pending, progress, error, newVersion, moving, version, slower, viewport } = state;
  const covered = viewport !== null && !!picture?.extent && contains(picture.extent, viewport);
  return { link, picture, pending, progress, error, newVersion, moving, version, slower, covered };
}

/** Null while there is nothing to show yet. */
export function statusOf(state: StatusPart, now: number, quietSince: number): Status | null {
  return troubled(state, now, quietSince) ?? busy(state, now) ?? settled(state);
}

function troubled(state: StatusPart, now: number, quietSince: number): Status | null {
  const { link, picture, error } = state;
  if (link.state === "stopped") return { kind: "failed", label: "Disconnected", detail: link.reason };
  if (link.state === "offline") {
    return {
      kind: "offline",
      label: "Offline",
      detail: "No network. The picture stays, and updates resume by themselves.",
    };
  }
  if (link.state === "stalled") {
    return {
      kind: "stalled",
      label: "Stalled",
      detail: "The server does not answer. What you choose meanwhile is asked for when it does.",
    };
  }
  if (link.state !== "live") {
    if (now - quietSince < QUIET_MS) return picture ? settled(state) : null;
    return picture
      ? {
          kind: "reconnecting",
          label: "Reconnecting",
          detail: "The connection was lost. The picture stays until it is back.",
        }
      : { kind: "connecting", label: "Connecting", detail: "Waiting for the server." };
  }
  if (!error) return null;
  const detail = error.detail || error.code;
  return CHOICES.has(error.code)
    ? { kind: "refused", label: "Not possible", detail }
    : { kind: "failed", label: "Failed", detail };
}

function busy(state: StatusPart, now: number): Status | null {
  const { pending, moving, progress } = state;
  if (moving) return { kind: "moving", label: "Moving", detail: "Exact cells follow when the gesture ends." };
  const { picture } = state;
  // What is seen says more than how long it takes: at once, and until it is known how far the exact picture is.
  if (picture?.status === "approximate" && !progress) return approximate(picture);
  if (!pending || now - pending.since < QUIET_MS) return null;
  const percent = progress === null ? "" : ` ${Math.round(progress * 100)} %`;
  return {
    kind: "refining",
    label: `Refining${percent}`,
    detail:
      picture?.status === "approximate"
        ? `Estimates from ${shareText(picture.receipt?.fraction ?? 0)} of the rows are shown until every row is counted.`
        : "More cells of this view are loading.",
  };
}

function settled(state: StatusPart): Status | null {
  const { picture, covered, newVersion, version, pending, slower } = state;
  if (newVersion) {
    const detail = `You see version ${version?.number ?? "?"}; version ${newVersion.number} is ready.`;
    return { kind: "stale", label: "Stale", detail };
  }
  if (!picture) return null;
  if (pending || !covered)
    return { kind: "moving", label: "Moving", detail: "Exact cells follow in a moment." };
  if (picture.status === "approximate") return approximate(picture);
  if (picture.quantity?.error) return estimated(picture.quantity.error);
  return {
    kind: "exact",
    label: slower ? "Exact, slower" : "Exact",
    detail: "Every row is counted in every cell.",
  };
}

function estimated(error: number): Status {
  const detail = `Every row was read. The numbers are estimates, with a standard error of ${errorText(error)}.`;
  return { kind: "approximate", label: "Estimated", detail };
}

function approximate(picture: Picture): Status {
  const share = shareText(picture.receipt?.fraction ?? 0);
  return {
    kind: "approximate",
    label: `Approximate, ${share} of rows`,
    detail: `Estimates from ${share} of the rows, drawn at random. The exact picture follows.`,
  };
}
