"""Every notebook: its shape, and what it shows in each language; nobody's name or number in any output."""

import ast
import base64
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest

from sampling.batches import REPORTS
from sampling.batches.execution import execute
from sampling.batches.kernels import kernel_managers
from sampling.batches.template import NOTEBOOKS, read_template, refuse_undeclared
from sampling.reports import ReportRefused, open_report
from sampling.reports.html import notebook_page
from sampling.reports.report import PARAMETERS
from sampling.words import LANGUAGES, InputError

pytest_plugins = ["reports_campaign"]
NAMES = [path.stem for path in sorted(NOTEBOOKS.glob("*.ipynb"))]
CELLS = ["title", "parameters", "imports", "load", "calls", "table", "chart", "save"]
LOGIC = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda),
    *(ast.For, ast.AsyncFor, ast.While, ast.If, ast.IfExp, ast.Try, ast.With, ast.Match),
    *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
)


def read(name: str) -> nbformat.NotebookNode:
    return nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)


def code_of(name: str) -> list[str]:
    return [cell.source for cell in read(name).cells if cell.cell_type == "code"]


def test_every_step_of_the_line_and_every_report_has_its_notebook():
    assert {"10_plan", "20_draw", "30_visits", "40_findings", "50_estimates"} <= set(NAMES)
    assert {entry.notebook for entry in REPORTS.values()} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_has_at_most_eight_cells_in_the_order_of_the_line(name):
    cells = read(name).cells
    assert [cell.id for cell in cells] == CELLS[: len(cells)] and len(cells) <= 8
    assert cells[0].cell_type == "markdown" and cells[0].source.startswith(f"# {name[:2]} ")


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_has_no_logic(name):
    found = [
        node for source in code_of(name) for node in ast.walk(ast.parse(source)) if isinstance(node, LOGIC)
    ]
    assert found == []


def test_the_check_for_logic_notices_a_comprehension():
    assert any(isinstance(node, LOGIC) for node in ast.walk(ast.parse("[x for x in y]")))


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_holds_no_output_and_no_trace_of_who_ran_it(name):
    notebook = read(name)
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert dict(notebook.metadata.language_info) == {"name": "python"}
    for cell in notebook.cells:
        assert set(cell.metadata) <= {"tags"}
        assert cell.cell_type == "markdown" or (not cell.outputs and cell.execution_count is None)


@pytest.mark.parametrize("name", NAMES)
def test_parameters_are_declared_empty_and_checked_under_the_notebooks_own_name(name):
    assert read_template(name).parameters == dict.fromkeys(PARAMETERS, "")
    assert code_of(name)[0] == 'campaign = ""\nunit = ""\nlang = ""'
    assert f'open_report("{name}", campaign=campaign, unit=unit, lang=lang)' in code_of(name)[2]


PLACES = [("", "zh"), ("", "en"), ("02", "zh")]


@pytest.fixture(scope="module")
def finished(made_campaign, tmp_path_factory):
    """Every notebook, run over the whole county in each language and over one town in Chinese."""
    jobs = [(name, *place) for name in NAMES for place in PLACES]
    with kernel_managers() as manager, ThreadPoolExecutor(3) as pool:

        def run(job: tuple[str, str, str]) -> nbformat.NotebookNode:
            name, *values = job
            parameters = dict(zip(("unit", "lang"), values, strict=True))
            parameters["campaign"] = str(made_campaign.folder)
            kept = tmp_path_factory.mktemp("notebook") / "kept.ipynb"
            return execute(read_template(name), parameters, manager, kept)

        return dict(zip(jobs, pool.map(run, jobs), strict=True))


def shown_by(notebook: nbformat.NotebookNode) -> str:
    return notebook_page(notebook, title="", lang="en", inputs="")


def outputs(notebook: nbformat.NotebookNode) -> str:
    return json.dumps([cell.get("outputs", []) for cell in notebook.cells], ensure_ascii=False)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("unit", "lang"), PLACES)
def test_a_notebook_runs_and_has_a_chart_and_its_figures_saved(finished, made_campaign, name, unit, lang):
    shown = outputs(finished[name, unit, lang])
    assert "data:image/svg+xml" in shown and "Warning" not in shown
    place = made_campaign.unit(unit)["unit"] if unit else "county"
    assert (made_campaign.folder / "reports" / lang / "internal" / f"{name}-{place}.csv").exists()


