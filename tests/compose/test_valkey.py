"""The two valkey commands, run for real: valkey and Redis take the same words."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import redis

from tests.e2e.product import free_ports, wait_until

from .model import load, secrets


@pytest.mark.parametrize(
    ("name", "policy", "append"), [("valkey", "noeviction", "yes"), ("valkey-cache", "allkeys-lru", "no")]
)
def test_the_server_starts_and_wants_its_password(tmp_path: Path, name: str, policy: str, append: str) -> None:
    server = shutil.which("valkey-server") or shutil.which("redis-server")
    assert server, "The compose tests need a Redis: sudo apt-get install redis-server"
    (tmp_path / "valkey-server").symlink_to(server)
    (port,) = free_ports(1)
    service = load(tmp_path, secrets(tmp_path))["services"][name]
    shell, option, script = service["command"]
    script = re.sub(r"--dir \S+", f"--dir {tmp_path}", script)
    script = script.replace("valkey-server", f"valkey-server --bind 127.0.0.1 --port {port}")
    settings = {**service["environment"], "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    process = subprocess.Popen([shell, option, script], env=settings, stdout=subprocess.DEVNULL)
    try:
        with redis.Redis(port=port, password=settings["REDISCLI_AUTH"], decode_responses=True) as client:
            wait_until(lambda: answers(client), "the server's first answer")
            assert client.config_get("maxmemory-policy") == {"maxmemory-policy": policy}
            assert client.config_get("appendonly") == {"appendonly": append}
            assert client.config_get("save") == {"save": ""}
        with redis.Redis(port=port) as stranger, pytest.raises(redis.AuthenticationError):
            stranger.ping()
        assert settings["REDISCLI_AUTH"] not in Path(f"/proc/{process.pid}/cmdline").read_text()
    finally:
        # The shell became the server, so that a stop reaches it.
        process.terminate()
        assert process.wait(timeout=60) == 0


def answers(client: "redis.Redis") -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False
