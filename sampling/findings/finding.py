"""Finding: one household, seen once; what a row of a form becomes when it keeps every rule."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from sampling.codes import is_paid
from sampling.findings.expected import Expected, Key
from sampling.findings.reading import Answers, Row, Rulebook, read_answers
from sampling.findings.rules import broken_rules
from sampling.words import REFUSED, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Private:
    """What a finding tells of people: kept in the vault, never in the register itself.

    `photos` are names of files; `members` have the member fields, read.
    """

    note: str = ""
    evidence: str = ""
    assets: str = ""
    supporters: str = ""
    photos: tuple[str, ...] = ()
    members: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was seen at one household; codes, ISO dates and fen. `verdict` is a recommendation.

    `amount_due_fen` is what the team says is due, `amount_computed_fen` what the county's standard gives.
    """

    serial: str
    list: str
    township: str
    village: str
    household: str
    outcome: str
    mode: str
    verdict: str
    reason: str
    amount_paid_fen: int | None
    amount_due_fen: int | None
    amount_computed_fen: int | None
    persons_found: int | None
    entitled_found: int | None
    income_wages_fen: int | None
    income_business_fen: int | None
    income_property_fen: int | None
    income_transfers_fen: int | None
    tie: str
    holder: str
    receiver: str
    payment: str
    date: str
    arrive: str
    leave: str
    inspectors: tuple[str, ...]
    signed: bool
    private: Private

    @property
    def key(self) -> Key:
        """What the finding is about."""
        return (self.list, self.village, self.household)

    def to_dict(self) -> dict[str, object]:
        """The finding as it is kept in the register, without what the vault keeps."""
        kept = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "private"}
        return kept | {"inspectors": [*self.inspectors]}

    def to_vault(self) -> dict[str, object]:
        """What the vault keeps of it, with the household, so that no two records are alike."""
        return {"key": [*self.key], **asdict(self.private)}

    @classmethod
    def from_dict(cls, kept: Mapping, personal: Mapping) -> "Finding":
        """The finding that `to_dict` and `to_vault` kept."""
        private = {name: value for name, value in personal.items() if name != "key"}
        private |= {name: tuple(private[name]) for name in ("photos", "members") if name in private}
        return cls(**{**kept, "inspectors": tuple(kept["inspectors"])}, private=Private(**private))


def check_row(
    row: Row, expected: Expected | None, rulebook: Rulebook, *, members: Sequence[Row] = ()
) -> Finding | tuple[Problem, ...]:
    """Turn a row of a returned form into a finding, or say everything that is wrong with it.

    Parameters
    ----------
    row, members
        The fields of the form as text, and those of each member; see `read_answers`.
    expected
        The drawn household that the row is about; None if that is not known, then nothing is found.
    rulebook
        What the answers are held against.

    Returns
    -------
    Finding, or a tuple of Problem
        Never both; `column` of a problem is the field. Reminders are left to `broken_rules`.
    """
    answers = read_answers(row, expected, rulebook, members=members)
    refusing = tuple(problem for problem in broken_rules(answers) if problem.severity == REFUSED)
    return refusing if refusing or expected is None else finding_of(answers, expected)


def finding_of(answers: Answers, expected: Expected) -> Finding:
    """The finding that answers without a broken rule are."""
    values = {name: value for name, value in answers.values.items() if value is not None}
    verdict = values.get("verdict", "") if answers.completed else ""
    return Finding(
        serial=expected.serial,
        list=expected.list,
        township=expected.township,
        village=expected.village,
        household=expected.household,
        outcome=values["outcome"],
        mode=values.get("mode", "at_home"),
        verdict=verdict,
        reason=values.get("reason", ""),
        amount_paid_fen=answers.paid,
        amount_due_fen=_due(verdict, answers),
        amount_computed_fen=answers.computed,
        persons_found=values.get("persons_found"),
        entitled_found=values.get("entitled_found"),
        income_wages_fen=values.get("income_wages"),
        income_business_fen=values.get("income_business"),
        income_property_fen=values.get("income_property"),
        income_transfers_fen=values.get("income_transfers"),
        tie=values.get("tie", ""),
        holder=values.get("holder", ""),
        receiver=values.get("receiver", ""),
        payment=values.get("payment", ""),
        date=values["date"].isoformat(),
        arrive=_time(values, "arrive"),
        leave=_time(values, "leave"),
        inspectors=(values["inspector_1"], values["inspector_2"]),
        signed=values.get("signed", False),
        private=_private(answers, values),
    )


def _time(values: Mapping[str, Any], name: str) -> str:
    return values[name].strftime("%H:%M") if name in values else ""


def _private(answers: Answers, values: Mapping[str, Any]) -> Private:
    words = {name: values.get(name, "") for name in ("note", "evidence", "assets", "supporters")}
    photos = tuple(filter(None, (name.strip() for name in _parts(values.get("photos", "")))))
    return Private(**words, photos=photos, members=answers.people)


def _parts(written: str) -> list[str]:
    return written.replace("；", ";").replace("\n", ";").split(";")


def _due(verdict: str, answers: Answers) -> int | None:
    """The amount due of a household that is paid follows from the verdict where it need not be said."""
    said = answers.values["amount_due"]
    if not is_paid(answers.list):
        return said
    return {"correct": answers.paid, "ineligible": 0}.get(verdict, said)
