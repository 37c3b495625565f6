"""Returned forms taken in where the register lies in PostgreSQL: by the office, by a team's own account."""

import json
from pathlib import Path

import pandas as pd
import pytest
from visits_stand_in import CAMPAIGN, DRAWN, TAKEN, make_forms

from sampling.findings import Register, intake
from sampling.findings.state import CHANGES
from sampling.forms import read_workbook
from sampling.forms.workbook import workbook_bytes
from sampling.words import InputError

pytest.importorskip("psycopg")

pytest_plugins = ["registers_opened"]

FIRST, SECOND = "999999001001.xlsx", "999999001002.xlsx"
VISITED = {
    "outcome": "已入户",
    "verdict": "继续保障",
    "persons_found": "3",
    "date": "2026-06-03",
    "inspector_1": "组3-1",
    "inspector_2": "组3-2",
    "signed": "是",
    "note": "屋顶漏雨 😀\u2028",
}
ROWS = [VISITED, VISITED | {"outcome": "nonsense"}, VISITED]


@pytest.fixture(scope="module")
def forms(tmp_path_factory):
    folder = tmp_path_factory.mktemp("forms")
    return folder, *make_forms(folder)


@pytest.fixture
def base(postgres):
    from registers_postgres import PASSWORD, PostgresBase

    from sampling.findings.postgres_accounts import create_team_account

    base = PostgresBase(cluster=postgres)
    create_team_account(base.admin, "team-1", [FIRST.removesuffix(".xlsx")], PASSWORD)
    return base


def hand_in(forms: tuple, target: Path, name: str) -> Path:
    """A form with three rows filled in, one of them wrong."""
    form = read_workbook(forms[0] / name)
    filled = [{**row, **answers} for row, answers in zip(form.rows.to_dict("records"), ROWS, strict=False)]
    table = pd.DataFrame(filled, columns=form.rows.columns, dtype="str")
    path = target / name
    path.write_bytes(workbook_bytes(form.heading, table, {}))
    return path


def take_in(forms: tuple, register: Register, *paths: Path):
    _, sample, roll, removed = forms
    told = {"campaign": CAMPAIGN, "actor": "intake", "time": TAKEN, "drawn_at": DRAWN}
    return intake(paths, sample=sample, register=register, roll=roll, lists={"removed": removed}, **told)


def test_the_same_forms_give_the_same_findings_and_the_same_quarantine_in_both_databases(
    base, forms, tmp_path
):
    paths = [hand_in(forms, tmp_path, name) for name in (FIRST, SECOND)]
    registers = base.register(), Register(tmp_path / "register.sqlite")
    results = [take_in(forms, register, *paths) for register in registers]
    assert results[0].totals == results[1].totals and results[0].totals["accepted"] == 4
    pd.testing.assert_frame_equal(*(register.findings() for register in registers))
    pd.testing.assert_frame_equal(*(register.quarantine() for register in registers))
    assert all("屋顶漏雨 😀" in "".join(register.quarantine()["note"]) for register in registers)
    assert [register.check() for register in registers] == [(), ()]
    again = take_in(forms, registers[0], *paths)
    assert again.head == results[0].head and again.totals["accepted"] == 0


def test_every_event_of_an_intake_stands_with_the_village_of_its_form(base, forms, tmp_path):
    take_in(forms, base.register(), hand_in(forms, tmp_path, FIRST), hand_in(forms, tmp_path, SECOND))
    with base.cluster.connect() as connection:
        rows = connection.execute(f"SELECT kind, village, payload FROM {base.schema}.event").fetchall()
    for kind, village, payload in rows:
        said = json.loads(payload)
        part = said.get("finding") or said.get("village_form") or said
        assert village == part["village"] != "", kind
    assert {kind for kind, _, _ in rows} >= {"file_received", "finding", "quarantined"}


def test_a_team_takes_in_its_own_village_again_and_again_and_no_other(base, forms, tmp_path):
    own, other = hand_in(forms, tmp_path, FIRST), hand_in(forms, tmp_path, SECOND)
    register = Register(base.cluster.address("team-1", schema=base.schema))
    result = take_in(forms, register, own)
    assert result.totals["accepted"] == 2 and len(register.findings()) == 2 and len(result.waiting) == 1
    head = base.register().head()
    with pytest.raises(InputError) as error:
        take_in(forms, register, other)
    assert [problem.key for problem in error.value.problems] == ["register.not_allowed"]
    assert take_in(forms, register, own).head == head == base.register().head()
    take_in(forms, base.register(), other)
    assert len(base.register().findings()) == 4 and len(register.findings()) == 2
    assert base.register().check() == () and {entry.actor for entry in register.events()} == {"team-1"}


def test_every_kind_that_a_team_may_add_is_one_that_the_register_knows():
    from sampling.findings.postgres_schema import TEAM_KINDS

    assert set(TEAM_KINDS) < set(CHANGES)
