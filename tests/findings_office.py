"""An office with the forms of `visits_stand_in`, and a register that takes in what comes back."""

from pathlib import Path

import pandas as pd
from visits_stand_in import CAMPAIGN, DRAWN, TAKEN, make_forms

from sampling.findings import IntakeResult, Register, intake
from sampling.findings.intake import STATUSES
from sampling.forms import ReturnedForm, read_workbook
from sampling.forms.workbook import workbook_bytes

FIRST, SECOND, THIRD = "999999001001.xlsx", "999999001002.xlsx", "999999001003.xlsx"
VISITED = {
    "outcome": "已入户",
    "verdict": "继续保障",
    "persons_found": "3",
    "date": "2026-06-03",
    "inspector_1": "组3-1",
    "inspector_2": "组3-2",
    "signed": "是",
}
VILLAGE = {
    "posting_days": "7",
    "meeting_held": "是",
    "files_complete": "是",
    "neighbours": "3",
    "neighbours_against": "0",
    "blank_village": "否",
    "village_note": "",
}


class Office:
    """A folder of returned forms, and a register that takes them in."""

    def __init__(self, folder: Path, forms: tuple) -> None:
        self.forms, self.sample, self.roll, self.removed = forms
        self.returned = folder
        self.register = Register(folder / "register.sqlite")

    def filled(self, name: str, *rows: dict) -> tuple[ReturnedForm, pd.DataFrame]:
        """A form, and its rows of which the first have these answers; the others stay blank."""
        form = read_workbook(self.forms / name)
        filled: list[dict] = form.rows.to_dict("records")
        for place, answers in enumerate(rows):
            filled[place].update(answers)
        return form, pd.DataFrame(filled, columns=form.rows.columns, dtype="str")

    def hand_in(self, name: str, *rows: dict, as_: str = "", village: dict | None = None) -> Path:
        """A form that was filled in and handed in as a workbook."""
        form, table = self.filled(name, *rows)
        return self.lay_down(as_ or name, workbook_bytes(form.heading, table, village or {}))

    def lay_down(self, name: str, data: bytes) -> Path:
        """A file of any content among what was returned."""
        path = self.returned / name
        path.write_bytes(data)
        return path

    def take_in(self, *paths: Path, **options) -> IntakeResult:
        told = {"campaign": CAMPAIGN, "actor": "经办", "time": TAKEN, "drawn_at": DRAWN}
        told |= {"roll": self.roll, "lists": {"removed": self.removed}, "register": self.register}
        return intake(paths, sample=self.sample, **{**told, **options})


def make_office(folder: Path) -> tuple:
    """What an office is made from: the folder of forms, sample, roll and list."""
    return folder, *make_forms(folder)


def counted(result: IntakeResult) -> dict[str, int]:
    """How many rows ended where, without the zeros."""
    return {name: number for name, number in result.totals.items() if name in STATUSES and number}


def ends_somewhere(result: IntakeResult) -> bool:
    """Whether every row of every file ended in exactly one place, and is told."""
    counts, told = result.counts, result.rows
    adds_up = (counts[list(STATUSES)].sum(axis=1) == counts["rows"]).all()
    rows = told[~((told["row"] == "") & (told["serial"] == ""))]  # covers, and files refused whole
    return bool(adds_up and len(rows) == counts["rows"].sum())
