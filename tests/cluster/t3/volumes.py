"""Volumes of the real node: folders of its disk, offered before a pod claims them."""

from pathlib import Path
from typing import Any

CLASS = "manual"


def offered(folder: Path, node: str, count: int) -> list[dict[str, Any]]:
    """PersistentVolumes of the kind `local`, whose owner the kubelet sets as `fsGroup` asks; their folders are made."""
    volumes = []
    for number in range(count):
        path = folder / f"volume-{number}"
        path.mkdir(parents=True, exist_ok=True)
        volumes.append(_volume(f"disk-{number}", path, node))
    return volumes


def _volume(name: str, path: Path, node: str) -> dict[str, Any]:
    here = {"key": "kubernetes.io/hostname", "operator": "In", "values": [node]}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name},
        "spec": {
            "capacity": {"storage": "1Ti"},
            "accessModes": ["ReadWriteOnce", "ReadWriteMany"],
            "persistentVolumeReclaimPolicy": "Retain",
            "storageClassName": CLASS,
            "local": {"path": str(path)},
            "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [here]}]}},
        },
    }
