import { expect, it } from "vitest";
import { Access, type AccessPhase } from "./access.ts";

type Event = (access: Access) => void;

const EVENTS: Readonly<Record<string, Event>> = {
  stalled: (access) => void access.linkChanged("stalled"),
  lost: (access) => void access.linkChanged("waiting"),
  welcomed: (access) => access.welcomed(),
  opening: (access) => access.opening(),
  opened: (access) => access.opened("v1"),
  "passing error": (access) => access.failed(true),
  "other error": (access) => access.failed(false),
  ended: (access) => access.ended(),
  left: (access) => access.leave(),
};
const WAY: Readonly<Record<AccessPhase, readonly string[]>> = {
  closed: [],
  opening: ["opening"],
  open: ["opening", "opened"],
  refused: ["opening", "other error"],
};

function after(...names: readonly string[]): Access {
  const access = new Access();
  access.linkChanged("live");
  for (const name of names) EVENTS[name]?.(access);
  return access;
}

it.each<[AccessPhase, string, AccessPhase]>([
  ["opening", "lost", "closed"],
  ["open", "lost", "closed"],
  ["refused", "lost", "refused"],
  ["open", "welcomed", "closed"],
  ["refused", "welcomed", "refused"],
  ["closed", "opening", "opening"],
  ["refused", "opening", "opening"],
  ["opening", "opened", "open"],
  ["closed", "opened", "closed"],
  ["refused", "opened", "open"],
  ["open", "stalled", "open"],
  ["opening", "passing error", "closed"],
  ["opening", "other error", "refused"],
  ["open", "other error", "open"],
  ["open", "ended", "refused"],
  ["refused", "left", "closed"],
])("%s, %s: %s", (phase, event, next) => {
  expect(after(...WAY[phase], event).phase).toBe(next);
});

it("is known to the server from the open on", () => {
  expect(
    [after(), after("opening"), after(...WAY.open), after(...WAY.refused)].map(({ isKnown }) => isKnown),
  ).toEqual([false, true, true, false]);
});

it("stays on the version it was opened with, and counts views", () => {
  const access = after(...WAY.open);
  expect([access.viewId, access.versionId]).toEqual([1, "v1"]);
  access.leave();
  access.unpin();
  expect([access.viewId, access.versionId]).toEqual([2, ""]);
});

it("sends nothing while the link is stalled, and says when it moves again", () => {
  const access = after("welcomed", ...WAY.open);
  expect([access.linkChanged("stalled"), access.isLive]).toEqual([false, false]);
  expect([access.linkChanged("live"), access.isLive]).toEqual([true, true]);
  expect(access.linkChanged("live")).toBe(false);
});
