"""A desk at which the forms of a tiny drawn sample are typed."""

from pathlib import Path
from typing import Any

from visits_stand_in import CAMPAIGN, DRAWN, TAKEN, make_visits

from sampling.findings import Register
from sampling.findings.judging import make_desk
from sampling.findings.recorder_search import Papers
from sampling.findings.recording import Recorded, record
from sampling.forms import numbered_households
from sampling.forms.standard import standard_of

STANDARD = standard_of({"rural": 500, "urban": 750})
SEEN = {
    "outcome": "已入户",
    "verdict": "继续保障",
    "persons_found": "3",
    "entitled_found": "3",
    "date": "2026-06-03",
    "inspector_1": "组3-1",
    "inspector_2": "组3-2",
    "signed": "是",
    "note": "家中有𠮷、😀 和“引号”",
}
STOPPED = SEEN | {"verdict": "建议停发", "reason": "户主死亡", "evidence": "死亡证明", "entitled_found": "0"}
SON = {
    "member_name": "赵𠮷",
    "relation": "子女",
    "age": "41",
    "health": "患病",
    "ability": "部分丧失",
    "counted": "是",
}


class TypingDesk:
    """Everything that recording needs, and short ways to do it."""

    def __init__(self, folder: Path, *, households: int = 12) -> None:
        self.sample, self.roll, self.removed = make_visits(households=households)
        self.roll["programme"] = "rural"
        lists = {"removed": self.removed}
        self.desk = make_desk(
            self.sample, self.roll, lists, CAMPAIGN, time=TAKEN, drawn_at=DRAWN, standard=STANDARD
        )
        numbered = numbered_households(self.sample)
        tickets = dict(zip(numbered["serial"], numbered["ticket"], strict=True))
        self.papers = Papers(campaign=CAMPAIGN, issued=self.desk.issued, tickets=tickets)
        self.folder, self.register = folder, Register(folder / "register.sqlite")

    def paid(self) -> list[str]:
        """The serials of households on the roll."""
        return sorted(serial for serial, one in self.desk.issued.by_serial.items() if not one.list)

    def key(self, serial: str) -> tuple[str, str, str]:
        return self.desk.issued.by_serial[serial].key

    def type(self, serial: str, row: dict[str, str], *members: dict[str, str], **options: Any) -> Recorded:
        told = {"by": "甲", "time": TAKEN} | options
        return record(self.desk, self.register, {"serial": serial, **row}, members, **told)
