// Lays a .gz and a .br beside each file of a built app that is worth it: `node precompress.mjs DIST`.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";

// As in frontend/server/static.ts.
const COMPRESSIBLE = /\.(css|html|js|json|map|svg|txt|webmanifest)$/;
const COMPRESS_FROM = 1024;

const [dist] = process.argv.slice(2);
if (!dist) {
  process.stderr.write("Usage: node precompress.mjs DIST\n");
  process.exit(2);
}
for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  const file = join(entry.parentPath, entry.name);
  if (!entry.isFile() || !COMPRESSIBLE.test(entry.name)) continue;
  const plain = readFileSync(file);
  if (plain.length < COMPRESS_FROM) continue;
  writeFileSync(`${file}.gz`, gzipSync(plain, { level: 9 }));
  writeFileSync(`${file}.br`, brotliCompressSync(plain));
}
