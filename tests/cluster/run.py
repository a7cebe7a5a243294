"""Runs the cluster tests, tier by tier, within a time budget: `python -m tests.cluster.run [T1] [T2] [T3]`.

A tier that cannot run here, or for which there is no time, is named in one loud line and is never counted as passed.
HALFTONE_CLUSTER_BUDGET_SECONDS is the time for everything, building tools included. HALFTONE_CLUSTER_KUBERNETES=1.35
takes the API server and the kubectl of that version, for T1.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from . import tools

HERE = Path(__file__).parent
DAY = 86400.0
# What fixtures may take to end what they started.
ENDING = 180
# Where a package puts a program or file that shows that it is installed.
PACKAGES = {
    "ip": "iproute2",
    "nsenter": "util-linux",
    "sysctl": "procps",
    "runc": "runc",
    "nft": "nftables",
    "conntrack": "conntrack",
    "buildah": "buildah",
    "debootstrap": "debootstrap",
    "gcc": "gcc",
    "/usr/lib/cni/bridge": "containernetworking-plugins",
    "/usr/bin/chromium": "chromium",
}
CONTROL_PLANE = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl")


@dataclass(frozen=True)
class Tier:
    """Tests that need the same things; `seconds` is what they take on two cores once everything is built."""

    name: str
    what: str
    tests: tuple[str, ...]
    programs: tuple[str, ...]
    files: tuple[str, ...]
    commands: tuple[str, ...]
    seconds: int


T1 = Tier(
    "T1",
    "the API server, admission and access",
    ("test_t1_*.py",),
    (*CONTROL_PLANE, "helm", "helm3"),
    ("gateway-api", "prometheus-operator", "keda", "cert-manager", "cloudnative-pg"),
    ("ip", "nsenter", "sysctl"),
    240,
)
T2 = Tier(
    "T2",
    "controllers, scheduler and autoscalers over fake nodes",
    ("test_t2_*.py",),
    (*T1.programs, "kwok", "test-adapter"),
    (*T1.files, "kwok-stages"),
    T1.commands,
    600,
)
T3 = Tier(
    "T3",
    "our images as pods on a real node",
    ("test_t0_images.py", "t3/test_*.py"),
    (
        *(*CONTROL_PLANE, "helm", "kubelet", "kube-proxy"),
        *("containerd", "containerd-shim-runc-v2", "ctr", "coredns", "versitygw"),
    ),
    (),
    (*T1.commands, "runc", "nft", "conntrack", "buildah", "debootstrap", "/usr/lib/cni/bridge", "/usr/bin/chromium"),
    1200,
)
TIERS = (T1, T2, T3)


@dataclass
class Budget:
    """Seconds from now on."""

    seconds: float
    started: float = field(default_factory=time.monotonic)

    def left(self) -> float:
        """What is left of them."""
        return self.seconds - (time.monotonic() - self.started)


class NotRun(Exception):  # noqa: N818 - it is no error that a tier cannot run
    """A tier cannot run here; the message is the reason."""


def main(arguments: Sequence[str]) -> int:
    """Runs the tiers asked for, or all, and sums them up."""
    budget = Budget(float(os.environ.get("HALFTONE_CLUSTER_BUDGET_SECONDS") or DAY))
    asked = [tier for tier in TIERS if not arguments or tier.name in arguments]
    results = {tier: outcome(tier, budget) for tier in asked}
    for tier, result in results.items():
        print(line(tier, result), flush=True)
    return int(any(result.startswith("FAILED") for result in results.values()))


def outcome(tier: Tier, budget: Budget) -> str:
    """PASSED, FAILED or NOT RUN, with what there is to say about it."""
    try:
        prepare(tier, budget)
        return run(tier, budget)
    except NotRun as reason:
        return f"NOT RUN: {reason}"


def line(tier: Tier, result: str) -> str:
    """What the driver prints of a tier at its end."""
    text = f"cluster tests {tier.name} ({tier.what}): {result}"
    return f"{'!' * 20} {text}" if not result.startswith("PASSED") else text


def prepare(tier: Tier, budget: Budget, root: Callable[[], int] = os.geteuid) -> None:
    """Installs and builds what a tier needs; raises NotRun."""
    if not sys.platform.startswith("linux"):
        raise NotRun("network namespaces are Linux's")
    if root() != 0:
        raise NotRun("making network namespaces needs root")
    if not tests(tier):
        raise NotRun("there are no tests of it")
    install(tier)
    # What is built stays for the next run, also when there is no time left for the tests.
    try:
        build(tier, budget)
        for name in tier.files:
            tools.files(name)
    except tools.ToolMissing as missing:
        raise NotRun(str(missing)) from missing
    if budget.left() < tier.seconds:
        raise NotRun(f"it takes about {tier.seconds} s, and {max(0, budget.left()):.0f} s of the time budget are left")


def tests(tier: Tier) -> list[Path]:
    """The files of a tier's tests."""
    return [path for pattern in tier.tests for path in sorted(HERE.glob(pattern))]


def install(tier: Tier) -> None:
    """The Debian packages that are missing."""
    missing = sorted({PACKAGES[command] for command in tier.commands if not shutil.which(command)})
    if not missing:
        return
    if not shutil.which("apt-get"):
        raise NotRun(f"these packages are missing: {' '.join(missing)}")
    print(f"Installing {' '.join(missing)} ...", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    get = ["apt-get", "-qq", "-o", "Acquire::Retries=3"]
    commands = ([*get, "update"], [*get, "install", "-y", "--no-install-recommends", *missing])
    for command in commands:
        done = subprocess.run(command, env=quiet, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotRun(f"apt-get install {' '.join(missing)} failed: {done.stderr.strip()[-300:]}")


def build(tier: Tier, budget: Budget) -> None:
    """The programs that are missing, one after the other, while there is time."""
    for name, seconds in tools.to_build(*tier.programs).items():
        if budget.left() < seconds:
            raise NotRun(f"{name} is not built yet, which takes about {seconds} s, and the time budget is nearly spent")
        print(f"Building {name} (about {seconds} s, once) ...", flush=True)
        tools.program(name)


def run(tier: Tier, budget: Budget) -> str:
    """Runs its tests; past the budget they are ended, and have failed."""
    command = [sys.executable, "-m", "pytest", "-m", "cluster", "-n", "0", *map(str, tests(tier))]
    print(f"Running {tier.name}: {tier.what}", flush=True)
    started = time.monotonic()
    with subprocess.Popen(command, cwd=HERE.parents[1]) as pytest:
        try:
            status = pytest.wait(budget.left())
        except subprocess.TimeoutExpired:
            # As Ctrl-C does: fixtures still take down what they started.
            pytest.send_signal(2)
            try:
                pytest.wait(ENDING)
            except subprocess.TimeoutExpired:
                pytest.kill()
            return "FAILED: the time budget ended before the tests did"
    took = f"in {time.monotonic() - started:.0f} s"
    return f"FAILED {took}" if status else f"PASSED {took}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
