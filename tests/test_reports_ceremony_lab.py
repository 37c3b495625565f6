"""The ceremony as an office sees it: JupyterLab in a browser, digits typed, the button pressed."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime

import pytest

from sampling.batches.template import NOTEBOOKS
from sampling.campaign import Campaign, commit_campaign, open_campaign
from sampling.demo.demo import make_demo

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
OWN_FOLDERS = ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR")
SETTINGS = ("--port=0", "--ip=127.0.0.1", "--no-browser", "--allow-root", "--LabApp.news_url=None")
OPEN = (
    "--IdentityProvider.token=",
    "--ServerApp.disable_check_xsrf=True",
    "--LabApp.expose_app_in_browser=True",
)
READY = """() => {
    const context = globalThis.jupyterapp?.shell.currentWidget?.sessionContext;
    const kernel = context?.session?.kernel;
    return context?.isReady && kernel?.connectionStatus === "connected" && kernel.status === "idle";
}"""
"""The notebook is open, and its kernel listens: what is run earlier is lost."""
SEED = "31415926535897932384"
MINUTE = 60_000


@pytest.fixture(scope="module")
def fixed(tmp_path_factory) -> Campaign:
    """The tiny county, committed and not drawn."""
    folder = tmp_path_factory.mktemp("lab") / "campaign"
    make_demo(folder, size="tiny", villages=None, lang="zh")
    commit_campaign(folder, now=datetime.now().astimezone(), lang="zh")
    return open_campaign(folder)


@pytest.fixture
def lab(fixed, tmp_path) -> Iterator[str]:
    """The address of a JupyterLab of its own that holds a copy of the notebook."""
    shutil.copy(NOTEBOOKS / "20_draw.ipynb", tmp_path)
    own = {name: str(tmp_path / name) for name in OWN_FOLDERS}
    command = [sys.executable, "-m", "jupyterlab", *SETTINGS, *OPEN, f"--ServerApp.root_dir={tmp_path}"]
    process = subprocess.Popen(
        command,
        env=os.environ | own | {"SAMPLING_CAMPAIGN": str(fixed.folder)},
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        lines = (re.search(r"http://127\.0\.0\.1:\d+", line) for line in process.stderr)
        yield next(found[0] for found in lines if found)
    finally:
        process.terminate()
        process.communicate(timeout=30)


@pytest.mark.skipif(CHROMIUM is None and os.environ.get("CI") != "true", reason="NO CHROMIUM ON THIS MACHINE")
def test_digits_are_typed_the_button_is_pressed_and_the_record_is_seen(fixed, lab):
    from playwright.sync_api import sync_playwright

    asked: list[str] = []
    own = (lab, "data:", "blob:")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1600, "height": 1000})
        page.on(
            "request", lambda request: asked.append(request.url) if not request.url.startswith(own) else None
        )
        page.goto(f"{lab}/lab/tree/20_draw.ipynb", timeout=MINUTE)
        page.wait_for_function(READY, timeout=MINUTE, polling=200)
        page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells'); }")
        page.wait_for_selector(".ceremony-form button.draw", timeout=MINUTE)
        page.click(".digits-field input")
        page.keyboard.type(SEED[:11] + "x", delay=20)
        page.wait_for_selector(".ceremony-form .count.only_digits")
        page.keyboard.press("Backspace")
        page.keyboard.type(SEED[11:], delay=20)
        page.wait_for_selector(".ceremony-form .count.enough")
        page.fill(".witnesses-field input", "甲、乙")
        page.click("button.draw")
        page.wait_for_selector(".outcome iframe", timeout=MINUTE)
        record = page.frame_locator(".outcome iframe").locator("body").inner_text()
        shown = page.inner_text(".outcome")
        browser.close()
    receipt = fixed.receipt()
    assert receipt["seed"] == SEED and receipt["seed_source"]["witnesses"] == ["甲", "乙"]
    assert SEED in record and receipt["commit_sha256"] in record and receipt["sample_sha256"] in record
    assert all(unit["id"] in shown and unit["id"] in record for unit in receipt["sample"])
    assert "结果与记录单一致" in shown and asked == []
