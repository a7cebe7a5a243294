"""The edge as a process: nginx with deploy/nginx/ on a free port, unprivileged, its state in a folder of its own."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import httpx2
from launcher.settings import programs

from tests.e2e.product import ROOT, free_ports, wait_until

SOURCES = ROOT / "deploy" / "nginx"
# A busy machine may keep a server from answering for a while.
PATIENCE_S = 60.0
# Who the image runs as.
USER = 10001
SITE = """
map "" $halftone_auth {{ default {auth}; }}
map "" $halftone_gateway {{ default {gateway}; }}
geo $halftone_trusted {{ default 0; {trusted} }}
client_max_body_size {upload};
map "" $halftone_log {{ default {log}; }}
"""


def get(url: str, headers: Mapping[str, str] | None = None) -> httpx2.Response:
    """Ask for a page, without following where it leads."""
    return httpx2.get(url, headers=headers, timeout=PATIENCE_S)


def node() -> str:
    """Path of Node itself: the `node` beside Python only waits for it, and a signal would end the waiting alone."""
    found = shutil.which("node", path=os.pathsep.join(programs()))
    assert found, "node is not there: make setup"
    return found


def program() -> str:
    """Path of nginx, installed when that is possible; fails with one sentence when it is not."""
    done = subprocess.run([SOURCES / "nginx.sh"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr.strip()
    return os.environ.get("HALFTONE_NGINX", "/usr/sbin/nginx")


@dataclass
class Edge:
    """One nginx. `site` is the whole text of site.conf, or changes to that of the tests."""

    dist: Path
    site: dict[str, str] | str
    listen: str = ""
    port: int = field(default_factory=lambda: free_ports(1)[0])

    @cached_property
    def folder(self) -> Path:
        """Where its configuration, its copy of the app and its state lie; readable for an unprivileged user."""
        folder = Path(tempfile.mkdtemp(prefix="halftone-edge-"))
        folder.chmod(0o755)
        (folder / "tmp").mkdir()
        shutil.copytree(self.dist, folder / "srv")
        subprocess.run([node(), SOURCES / "precompress.mjs", folder / "srv"], check=True)
        shutil.copytree(SOURCES, folder / "etc")
        return folder

    @property
    def url(self) -> str:
        """Its origin."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """What it has written so far."""
        return (self.folder / "log").read_text()

    def configure(self) -> Path:
        """Write the configuration of the image, on other paths and with other upstreams, and return its path."""
        main = self.folder / "etc" / "nginx.conf"
        text = (SOURCES / "nginx.conf").read_text()
        for path, name in (("/tmp/", "tmp/"), ("/srv/halftone", "srv")):  # noqa: S108 - the image's paths
            text = text.replace(path, f"{self.folder}/{name}")
        main.write_text(text)
        main.with_name("site.conf").write_text(self.site if isinstance(self.site, str) else site(**self.site))
        main.with_name("listen.conf").write_text(self.listen or f"listen 127.0.0.1:{self.port};")
        return main

    def start(self) -> None:
        """Return once it answers; AssertionError with its log when it does not start."""
        main = self.configure()
        (self.folder / "log").touch()
        as_root = os.geteuid() == 0
        if as_root:
            for path in (self.folder, *self.folder.rglob("*")):
                os.chown(path, USER, USER)
        with (self.folder / "log").open("w") as log:
            self.process = subprocess.Popen(
                [program(), "-e", "stderr", "-c", main],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=USER if as_root else None,
                group=USER if as_root else None,
                extra_groups=[] if as_root else None,
            )
        wait_until(self.answers, "nginx's first answer")

    def answers(self) -> bool:
        """Whether it is there."""
        assert self.process.poll() is None, self.log
        try:
            return get(f"{self.url}/healthz").is_success
        except httpx2.TransportError:
            return False

    def quit(self) -> None:
        """End it as the container's runtime does; then its log is whole."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(timeout=PATIENCE_S)

    def stop(self) -> None:
        """End it, and remove its folder."""
        self.quit()
        shutil.rmtree(self.folder)


def site(**changes: str) -> str:
    """A site.conf for tests; auth and gateway must be named."""
    return SITE.format(**{"upload": "3m", "trusted": "", "log": "0", **changes})


def build(folder: Path) -> Path:
    """Write a built app in miniature: an index, hashed assets, files of the public folder, a hidden manifest."""
    long = "const halftone = 'dots of many sizes';\n" * 100
    files = {
        "index.html": "<!doctype html><title>Halftone</title>" + "<p>dots</p>" * 200,
        "assets/index-AbC123.js": long,
        "assets/index-AbC123.css": "body { margin: 0 }\n" * 100,
        "assets/small-D.js": "0;\n",
        "assets/font-E.woff2": "not a font",
        "favicon.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
        "manifest.webmanifest": "{}",
        ".vite/manifest.json": "{}",
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def directives(name: str) -> dict[str, str]:
    """The headers that a file of deploy/nginx/ adds."""
    found = re.findall(r'^add_header (\S+) (?:"([^"]+)"|([^"\s]+));$', (SOURCES / name).read_text(), re.MULTILINE)
    return {header.lower(): quoted or bare for header, quoted, bare in found}
