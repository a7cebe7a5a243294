"""T1: the keys that sign tokens. One that was taken out, because it leaked, is nowhere any more."""

import pytest

from .controlplane import ControlPlane
from .release import Release

pytestmark = pytest.mark.cluster

LEAKED, NEW = "1700000000-0a1b2c3d.pem", "1800000000-0a1b2c3d.pem"


@pytest.mark.parametrize("version", ["helm", "helm3"])
def test_a_key_that_is_no_longer_given_leaves_the_cluster(kinds: ControlPlane, room: str, version: str) -> None:
    release = Release(kinds, room, version)

    def keys() -> set[str]:
        return set(release.get("secret", "halftone-signing")["data"])

    release.install({"signing": {"keys": {LEAKED: "a", NEW: "b"}}}, wait=False)
    assert keys() == {LEAKED, NEW}
    release.upgrade({"signing": {"keys": {NEW: "b"}}}, wait=False)
    assert keys() == {NEW}
    # Given no more, those that are there stay.
    release.upgrade({}, wait=False)
    assert keys() == {NEW}
