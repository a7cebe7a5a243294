import { createWebServer } from "./server.ts";
import { readSettings } from "./settings.ts";

const settings = readSettings(process.env);
const { server, stop } = createWebServer(settings);

server.on("error", (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
server.listen(settings.port, settings.host, () => {
  process.stdout.write(`Halftone is served on http://${settings.host}:${settings.port}\n`);
});
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => void stop().then(() => process.exit(0)));
}
