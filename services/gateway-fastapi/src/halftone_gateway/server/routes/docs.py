"""Swagger UI, served from the package: our pages load nothing from other hosts."""

from fastapi import APIRouter, FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from swagger_ui_bundle import swagger_ui_path  # type: ignore[import-untyped]  # the package ships no types

router = APIRouter(include_in_schema=False)
_ASSETS = "/compute/docs/assets"


@router.get("/compute/docs")
async def docs() -> HTMLResponse:
    return get_swagger_ui_html(
        openapi_url="/compute/openapi.json",
        title="Halftone gateway",
        swagger_js_url=f"{_ASSETS}/swagger-ui-bundle.js",
        swagger_css_url=f"{_ASSETS}/swagger-ui.css",
        swagger_favicon_url=f"{_ASSETS}/favicon-32x32.png",
    )


def mount_assets(app: FastAPI) -> None:
    """The scripts and styles of the page."""
    app.mount(_ASSETS, StaticFiles(directory=swagger_ui_path), name="swagger-ui")
