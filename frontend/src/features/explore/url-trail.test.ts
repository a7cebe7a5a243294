import { beforeEach, expect, it } from "vitest";
import { UrlTrail } from "./url-trail.ts";

let view: string;
let written: string[];
let timer: (() => void) | null;
let trail: UrlTrail;

beforeEach(() => {
  [view, written, timer] = ["?a", [], null];
  trail = new UrlTrail({
    read: () => view,
    write: (search, how) => void written.push(`${how} ${search}`),
    after: (_ms, run) => {
      timer = run;
      return () => {
        timer = null;
      };
    },
  });
  trail.wrote("?a");
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
  expect(trail.wrote("?b")).toBe(true);
  expect(trail.wrote("?a")).toBe(false);
  endAt("?c");
  expect(written.at(-1)).toBe("push ?c");
});

it("fills in defaults without a step in history", () => {
  view = "?a&x=date";
  trail.note("replace");
  expect(written).toEqual(["replace ?a&x=date"]);
});
