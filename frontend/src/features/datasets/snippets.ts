/** Example programs, filled in for one dataset. */
import type { Column } from "../../model/column.ts";

export interface Target {
  origin: string;
  slug: string;
  /** Columns to draw. */
  x: string;
  y: string;
}

export function axesOf(columns: Column[]): { x: string; y: string } {
  const drawable = columns.filter(({ type }) => type === "number" || type === "time");
  return { x: drawable[0]?.name ?? "x", y: drawable[1]?.name ?? drawable[0]?.name ?? "y" };
}

/** JSON strings are valid in Python and, but for quotes and dollars, in a shell's double quotes. */
const quoted = (text: string) => JSON.stringify(text);

export function socketSnippet({ origin, slug, x, y }: Target): string {
  return `import asyncio, getpass, json, urllib.request
import websockets

BASE = ${quoted(origin)}

def sign_in(email, password):
    body = json.dumps({"email": email, "password": password}).encode()
    request = urllib.request.Request(BASE + "/api/token/", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as response:
        return json.load(response)["access"]

async def main():
    token = sign_in(input("E-mail: "), getpass.getpass("Password: "))
    url = BASE.replace("http", "ws", 1) + "/ws/compute"
    async with websockets.connect(url, subprotocols=["halftone.v1.json"], max_size=None) as socket:
        await socket.send(json.dumps({"auth": {"accessToken": token}}))
        await socket.send(json.dumps({"open": {
            "viewId": 1, "seq": 1, "dataset": ${quoted(slug)}, "kind": "points",
            "options": {"x": ${quoted(x)}, "y": ${quoted(y)}},
            "viewport": {"width": 800, "height": 600},
        }}))
        async for text in socket:
            message = json.loads(text)
            print(json.dumps(message)[:200])
            if "error" in message or message.get("frame", {}).get("status") == "FRAME_STATUS_EXACT":
                break

asyncio.run(main())
`;
}

export function curlSnippet({ origin, slug }: Target): string {
  return `BASE=${origin}

# Signing in without a browser: the token is good for five minutes.
TOKEN=$(curl -fsS "$BASE/api/token/" -H 'Content-Type: application/json' \\
  -d '{"email": "you@example.org", "password": "…"}' | python3 -c 'import json, sys; print(json.load(sys.stdin)["access"])')

# What the dataset holds.
curl -fsS "$BASE/api/datasets/${slug}/columns/" -H "Authorization: Bearer $TOKEN"

# The grant that a request to the compute service carries.
curl -fsS "$BASE/api/datasets/${slug}/grant/" -H "Authorization: Bearer $TOKEN"
`;
}

export function grpcSnippet({ origin, slug, x, y }: Target): string {
  return `import getpass, json, urllib.request
import grpc
from google.protobuf.json_format import ParseDict
from halftone.v1 import compute_pb2, compute_pb2_grpc

BASE = ${quoted(origin)}
COMPUTE = "127.0.0.1:50051"

def fetch(path, body=None, token=""):
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(BASE + path, body and json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as response:
        return json.load(response)

token = fetch("/api/token/", {"email": input("E-mail: "), "password": getpass.getpass("Password: ")})["access"]
request = ParseDict({
    "grant": fetch("/api/datasets/${slug}/grant/", token=token)["grant"],
    "kind": "points",
    "options": {"x": ${quoted(x)}, "y": ${quoted(y)}},
    "viewport": {"width": 800, "height": 600, "exactViewport": True},
    "format": "DRAW_FORMAT_PNG",
}, compute_pb2.DrawRequest())
with grpc.insecure_channel(COMPUTE) as channel:
    png = b"".join(reply.chunk for reply in compute_pb2_grpc.ComputeStub(channel).Draw(request, timeout=10))
open("${slug}.png", "wb").write(png)
`;
}
