"""The schemas of the kinds."""

from gateway_rig.rig import Rig


async def test_schemas_come_with_their_hash(rig: Rig) -> None:
    async with rig.web() as web:
        answer = await web.get("/compute/kinds")
        body = answer.json()
        assert body["kinds"]["points"]["properties"]["x"]["x-halftone-column"]
        assert answer.headers["etag"] == f'"{body["hash"]}"'
        for tag in (answer.headers["etag"], "W/" + answer.headers["etag"], f'"x", {answer.headers["etag"]}'):
            again = await web.get("/compute/kinds", headers={"If-None-Match": tag})
            assert (again.status_code, again.content) == (304, b"")
        assert (await web.get("/compute/kinds", headers={"If-None-Match": '"x"'})).status_code == 200


async def test_the_hash_is_the_one_of_welcome(rig: Rig) -> None:
    async with rig.web() as web, rig.client() as client:
        body = (await web.get("/compute/kinds")).json()
        welcome = client.received[0].welcome
        assert welcome.kinds_hash == body["hash"]
        assert list(welcome.kinds) == sorted(body["kinds"])
