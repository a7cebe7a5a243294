import { createHash } from "node:crypto";
import { request } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { ask, body, DEAD_PORT, raw, service, web } from "./testing.ts";

const HANDSHAKE =
  "GET /ws/compute?x=1 HTTP/1.1\r\nHost: halftone.example\r\nOrigin: http://halftone.example\r\n" +
  "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";

/** Nothing is given up inside `work`, however long this machine stands still: time does, too. */
async function untimed(work: () => Promise<void>): Promise<void> {
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  try {
    await work();
  } finally {
    vi.useRealTimers();
  }
}

async function echoHeaders() {
  return service((request, response) => {
    response.setHeader("X-From", "service");
    response.end(JSON.stringify({ url: request.url, headers: request.headers }));
  });
}

test.each(["/api/datasets/?q=a%20b", "/admin/", "/static/a.css", "/.well-known/jwks.json", "/api"])(
  "%s goes to the account service, host and origin kept",
  async (path) => {
    const auth = await echoHeaders();
    const { port } = await web({ HALFTONE_AUTH_PORT: auth.port, HALFTONE_GATEWAY_PORT: DEAD_PORT });
    const answer = await ask(port, path, { Host: "halftone.example", Origin: "http://halftone.example" });
    const seen = JSON.parse(answer.body.toString());
    expect(answer.headers["x-from"]).toBe("service");
    expect(seen.url).toBe(path);
    expect(seen.headers).toMatchObject({
      host: "halftone.example",
      origin: "http://halftone.example",
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-proto": "http",
    });
  },
);

test("an address that an untrusted peer claims is replaced", async () => {
  const auth = await echoHeaders();
  const { port } = await web({ HALFTONE_AUTH_PORT: auth.port });
  const claims = { "X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "https", Forwarded: "for=6.6.6.6" };
  const seen = JSON.parse((await ask(port, "/api/", claims)).body.toString());
  expect(seen.headers["x-forwarded-for"]).toBe("127.0.0.1");
  expect(seen.headers["x-forwarded-proto"]).toBe("http");
  expect(seen.headers["forwarded"]).toBeUndefined();
});

test("a trusted proxy's address chain is continued", async () => {
  const auth = await echoHeaders();
  const { port } = await web({
    HALFTONE_AUTH_PORT: auth.port,
    HALFTONE_TRUSTED_PROXIES: "10.0.0.0/8, 127.0.0.1",
  });
  const claims = { "X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https" };
  const seen = JSON.parse((await ask(port, "/api/", claims)).body.toString());
  expect(seen.headers["x-forwarded-for"]).toBe("203.0.113.9, 127.0.0.1");
  expect(seen.headers["x-forwarded-proto"]).toBe("https");
});

test("headers of one connection do not travel", async () => {
  const auth = await echoHeaders();
  const { port } = await web({ HALFTONE_AUTH_PORT: auth.port });
  const seen = JSON.parse(
    (await ask(port, "/api/", { Connection: "X-Mine", "X-Mine": "1", TE: "trailers" })).body.toString(),
  );
  expect(seen.headers["x-mine"]).toBeUndefined();
  expect(seen.headers["te"]).toBeUndefined();
});

test("an upload flows while it is being sent", async () => {
  const hash = createHash("sha256");
  const arrived = Promise.withResolvers<void>();
  const auth = await service((request, response) => {
    request.on("data", (chunk: Buffer) => {
      hash.update(chunk);
      arrived.resolve();
    });
    request.on("end", () => response.end(JSON.stringify({ sha256: hash.digest("hex") })));
  });
  const { port } = await web({ HALFTONE_AUTH_PORT: auth.port });
  const chunk = Buffer.alloc(1 << 20, "halftone");
  const upload = request({ host: "127.0.0.1", port, path: "/api/uploads/", method: "POST" });
  const answered = new Promise<string>((resolve, reject) => {
    upload.on("response", (response) => void body(response).then((bytes) => resolve(bytes.toString())));
    upload.on("error", reject);
  });
  upload.write(chunk);
  // The service has seen the beginning although the end was not sent yet.
  await arrived.promise;
  const expected = createHash("sha256").update(chunk);
  for (let i = 0; i < 48; i += 1) {
    expected.update(chunk);
    if (!upload.write(chunk)) await new Promise((resolve) => upload.once("drain", resolve));
  }
  upload.end();
  expect(JSON.parse(await answered)).toEqual({ sha256: expected.digest("hex") });
});

test("an answer given before the upload ended reaches a client that goes on sending", async () => {
  const auth = await service((_, response) => {
    response.writeHead(413, { "Content-Type": "application/json", Connection: "close" });
    response.end('{"code":"body_too_large"}');
  });
  const { port } = await web({ HALFTONE_AUTH_PORT: auth.port });
  const rest = Buffer.alloc(32 << 20);
  const text = `POST /api/uploads/ HTTP/1.1\r\nHost: x\r\nContent-Length: ${5 + rest.length}\r\n\r\nstart`;
  const { socket, until } = raw(port, text);
  const seen = await until("body_too_large");
  expect(seen).toMatch(/^HTTP\/1.1 413 /);
  const sent = await new Promise((resolve) => socket.write(rest, resolve));
  expect(sent).toBeFalsy();
});

test("a service refuses a large body by its length, unsent", async () => {
  let bodyBytes = 0;
  const auth = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      bodyBytes += chunk.length - (chunk.indexOf("\r\n\r\n") + 4);
      socket.end("HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 9\r\n\r\ntoo large");
      socket.resetAndDestroy();
    });
  });
  await new Promise<void>((resolve) => auth.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void auth.close());
  const { port } = await web({ HALFTONE_AUTH_PORT: (auth.address() as AddressInfo).port });
  const body = Buffer.alloc(8 << 20);
  const text = `POST /api/uploads/ HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`;
  await untimed(async () => {
    const { socket, until } = raw(port, text);
    socket.write(body);
    expect(await until("too large")).toMatch(/^HTTP\/1.1 413 /);
  });
  expect(bodyBytes).toBe(0);
});

