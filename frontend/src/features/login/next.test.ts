import { expect, test } from "vitest";
import { nextPath } from "./next.ts";

test.each([
  ["", "/datasets"],
  ["?next=/d/flights/explore%3Fx%3D1%23a", "/d/flights/explore?x=1#a"],
  ["?next=https://elsewhere.example/", "/datasets"],
  ["?next=//elsewhere.example/", "/datasets"],
  ["?next=/%5Celsewhere.example", "/datasets"],
  ["?next=javascript:alert(1)", "/datasets"],
  ["?next=/login%3Fnext%3D/login", "/datasets"],
])("%s leads to %s", (search, path) => {
  expect(nextPath(search)).toBe(path);
});
