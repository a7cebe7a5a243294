import { create } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { LimitsSchema } from "../../gen/halftone/v1/session_pb.ts";
import { plainLimits, START_LIMITS } from "./limits.ts";

it("takes the server's limits over those of the start", () => {
  const stated = {
    messageBytes: 1000,
    messagesPerSecond: 10,
    views: 2,
    sidePixels: 512,
    picturePixels: 9000,
    unshownFrames: 1,
  };
  expect(plainLimits(create(LimitsSchema, stated))).toEqual(stated);
});

it("starts with the defaults, and keeps them where the server states none", () => {
  expect(plainLimits(undefined)).toBe(START_LIMITS);
  expect(plainLimits(create(LimitsSchema, { views: 3 }))).toEqual({ ...START_LIMITS, views: 3 });
});
