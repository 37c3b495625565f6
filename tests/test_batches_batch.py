"""The batch: whole pages or none, going on where it was stopped, one bad report never stops the others."""

import hashlib
import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import nbformat
import pandas as pd
import psutil
import pytest
from reports_stand_in import StandIn, copy_of

from sampling.batches import REPORTS, jobs_of, owed, read_batch, run_reports, template
from sampling.batches.kernels import kernel_managers
from sampling.campaign import Campaign, open_campaign
from sampling.office.kinds import OFFICE, TOWNS
from sampling.reports.data import ReportData
from sampling.words import InputError

pytest_plugins = ["reports_campaign"]


FEW = ("statistics", "notice", "ledger_town")
"""Documents enough to see that they are made like notebooks; what stands in them is tested by itself."""
NOTEBOOKS = 7
ALL = NOTEBOOKS + 1 + 6 + 6  # two kinds of a county's six towns
OWED = ALL - 2  # two towns have nothing to put right


@pytest.fixture(scope="module", autouse=True)
def few_documents():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owed, "OFFICE", {name: OFFICE[name] for name in FEW})
        yield


def pages(campaign: Campaign, lang: str = "zh") -> dict[str, bytes]:
    """Every file of a campaign's reports but the notebooks, whose outputs carry times."""
    files = (campaign.folder / "reports" / lang).rglob("*")
    return {path.name: path.read_bytes() for path in files if path.suffix not in ("", ".ipynb", ".csv")}


@pytest.fixture(scope="module")
def undisturbed(made_campaign, tmp_path_factory) -> Campaign:
    """A copy of the campaign whose reports were made without a disturbance."""
    campaign = copy_of(made_campaign, tmp_path_factory.mktemp("undisturbed") / "campaign")
    assert run_reports(campaign).counts == {"done": OWED, "made": OWED, "failed": 0}
    return campaign


def test_every_town_and_unit_and_the_county_has_a_page_and_its_notebook(undisturbed):
    stems = {f"report-{unit}" for unit in [*undisturbed.units()["unit"], "county"]}
    folder = undisturbed.folder / "reports" / "zh" / "internal"
    for suffix in ("html", "pdf", "ipynb"):
        assert {path.stem for path in folder.glob(f"*.{suffix}")} == stems
    assert not [path for path in folder.iterdir() if path.suffix == ".partial"]


def test_a_page_has_a_chart_no_code_and_nothing_from_outside(undisturbed):
    for page in (undisturbed.folder / "reports").rglob("*.html"):
        words = page.read_text(encoding="utf-8")
        assert words.startswith('<!DOCTYPE html>\n<html lang="zh-CN">') and "data:image/svg+xml" in words
        assert "open_report" not in words and "http" not in words and "<script" not in words
        assert str(undisturbed.folder) not in words


def test_the_record_tells_each_report(undisturbed):
    record = json.loads((undisturbed.folder / "reports" / "batch.json").read_text(encoding="utf-8"))
    assert len(record["reports"]) == ALL
    for run in (run for run in record["reports"] if run["files"]):
        assert run["state"] == "done" and run["seconds"] > 0 and run["cell"] is None and run["message"] == ""
        assert all((undisturbed.folder / name).exists() for name in [run["file"], *run["files"]])


def test_a_second_run_makes_nothing_and_keeps_the_record(undisturbed):
    before, record = pages(undisturbed), read_batch(undisturbed)
    assert run_reports(undisturbed).counts == {"done": OWED, "made": 0, "failed": 0}
    assert pages(undisturbed) == before
    assert [run["seconds"] for run in read_batch(undisturbed).values()] == [
        run["seconds"] for run in record.values()
    ]


KILL = """
import os, pathlib, signal, sys
import psutil
from sampling.campaign import open_campaign
from sampling.batches import owed, run_reports

def stop(run, finished, reports):
    if finished == int(sys.argv[2]):
        family = psutil.Process().children(recursive=True)
        pathlib.Path(sys.argv[3]).write_text(" ".join(str(child.pid) for child in family))
        os.kill(os.getpid(), signal.SIGKILL)

owed.OFFICE = {name: owed.OFFICE[name] for name in sys.argv[4].split()}
run_reports(open_campaign(sys.argv[1]), workers=2, on_progress=stop)
"""


def test_a_run_that_was_killed_goes_on_and_ends_like_one_that_was_not(campaign, undisturbed, tmp_path):
    finished = 3
    family = tmp_path / "family"
    command = [sys.executable, "-c", KILL, str(campaign.folder), str(finished), str(family), " ".join(FEW)]
    assert subprocess.run(command, check=False).returncode == -9
    marked = [job.marked for job in jobs_of(campaign, "zh")]
    times = {path: path.stat().st_mtime_ns for path in marked if path.exists()}
    assert 0 < len(times) < OWED
    _, alive = psutil.wait_procs(_processes(family), timeout=20)
    assert alive == []
    result = run_reports(campaign)
    assert result.counts["made"] == OWED - len(times) and result.failed == 0
    assert pages(campaign) == pages(undisturbed)
    assert {path: path.stat().st_mtime_ns for path in times} == times


def _processes(family: Path) -> list[psutil.Process]:
    pids = [int(word) for word in family.read_text().split()]
    assert pids
    return [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]


@pytest.fixture
def broken_notebooks(tmp_path, monkeypatch) -> None:
    """The town report divides by zero in one town, and ends its own kernel in another."""
    for entry in REPORTS.values():
        notebook = nbformat.read(template.NOTEBOOKS / f"{entry.notebook}.ipynb", as_version=4)
        if entry.places == TOWNS:
            notebook.cells[5].source += "\n_ = 1 / (int(report.unit['number']) - 2)"
            notebook.cells[
                6
            ].source += "\nimport os\n_ = {3: os._exit}.get(int(report.unit['number']), abs)(1)"
        nbformat.write(notebook, tmp_path / f"{entry.notebook}.ipynb")
    monkeypatch.setattr(template, "NOTEBOOKS", tmp_path)


