"""The form of one household: its fields, its members, and what the rules say while it is typed."""

from collections.abc import Mapping

import ipywidgets as widgets

from sampling.codes import code_of, reasons_of, verdict_table
from sampling.findings.expected import Expected
from sampling.findings.judging import Judged
from sampling.findings.problems import column_title
from sampling.findings.reading import read_answers
from sampling.findings.recorder_cells import Entry, worded
from sampling.findings.recorder_fields import Field, MemberTable
from sampling.findings.recorder_office import Office
from sampling.findings.recorder_views import sentence, told, whole
from sampling.findings.recording import judge_entry
from sampling.forms.issue import yuan
from sampling.forms.layout import FACTS, MEMBER_FIELDS, MEMBERS, VISIT, choice_label, choices_of
from sampling.words import REFUSED, Problem

EMPTY: Entry = whole({})
SECTIONS = {"visit": VISIT, "facts": FACTS}
UNTOUCHED = "findings.missing"
"""What an empty field breaks is told once somebody wants to save, not before the field is reached."""


class HouseholdForm(widgets.VBox):
    """The answers about one household.

    Its parts have the classes `field-<name>` and `members`; `rules` is the line that says whether it can be
    saved, `due` the amount by the standard.
    """

    def __init__(self, office: Office) -> None:
        self.office, self._loading, self._tried = office, False, False
        self.one: Expected | None = None
        self._notes: Mapping[str, str] = {}
        titles = {c.field: column_title(c.field, office.lang) for c in (*VISIT, *FACTS, *MEMBERS)}
        words = {table: self._words(table) for table in choices_of(office.desk.rulebook.codebook)}
        self.fields = {
            c.field: Field(c, titles[c.field], words.get(c.choices, ()), self._changed)
            for c in (*VISIT, *FACTS)
        }
        self.people = MemberTable(titles, words, self._changed)
        self.people_hint, self.due, self.rules = (_part(name) for name in ("people-hint", "due", "rules"))
        self._loaded = self.entry
        super().__init__([*self._sections(), self.rules])
        self.add_class("form")

    def _sections(self) -> list[widgets.Widget]:
        parts: list[widgets.Widget] = []
        for name, columns in SECTIONS.items():
            box = widgets.GridBox([self.fields[column.field] for column in columns])
            box.add_class("fields")
            parts += [_title(self.office.say(f"section.{name}")), box]
        parts.insert(2, self.due)
        return [*parts, _title(self.office.say("section.members")), self.people, self.people_hint]

    def _words(self, table: str) -> list[str]:
        codebook = self.office.desk.rulebook.codebook
        return [choice_label(table, code, self.office.lang, codebook) for code in choices_of(codebook)[table]]

    @property
    def entry(self) -> Entry:
        """What is typed."""
        people = tuple(line for line in self.people.value if any(line.values()))
        return {name: field.value for name, field in self.fields.items()}, people

    @property
    def dirty(self) -> bool:
        """Whether something was typed that is not saved."""
        return self.one is not None and self.entry != self._loaded

    @property
    def row(self) -> dict[str, str]:
        """The cells as `record` takes them."""
        assert self.one is not None
        return {"serial": self.one.serial, **self.entry[0]}

    def lay(self, one: Expected, entry: Entry, notes: Mapping[str, str]) -> None:
        """Show these answers; `notes` stand beside their fields whatever is typed."""
        self.one, self._notes, self._tried = one, notes, False
        codebook = self.office.desk.rulebook.codebook
        self.fields["verdict"].offer(self._words(verdict_table(one.list)), keep="")
        self._load(worded(entry, one.list, self.office.lang, codebook))
        self._look()

    def clear(self) -> None:
        """Forget the household: nothing of it is left in the page."""
        self.one, self._notes, self._tried = None, {}, False
        self._load(EMPTY)
        for part in (self.due, self.rules, self.people_hint):
            part.value = ""
        for field in self.fields.values():
            field.tell((), "")

    def shows(self, problem: Problem) -> bool:
        """Whether the form itself says this, beside its field or below the members."""
        return problem.column in self.fields or problem.column in MEMBER_FIELDS

    def insist(self) -> None:
        """Somebody wants to save: tell what is missing, too."""
        self._tried = True
        self._look()

    def focus(self) -> None:
        """Put the cursor into the first field."""
        self.fields["outcome"].input.focus()

    def _load(self, entry: Entry) -> None:
        self._loading = True
        try:
            for name, field in self.fields.items():
                field.value = entry[0][name]
            self.people.value = entry[1]
        finally:
            self._loading = False
        self._loaded = self.entry

    def _changed(self, _: object) -> None:
        if not self._loading and self.one is not None:
            self._look()

    def _look(self) -> None:
        """Hold what is typed against the rules, and say so beside each field."""
        judged = judge_entry(self.office.desk, self.row, self.entry[1], time=self.office.now())
        self._offer_reasons(judged)
        problems = [p for p in judged.problems if self._tried or p.key != UNTOUCHED]
        self._tell([*problems, *judged.reminders])
        self.due.value = told([self._due(judged)], "due")
        self.rules.value = self._verdict(judged)

    def _tell(self, problems: list[Problem]) -> None:
        for name, field in self.fields.items():
            own = [one for one in problems if one.column == name]
            note = [self._notes[name]] if name in self._notes else []
            mark = "bad" if any(one.severity == REFUSED for one in own) else "remind" if own or note else ""
            field.tell([*note, *(sentence(one, self.office.lang) for one in own)], mark)
        elsewhere = [one for one in problems if one.column in MEMBER_FIELDS or one.column not in self.fields]
        lines = [sentence(one, self.office.lang) for one in elsewhere]
        note = [self._notes["members"]] if "members" in self._notes else []
        self.people_hint.value = told([*note, *lines], "bad" if lines else "remind") if lines or note else ""

    def _offer_reasons(self, judged: Judged) -> None:
        """Only the reasons that fit the verdict, where it has any."""
        codebook, table = self.office.desk.rulebook.codebook, verdict_table(judged.item[1])
        verdict = code_of(table, judged.cells["verdict"]) or ""
        codes = codebook.reasons_of(verdict) if reasons_of(verdict) else codebook.reasons
        words = [codebook.label(code, self.office.lang) for code in codes]
        self._loading = True  # the choices change, the answer does not
        try:
            self.fields["reason"].offer(words, keep=self.fields["reason"].value)
        finally:
            self._loading = False

    def _due(self, judged: Judged) -> str:
        rulebook, one = self.office.desk.rulebook, judged.expected
        computed = read_answers(judged.cells, one, rulebook, members=judged.members).computed
        if computed is None:
            return self.office.say("due_unknown")
        paid = yuan(one.amount_paid_fen if one else None) or "–"
        return self.office.say("due", due=yuan(computed), paid=paid)

    def _verdict(self, judged: Judged) -> str:
        number = len(judged.problems)
        if number == 0:
            return told([self.office.say("can_be_saved")], "good")
        shown = [p for p in judged.problems if p.key != UNTOUCHED]
        mark = "bad" if shown or self._tried else "remind"
        return told([self.office.say("to_put_right", number=number)], mark)


def _part(name: str) -> widgets.HTML:
    part = widgets.HTML()
    part.add_class(name)
    return part


def _title(words: str) -> widgets.HTML:
    return widgets.HTML(f"<h3>{words}</h3>")
