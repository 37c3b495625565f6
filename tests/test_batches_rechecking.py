"""All reports read back: what was changed, lost, or is out of date is told by file."""

import pytest
from reports_stand_in import copy_of

from sampling.batches import owed, run_reports
from sampling.batches.rechecking import check_reports
from sampling.campaign import Campaign, open_campaign
from sampling.cli import main
from sampling.documents.docx import docx_bytes
from sampling.office.kinds import OFFICE

pytest_plugins = ["reports_campaign"]


@pytest.fixture(scope="module")
def made(made_campaign, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owed, "OFFICE", {name: OFFICE[name] for name in ("plan", "statistics", "notice")})
        campaign = copy_of(made_campaign, tmp_path_factory.mktemp("made") / "campaign")
        assert run_reports(campaign).failed == 0
        yield campaign


@pytest.fixture
def copied(made, tmp_path) -> Campaign:
    import shutil

    shutil.copytree(made.folder, tmp_path / "c")
    return open_campaign(tmp_path / "c")


def keys(campaign: Campaign) -> list[tuple[str, str]]:
    done, _ = check_reports(campaign)
    return sorted((problem.key, problem.file.rpartition("/")[2]) for problem in done.notes)


def test_reports_as_they_were_made_are_right(made):
    done, wrong = check_reports(made)
    assert wrong == 0 and done.fields["files"] == 7 * 3 + 2 + 6 * 2


def test_a_figure_changed_in_a_page_and_a_pdf_that_is_gone_are_told(copied):
    folder = copied.folder / "reports" / "zh" / "internal"
    page = folder / "report-county.html"
    words = page.read_text(encoding="utf-8")
    page.write_text(words.replace("已入户", "已入户9", 1), encoding="utf-8")
    (folder / "report-01_示范一镇.pdf").unlink()
    assert {key for key, _ in keys(copied)} == {"batches.other_figure", "batches.missing"}
    assert main(["check", str(copied.folder)]) == 3


def test_a_document_of_other_facts_is_out_of_date(copied):
    from documents_sample import document

    path = copied.folder / "reports" / "zh" / "internal" / "plan.docx"
    path.write_bytes(docx_bytes(document(), inputs="0" * 64))
    assert keys(copied) == [("batches.out_of_date", "plan.docx")]


def test_a_person_written_into_a_file_afterwards_is_found(copied):
    person = copied.roll()["household_name"].iloc[0]
    path = copied.folder / "reports" / "zh" / "internal" / "report-county.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("全县", person, 1), encoding="utf-8")
    found = keys(copied)
    assert ("batches.leaked", "report-county.ipynb") in found and person not in str(found)
