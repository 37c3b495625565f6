"""Notebooks that will not end, take too much, or die: each is told and none stops the others."""

import json
import os
import signal
import threading
import time

import nbformat
import psutil
import pytest

from sampling.batches import Request, notebook_jobs, run_batch, template
from sampling.batches.watch import TOO_BIG, Watch
from sampling.campaign import Campaign, open_campaign
from sampling.words import InputError, text

pytest_plugins = ["reports_campaign"]
UNITS = ("01", "02")
PERSON = "report.campaign.roll()['household_name'].iloc[0]"


def limited(campaign: Campaign, **limits: float) -> Campaign:
    path = campaign.folder / "campaign.toml"
    words = path.read_text(encoding="utf-8")
    more = "".join(f"{name} = {value}\n" for name, value in limits.items())
    path.write_text(words.replace("[reports]\n", f"[reports]\n{more}"), encoding="utf-8")
    return open_campaign(campaign.folder)


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    """A notebook whose last cell is what a test asks for, in the first town only."""

    def make(code: str) -> str:
        made = nbformat.read(template.NOTEBOOKS / "60_report_town.ipynb", as_version=4)
        made.cells[1].source += "\nlevel = 1\nname = ''"
        inside = "\n".join(f"    {line}" for line in code.splitlines())
        made.cells[6].source = f"if report.unit['number'] == '01':\n{inside}"
        (tmp_path / "notebooks").mkdir()
        nbformat.write(made, tmp_path / "notebooks" / "60_other.ipynb")
        monkeypatch.setattr(template, "NOTEBOOKS", tmp_path / "notebooks")
        return "60_other"

    return make


def run(campaign: Campaign, name: str):
    from sampling.words.text import catalogue

    for lang in ("zh", "en"):  # a notebook has a title
        catalogue(lang)[f"reports.title.{name}"] = "{name}"
    jobs = notebook_jobs(campaign, [Request(notebook=name, unit=unit) for unit in UNITS])
    return run_batch([campaign], jobs)[0].runs


def test_a_notebook_that_does_not_end_is_ended_at_its_limit(campaign, notebook):
    slow, other = run(limited(campaign, seconds=8), notebook("while True:\n    pass"))
    assert (slow.state, other.state) == ("failed", "done")
    assert slow.message == text("batches.too_long", "zh", seconds="8", megabytes="2000")
    assert slow.seconds < 60


def test_a_notebook_that_takes_too_much_memory_is_ended(campaign, notebook):
    code = "data = [bytes(10**6) + bytes([1]) for _ in range(3000)]\nwhile True:\n    pass"
    big, other = run(limited(campaign, megabytes=900, seconds=120), notebook(code))
    assert (big.state, other.state) == ("failed", "done")
    assert big.message == text("batches.too_big", "zh", seconds="120", megabytes="900")


def test_a_kernel_that_dies_is_noticed_within_a_minute(campaign, notebook):
    code = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
    began = time.monotonic()
    dead, other = run(campaign, notebook(code))
    assert (dead.state, other.state) == ("failed", "done") and "DeadKernelError" in dead.message
    assert time.monotonic() - began < 60


def test_what_failed_is_kept_for_case_officers_and_its_message_names_nobody(campaign, notebook):
    person = campaign.roll()["household_name"].iloc[0]
    failed, _ = run(campaign, notebook(f"raise ValueError('no ' + {PERSON})"))
    assert person not in failed.message and failed.message == text("batches.hidden", "zh")
    kept = list((campaign.folder / "reports" / ".failed").rglob("*.ipynb"))
    assert len(kept) == 1 and "ValueError" in kept[0].read_text(encoding="utf-8")
    assert (campaign.folder / "reports" / ".failed").stat().st_mode & 0o077 == 0
    record = json.loads((campaign.folder / "reports" / "batch.json").read_text(encoding="utf-8"))
    assert {run["state"] for run in record["reports"]} == {"failed", "done"}


def test_a_report_that_would_tell_who_somebody_is_is_not_put_out(campaign, notebook):
    person = campaign.roll()["household_name"].iloc[0]
    code = f"from sampling.reports.html import paragraph\ndisplay(paragraph({PERSON}))"
    leaky, other = run(campaign, notebook(code))
    assert (leaky.state, other.state) == ("failed", "done")
    assert text("batches.leaks.name", "zh") in leaky.message and person not in leaky.message
    assert not (campaign.folder / "reports" / "zh" / "internal" / "60_other-01_示范一镇.html").exists()


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ({"unknown": 1}, "reports.undeclared_parameter"),
        ({"x = 1; import os; y": "z"}, "reports.undeclared_parameter"),
        ({"level": "1"}, "batches.other_kind"),
        ({"level": True}, "batches.other_kind"),
        ({"name": 7}, "batches.other_kind"),
    ],
)
def test_parameters_are_those_that_the_notebook_declares_and_of_its_kind(campaign, notebook, more, key):
    name = notebook("pass")
    with pytest.raises(InputError) as refused:
        notebook_jobs(campaign, [Request(notebook=name, more=more)])
    assert [problem.key for problem in refused.value.problems] == [key]


def test_a_value_that_is_code_stays_a_value(campaign, notebook, tmp_path):
    name = notebook("pass")
    evil = f"'; open({str(tmp_path / 'evil')!r}, 'w').close(); '\n\"\"\"{{}}"
    from sampling.words.text import catalogue

    for lang in ("zh", "en"):
        catalogue(lang)[f"reports.title.{name}"] = "{name}"
    jobs = notebook_jobs(campaign, [Request(notebook=name, unit="2", more={"name": evil, "level": 3})])
    (result,) = run_batch([campaign], jobs)
    assert result.failed == 0 and not (tmp_path / "evil").exists()
    made = json.loads(jobs[0].path(".ipynb").read_text(encoding="utf-8"))
    assert made["metadata"]["papermill"]["parameters"]["name"] == evil


def test_a_process_beyond_its_memory_is_killed_with_its_children():
    child = psutil.Popen(["sleep", "600"])
    watch = Watch(600, 0.001)
    watch.started(child.pid)
    watch.look()
    assert watch.reason == TOO_BIG and child.wait(timeout=20) == -signal.SIGKILL
    watch.look()  # and a second look does no harm
    assert threading.active_count() >= 1 and os.getpid() != child.pid
