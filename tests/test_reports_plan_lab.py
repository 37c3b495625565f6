"""The sliders as an office sees them: JupyterLab in a browser, sliders moved, the plan made again."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator

import pytest
from draws_browser import browser, needs_browser
from test_findings_recorder_lab import OPEN, OWN_FOLDERS, READY, SETTINGS

from sampling.batches.template import NOTEBOOKS
from sampling.visits.sheet import read_teams

pytest_plugins = ["plan_stand_in"]
MINUTE = 60_000
SAYS = """(words) => document.querySelector(".plan-form .message").innerText.includes(words)"""


@pytest.fixture
def lab(planned, tmp_path) -> Iterator[str]:
    """The address of a JupyterLab of its own that holds a copy of the notebook."""
    shutil.copy(NOTEBOOKS / "30_visits.ipynb", tmp_path)
    own = {name: str(tmp_path / name) for name in OWN_FOLDERS}
    command = [sys.executable, "-m", "jupyterlab", *SETTINGS, *OPEN, f"--ServerApp.root_dir={tmp_path}"]
    process = subprocess.Popen(
        command,
        env=os.environ | own | {"SAMPLING_CAMPAIGN": str(planned.folder)},
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
def test_sliders_are_moved_and_the_plan_is_made_again_or_what_is_short_is_said(planned, lab):
    asked: list[str] = []
    own = (lab, "data:", "blob:")
    with browser() as started:
        page = started.new_page(viewport={"width": 1600, "height": 1100})
        page.on(
            "request", lambda request: asked.append(request.url) if not request.url.startswith(own) else None
        )
        page.goto(f"{lab}/lab/tree/30_visits.ipynb", timeout=MINUTE)
        page.wait_for_function(READY, timeout=MINUTE, polling=200)
        page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells'); }")
        page.wait_for_selector(".plan-form .teams .noUi-handle", timeout=MINUTE)
        shown = page.inner_text(".jp-Notebook")
        pictures = page.locator(".jp-Notebook figure.chart img").count()
        moved(page, "days", "ArrowRight", 3)
        page.wait_for_function(SAYS, arg="可以完成", timeout=MINUTE)
        page.wait_for_selector(".plan-form .outcome figure img", timeout=MINUTE)
        page.wait_for_selector(".plan-form .outcome table", timeout=MINUTE)
        load = page.inner_text(".plan-form .outcome table")
        moved(page, "days", "ArrowLeft", 12)
        page.wait_for_function(SAYS, arg="需增加", timeout=MINUTE)
        short = page.inner_text(".plan-form .message")
        page.wait_for_selector(".plan-form .outcome figure img", state="detached", timeout=MINUTE)
    assert "各组任务量" in shown and "入户计划明细" in shown and pictures == 3
    assert load.count("第") == 3 and "需增加" in short
    names = {
        member.name for team in read_teams(planned.folder / "source/teams.xlsx") for member in team.members
    }
    assert not [name for name in names if name in shown + load + short] and asked == []


def moved(page, name: str, key: str, times: int) -> None:
    """Move a slider by the keyboard."""
    page.focus(f".plan-form .{name} .noUi-handle")
    for _ in range(times):
        page.keyboard.press(key)
