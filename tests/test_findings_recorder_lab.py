"""The recording form in JupyterLab in a browser: the register has what is typed, the notebook has not."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from draws_browser import browser, needs_browser
from recorder_browser import MINUTE, found_again, personal_words, record_three

from sampling.batches.template import NOTEBOOKS

pytest_plugins = ["recorder_drawn"]
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


@pytest.fixture
def lab(drawn, tmp_path) -> Iterator[str]:
    """The address of a JupyterLab of its own that holds a copy of the notebook."""
    shutil.copy(NOTEBOOKS / "40_findings.ipynb", tmp_path)
    own = {name: str(tmp_path / name) for name in OWN_FOLDERS}
    command = [sys.executable, "-m", "jupyterlab", *SETTINGS, *OPEN, f"--ServerApp.root_dir={tmp_path}"]
    process = subprocess.Popen(
        command,
        env=os.environ | own | {"SAMPLING_CAMPAIGN": str(drawn.folder)},
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


@needs_browser
def test_three_households_are_recorded_and_there_after_a_reload_and_the_notebook_knows_nobody(
    drawn, lab, tmp_path
):
    asked: list[str] = []
    own = (lab, "data:", "blob:")
    with browser() as started:
        page = started.new_page(viewport={"width": 1600, "height": 1100})
        page.on(
            "request", lambda request: asked.append(request.url) if not request.url.startswith(own) else None
        )
        open_notebook(page, f"{lab}/lab/tree/40_findings.ipynb")
        record_three(page, drawn)
        saved = saved_notebook(page, tmp_path / "40_findings.ipynb")
        open_notebook(page, f"{lab}/lab/tree/40_findings.ipynb")
        found_again(page, drawn)
        again = saved_notebook(page, tmp_path / "40_findings.ipynb")
    for text in (saved, again):
        assert "Recorder(" in text and "widget-state+json" not in text
        assert not [word for word in personal_words(drawn) if word in text]
    assert asked == []


def open_notebook(page, address: str) -> None:
    page.goto(address, timeout=MINUTE)
    page.wait_for_function(READY, timeout=MINUTE, polling=200)
    # a page that is loaded anew still shows the form of the kernel that goes on: it is taken away first
    page.evaluate("() => { jupyterapp.commands.execute('notebook:clear-all-cell-outputs'); }")
    page.wait_for_selector(".recorder", state="detached", timeout=MINUTE)
    page.evaluate("() => { jupyterapp.commands.execute('notebook:restart-run-all'); }")
    accept = page.locator(".jp-Dialog button.jp-mod-accept, .jp-Dialog button.jp-mod-warn")
    accept.first.click(timeout=MINUTE)
    page.wait_for_selector(".recorder .search input", timeout=MINUTE)


def saved_notebook(page, path: Path) -> str:
    """The notebook as it is on the disk once it is saved, its outputs too."""
    page.evaluate("() => jupyterapp.commands.execute('docmanager:save')")
    text = path.read_text(encoding="utf-8")
    assert '"outputs": [\n' in text  # they are there to be looked at
    return text
