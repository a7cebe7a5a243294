/** Worker: holds the socket and decodes, so that the page's thread only draws. */
import { after } from "../after.ts";
import type { FromWorker, ToWorker } from "./messages.ts";
import { buffersOf } from "./pieces.ts";
import { FrameSocket } from "./socket.ts";

let socket: FrameSocket | null = null;

function emit(event: FromWorker): void {
  const frame = event.type === "message" && event.message.type === "frame" ? event.message : null;
  globalThis.postMessage(event, { transfer: frame ? frame.pieces.flatMap(buffersOf) : [] });
}

function start(url: string, palette: readonly (readonly [number, number, number])[]): void {
  socket = new FrameSocket({
    url,
    palette,
    open: (address, protocol) => new WebSocket(address, protocol),
    emit,
    now: () => performance.now(),
    random: Math.random,
    after,
    online: () => navigator.onLine,
  });
  socket.start();
}

globalThis.addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
  switch (data.type) {
    case "start":
      start(data.url, data.palette);
      break;
    case "token":
      socket?.useToken(data.token);
      break;
    case "retry":
      socket?.retry();
      break;
    case "send":
      socket?.send(data.message);
      break;
  }
});
globalThis.addEventListener("online", () => socket?.retry());
globalThis.addEventListener("offline", () => socket?.abandon());
