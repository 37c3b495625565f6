"""Envelopes by command: one day sealed, codes only on the day or with a reason, all of it in the register."""

import io
import json
import shutil

import msoffcrypto
import pytest
from campaign_folder import TINY, drawn, run

from sampling.campaign import open_campaign
from sampling.campaign.envelopes import RELEASED, SEALED
from sampling.files import read_csv
from sampling.forms import read_workbook


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    folder = drawn(tmp_path_factory.mktemp("envelopes") / "c")
    shutil.copy(TINY / "teams.xlsx", folder / "teams.xlsx")
    settings = folder / "campaign.toml"
    told = settings.read_text(encoding="utf-8").replace("# teams =", "teams =")
    settings.write_text(told.replace("[visits]", '[visits]\nstart = "2099-06-01"'), encoding="utf-8")
    assert run("plan", folder) == 0
    return folder


@pytest.fixture
def folder(planned, tmp_path):
    return shutil.copytree(planned, tmp_path / "c")


def events(folder, kind: str) -> list[dict]:
    return [json.loads(e.payload) for e in open_campaign(folder).register().events() if e.kind == kind]


def test_one_day_is_sealed_and_its_files_open_with_its_codes(folder):
    assert run("envelopes", folder) == 0
    codes = read_csv(folder / "restricted" / "codes.csv")
    plan = read_csv(folder / "visits" / "plan.csv")
    assert set(codes["date"]) == {"2099-06-01"}
    for row in codes.to_dict("records"):
        team = folder / "visits" / "envelopes" / row["date"] / f"team-{row['team']}"
        own = plan[(plan["date"] == row["date"]) & (plan["team"] == row["team"])]
        for stop, village, households in zip(own["stop"], own["village"], own["households"], strict=True):
            file = msoffcrypto.OfficeFile(io.BytesIO((team / f"{stop}.xlsx").read_bytes()))
            file.load_key(password=row["code"], verify_password=True)
            out = io.BytesIO()
            file.decrypt(out)
            form = read_workbook(out.getvalue())
            assert (form.village, len(form.rows)) == (village, int(households))
    assert len(events(folder, SEALED)) == len(codes) and run("audit", folder) == 0
    public = b"".join(
        p.read_bytes() for p in folder.rglob("*") if p.is_file() and "restricted" not in p.parts
    )
    assert not any(code.encode() in public for code in codes["code"])


def test_codes_are_given_out_on_the_day_or_with_a_reason_and_it_is_noted(folder, capsys):
    assert run("envelopes", folder, "--day", "2099-06-02") == 0
    assert run("codes", folder, "--day", "2099-06-02", "--by", "office") == 1
    assert events(folder, RELEASED) == []
    assert run("codes", folder, "--day", "2099-06-02", "--by", "office", "--early", "far away") == 0
    said = capsys.readouterr().out
    codes = read_csv(folder / "restricted" / "codes.csv")["code"]
    assert all(code in said for code in codes)
    (noted,) = events(folder, RELEASED)
    assert (noted["by"], noted["early"], noted["date"]) == ("office", "far away", "2099-06-02")
    assert not any(code in json.dumps(noted) for code in codes)


def test_sealing_a_day_again_gives_new_codes_and_leaves_the_other_days(folder):
    for day in ("2099-06-01", "2099-06-02", "2099-06-01"):
        before = (
            read_csv(folder / "restricted" / "codes.csv")
            if day == "2099-06-01" and events(folder, SEALED)
            else None
        )
        assert run("envelopes", folder, "--day", day) == 0
    after = read_csv(folder / "restricted" / "codes.csv")
    same = before.merge(after, on=["date", "team", "code"])
    assert set(same["date"]) == {"2099-06-02"} and len(after) == len(before)


def test_without_a_plan_or_on_a_day_without_visits_it_says_what_to_do(folder, capsys):
    assert run("envelopes", folder, "--day", "2098-01-01") == 1
    shutil.rmtree(folder / "visits")
    assert run("envelopes", folder) == 1
    assert "sampling plan" in capsys.readouterr().err


def test_forms_are_issued_only_after_they_were_made(folder, capsys):
    assert run("issue", folder, "--to", "1") == 1 and "sampling forms" in capsys.readouterr().err
    assert run("forms", folder) == 0 and run("issue", folder, "--to", "1") == 0