def test_reports_that_fail_are_told_with_their_cell_and_stop_no_other(campaign, broken_notebooks):
    old = campaign.folder / "reports" / "zh" / "internal" / "report-02_示范二镇.html"
    old.parent.mkdir(parents=True)
    old.write_text("an older page", encoding="utf-8")
    result = run_reports(campaign)
    assert result.counts == {"done": OWED - 2, "made": OWED - 2, "failed": 2}
    failed = {run.unit[:2]: run for run in result.runs if run.state == "failed"}
    assert failed["02"].cell == 6 and failed["02"].message.startswith("ZeroDivisionError: ")
    assert "DeadKernelError" in failed["03"].message
    assert not old.exists()  # its figures no longer hold
    assert [run["state"] for run in read_batch(campaign).values()].count("failed") == 2


HOSTILE = ["../../x", "<script>alert(1)</script>", "名" * 300, "😀{unit}$x$"]


def test_places_with_dangerous_names_get_their_pages_and_nothing_else_happens(campaign):
    path = campaign.folder / "restricted" / "villages.parquet"
    villages = pd.read_parquet(path)
    towns = villages["township"].drop_duplicates()[: len(HOSTILE)]
    names = dict(zip(towns, HOSTILE, strict=True))
    villages.assign(township_name=villages["township"].map(names).fillna("")).to_parquet(path)
    before = set(campaign.folder.rglob("*")) | set(campaign.folder.parent.glob("*"))
    result = run_reports(open_campaign(campaign.folder))
    assert result.failed == 0
    made = (set(campaign.folder.rglob("*")) | set(campaign.folder.parent.glob("*"))) - before
    assert all(path.is_relative_to(campaign.folder / "reports") for path in made)
    html = list((campaign.folder / "reports").rglob("*.html"))
    assert len(html) == NOTEBOOKS and not any("<script" in page.read_text("utf-8") for page in html)


def test_without_forked_kernels_the_same_pages_are_made(campaign, undisturbed, monkeypatch):
    monkeypatch.setattr(sys, "platform", "somewhere")
    monkeypatch.delitem(owed.REPORTS, "report_town")  # one report is enough
    with kernel_managers() as manager:
        assert manager.__name__ == "AsyncKernelManager"
    assert run_reports(campaign).failed == 0
    assert pages(campaign)["report-county.html"] == pages(undisturbed)["report-county.html"]


def test_one_finding_changes_what_its_town_and_the_county_are_made_from_and_no_other():
    campaign = StandIn(Path())
    findings = campaign.findings()
    findings.loc[findings.index[findings["township"] == "t02"][0], "verdict"] = "to_be_checked"
    before = ReportData(campaign=campaign)
    after = ReportData(campaign=StandIn(Path(), changed={"findings": findings}))
    prints = [{town: data.of(town).fingerprint() for town in TOWN_IDS} for data in (before, after)]
    assert {town for town in TOWN_IDS if prints[0][town] != prints[1][town]} == {"t02"}
    assert before.fingerprint() != after.fingerprint()


TOWN_IDS = ("t01", "t02", "t03", "t04", "t05")


@pytest.mark.parametrize("what", ["source_hash", "installed_versions"])
def test_other_code_or_an_upgrade_makes_every_report_again(undisturbed, monkeypatch, what):
    monkeypatch.setattr(owed, what, lambda: "other" if what == "source_hash" else ("other",))
    record = read_batch(undisturbed)
    jobs = list(jobs_of(undisturbed, "zh"))
    assert len(jobs) == ALL
    assert not any(job.is_made(record[job.name_of(job.marked)]) for job in jobs)


def test_the_language_is_part_of_what_a_report_is_made_from(undisturbed):
    inputs = [{job.inputs for job in jobs_of(undisturbed, lang)} for lang in ("zh", "en")]
    assert len(inputs[0] | inputs[1]) == 2 * ALL


def test_the_log_of_exports_names_every_file_that_was_put_out_once_and_by_whom(undisturbed):
    path = undisturbed.folder / "reports" / "exports.jsonl"
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    named = [name for line in lines for name in line["files"]]
    owed_files = [name for run in read_batch(undisturbed).values() for name in run["files"]]
    assert sorted(named) == sorted(owed_files) and {line["tier"] for line in lines} == {
        "restricted", "internal", "public",
    }  # fmt: skip
    for line in lines:
        assert line["by"] and datetime.fromisoformat(line["time"]).tzinfo
        for name, digest in line["files"].items():
            assert hashlib.sha256((undisturbed.folder / name).read_bytes()).hexdigest() == digest
    before = path.read_bytes()
    run_reports(undisturbed)
    assert path.read_bytes() == before  # nothing was put out


def test_folders_with_names_are_their_owner_s_only(undisturbed):
    assert (undisturbed.folder / "reports" / "zh" / "restricted").stat().st_mode & 0o077 == 0


def test_findings_that_came_after_the_estimates_are_not_reported_as_if_they_had_not(campaign):
    facts = campaign.folder / "facts.json"
    told = json.loads(facts.read_text(encoding="utf-8"))
    told["made_from"]["register_events"] -= 1
    facts.write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(InputError) as refused:
        run_reports(open_campaign(campaign.folder))
    assert [problem.key for problem in refused.value.problems] == ["batches.stale"]


def test_every_report_has_a_file_of_its_own(undisturbed):
    paths = [job.path(suffix) for job in jobs_of(undisturbed, "zh") for suffix in job.suffixes]
    assert len(set(paths)) == len(paths)