test("a client that sends Expect: 100-continue gets 100 or a refusal from the service", async () => {
  const auth = await service((_, response) => response.end());
  auth.on("checkContinue", (request, response) => {
    if (Number(request.headers["content-length"]) > 100_000) response.writeHead(413).end("too large");
    else {
      response.writeContinue();
      void body(request).then(({ length }) => response.end(`got ${length}`));
    }
  });
  const { port } = await web({ HALFTONE_AUTH_PORT: auth.port });
  const head = (length: number) =>
    `POST /api/uploads/ HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`;
  await untimed(async () => {
    const wanted = raw(port, head(70_000));
    expect(await wanted.until("\r\n\r\n")).toBe("HTTP/1.1 100 Continue\r\n\r\n");
    wanted.socket.write("a".repeat(70_000));
    await wanted.until("got 70000");
    const refused = raw(port, head(200_000));
    expect(await refused.until("too large")).toMatch(/^HTTP\/1.1 413 /);
  });
});

test("a service that knows nothing of announcements gets the body all the same", async () => {
  const auth = createServer((socket) => {
    let seen = "";
    socket.on("data", (chunk) => {
      seen += chunk.toString("latin1");
      if (seen.endsWith("the end")) socket.end("HTTP/1.1 201 Created\r\nConnection: close\r\n\r\nkept");
    });
  });
  await new Promise<void>((resolve) => auth.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void auth.close());
  const { port } = await web({ HALFTONE_AUTH_PORT: (auth.address() as AddressInfo).port });
  const text = `${"a".repeat(100_000)}the end`;
  const { until } = raw(
    port,
    `POST /api/x/ HTTP/1.1\r\nHost: x\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
  );
  expect(await until("kept")).toMatch(/^HTTP\/1.1 201 /);
});

test("a client that leaves ends the request to the service", async () => {
  const left = Promise.withResolvers<void>();
  const auth = await service((request) => {
    request.on("error", () => undefined);
    request.on("close", left.resolve);
    request.resume();
  });
  const { port } = await web({ HALFTONE_AUTH_PORT: auth.port });
  const { socket } = raw(port, "POST /api/uploads/ HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nstart");
  await new Promise((resolve) => auth.once("request", resolve));
  socket.destroy();
  await expect(left.promise).resolves.toBeUndefined();
});

test("a service that breaks off breaks the answer off", async () => {
  const auth = await service((_, response) => {
    response.writeHead(200, { "Content-Length": "1000" });
    response.write("half", () => response.destroy());
  });
  const { port } = await web({ HALFTONE_AUTH_PORT: auth.port });
  await expect(ask(port, "/api/")).rejects.toThrow("aborted");
});

test.each([
  ["/api/datasets/", "auth_unavailable"],
  ["/compute/", "compute_unavailable"],
])("%s says so when its service is down", async (path, code) => {
  const { port } = await web({
    HALFTONE_AUTH_PORT: DEAD_PORT,
    HALFTONE_GATEWAY_PORT: DEAD_PORT,
  });
  const { status, headers, body } = await ask(port, path, { "X-Request-ID": "abc-1" });
  expect(status).toBe(502);
  expect(headers["content-type"]).toBe("application/json");
  expect(headers["retry-after"]).toBe("1");
  expect(JSON.parse(body.toString())).toMatchObject({ code, field: "", request_id: "abc-1" });
});

test("a socket is piped both ways, bytes sent with the handshake included", async () => {
  const gateway = await service((_, response) => response.end());
  gateway.on("upgrade", (request, socket) => {
    const forwarded = String(request.headers["x-forwarded-for"]);
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-Seen: ${request.headers.origin} ${request.headers.host} ${forwarded}\r\n\r\nhello`,
    );
    socket.pipe(socket);
  });
  const { port } = await web({ HALFTONE_GATEWAY_PORT: gateway.port });
  const { socket, until } = raw(port, `${HANDSHAKE}early`);
  const seen = await until("helloearly");
  expect(seen).toMatch(/^HTTP\/1.1 101 Switching Protocols\r\n/);
  expect(seen).toContain("X-Seen: http://halftone.example halftone.example 127.0.0.1");
  socket.write("late");
  await until("earlylate");
});

