import { beforeEach, expect, it } from "vitest";
import { type TrailWorld, UrlTrail } from "./url-trail.ts";

let view: string;
let written: string[];
let timer: (() => void) | null;
let trail: UrlTrail;

beforeEach(() => {
  [view, written, timer] = ["?a", [], null];
  const world: TrailWorld = {
    read: () => view,
    write: (search, how) => void written.push(`${how} ${search}`),
    after: (_ms, run) => {
      timer = run;
      return () => {
        timer = null;
      };
    },
  };
  trail = new UrlTrail(world, "?a");
});

function moveTo(search: string): void {
  view = search;
  trail.note("moving");
  const due = timer;
  timer = null;
  due?.();
}

function endAt(search: string): void {
  view = search;
  trail.note("push");
}

it("gives a gesture one entry of history", () => {
  moveTo("?b");
  moveTo("?c");
  endAt("?d");
  moveTo("?e");
  endAt("?e");
  expect(written).toEqual(["push ?b", "quiet ?c", "replace ?d", "push ?e"]);
});

it("tells the router in the end what was written quietly", () => {
  moveTo("?b");
  moveTo("?c");
  endAt("?c");
  expect(written.at(-1)).toBe("replace ?c");
});

it("writes a quick gesture once, and an unchanged view not at all", () => {
  view = "?b";
  trail.note("moving");
  trail.note("push");
  trail.note("push");
  expect(written).toEqual(["push ?b"]);
  expect(timer).toBeNull();
});

it("knows Back and Forward from its own writing", () => {
  endAt("?b");
  expect(trail.isOwn("?b", false)).toBe(true);
  expect(trail.isOwn("?a", true)).toBe(false);
  endAt("?c");
  expect(written.at(-1)).toBe("push ?c");
});

it("knows what it wrote however late the router tells it, and however much of it", () => {
  for (const search of ["?b", "?c", "?b", "?d", "?e"]) endAt(search);
  const own = ["?b", "?c", "?d", "?e"].map((search) => trail.isOwn(search, false));
  expect(own).toEqual([true, true, true, true]);
});

it("takes a link to what it once wrote for a link", () => {
  endAt("?b");
  endAt("?c");
  trail.isOwn("?c", false);
  expect(trail.isOwn("?b", false)).toBe(false);
});

it("takes Back for Back when it leads to what the router has not confirmed yet", () => {
  endAt("?b");
  endAt("?c");
  expect(trail.isOwn("?b", true)).toBe(false);
  endAt("?d");
  expect(trail.isOwn("?d", false)).toBe(true);
});

it("fills in defaults without a step in history", () => {
  view = "?a&x=date";
  trail.note("replace");
  expect(written).toEqual(["replace ?a&x=date"]);
});
