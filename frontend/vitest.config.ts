import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** A busy machine may stand still for seconds; only a failure takes this long. */
const PATIENCE = { testTimeout: 60_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    projects: [
      {
        plugins: [react()],
        // Its package names what browsers take in a way that Vite's build alone reads.
        resolve: { alias: { "tus-js-client": "tus-js-client/lib.esm/browser/index.js" } },
        test: {
          name: "web",
          server: { deps: { inline: ["tus-js-client"] } },
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
