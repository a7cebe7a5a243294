"""Discovery by EndpointSlices, against a small API server; tests/cluster has the same against a real one."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from gateway_rig.kubernetes import CONFIG, NAMESPACE, Api, endpoint, slice_of
from gateway_rig.waiting import eventually
from halftone_gateway.compute.discovery import kubernetes, watch
from halftone_gateway.compute.discovery.affinity import Pools
from halftone_gateway.compute.discovery.kubernetes import KubernetesSource

POOLS: Pools = (("gpu:50051",), ("compute:50051",))


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    """An API server to which KUBECONFIG leads."""
    # So long a read would go on by itself.
    monkeypatch.setattr(watch, "WATCH_S", 600)
    made = Api()
    with made.serve() as url:
        config = tmp_path / "config"
        config.write_text(CONFIG.format(server=url))
        monkeypatch.setenv("KUBECONFIG", str(config))
        yield made


@asynccontextmanager
async def following(pools: Pools = POOLS) -> AsyncIterator[list[Pools]]:
    heard: list[Pools] = [()]
    task = asyncio.create_task(KubernetesSource(pools, NAMESPACE).run(heard.append))
    try:
        yield heard
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await eventually(lambda: not watching())


def watching() -> list[str]:
    """The threads of watchers that have not ended."""
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("watch ")]


async def test_pods_come_and_go(api: Api) -> None:
    api.put(slice_of("a", endpoint("10.0.0.1", uid="p1")))
    async with following() as heard:
        await eventually(lambda: heard[-1] == ((), ("10.0.0.1:50051",)))
        assert api.tokens == {"Bearer a-token"}
        api.put(slice_of("b", endpoint("10.0.0.2", uid="p2")))
        await eventually(lambda: heard[-1] == ((), ("10.0.0.1:50051", "10.0.0.2:50051")))
        api.put(slice_of("g", endpoint("10.0.1.1"), service="gpu"))
        await eventually(lambda: heard[-1][0] == ("10.0.1.1:50051",))
        api.put(slice_of("a", endpoint("10.0.0.1", uid="p1", ready=False, serving=True, terminating=True)))
        await eventually(lambda: heard[-1][1] == ("10.0.0.2:50051",))
        api.delete("b")
        await eventually(lambda: heard[-1] == (("10.0.1.1:50051",), ()))


async def test_changes_during_a_dropped_watch_arrive_with_the_next(api: Api) -> None:
    async with following() as heard:
        await eventually(lambda: api.watches >= 2)
        api.cut()
        api.put(slice_of("a", endpoint("10.0.0.1")))
        await eventually(lambda: heard[-1] == ((), ("10.0.0.1:50051",)))


async def test_a_version_that_is_too_old_is_listed_anew(api: Api) -> None:
    api.put(slice_of("a", endpoint("10.0.0.1")))
    async with following() as heard:
        await eventually(lambda: api.watches >= 2)
        lists = api.lists
        api.expire()
        await eventually(lambda: api.lists >= lists + 2)
        api.put(slice_of("b", endpoint("10.0.0.2")))
        await eventually(lambda: heard[-1] == ((), ("10.0.0.1:50051", "10.0.0.2:50051")))


async def test_while_the_api_is_away_the_last_known_set_stays(api: Api) -> None:
    api.put(slice_of("a", endpoint("10.0.0.1")))
    async with following() as heard:
        await eventually(lambda: heard[-1] == ((), ("10.0.0.1:50051",)) and api.watches >= 2)
        api.down = True
        tokens = api.tokens
        api.cut()
        tokens.clear()
        await eventually(lambda: bool(tokens))
        assert heard[-1] == ((), ("10.0.0.1:50051",))
        api.delete("a")
        api.put(slice_of("b", endpoint("10.0.0.2")))
        api.down = False
        await eventually(lambda: heard[-1] == ((), ("10.0.0.2:50051",)))


async def test_an_api_that_is_not_there_yet_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "config"
    config.write_text(CONFIG.format(server="http://127.0.0.1:9"))
    monkeypatch.setenv("KUBECONFIG", str(config))
    async with following() as heard:
        await asyncio.sleep(0)
        assert heard == [()]


def test_the_namespace_is_that_of_the_pod(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kubernetes, "NAMESPACE_FILE", tmp_path / "namespace")
    with pytest.raises(ValueError, match="HALFTONE_KUBERNETES_NAMESPACE"):
        KubernetesSource(POOLS, "", api=object())
    (tmp_path / "namespace").write_text("of-the-pod\n")
    assert KubernetesSource(POOLS, "", api=object()).namespace == "of-the-pod"
    assert KubernetesSource(POOLS, "given", api=object()).namespace == "given"
