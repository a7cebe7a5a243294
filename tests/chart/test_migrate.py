"""Migrations are a Job named after what it runs; pods that need the schema wait for it. No hooks."""

from .render import Release, matrix, render


def job(release: Release) -> str:
    (found,) = release.of("Job")
    return str(found["metadata"]["name"])


def test_the_name_says_what_runs() -> None:
    assert job(render()) == job(render(web={"replicas": 5}))
    changed = [
        render(image={"tag": "0.2.0"}),
        render(auth={"image": {"digest": f"sha256:{'1' * 64}"}}),
        render(admin={"email": "ops@example.org"}),
        render(auth={"extraEnv": {"A": "b"}}),
    ]
    names = [job(release) for release in (render(), *changed)]
    assert len(set(names)) == len(names)
    assert all(name.startswith("halftone-migrate-") and len(name) < 64 for name in names)


def test_the_job_prepares_and_tries_again() -> None:
    (found,) = matrix("default").of("Job")
    pod = matrix("default").pod("migrate")
    assert pod.main()["command"] == ["python", "-m", "halftone_auth", "prepare"]
    assert pod.spec["restartPolicy"] == "OnFailure"
    assert found["spec"]["backoffLimit"] >= 10
    assert "HALFTONE_ADMIN_PASSWORD" in matrix("default").environment("migrate")


def test_the_password_of_the_first_administrator_is_the_jobs_alone() -> None:
    release = matrix("default")
    holders = {
        pod.component for pod in release.pods() for box in pod.containers()
        for entry in box["env"] if entry["name"] in ("HALFTONE_ADMIN_PASSWORD", "PASSWORD")
    }  # fmt: skip
    assert holders == {"migrate", "test"}


def test_pods_that_need_the_schema_wait_for_it() -> None:
    release = matrix("default")
    for component in ("auth", "auth-worker", "beat"):
        (waiting,) = release.pod(component).spec["initContainers"]
        assert waiting["command"] == ["python", "-m", "halftone_auth", "wait_prepared"]
        assert waiting["image"] == release.pod(component).main()["image"] == release.pod("migrate").main()["image"]
        database = [entry for entry in waiting["env"] if entry["name"] == "HALFTONE_DATABASE_URL"]
        assert database[0]["valueFrom"]["secretKeyRef"] == {"name": "halftone-database", "key": "url"}


def test_there_is_no_hook_but_the_test() -> None:
    for item in matrix("default").objects:
        hook = (item["metadata"].get("annotations") or {}).get("helm.sh/hook")
        tests = (item["kind"], item["metadata"]["name"]) in {("Pod", "halftone-test"), ("ConfigMap", "halftone-test")}
        assert hook == ("test" if tests else None)


def test_the_test_goes_in_by_the_front_door() -> None:
    release = matrix("default")
    assert release.environment("test")["URL"] == "http://halftone-web:3000"
    assert release.pod("test").main()["image"] == release.pod("gateway").main()["image"]
    assert "def sign_in" in str(release.ask("ConfigMap", "halftone-test", 'data."smoke.py"'))
