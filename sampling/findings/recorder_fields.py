"""The fields of the recording form: one input for each answer, and below it what is wrong with it."""

from collections.abc import Callable, Mapping, Sequence
from html import escape

import ipywidgets as widgets

from sampling.forms.layout import MEMBERS, Column

Changed = Callable[[object], None]
EXAMPLES = {"date": "2026-06-03", "time": "09:30", "money": "0.00", "number": "0"}
"""How an answer of each kind can be written."""
FIRST_ROWS = 3
"""Lines for members that are there from the beginning; one more follows each that is filled."""


class Field(widgets.VBox):
    """One answer; its classes are `field`, `field-<name>` and, if something is wrong, `bad` or `remind`."""

    def __init__(self, column: Column, title: str, choices: Sequence[str], changed: Changed) -> None:
        self.column, self._choices = column, list(choices)
        self.input = make_input(column, self._choices, title)
        self.hint = widgets.HTML()
        self.input.observe(changed, "value")
        super().__init__([self.input, self.hint])
        self.add_class("field")
        self.add_class(f"field-{column.field}")
        self.add_class(f"kind-{column.kind}")

    @property
    def value(self) -> str:
        return self.input.value or ""

    @value.setter
    def value(self, written: str) -> None:
        if self.column.kind == "choice":
            self.offer(self._choices, keep=written)
        else:
            self.input.value = written

    def offer(self, choices: Sequence[str], *, keep: str) -> None:
        """Offer these choices; what was written and is none of them can still be seen."""
        self._choices = list(choices)
        options = ["", *self._choices, *([keep] if keep and keep not in self._choices else [])]
        if tuple(options) != tuple(self.input.options):
            self.input.options = options
        self.input.value = keep

    def tell(self, sentences: Sequence[str], mark: str) -> None:
        """Show what is wrong; `mark` is "bad", "remind" or nothing."""
        shown = "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)
        if self.hint.value != shown:
            self.hint.value = shown
        for name in ("bad", "remind"):
            if name == mark and name not in self._dom_classes:
                self.add_class(name)
            elif name != mark and name in self._dom_classes:
                self.remove_class(name)


class MemberTable(widgets.GridBox):
    """The members of a household, a line each."""

    def __init__(
        self, titles: Mapping[str, str], choices: Mapping[str, Sequence[str]], changed: Changed
    ) -> None:
        self._titles, self._choices, self._told = titles, choices, changed
        self._lines: list[dict[str, widgets.Widget]] = []
        self._heads = [widgets.HTML(f"<b>{escape(titles[column.field])}</b>") for column in MEMBERS]
        super().__init__(self._heads)
        self.add_class("members")
        self.value = ()

    @property
    def value(self) -> tuple[dict[str, str], ...]:
        """The cells of every line, empty ones too."""
        return tuple({name: one.value or "" for name, one in line.items()} for line in self._lines)

    @value.setter
    def value(self, members: Sequence[Mapping[str, str]]) -> None:
        self._lines = [self._line(member) for member in members]
        while len(self._lines) < max(FIRST_ROWS, len(members) + 1):
            self._lines.append(self._line({}))
        self._show()

    def _line(self, member: Mapping[str, str]) -> dict[str, widgets.Widget]:
        return {column.field: self._cell(column, member.get(column.field, "")) for column in MEMBERS}

    def _cell(self, column: Column, written: str) -> widgets.Widget:
        choices = list(self._choices.get(column.choices, ()))
        extra = [written] if written and written not in choices else []
        cell = make_input(column, [*choices, *extra], "")
        cell.tooltip = self._titles[column.field]
        cell.value = written
        cell.observe(self._changed, "value")
        cell.add_class(f"member-{column.field}")
        return cell

    def _changed(self, change: object) -> None:
        if any(cell.value for cell in self._lines[-1].values()):
            self._lines.append(self._line({}))
            self._show()
        self._told(change)

    def _show(self) -> None:
        self.children = [*self._heads, *(cell for line in self._lines for cell in line.values())]


def make_input(column: Column, choices: Sequence[str], title: str) -> widgets.Widget:
    """The input for one answer; every key that is pressed reaches the rules at once."""
    look = {"description": title, "layout": {"width": "auto"}, "style": {"description_width": "initial"}}
    if column.kind == "choice":
        return widgets.Dropdown(options=["", *choices], value="", **look)
    if column.kind == "long":
        return widgets.Textarea(rows=2, **look)
    return widgets.Text(placeholder=EXAMPLES.get(column.kind, ""), **look)
