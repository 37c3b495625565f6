"""The same batch on a Dask cluster: the same files, and a lost worker loses nothing."""

import os
import signal

import pytest
from distributed import LocalCluster
from reports_stand_in import copy_of

from sampling.batches import jobs_of, owed, run_batch
from sampling.batches.cluster import refuse_open
from sampling.campaign import Campaign, open_campaign
from sampling.office.kinds import OFFICE
from sampling.words import InputError

pytest_plugins = ["reports_campaign"]
FEW = ("statistics", "notice")


@pytest.fixture(scope="module", autouse=True)
def few_documents():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owed, "OFFICE", {name: OFFICE[name] for name in FEW})
        yield


@pytest.fixture(scope="module")
def cluster():
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    ) as made:
        yield made


@pytest.fixture(scope="module")
def local(made_campaign, tmp_path_factory) -> dict[str, bytes]:
    campaign = copy_of(made_campaign, tmp_path_factory.mktemp("local") / "campaign")
    run_batch([campaign], list(jobs_of(campaign, "zh")))
    return files(campaign)


def files(campaign: Campaign) -> dict[str, bytes]:
    made = (campaign.folder / "reports" / "zh").rglob("*")
    return {
        path.name: path.read_bytes() for path in made if path.suffix in (".html", ".pdf", ".docx", ".xlsx")
    }


def test_a_cluster_makes_the_same_files(campaign, cluster, local):
    jobs = list(jobs_of(campaign, "zh"))
    (result,) = run_batch([campaign], jobs, cluster=cluster.scheduler_address)
    assert result.failed == 0 and files(campaign) == local


def test_a_worker_that_is_killed_loses_nothing(campaign, cluster, local):
    killed = []

    def kill_one(run, finished, reports):
        if not killed:
            killed.append(cluster.workers[0].process.pid)  # the nanny starts another in its place
            os.kill(killed[0], signal.SIGKILL)

    jobs = list(jobs_of(campaign, "zh"))
    (result,) = run_batch([campaign], jobs, cluster=cluster.scheduler_address, on_progress=kill_one)
    assert killed and result.failed == 0 and files(campaign) == local


def test_a_worker_that_does_not_see_the_folder_is_refused(campaign, cluster):
    jobs = list(jobs_of(campaign, "zh"))
    (campaign.folder / "campaign.toml").rename(campaign.folder / "elsewhere.toml")
    with pytest.raises(InputError) as refused:
        run_batch([campaign], jobs, cluster=cluster.scheduler_address)
    assert {problem.key for problem in refused.value.problems} == {"batches.blind_worker"}
    assert not (campaign.folder / "reports" / "zh").exists()


def test_nobody_at_the_address_is_said(campaign, monkeypatch):
    monkeypatch.setattr("sampling.batches.cluster.SECONDS_TO_ANSWER", 1)
    with pytest.raises(InputError) as refused:
        run_batch([campaign], list(jobs_of(campaign, "zh")), cluster="tcp://127.0.0.1:9")
    assert [problem.key for problem in refused.value.problems] == ["batches.no_cluster"]


@pytest.mark.parametrize(
    "address", ["tcp://10.0.0.7:8786", "10.0.0.7:8786", "ws://office:8786", "tcp://office:1"]
)
def test_an_open_address_of_another_machine_is_refused(address):
    with pytest.raises(InputError) as refused:
        refuse_open(address)
    assert [problem.key for problem in refused.value.problems] == ["batches.open_cluster"]


@pytest.mark.parametrize(
    "address", ["tls://10.0.0.7:8786", "tcp://127.0.0.1:8786", "tcp://localhost:1", "tcp://[::1]:1"]
)
def test_tls_and_this_machine_itself_are_taken(address):
    refuse_open(address)


def test_several_campaigns_run_in_one_pool(made_campaign, tmp_path):
    campaigns = [copy_of(made_campaign, tmp_path / name) for name in ("a", "b")]
    jobs = [job for one in campaigns for job in jobs_of(one, "zh") if job.kind == "statistics"]
    results = run_batch(campaigns, jobs)
    assert [result.counts["made"] for result in results] == [1, 1]
    assert all((open_campaign(one.folder).folder / "reports" / "exports.jsonl").exists() for one in campaigns)
