// Budgets of what a browser must load, gzipped: the shell, and Explore on top of it.
import { readFileSync } from "node:fs";

const manifest = JSON.parse(readFileSync(new URL("dist/.vite/manifest.json", import.meta.url), "utf8"));

function closure(key, seen = new Set()) {
  if (seen.has(key)) return seen;
  seen.add(key);
  for (const next of manifest[key].imports ?? []) closure(next, seen);
  return seen;
}

function files(keys) {
  const chunks = [...keys].map((key) => manifest[key]);
  const names = new Set([
    ...chunks.map((chunk) => chunk.file),
    ...chunks.flatMap((chunk) => chunk.css ?? []),
  ]);
  return [...names].map((name) => `dist/${name}`);
}

const shell = closure("index.html");
const explore = new Set(
  [...closure("src/features/explore/ExplorePage.tsx")].filter((key) => !shell.has(key)),
);

export default [
  { name: "shell", path: files(shell), limit: "220 kB", gzip: true },
  { name: "explore", path: [...files(explore), "dist/assets/*orker-*.js"], limit: "180 kB", gzip: true },
];
