import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const auth = `http://127.0.0.1:${process.env["HALFTONE_AUTH_PORT"] ?? "8000"}`;
const gateway = `http://127.0.0.1:${process.env["HALFTONE_GATEWAY_PORT"] ?? "8001"}`;

export default defineConfig({
  plugins: [react()],
  build: {
    target: "es2023",
    // The size budget reads which chunks make up the shell from it.
    manifest: true,
    // The content security policy allows no data: scripts or fonts.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
  worker: { format: "es" },
  server: {
    port: Number(process.env["HALFTONE_WEB_PORT"] ?? "3000"),
    strictPort: true,
    proxy: {
      "/api": auth,
      "/admin": auth,
      "/static": auth,
      "/.well-known": auth,
      "/ws": { target: gateway, ws: true },
      "/compute": gateway,
    },
  },
});
