"""A network that stands still is said, and costs nothing of what was asked meanwhile."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from .conftest import CHROMIUM, CHROMIUM_ARGUMENTS
from .network import Network
from .product import Product, wait_until
from .screen import explore, plot, sign_in, state

pytestmark = pytest.mark.e2e


@pytest.fixture
def network(product: Product) -> Iterator[Network]:
    """What lies between the browser of `far` and the product."""
    with Network.to(product.ports["WEB"]) as between:
        yield between


@pytest.fixture
def far(browser: Browser, product: Product, network: Network) -> Iterator[Page]:
    """A signed-in page behind the network; addresses are those of the product."""
    rule = f"--host-resolver-rules=MAP localhost:{product.ports['WEB']} 127.0.0.1:{network.port}"
    chromium = browser.browser_type.launch(executable_path=CHROMIUM, args=[*CHROMIUM_ARGUMENTS, rule])
    page = chromium.new_page(viewport={"width": 1280, "height": 800})
    sign_in(page, product.url)
    yield page
    chromium.close()


def shows(page: Page, x: str, y: str) -> dict[str, Any]:
    """Return the state once the picture of these axes is on screen, exact, with nothing asked beyond it."""

    def is_shown() -> bool:
        view = state(page)
        return (view["link"], view["status"], view["options"]["x"], view["options"]["y"]) == ("live", "exact", x, y)

    wait_until(is_shown, f"a picture of {x} and {y}")
    return state(page)


@pytest.mark.parametrize(("said", "lost"), [(False, False), (True, False), (True, True)])
def test_axes_chosen_on_a_stalled_network_come_with_their_own_extent(
    far: Page, product: Product, network: Network, said: bool, lost: bool
) -> None:
    explore(far, product.url, "?x=distance&y=delay")
    wanted = state(far)["viewport"]
    explore(far, product.url, "?x=date&y=delay")
    stalled = far.get_by_role("button", name="Status: Stalled")
    with network.stalled(lost=lost):
        plot(far).focus()
        far.keyboard.press("+")
        if said:
            expect(stalled).to_be_visible()
        far.keyboard.press("+")
        far.get_by_label("X", exact=True).select_option("distance")
    assert shows(far, "distance", "delay")["viewport"] == pytest.approx(wanted)
    expect(stalled).to_have_count(0)
    expect(far).to_have_url(re.compile("x=distance"))
    assert "bx=" not in far.url
