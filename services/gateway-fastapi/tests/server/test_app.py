"""The application as a whole: its routes, and its error documents."""

from gateway_rig.rig import Rig


async def test_an_unknown_path_is_a_problem(rig: Rig) -> None:
    async with rig.web() as web:
        missing = await web.get("/nothing")
        wrong = await web.delete("/compute/kinds")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
    assert set(missing.json()) == {"code", "field", "detail", "request_id"}
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")


async def test_nothing_but_what_is_public_answers_without_a_sign_in(rig: Rig) -> None:
    async with rig.web() as web:
        paths = (await web.get("/compute/openapi.json")).json()["paths"]
    assert set(paths) == {"/healthz", "/compute/healthz", "/readyz", "/compute/kinds"}
