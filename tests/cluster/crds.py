"""The kinds of others that the chart can speak to: their definitions, out of their releases."""

from .controlplane import ControlPlane
from .tools import files
from .until import until

RELEASES = ("gateway-api", "prometheus-operator", "keda", "cert-manager", "cloudnative-pg")


def install(plane: ControlPlane) -> None:
    """Defines them in a cluster, without the programs that would act on them."""
    paths = [path for release in RELEASES for path in files(release)]
    plane.kubectl("apply", "--server-side", *(f"--filename={path}" for path in paths))
    defined = [found["spec"] for found in plane.get("customresourcedefinitions")]
    kinds = {spec["names"]["kind"] for spec in defined if any(version["served"] for version in spec["versions"])}
    assert kinds >= {"HTTPRoute", "PodMonitor", "ScaledObject", "Certificate", "Cluster"}
    until(lambda: kinds <= discovered(plane), "the API server knows the new kinds")


def discovered(plane: ControlPlane) -> set[str]:
    """Every kind that clients are told of; while some are being defined, kubectl also complains of them."""
    return {line.split()[-1] for line in plane.try_kubectl("api-resources", "--no-headers").stdout.splitlines()}
