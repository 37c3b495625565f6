"""What is exported for R: every household with its weights, nobody's name; R finds what was published."""

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from campaign_folder import drawn, run, visit
from estimates_stand_in import draw_sample, make_findings, make_roll, make_villages, roll_columns
from test_estimates_drawn import ALONE, SMALL, County, design_of

from sampling.campaign import open_campaign
from sampling.estimates import estimate_campaign, estimate_share
from sampling.estimates.campaign import campaign_data
from sampling.estimates.rcheck import COLUMNS, r_check
from sampling.files import csv_bytes, read_csv
from sampling.words import InputError

STORED = Path(__file__).parent / "oracles" / "check.csv"
COMPARED = re.compile(r"(\d+) / (\d+) / (\d+)\n")


@cache
def has_r() -> bool:
    command = ["Rscript", "-e", "library(survey)"]
    return bool(shutil.which("Rscript")) and subprocess.run(command, capture_output=True).returncode == 0


def needs_r(test):
    """Without R these are no tests at all: what R says of the same cases is stored, and compared below."""
    return test if has_r() else None


def silent_county():
    """Towns, units of one village of several, villages without a household or an answer, a silent town."""
    roll = make_roll(5, towns=3, units=3, villages=(8, 11), size=8, rate=0.15)
    sample = draw_sample(roll, 5)
    findings = make_findings(sample, roll, seed=5, missing=0.4)
    town = findings["village"].str.startswith("V01")
    findings.loc[town, ["outcome", "verdict", "reason"]] = ["refused", "", ""]
    empty = sample["village"] == sample.loc[sample["township"] == "T00", "village"].iloc[0]
    gone = sample.loc[empty, "village"].iloc[0]
    sample = sample[~(empty & (sample["stage"] == "2"))]
    findings = findings[findings["village"] != gone]
    return sample, findings, roll_columns(roll[roll["village"] != gone]), make_villages(roll), None


def list_county():
    """Another list, drawn in the same villages: some have none of its households, some one."""
    sample, findings, roll, villages, _ = silent_county()
    second = sample[(sample["stage"] == "2") & (sample["household"].astype(str) < "0005")]
    second = second.assign(list="removed", M=second.groupby("village")["household"].transform("size") + 3)
    second = second.assign(m=second.groupby("village")["household"].transform("size"))
    found = second[["list", "village", "household"]].assign(outcome="completed", reason="")
    verdicts = np.where(np.arange(len(found)) % 4, "not_entitled", "entitled")
    found = found.assign(verdict=verdicts)
    found.loc[found.index[::5], ["outcome", "verdict"]] = ["absent", ""]
    return (
        pd.concat([sample, second], ignore_index=True),
        pd.concat([findings, found], ignore_index=True),
        roll,
        villages,
        None,
    )


def drawn_county(**design):
    county = County(make_roll(11, **SMALL), design_of(**design))
    sample = county.sample(3)
    findings = county.findings(sample, missing=0.2)
    return sample, findings, county.known, county.frame.villages, county.design


CASES = {
    "silence": silent_county,
    "list": list_county,
    "categories": lambda: drawn_county(categories=ALONE),
    "pareto": lambda: drawn_county(villages="pareto"),
}


@cache
def made(name):
    """The arguments of a case, what is published of it, and what is given to R."""
    sample, findings, roll, villages, design = CASES[name]()
    published = estimate_campaign(sample, findings, roll, villages, design=design)
    return published, r_check(sample, findings, roll, villages, published, design=design)


def put(folder: Path, check, published: pd.DataFrame) -> Path:
    files = {"survey.csv": csv_bytes(check.table), "estimates.csv": csv_bytes(published)}
    files["check.R"] = check.script.encode("ascii")
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder / "check.R"


def asked(script: Path) -> subprocess.CompletedProcess:
    """What R says, in a system that knows no Chinese."""
    environment = {"PATH": "/usr/bin:/bin:/usr/local/bin", "LC_ALL": "C"}
    return subprocess.run(
        ["Rscript", str(script)], capture_output=True, encoding="utf-8", errors="replace", env=environment
    )