test("when the gateway drops the socket, so do we", async () => {
  const gateway = await service((_, response) => response.end());
  gateway.on("upgrade", (_, socket) => {
    socket.end("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
  });
  const { port } = await web({ HALFTONE_GATEWAY_PORT: gateway.port });
  const { socket } = raw(port, HANDSHAKE);
  await new Promise((resolve) => socket.once("close", resolve));
  expect(socket.bytesRead).toBeGreaterThan(0);
});

test("a refused upgrade keeps its status and body", async () => {
  const gateway = await service((_, response) => response.end());
  gateway.on("upgrade", (_, socket) => {
    socket.end(
      "HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" +
        '19\r\n{"code":"origin_refused"}\r\n0\r\n\r\n',
    );
  });
  const { port } = await web({ HALFTONE_GATEWAY_PORT: gateway.port });
  const { socket, until } = raw(port, HANDSHAKE);
  const seen = await until('{"code":"origin_refused"}');
  expect(seen).toMatch(/^HTTP\/1.1 403 Forbidden\r\n/);
  expect(seen).toContain("Connection: close");
  expect(seen.toLowerCase()).not.toContain("transfer-encoding");
  if (!socket.closed) await new Promise((resolve) => socket.once("close", resolve));
});

test("an upgrade without a gateway is a 502 with a body", async () => {
  const { port } = await web({ HALFTONE_GATEWAY_PORT: DEAD_PORT });
  const seen = await raw(port, HANDSHAKE).until("compute_unavailable");
  expect(seen).toMatch(/^HTTP\/1.1 502 Bad Gateway\r\n/);
});

test("an upgrade to nowhere is a 404", async () => {
  const { port } = await web({});
  expect(await raw(port, HANDSHAKE.replace("/ws/compute", "/elsewhere")).until("\r\n\r\n")).toMatch(/ 404 /);
});

test("other upgrades are ordinary requests", async () => {
  const { port } = await web({});
  const answer = await ask(port, "/", { Connection: "Upgrade, HTTP2-Settings", Upgrade: "h2c" });
  expect(answer.status).toBe(200);
});

test("sockets end when the server stops", async () => {
  const gateway = await service((_, response) => response.end());
  gateway.on("upgrade", (_, socket) => {
    socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
  });
  const { port, stop } = await web({ HALFTONE_GATEWAY_PORT: gateway.port });
  const { socket, until } = raw(port, HANDSHAKE);
  await until("101");
  const closed = new Promise((resolve) => socket.once("close", resolve));
  await stop();
  await closed;
  expect(socket.destroyed).toBe(true);
});
