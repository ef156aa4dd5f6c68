"""A headless Chromium for tests of pages; nothing of it reaches the network."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from typing import Any

BROWSER, DRIVER = "chromium", "chromedriver"


def why_there_is_none() -> str:
    """Why pages cannot be tested here; "" where they can."""
    missing = [name for name in (BROWSER, DRIVER) if not shutil.which(name)]
    if not missing:
        return ""
    return (
        f"{' and '.join(missing)} must be installed to test pages in a browser (on "
        "Debian: apt-get install chromium chromium-driver)"
    )


@contextlib.contextmanager
def browser(width: int = 1280, height: int = 900) -> Iterator[Any]:
    """A Selenium driver of a window of this size, in a profile of its own.

    Args:
      width: Of the page, in pixels, as small as a phone's too.
      height: Of the page.
    """
    # Here, since only tests have the package.
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which(BROWSER)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    with tempfile.TemporaryDirectory() as profile:
        for argument in (
            "--headless=new",
            "--no-sandbox",  # Chromium asks for it where root starts it.
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            f"--user-data-dir={profile}",
        ):
            options.add_argument(argument)
        service = Service(shutil.which(DRIVER), log_output=os.devnull)
        driver = webdriver.Chrome(options=options, service=service)
        try:
            # A window is never as narrow as a phone, but a page may be.
            size = {"width": width, "height": height}
            driver.execute_cdp_cmd(
                "Emulation.setDeviceMetricsOverride",
                size | {"deviceScaleFactor": 1, "mobile": width < 600},
            )
            yield driver
        finally:
            driver.quit()


def console_errors(driver: Any) -> list[str]:
    """What the page's console has complained of since this was last asked."""
    return [
        entry["message"]
        for entry in driver.get_log("browser")
        if entry["level"] == "SEVERE"
    ]
