"""What the driver says of a tier that cannot run: loudly that it did not, never that it passed."""

import shutil
from dataclasses import replace

import pytest

from . import run, tools

pytestmark = pytest.mark.cluster


def test_without_root_no_tier_runs() -> None:
    with pytest.raises(run.NotRun, match="needs root"):
        run.prepare(run.T1, run.Budget(3600), root=lambda: 1000)


def test_a_tier_for_which_there_is_no_time_is_named() -> None:
    # Nothing of it is to be built: this tier's tests run before that is built.
    built = replace(run.T2, programs=(), files=(), seconds=600)
    result = run.outcome(built, run.Budget(30))
    assert result.startswith("NOT RUN: it takes about 600 s, and ")
    assert run.line(run.T2, result).startswith("!!!!!!!!!!!!!!!!!!!! cluster tests T2")
    assert "!" not in run.line(run.T2, "PASSED in 3 s")


def test_what_is_not_built_is_built_only_while_there_is_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/nonexistent")
    result = run.outcome(run.T1, run.Budget(10))
    assert result == "NOT RUN: etcd is not built yet, which takes about 40 s, and the time budget is nearly spent"


def test_without_go_there_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
    which = shutil.which
    monkeypatch.setattr(shutil, "which", lambda name: None if name == "go" else which(name))
    assert run.outcome(run.T1, run.Budget(3600)).startswith("NOT RUN: The cluster tests build their tools with Go")


def test_another_kubernetes_changes_the_api_server_and_kubectl_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(tools.KUBERNETES, raising=False)
    usual = {name: tools.place(name) for name in tools.names()}
    monkeypatch.setenv(tools.KUBERNETES, "1.35")
    changed = {name for name in tools.names() if tools.place(name) != usual[name]}
    assert changed == {"kube-apiserver", "kubectl"}
    assert tools.version("kubectl").startswith("1.35.")
    assert tools.version("kubelet").startswith("1.36.")


def test_a_kubernetes_without_a_pin_is_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(tools.KUBERNETES, "1.12")
    result = run.outcome(run.T1, run.Budget(3600))
    assert result == "NOT RUN: HALFTONE_CLUSTER_KUBERNETES is one of 1.35, 1.36, 1.37; 1.12 has no pin."


def test_a_tier_without_tests_is_not_passed() -> None:
    result = run.outcome(replace(run.T1, tests=("no_such_*.py",)), run.Budget(3600))
    assert result == "NOT RUN: there are no tests of it"


def test_every_program_of_a_tier_has_a_pin() -> None:
    assert {name for tier in run.TIERS for name in tier.programs} <= set(tools.names())
    assert {command for tier in run.TIERS for command in tier.commands} <= set(run.PACKAGES)
