import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { beforeEach, describe, expect, it } from "vitest";
import { ClientMessageSchema, NoticeCode, ServerMessageSchema } from "../../gen/halftone/v1/session_pb.ts";
import type { FromWorker, LinkState } from "./messages.ts";
import { FrameSocket, type SocketLike, SUBPROTOCOL } from "./socket.ts";

type Answer = MessageInitShape<typeof ServerMessageSchema>["message"];

/** The server's end of a socket. */
class Line implements SocketLike {
  binaryType: BinaryType = "blob";
  onopen: SocketLike["onopen"] = null;
  onmessage: SocketLike["onmessage"] = null;
  onclose: SocketLike["onclose"] = null;
  closed = false;
  readonly got: string[] = [];

  send(data: Parameters<SocketLike["send"]>[0]): void {
    const { message } = fromBinary(ClientMessageSchema, data as Uint8Array);
    this.got.push(message.case === "auth" ? `auth ${message.value.accessToken}` : String(message.case));
  }

  close(): void {
    this.closed = true;
  }

  open(): void {
    this.onopen?.call(this as unknown as WebSocket, new Event("open"));
  }

  answer(message: NonNullable<Answer>): void {
    const data = toBinary(ServerMessageSchema, create(ServerMessageSchema, { message })).slice().buffer;
    this.receive(data);
  }

  receive(data: unknown): void {
    this.onmessage?.call(this as unknown as WebSocket, new MessageEvent("message", { data }));
  }

  hangUp(code: number): void {
    this.onclose?.call(this as unknown as WebSocket, new CloseEvent("close", { code }));
  }
}

let lines: Line[];
let events: FromWorker[];
let timers: { at: number; run: () => void }[];
let now: number;
let online: boolean;
let socket: FrameSocket;

function pass(ms: number): void {
  now += ms;
  for (const timer of timers.filter(({ at }) => at <= now)) {
    timers.splice(timers.indexOf(timer), 1);
    timer.run();
  }
}

beforeEach(() => {
  [lines, events, timers, now, online] = [[], [], [], 0, true];
  socket = new FrameSocket({
    url: "ws://here/ws/compute",
    palette: [],
    open: (_url, protocol) => {
      expect(protocol).toBe(SUBPROTOCOL);
      lines.push(new Line());
      return line();
    },
    emit: (event) => void events.push(event),
    now: () => now,
    random: () => 0.5,
    after: (ms, run) => {
      const timer = { at: now + ms, run };
      timers.push(timer);
      return () => void (timers = timers.filter((other) => other !== timer));
    },
    online: () => online,
  });
});

const line = () => lines.at(-1) as Line;
const asked = () => events.filter((event) => event.type === "need-token");
const link = (): LinkState | undefined =>
  events.findLast((event): event is Extract<FromWorker, { type: "link" }> => event.type === "link")?.link;

function goLive(): void {
  socket.start();
  socket.useToken("t1");
  line().open();
  line().answer({ case: "welcome", value: { expiresIn: 300 } });
}

describe("connecting", () => {
  it("authenticates first, and is live with the welcome", () => {
    socket.start();
    expect(asked()).toEqual([{ type: "need-token", refused: false }]);
    expect(lines).toHaveLength(0);
    socket.useToken("t1");
    expect(line().binaryType).toBe("arraybuffer");
    line().open();
    expect(line().got).toEqual(["auth t1"]);
    expect(socket.send({ type: "close", viewId: 1 })).toBe(false);
    line().answer({ case: "welcome", value: { expiresIn: 300 } });
    expect(link()).toEqual({ state: "live" });
    expect(socket.send({ type: "close", viewId: 1 })).toBe(true);
  });

  it("gives up on a server that does not greet", () => {
    socket.start();
    socket.useToken("t1");
    line().open();
    pass(10_000);
    expect(line().closed).toBe(true);
    expect(link()?.state).toBe("waiting");
  });
});

