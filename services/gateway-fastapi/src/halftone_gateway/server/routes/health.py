"""Liveness and readiness."""

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from halftone_gateway.server.gateway import Running

router = APIRouter(tags=["health"])


@router.get("/healthz")
@router.get("/compute/healthz")
async def healthz() -> dict[str, str]:
    """The process answers. Says nothing about the services it needs."""
    return {"status": "ok"}


@router.get("/readyz")
async def readyz(gateway: Running) -> Response:
    """A compute service has been reached and the revocations were read since the start, and the process goes on.

    A service that is lost later does not make the gateway unready: every gateway would be at once, while open sockets
    keep their pictures and requests wait for a service. `checks` has the present state.
    """
    checks = {
        "compute": gateway.pool.connected > 0,
        "revocations": gateway.revocations.is_known,
        "draining": gateway.registry.draining,
    }
    ready = gateway.pool.reached and checks["revocations"] and not checks["draining"]
    body = {"status": "ready" if ready else "unready", "checks": checks}
    return JSONResponse(body, status_code=200 if ready else 503)