@pytest.mark.parametrize("name", NAMES)
def test_the_two_languages_show_the_same_figures(finished, name):
    numbers = []
    for lang in LANGUAGES:
        cells = re.findall(r'<td class="num">([^<]*)', shown_by(finished[name, "", lang]))
        numbers.append([re.findall(r"[\d,.]+", cell) for cell in cells])
    assert numbers[0] == numbers[1] and len(numbers[0]) > 5


@pytest.mark.parametrize("name", NAMES)
def test_no_output_holds_a_persons_name_number_phone_account_or_household(finished, made_campaign, name):
    people = [made_campaign.roll(), *made_campaign.lists().values()]
    columns = ["household_name", "identity", "phone", "account", "address"]
    secrets = {
        value for table in people for column in columns if column in table for value in table[column]
    } - {""}
    households = {value for table in people for value in table["household"]}
    assert len(secrets) > 500 and len(households) > 20
    for unit, lang in PLACES:
        shown = outputs(finished[name, unit, lang])
        assert not [secret for secret in secrets if secret in shown]
        plain = re.sub(r"[0-9a-f]{16,}|data:image[^\"]*", "", shown)
        assert not households & set(re.findall(r"(?<![\w.,])\d{3,6}(?![\w.,])", plain))


def test_pictures_hold_outlines_only(finished):
    for notebook in finished.values():
        for data in re.findall(r"data:image/svg\+xml;base64,([^\\\"]+)", outputs(notebook)):
            tree = ET.fromstring(base64.b64decode(data))
            assert not tree.findall(".//{http://www.w3.org/2000/svg}text")


def test_plain_papermill_runs_a_notebook_from_any_folder(made_campaign, tmp_path):
    command = [sys.executable, "-m", "papermill", str(NOTEBOOKS / "60_report_town.ipynb"), "out.ipynb"]
    command += ["-r", "unit", "002", "-r", "campaign", str(made_campaign.folder), "--no-progress-bar"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    assert "示范二镇" in (tmp_path / "out.ipynb").read_text(encoding="utf-8")


def test_a_unit_that_papermill_made_a_number_is_found_too(made_campaign):
    report = open_report("60_report_town", campaign=str(made_campaign.folder), unit=2, lang="")  # type: ignore[arg-type]
    assert report.unit["number"] == "02" and report.lang == "zh"


@pytest.mark.parametrize(
    ("parameters", "lang", "words"),
    [
        ({"unit": "nowhere", "lang": "en"}, "en", ["nowhere", "01_"]),
        ({"unit": "nowhere", "lang": "zh"}, "zh", ["nowhere", "01_"]),
        ({"lang": "fr", "unit": "nowhere"}, "zh", ["fr", "nowhere", "没有语言"]),
        ({"unit": ["02"], "lang": 1}, "zh", ["unit", "lang", "须是文本"]),
        ({"unit": '02"; import os', "lang": "en"}, "en", ["import os"]),
    ],
)
def test_wrong_parameters_are_all_told_in_the_readers_language(made_campaign, parameters, lang, words):
    values = {"campaign": str(made_campaign.folder), "unit": "", "lang": ""} | parameters
    with pytest.raises(ReportRefused) as refused:
        open_report("60_report_town", **values)
    assert refused.value.lang == lang
    assert all(word in str(refused.value) for word in words)


def test_a_campaign_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ReportRefused, match=re.escape(str(tmp_path))):
        open_report("60_report_town", campaign=str(tmp_path), unit="", lang="en")


@pytest.mark.parametrize(("lang", "words"), [("zh", "还没有做"), ("en", "not done yet")])
def test_a_step_that_is_not_done_is_told_before_anything_is_shown(campaign, lang, words):
    (campaign.folder / "facts.json").unlink()
    with pytest.raises(ReportRefused, match=words):
        open_report("50_estimates", campaign=str(campaign.folder), unit="", lang=lang)
    assert open_report("40_findings", campaign=str(campaign.folder), unit="", lang=lang)


def test_a_parameter_that_is_not_declared_is_refused_before_it_becomes_code():
    with pytest.raises(InputError):
        refuse_undeclared(read_template("10_plan"), ["unit", "x=1;import os"])


def test_notebooks_lie_where_the_project_keeps_them():
    assert Path(__file__).parents[1] / "notebooks" == NOTEBOOKS