describe("a live socket", () => {
  beforeEach(goLive);

  it("hands a new token over without opening views again", () => {
    line().answer({ case: "notice", value: { code: NoticeCode.REAUTH_SOON } });
    expect(asked()).toHaveLength(2);
    socket.useToken("t2");
    expect(line().got).toEqual(["auth t1", "auth t2"]);
    line().answer({ case: "welcome", value: { expiresIn: 300 } });
    const welcomes = events.filter((event) => event.type === "message" && event.message.type === "welcome");
    expect(welcomes).toHaveLength(1);
  });

  it("pings, and leaves a server that has fallen silent", () => {
    pass(15_000);
    expect(line().got.at(-1)).toBe("ping");
    line().answer({ case: "pong", value: {} });
    pass(15_000);
    pass(3_000);
    expect(line().closed).toBe(false);
    expect(link()).toEqual({ state: "stalled" });
    pass(15_000);
    expect(line().closed).toBe(true);
    expect(link()?.state).toBe("waiting");
  });

  it("is stalled within three seconds of a request without a sign of life, and live again with one", () => {
    const ask = () => socket.send({ type: "set", viewId: 1, seq: 2, options: null, viewport: null });
    ask();
    line().answer({ case: "pong", value: {} });
    ask();
    pass(500);
    expect(line().got.filter((message) => message === "ping")).toHaveLength(2);
    pass(2_400);
    expect(link()).toEqual({ state: "stalled" });
    line().answer({ case: "notice", value: { code: NoticeCode.DEGRADED } });
    expect(link()).toEqual({ state: "live" });
    pass(2_400);
    expect(link()).toEqual({ state: "stalled" });
    line().answer({ case: "pong", value: {} });
    expect(link()).toEqual({ state: "live" });
    pass(10_000);
    expect(link()).toEqual({ state: "live" });
  });

  it("is not stalled while the server only computes", () => {
    socket.send({ type: "set", viewId: 1, seq: 2, options: null, viewport: null });
    line().answer({ case: "pong", value: {} });
    pass(14_000);
    expect(link()).toEqual({ state: "live" });
    expect(line().got.filter((message) => message === "ping")).toHaveLength(1);
  });

  it("leaves a server that speaks no sense", () => {
    line().receive(Uint8Array.of(255, 255, 255).buffer);
    expect(line().closed).toBe(true);
    expect(link()?.state).toBe("waiting");
  });

  it("does not mind text and messages it does not know", () => {
    line().receive("hello");
    line().receive(new ArrayBuffer(0));
    expect(link()).toEqual({ state: "live" });
  });
});

describe("after a close", () => {
  beforeEach(goLive);

  it("comes back, at first within half a second, then later and later", () => {
    const waits: number[] = [];
    for (let i = 0; i < 4; i += 1) {
      line().hangUp(1006);
      const state = link();
      waits.push(state?.state === "waiting" ? state.retryAt - now : -1);
      pass(30_000);
      socket.useToken("t1");
    }
    expect(waits).toEqual([250, 500, 1000, 2000]);
    line().open();
    line().answer({ case: "welcome", value: {} });
    line().hangUp(1012);
    expect(link()).toMatchObject({ state: "waiting", retryAt: now + 250 });
  });

  it("asks for a fresh token on 4401, and stops when that is refused again and again", () => {
    line().hangUp(4401);
    pass(0);
    expect(asked().at(-1)).toEqual({ type: "need-token", refused: true });
    for (let i = 0; i < 3; i += 1) {
      socket.useToken("t2");
      line().hangUp(4401);
      pass(30_000);
    }
    expect(link()?.state).toBe("stopped");
    const tries = lines.length;
    socket.useToken("t3");
    expect(lines).toHaveLength(tries);
  });

  it.each([4403, 4400])("stays away on %i and says so, until a person tries again", (code) => {
    line().hangUp(code);
    expect(link()?.state).toBe("stopped");
    pass(60_000);
    expect(lines).toHaveLength(1);
    socket.retry();
    socket.useToken("t1");
    expect(lines).toHaveLength(2);
  });

  it("waits as long as 4429 asks", () => {
    line().answer({ case: "error", value: { code: "rate_limited", retryAfterMs: 7000 } });
    line().hangUp(4429);
    expect(link()).toEqual({ state: "waiting", retryAt: now + 7000 });
  });

  it("waits as long as a draining server asks", () => {
    line().answer({ case: "notice", value: { code: NoticeCode.DRAINING, reconnectAfterMs: 3000 } });
    line().hangUp(1012);
    expect(link()).toEqual({ state: "waiting", retryAt: now + 3250 });
  });

  it("says offline when the machine is, and comes back with the network", () => {
    online = false;
    socket.abandon();
    expect(link()).toEqual({ state: "offline" });
    online = true;
    socket.retry();
    socket.useToken("t1");
    line().open();
    line().answer({ case: "welcome", value: {} });
    expect(link()).toEqual({ state: "live" });
  });
});
