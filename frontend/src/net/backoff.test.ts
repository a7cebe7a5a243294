import * as fc from "fast-check";
import { expect, it } from "vitest";
import { backoff } from "./backoff.ts";

it("tries again within half a second at first and within half a minute for ever", () => {
  const shares = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.nat(), shares, (attempt, share) => {
      const delay = backoff(attempt, () => share);
      expect(delay).toBeGreaterThanOrEqual(0);
      expect(delay).toBeLessThanOrEqual(attempt === 0 ? 500 : 30_000);
    }),
  );
  expect([0, 1, 2, 3, 6, 7, 40].map((attempt) => backoff(attempt, () => 1))).toEqual([
    500, 1000, 2000, 4000, 30_000, 30_000, 30_000,
  ]);
});
