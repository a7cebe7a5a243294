import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

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
          testTimeout: 20_000,
          restoreMocks: true,
          unstubGlobals: true,
        },
      },
      {
        test: { name: "server", environment: "node", testTimeout: 20_000, include: ["server/**/*.test.ts"] },
      },
    ],
    sequence: { shuffle: true },
  },
});
