"""What `helm test` asks of a release: sign in, shake hands on the socket, draw a view of a dataset if there is one.

Runs in the gateway's image. Reads URL, EMAIL and PASSWORD from the environment; says each step, and ends with 1 at the
first that fails.
"""

import asyncio
import json
import os
from typing import Any

import httpx2
from websockets import ClientConnection, Subprotocol, connect

SECONDS = 60


def sign_in(web: httpx2.Client) -> str:
    """An access token for a program."""
    answer = web.post("/api/token/", json={"email": os.environ["EMAIL"], "password": os.environ["PASSWORD"]})
    token: str = answer.raise_for_status().json()["access"]
    print(f"signed in as {os.environ['EMAIL']}")
    return token


def newest_dataset(web: httpx2.Client, token: str) -> str | None:
    """The slug of a dataset that has a version, or nothing."""
    answer = web.get("/api/datasets/", headers={"Authorization": f"Bearer {token}"}).raise_for_status()
    slugs = [dataset["slug"] for dataset in answer.json()["results"] if dataset["version"]]
    return slugs[0] if slugs else None


async def received(socket: ClientConnection, wanted: str) -> dict[str, Any]:
    """The next message of a type. Raises `RuntimeError` for an error in its place."""
    while True:
        message: dict[str, Any] = json.loads(await socket.recv())
        if "error" in message:
            raise RuntimeError(message["error"])
        if wanted in message:
            found: dict[str, Any] = message[wanted]
            return found


async def draw(url: str, token: str, dataset: str | None) -> None:
    """Shakes hands, and waits for the exact frame of one view."""
    address = f"ws{url.removeprefix('http')}/ws/compute"
    async with connect(address, subprotocols=[Subprotocol("halftone.v1.json")], max_size=None) as socket:
        await socket.send(json.dumps({"auth": {"accessToken": token}}))
        print("the socket says welcome, with views of", (await received(socket, "welcome"))["kinds"])
        if dataset is None:
            print("no dataset has a version yet: nothing to draw")
            return
        view = {"viewId": 1, "seq": 1, "dataset": dataset, "kind": "points", "viewport": {"width": 256, "height": 256}}
        await socket.send(json.dumps({"open": view}))
        while (frame := await received(socket, "frame"))["status"] != "FRAME_STATUS_EXACT":
            continue
        print(f"{dataset}: {len(frame['pieces'])} pieces, exact")


def main() -> None:
    url = os.environ["URL"]
    with httpx2.Client(base_url=url, timeout=SECONDS) as web:
        web.get("/").raise_for_status()
        token = sign_in(web)
        dataset = newest_dataset(web, token)
    asyncio.run(asyncio.wait_for(draw(url, token, dataset), SECONDS))


if __name__ == "__main__":
    main()
