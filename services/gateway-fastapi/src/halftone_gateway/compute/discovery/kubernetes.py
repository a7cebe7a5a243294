"""Compute services by the EndpointSlices of their headless Services, listed and watched."""

import asyncio
import os
from pathlib import Path
from typing import Any, Final

import structlog

from halftone_gateway.compute.discovery.affinity import Pools
from halftone_gateway.compute.discovery.source import Update
from halftone_gateway.compute.discovery.watch import Watcher

NAMESPACE_FILE: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")

log = structlog.get_logger(__name__)


class KubernetesSource:
    """One watcher for each Service. While the API is away the last known endpoints stay."""

    def __init__(self, pools: Pools, namespace: str, api: Any = None) -> None:  # noqa: ANN401 - the client has no types
        """Raises ValueError where no namespace is known, and the client's error where there are no credentials."""
        self._pools = pools
        self.namespace = namespace or _mounted_namespace()
        self._api = connect() if api is None else api
        self._known: dict[str, tuple[str, ...]] = {}

    async def run(self, update: Update) -> None:
        loop = asyncio.get_running_loop()

        def changed(service: str, targets: tuple[str, ...]) -> None:
            self._known[service] = targets
            log.info("endpoints", service=service, targets=list(targets))
            update(tuple(self._joined(pool) for pool in self._pools))

        def changed_in_thread(service: str, targets: tuple[str, ...]) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(changed, service, targets)

        watchers = [
            Watcher(self._api, self.namespace, name, changed_in_thread) for pool in self._pools for name in pool
        ]
        for watcher in watchers:
            watcher.start()
        try:
            await asyncio.Event().wait()
        finally:
            for watcher in watchers:
                watcher.stop()
            for watcher in watchers:
                await asyncio.to_thread(watcher.join)

    def _joined(self, pool: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted({target for name in pool for target in self._known.get(name, ())}))


def connect() -> Any:  # noqa: ANN401 - the client has no types
    """The API by the pod's own account, or by KUBECONFIG outside a cluster."""
    # Imported here: it takes a second and 50 MB, which only a gateway in a cluster should pay.
    from kubernetes import client, config

    configuration = client.Configuration()
    # No retries of its own: the watcher has a backoff.
    configuration.retries = False
    if "KUBERNETES_SERVICE_HOST" in os.environ:
        config.load_incluster_config(client_configuration=configuration)  # type: ignore[no-untyped-call]
    else:
        file = os.environ.get("KUBECONFIG")
        config.load_kube_config(file, client_configuration=configuration)  # type: ignore[no-untyped-call]
    return client.DiscoveryV1Api(client.ApiClient(configuration))


def _mounted_namespace() -> str:
    if not NAMESPACE_FILE.is_file():
        raise ValueError("outside a pod, set HALFTONE_KUBERNETES_NAMESPACE to the namespace of the compute services")
    return NAMESPACE_FILE.read_text(encoding="utf-8").strip()