@needs_r
@pytest.mark.parametrize("name", CASES)
def test_r_finds_every_published_estimate_and_error(tmp_path, name):
    published, check = made(name)
    done = asked(put(tmp_path, check, published))
    assert done.returncode == 0, done.stdout + done.stderr
    estimates, errors, _ = map(int, COMPARED.search(done.stdout).groups())
    assert estimates == len(published)
    assert errors == (0 if name == "pareto" else published["se"].notna().sum())
    assert "R finds the same." in done.stdout


@needs_r
@pytest.mark.parametrize(("column", "factor"), [("estimate", 1.00001), ("se", 0.99999)])
def test_r_stops_where_one_published_number_is_another(tmp_path, column, factor):
    published, check = made("silence")
    some = (published["estimate"] > 0) & (published["se"] > 0)
    row = published.index[some & (published["by"] == "township")][0]
    wrong = published.copy()
    wrong.loc[row, column] *= factor
    done = asked(put(tmp_path, check, wrong))
    assert done.returncode != 0
    assert "Published numbers that R does not find: 1" in done.stderr


@needs_r
def test_r_stops_where_a_weight_is_another(tmp_path):
    published, check = made("silence")
    for column in ("weight_design", "weight_nonresponse", "weight_final"):
        table = check.table.copy()
        table.loc[table["weight_final"].first_valid_index(), column] *= 1.0001
        done = asked(put(tmp_path, type(check)(table=table, script=check.script), published))
        assert done.returncode != 0
        assert f"not those of survey.csv: {column}" in done.stderr


@needs_r
def test_what_r_cannot_redo_is_named(tmp_path):
    published, check = made("pareto")
    more = pd.concat([published, published.head(1).assign(parameter="from_another_step")])
    told = asked(put(tmp_path, check, more)).stdout
    assert re.search(r"not redone in R: 1\n  from_another_step: 1", told)
    assert "no standard error for the way of drawing" in told
    for interval, count in published.loc[published["low"].notna(), "interval"].value_counts().items():
        assert f"  {interval}: " in told, (interval, count)


@needs_r
def test_intervals_that_r_has_are_compared_too(tmp_path):
    """Towns whose design R can rebuild alone: nobody is missing, no town is taken together with another."""
    roll = make_roll(8, towns=4, units=0, size=12, rate=0.2)
    sample = draw_sample(roll, 8)
    findings = make_findings(sample, roll)
    arguments = sample, findings, roll_columns(roll), make_villages(roll)
    data = campaign_data(*arguments).data
    data.table["wrong"] = data.table["verdict"].isin(["ineligible", "overpaid", "underpaid"])
    parts = [
        estimate_share(data, "wrong", by=by, interval=name).to_table().assign(by=by or "")
        for name in ("mean", "logit", "asin", "beta", "xlogit")
        for by in (None, "township")
    ]
    published = pd.concat(parts, ignore_index=True).assign(parameter="error_share")
    published = published[published["estimate"].between(0.001, 0.999)]
    beta = published["interval"].eq("beta/1") & published["by"].eq("township")
    published = published[~beta]  # R takes the rows outside of the domain into n there
    check = r_check(*arguments, published)
    done = asked(put(tmp_path, check, published))
    assert done.returncode == 0, done.stdout + done.stderr
    assert COMPARED.search(done.stdout).groups() == (str(len(published)),) * 3
    row = published.index[published["interval"] == "logit/1"][0]
    published.loc[row, "high"] *= 1.00001
    assert "does not find: 1" in asked(put(tmp_path, check, published)).stderr


def test_what_is_published_is_what_r_found_when_it_was_last_asked():
    """check.csv: R 4.2.2, survey 4.5; made as tests/oracles/README.md says."""
    stored = read_csv(STORED)
    for name, rows in stored.groupby("case"):
        published, _ = made(name)
        ours = published.set_index(["parameter", "by", "domain"])
        compared = 0
        for row in rows.itertuples():
            for statistic, value in (("estimate", row.R), ("se", row.R_se)):
                if value not in ("NA", ""):
                    found = ours.loc[(row.parameter, row.by, row.domain), statistic]
                    assert found == pytest.approx(float(value), rel=1e-9, abs=1e-11)
                    compared += 1
        assert compared > 300


