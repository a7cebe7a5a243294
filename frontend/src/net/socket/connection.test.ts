import { expect, it } from "vitest";
import { socketUrl } from "./connection.ts";

it("is on the page's own origin, and carries no token", () => {
  expect(socketUrl({ protocol: "http:", host: "localhost:3000" })).toBe("ws://localhost:3000/ws/compute");
  expect(socketUrl({ protocol: "https:", host: "halftone.example" })).toBe(
    "wss://halftone.example/ws/compute",
  );
});
