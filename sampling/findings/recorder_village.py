"""The form of a village at the desk: chosen from a list, typed, saved, corrected with a reason."""

from collections.abc import Callable, Mapping

import ipywidgets as widgets

from sampling.codes import YES_NO, code_of, label
from sampling.findings.problems import column_title
from sampling.findings.recorder_fields import Field
from sampling.findings.recorder_office import Office
from sampling.findings.recorder_views import sentence, told
from sampling.findings.recorder_voice import Voice, line, offer
from sampling.findings.recording import Recorded
from sampling.findings.recording_villages import (
    correct_village,
    judge_village,
    record_village,
    village_cells,
)
from sampling.findings.state import State
from sampling.forms.layout import QUESTIONS

UNTOUCHED = "findings.missing"


class VillagePane(widgets.VBox):
    """The answers of one village; its parts have the classes `village`, `field-<name>`, `why` and `save`."""

    def __init__(
        self, office: Office, voice: Voice, *, by: Callable[[], str], done: Callable[[], None]
    ) -> None:
        self.office, self.voice, self._by, self._done = office, voice, by, done
        self._state, self._loading, self._tried = State(), False, False
        self._loaded: dict[str, str] = {}
        self.village = widgets.Dropdown(
            description=office.say("village"), style={"description_width": "initial"}
        )
        self.village.add_class("village")
        self.village.observe(self._chosen, "value")
        words = [label("yes_no", code, office.lang) for code in YES_NO]
        self.fields = {
            c.field: Field(c, column_title(c.field, office.lang), words, self._look) for c in QUESTIONS
        }
        box = widgets.GridBox([*self.fields.values()])
        box.add_class("fields")
        self.banner, self.why = widgets.HTML(), line("why", office.say("reason"))
        foot = [voice.button("save", office.say("save"), self._save, style="primary")]
        foot.append(voice.button("close", office.say("undo"), self._chosen))
        super().__init__([self.village, self.banner, box, self.why, widgets.HBox(foot), voice.message])
        self.add_class("village-form")

    @property
    def answers(self) -> dict[str, str]:
        """What is typed."""
        return {name: field.value for name, field in self.fields.items()}

    @property
    def dirty(self) -> bool:
        """Whether something was typed that is not saved."""
        return self.village.value is not None and self.answers != self._loaded

    def fill(self, state: State) -> None:
        """The villages that forms went out for, those without an answer first."""
        self._state = state
        villages = sorted(self.office.desk.form_ids, key=lambda village: village in state.villages)
        status = {
            v: self.office.say("status.done" if v in state.villages else "status.missing") for v in villages
        }
        offer(self.village, [(f"{self.office.place(v)}　{status[v]}", v) for v in villages])
        self._chosen()

    def empty(self) -> None:
        """Leave nothing of it in the page."""
        self._state = State()
        self.village.options, self.banner.value, self.why.value = (), "", ""
        self._load({})

    def lay(self, village: str, answers: Mapping[str, str]) -> None:
        """Choose a village and show these answers, which are not saved yet."""
        self.village.value = village
        self._load(answers)
        self._loaded = {}
        self._look()

    def _chosen(self, _: object = None) -> None:
        held = self._state.villages.get(self.village.value or "")
        doing = "village_correction" if held else "village"
        self.why.layout.display = None if held else "none"
        self.banner.value = told([self.office.say(f"doing.{doing}")], "info")
        private = self.office.register.personal([held["personal"]]) if held and "personal" in held else {}
        self._load(village_cells(held, next(iter(private.values()), {})) if held else {})

    def _load(self, answers: Mapping[str, str]) -> None:
        self._loading, self._tried = True, False
        for column in QUESTIONS:
            written = answers.get(column.field, "")
            code = code_of("yes_no", written) if column.kind == "choice" and written else None
            self.fields[column.field].value = label("yes_no", code, self.office.lang) if code else written
        self._loading, self._loaded, self.village.disabled = False, self.answers, False
        for field in self.fields.values():
            field.tell((), "")

    def _look(self, _: object = None) -> None:
        if self._loading or not self.village.value:
            return
        self.village.disabled = self.dirty  # another village would take what is typed away
        problems = judge_village(self.office.desk, self.village.value, self.answers).problems
        shown = [one for one in problems if self._tried or one.key != UNTOUCHED]
        for name, field in self.fields.items():
            own = [sentence(one, self.office.lang) for one in shown if one.column == name]
            field.tell(own, "bad" if own else "")

    def _save(self) -> None:
        if not self.village.value:
            return
        desk, register, village = self.office.desk, self.office.register, self.village.value
        by, time = self._by(), self.office.now()
        if village in self._state.villages:
            why = self.why.value
            done = correct_village(desk, register, village, self.answers, reason=why, by=by, time=time)
        else:
            done = record_village(desk, register, village, self.answers, by=by, time=time)
        self._end(done, self.office.place(village))

    def _end(self, done: Recorded, name: str) -> None:
        if done.status == "refused":
            self._tried = True
            self._look()
            apart = [sentence(p, self.office.lang) for p in done.problems if p.column not in self.fields]
            self.voice.tell([self.office.say("refused", serial=name), *apart], "bad")
            return
        self.office.noted()
        self._loaded = self.answers
        self._done()
        mark = "remind" if done.status == "conflicting" else "good"
        self.voice.tell([self.office.say(f"done.{done.status}", serial=name, number=done.seq)], mark)
