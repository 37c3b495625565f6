"""A run that is killed again and again ends like one that was not, and makes nothing twice."""

import random
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest
from reports_stand_in import copy_of

from sampling.batches import jobs_of, run_reports
from sampling.batches.kernels import SOCKETS
from sampling.campaign import Campaign

pytest_plugins = ["reports_campaign"]
KILLS = 20
SERVER = "sampling.batches.kernel_server"
KINDS = (".html", ".pdf", ".docx", ".xlsx", ".ics")


def files(campaign: Campaign) -> dict[str, bytes]:
    made = (campaign.folder / "reports" / "zh").rglob("*")
    return {
        str(path.relative_to(campaign.folder)): path.read_bytes() for path in made if path.suffix in KINDS
    }


def killed_after(campaign: Campaign, seconds: float) -> bool:
    """Run the reports and kill the run after so long; whether it was still running."""
    command = [sys.executable, "-m", "sampling.cli", "report", str(campaign.folder)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            return True
    return False


def servers() -> list[psutil.Process]:
    """The processes that fork kernels for this test; other runs on this machine have some too."""
    found = []
    for one in psutil.process_iter(["cmdline"]):
        try:
            if SERVER in (one.info["cmdline"] or []) and one.environ().get("TMPDIR") == tempfile.tempdir:
                found.append(one)
        except psutil.Error:
            pass  # it has ended, or is not ours to look at
    return found


def test_killed_at_twenty_moments_the_outputs_are_those_of_an_undisturbed_run(made_campaign, tmp_path):
    undisturbed = copy_of(made_campaign, tmp_path / "undisturbed")
    assert run_reports(undisturbed).failed == 0
    campaign = copy_of(made_campaign, tmp_path / "campaign")
    chance, finished, kills = random.Random(20260701), {}, 0
    for _ in range(KILLS):
        kills += killed_after(campaign, chance.uniform(2, 7))
        done = {job.marked for job in jobs_of(campaign, "zh") if job.marked.exists()}
        now = {path: path.stat().st_mtime_ns for path in done}
        assert {path: now[path] for path in finished} == finished  # nothing that was finished is made again
        finished = now
    assert kills > KILLS / 4
    result = run_reports(campaign)
    assert result.failed == 0 and files(campaign) == files(undisturbed)
    assert [path for path in campaign.folder.rglob("*.partial") if path.parent.name != "restricted"] == []
    _, alive = psutil.wait_procs(servers(), timeout=30)
    assert alive == []
    left = [path for path in Path(tempfile.gettempdir()).glob(f"{SOCKETS}*")]
    assert [path for path in left if not psutil.pid_exists(int(path.name.split("-")[2]))] == []


@pytest.fixture(autouse=True)
def _own_temporary_folder(tmp_path, monkeypatch):
    """Other runs on this machine have sockets too."""
    folder = Path(tempfile.mkdtemp(prefix="k"))
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
