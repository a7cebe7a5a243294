import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readSettings } from "./settings.ts";

test("without any setting it listens on loopback and finds the services of this machine", () => {
  const settings = readSettings({});
  expect(settings).toMatchObject({ host: "127.0.0.1", port: 3000 });
  expect(settings.auth.href).toBe("http://127.0.0.1:8000/");
  expect(settings.gateway.href).toBe("http://127.0.0.1:8001/");
  expect(settings.dist).toMatch(/frontend\/dist$/);
});

test("ports and addresses come from the environment", () => {
  const settings = readSettings({
    HALFTONE_WEB_HOST: "0.0.0.0",
    HALFTONE_WEB_PORT: "3300",
    HALFTONE_AUTH_URL: "http://auth:80",
    HALFTONE_GATEWAY_PORT: "8100",
  });
  expect(settings).toMatchObject({ host: "0.0.0.0", port: 3300 });
  expect(settings.auth.host).toBe("auth");
  expect(settings.gateway.port).toBe("8100");
});

test.each([
  { HALFTONE_WEB_PORT: "web" },
  { HALFTONE_WEB_PORT: "70000" },
  { HALFTONE_AUTH_URL: "ftp://auth" },
  { HALFTONE_TRUSTED_PROXIES: "nginx" },
])("%o is refused", (env) => {
  expect(() => readSettings(env)).toThrow(Object.keys(env)[0]);
});

test("a setting may come from a file, but not from both", () => {
  const folder = mkdtempSync(join(tmpdir(), "halftone-settings-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "port");
  writeFileSync(file, "3456\n");
  expect(readSettings({ HALFTONE_WEB_PORT_FILE: file }).port).toBe(3456);
  expect(() => readSettings({ HALFTONE_WEB_PORT_FILE: file, HALFTONE_WEB_PORT: "1" })).toThrow("not both");
  expect(() => readSettings({ HALFTONE_WEB_PORT_FILE: join(folder, "gone") })).toThrow("gone");
});
