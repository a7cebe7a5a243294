"""The JSON Schemas of the view kinds, from which clients make their forms."""

from typing import Annotated

from fastapi import APIRouter, Header, Response
from fastapi.responses import JSONResponse
from halftone_views import kind_schemas, kinds_hash

router = APIRouter(tags=["kinds"])


@router.get("/compute/kinds")
async def kinds(if_none_match: Annotated[str | None, Header()] = None) -> Response:
    """`{"hash", "kinds": {name: JSON Schema}}`; the hash is that of `welcome` and the entity tag."""
    tag = f'"{kinds_hash()}"'
    headers = {"ETag": tag, "Cache-Control": "public, max-age=0, must-revalidate"}
    if if_none_match is not None and tag in (part.strip().removeprefix("W/") for part in if_none_match.split(",")):
        return Response(status_code=304, headers=headers)
    return JSONResponse({"hash": kinds_hash(), "kinds": kind_schemas()}, headers=headers)
