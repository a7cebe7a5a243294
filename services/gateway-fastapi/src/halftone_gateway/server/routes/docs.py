"""Swagger UI, served from a package: our pages load nothing from other hosts."""

from importlib.resources import files

from fastapi import APIRouter, FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

router = APIRouter(include_in_schema=False)
_ASSETS = "/compute/docs/assets"


@router.get("/compute/docs")
async def docs() -> HTMLResponse:
    return get_swagger_ui_html(
        openapi_url="/compute/openapi.json",
        title="Halftone gateway",
        swagger_js_url=f"{_ASSETS}/swagger-ui-bundle.js",
        swagger_css_url=f"{_ASSETS}/swagger-ui.css",
        swagger_favicon_url=f"{_ASSETS}/favicon.png",
        # By default the page sends the address of the schema to the validator of its makers.
        swagger_ui_parameters={"validatorUrl": None},
    )


def mount_assets(app: FastAPI) -> None:
    """The scripts and styles of the page."""
    app.mount(_ASSETS, StaticFiles(directory=str(files("fastapi_offline") / "static")), name="swagger-ui")
