"""Cards that are only names: a device plugin that offers `nvidia.com/gpu` to the kubelet, as NVIDIA's own does.

`python -m tests.cluster.deviceplugin --cards 2` runs it until it is ended.
"""

import argparse
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc

# Always here, whatever the kubelet's --root-dir.
SOCKETS = Path("/var/lib/kubelet/device-plugins")
RESOURCE = "nvidia.com/gpu"
VISIBLE = "NVIDIA_VISIBLE_DEVICES"

messages: Any
services: Any
messages, services = grpc.protos_and_services("tests/cluster/deviceplugin.proto")


class Cards:
    """The plugin's side of the interface: lists the GPUs, and answers what a container with one needs."""

    def __init__(self, count: int) -> None:
        self.names = [f"GPU-{index:08d}" for index in range(count)]
        self.ended = threading.Event()

    def GetDevicePluginOptions(self, _request: Any, _context: Any) -> Any:  # noqa: ANN401, N802 - the interface's name
        """Nothing is optional here."""
        return messages.DevicePluginOptions()

    def ListAndWatch(self, _request: Any, _context: Any) -> Iterator[Any]:  # noqa: ANN401, N802 - the interface's name
        """Tell the cards once; they stay healthy."""
        cards = [messages.Device(ID=name, health="Healthy") for name in self.names]
        yield messages.ListAndWatchResponse(devices=cards)
        self.ended.wait()

    def Allocate(self, request: Any, _context: Any) -> Any:  # noqa: ANN401, N802 - the interface's name
        """Name the cards of each container in its environment."""
        answers = [
            messages.ContainerAllocateResponse(envs={VISIBLE: ",".join(one.devices_ids)})
            for one in request.container_requests
        ]
        return messages.AllocateResponse(container_responses=answers)


def serve(count: int) -> grpc.Server:
    """Serve `count` cards on a socket beside the kubelet's and tell the kubelet."""
    endpoint = SOCKETS / "halftone-test.sock"
    endpoint.unlink(missing_ok=True)
    server = grpc.server(ThreadPoolExecutor(4))
    services.add_DevicePluginServicer_to_server(Cards(count), server)
    server.add_insecure_port(f"unix://{endpoint}")
    server.start()
    with grpc.insecure_channel(f"unix://{SOCKETS / 'kubelet.sock'}") as channel:
        asked = messages.RegisterRequest(version="v1beta1", endpoint=endpoint.name, resource_name=RESOURCE)
        services.RegistrationStub(channel).Register(asked, timeout=60, wait_for_ready=True)
    return server


def main() -> int:
    """Offers cards until the process is ended."""
    parser = argparse.ArgumentParser(prog="python -m tests.cluster.deviceplugin", description=__doc__)
    parser.add_argument("--cards", type=int, default=2)
    parser.add_argument("--node", help="the node's folder, which marks the process as its own")
    serve(parser.parse_args().cards).wait_for_termination()
    return 0


if __name__ == "__main__":
    sys.exit(main())
