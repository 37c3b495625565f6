"""The village's own answers: posting, meeting, files, neighbours, and whether it checked itself at all."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from sampling.findings.answers import read_count, read_yes_no
from sampling.findings.problems import wrong
from sampling.words import Problem

COUNTS = ("posting_days", "neighbours", "neighbours_against")
QUESTIONS = ("meeting_held", "files_complete", "blank_village")


@dataclass(frozen=True, slots=True, kw_only=True)
class VillageForm:
    """What was seen in one village beside its households."""

    township: str
    village: str
    posting_days: int
    meeting_held: bool
    files_complete: bool
    neighbours: int
    neighbours_against: int
    blank_village: bool
    note: str

    def to_dict(self) -> dict[str, object]:
        """The answers as they are kept in the register, without what the vault keeps."""
        kept = asdict(self)
        del kept["note"]
        return kept

    def to_vault(self) -> dict[str, object]:
        """What the vault keeps of it."""
        return {"key": [self.village], "note": self.note}


def check_village(
    answers: Mapping[str, str], *, township: str, village: str
) -> VillageForm | tuple[Problem, ...]:
    """Turn the answers on a form's cover into a village form, or say everything that is wrong with them.

    Parameters
    ----------
    answers
        The questions of the layout and what was written beside them.
    township, village
        Which village it is about.
    """
    counts = {field: read_count(answers[field]) for field in COUNTS}
    yes_no = {field: read_yes_no(answers[field]) for field in QUESTIONS}
    names = dict.fromkeys(COUNTS, "count_unreadable") | dict.fromkeys(QUESTIONS, "unknown")
    if problems := [_problem(answers, f, names[f]) for f, v in {**counts, **yes_no}.items() if v is None]:
        return tuple(problems)
    return VillageForm(  # nothing is None here any more
        township=township,
        village=village,
        note=answers["village_note"].strip(),
        **counts,  # type: ignore[arg-type]
        **yes_no,  # type: ignore[arg-type]
    )


def _problem(answers: Mapping[str, str], field: str, name: str) -> Problem:
    return wrong(name if answers[field].strip() else "missing", answers, field)
