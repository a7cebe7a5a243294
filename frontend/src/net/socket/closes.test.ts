import { expect, it } from "vitest";
import { afterClose } from "./closes.ts";

it.each([
  [4401, "renew-token"],
  [4403, "stop"],
  [4400, "stop"],
  [4429, "wait"],
  [4408, "retry"],
  [4430, "retry"],
  [1011, "retry"],
  [1012, "retry"],
  [1013, "retry"],
  [1006, "retry"],
  [1000, "retry"],
])("after %i: %s", (code, action) => {
  expect(afterClose(code).action).toBe(action);
});
