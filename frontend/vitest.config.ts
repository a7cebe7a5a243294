import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** A busy machine may stand still for seconds; only a failure takes this long. */
const PATIENCE = { testTimeout: 60_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    projects: [
      {
        plugins: [react()],
        test: {
          name: "web",
          environment: "happy-dom",
          include: ["src/**/*.test.{ts,tsx}"],
          setupFiles: ["src/app/test-setup.ts"],
          ...PATIENCE,
          restoreMocks: true,
          unstubGlobals: true,
        },
      },
      {
        test: { name: "server", environment: "node", ...PATIENCE, include: ["server/**/*.test.ts"] },
      },
    ],
    sequence: { shuffle: true },
  },
});