@pytest.mark.parametrize("name", CASES)
def test_the_table_has_every_drawn_household_and_its_weights_add_up_to_the_roll(name):
    sample, _, roll, _, _ = CASES[name]()
    _, check = made(name)
    table = check.table
    assert tuple(table.columns[: len(COLUMNS)]) == COLUMNS
    drawn_rows = sample[(sample["stage"] == "2") & (sample["role"] != "reserve")]
    mine = table[table["household"] != ""]
    for list_name, rows in drawn_rows.groupby("list"):
        there = mine[mine["list"] == list_name]
        assert set(zip(rows["village"], rows["household"], strict=True)) == set(
            zip(there["village"], there["household"], strict=True)
        )
    told = mine[(mine["list"] == "") & (mine["responded"] == 1)]
    towns = set(told["township"])
    assert told["weight_final"].sum() == pytest.approx(roll["township"].isin(towns).sum())
    assert told[["weight_design", "weight_nonresponse", "weight_final"]].notna().all(axis=None)
    assert mine.loc[mine["responded"] == 0, "weight_final"].isna().all()
    assert mine.loc[mine["responded"] == 0, "verdict"].eq("").all()


def test_no_name_and_no_number_of_a_person_is_exported_and_the_script_is_plain_ascii(tmp_path):
    folder = drawn(tmp_path / "c")
    visit(folder)
    assert run("estimate", folder) == 0
    assert run("export", folder, "--r") == 0
    campaign = open_campaign(folder)
    restricted = campaign.roll()
    named = [name for name in restricted if name not in ("township", "village", "household", "category")]
    people = [name for name in named if name in ("household_name", "identity", "phone", "account", "address")]
    assert people
    written = (folder / "survey.csv").read_text(encoding="utf-8-sig") + (folder / "check.R").read_text(
        "ascii"
    )
    for name in people:
        values = {value for value in restricted[name].astype(str) if len(value) > 1}
        assert not [value for value in values if value in written], name
    table = read_csv(folder / "survey.csv")
    assert set(table["list"]) == set(campaign.sample()["list"])
    assert not [path.name for path in folder.iterdir() if path.name.endswith(".partial")]


def test_export_is_refused_before_the_estimates_and_after_new_findings(tmp_path, capsys):
    folder = drawn(tmp_path / "c")
    assert run("export", folder, "--r") == 1
    assert "estimate" in capsys.readouterr().err
    visit(folder, villages=4)
    assert run("estimate", folder) == 0
    assert run("export", folder, "--r") == 0
    before = (folder / "check.R").read_bytes(), (folder / "survey.csv").read_bytes()
    assert run("export", folder, "--r") == 0
    assert before == ((folder / "check.R").read_bytes(), (folder / "survey.csv").read_bytes())
    assert run("intake", folder, *sorted((folder / "back").glob("*.xlsx"))[4:6]) == 0
    capsys.readouterr()
    assert run("export", folder, "--r") == 1
    assert "estimate" in capsys.readouterr().err


def test_without_findings_there_is_nothing_to_export():
    sample, findings, roll, villages, design = silent_county()
    published, _ = made("silence")
    with pytest.raises(InputError):
        r_check(sample, findings.head(0), roll, villages, published, design=design)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_script_speaks_the_language_of_the_campaign(lang):
    sample, findings, roll, villages, design = silent_county()
    published, _ = made("silence")
    script = r_check(sample, findings, roll, villages, published, design=design, lang=lang).script
    assert ("R finds the same." in script) == (lang == "en")
    assert ("\\u7ed3\\u679c\\u76f8\\u540c" in script) == (lang == "zh")  # 结果相同
    assert max(map(len, script.splitlines())) < 4000, "R cuts longer lines"
