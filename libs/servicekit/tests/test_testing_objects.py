import urllib.error
import urllib.request

import pytest
from halftone_servicekit import testing_objects
from halftone_servicekit.testing_objects import ObjectStore, versitygw
from halftone_servicekit.testing_servers import ServerMissingError


def test_it_serves_a_bucket_and_keeps_strangers_out() -> None:
    try:
        made = ObjectStore()
    except ServerMissingError as error:
        pytest.skip(str(error))
    with made as store:
        (store.objects / "a").write_bytes(b"x")
        with pytest.raises(urllib.error.HTTPError, match="403") as caught:
            urllib.request.urlopen(f"{store.endpoint}/halftone/a")  # noqa: S310 - an address of ours
        caught.value.close()
        assert store.environment("p")["HALFTONE_STORAGE"] == "s3://halftone/p"
        folder = store.folder
    assert not folder.exists()


def test_without_go_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    versitygw.cache_clear()
    with pytest.raises(ServerMissingError, match=r"NOT CHECKED HERE.*Go"):
        versitygw()
    assert testing_objects.versitygw is versitygw
