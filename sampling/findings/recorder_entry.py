"""One household at the desk: typed, typed again, corrected, settled, taken back, decided."""

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as widgets

from sampling.codes import DECISIONS
from sampling.findings.expected import Expected
from sampling.findings.problems import column_title
from sampling.findings.recorder_cells import Entry, worded
from sampling.findings.recorder_form import EMPTY, HouseholdForm
from sampling.findings.recorder_office import Office
from sampling.findings.recorder_seconds import entry_in, seconds_to_enter, unlike
from sampling.findings.recorder_views import beside, household, sentence, told
from sampling.findings.recorder_voice import Voice, line
from sampling.findings.recording import Recorded, mark_of, put_aside, record, same_person
from sampling.findings.recording_changes import correct, decide, reopen, settle
from sampling.findings.state import Item, State

FIRST, SECOND, VISIT, CORRECTION, SETTLING = "finding", "second_entry", "second_visit", "correction", "settle"
WITH_REASON = (CORRECTION, SETTLING)


def modes_of(state: State, one: Expected, *, second: bool, by: str) -> tuple[str, ...]:
    """What can be done about a household; the first is what is most likely meant.

    Parameters
    ----------
    second
        Whether its form is to be typed twice.
    by
        Who would do it: nobody types the same form twice.
    """
    held = state.findings.get(one.key)
    if held is None:
        return (FIRST,)
    if one.key in state.differing:
        return (SETTLING,)
    again = second and not same_person(by, held.get("by", ""))
    return (SECOND, CORRECTION, VISIT) if again else (CORRECTION, VISIT)


class EntryPane(widgets.VBox):
    """The form of the household that lies on the desk, and what can be done about it.

    Its parts have the classes `save`, `aside`, `close`, `reason`, `reopen`, `decide` and `mode-<mode>`.

    Parameters
    ----------
    by
        Gives the name of who types.
    voice
        Says what became of it.
    left
        Called when the household is left, saved or not.
    """

    def __init__(
        self,
        office: Office,
        *,
        by: Callable[[], str],
        voice: Voice,
        left: Callable[[], None],
    ) -> None:
        self.office, self._by, self.voice, self._left = office, by, voice, left
        self.mode, self._replaces = FIRST, ""
        self._item: Item | None = None
        self.form, self.card, self.banner = HouseholdForm(office), widgets.HTML(), widgets.HTML()
        self.reason = line("reason", office.say("reason"))
        self.switches = widgets.HBox()
        self.save = voice.button("save", office.say("save"), self._save, style="primary")
        self.aside = voice.button("aside", office.say("aside"), self._aside)
        self.closing = voice.button("close", office.say("close"), self.leave)
        self.acts = self._acts()
        foot = widgets.HBox([self.save, self.aside, self.closing])
        parts = [
            self.card,
            self.banner,
            self.switches,
            self.form,
            self.reason,
            foot,
            voice.message,
            self.acts,
        ]
        super().__init__(parts)
        self.add_class("entry")
        self.clear()

    def _acts(self) -> widgets.HBox:
        """What can be done about a finding without changing what it says."""
        words = [(self.office.say(f"decided.{code}"), code) for code in DECISIONS]
        self.decision = widgets.Dropdown(options=[("", ""), *words], description=self.office.say("decision"))
        self.decision.add_class("decision")
        self.day = line("day", self.office.say("day"), hint="2026-06-30")
        act = self.voice.button("decide", self.office.say("decide"), self._decide)
        again = self.voice.button("reopen", self.office.say("reopen"), self._reopen)
        acts = widgets.HBox([self.decision, self.day, act, again])
        acts.add_class("acts")
        return acts

    @property
    def dirty(self) -> bool:
        """Whether something was typed that is not saved."""
        return self.form.dirty

    def lay(
        self, one: Expected, *, mode: str = "", entry: Entry | None = None, item: Item | None = None
    ) -> None:
        """Lay a household on the desk.

        Parameters
        ----------
        mode
            What shall be done about it; empty for what is most likely meant.
        entry, item
            The answers to begin with, and the row that waits with them.
        """
        state = self.office.register.state()
        second = one.serial in seconds_to_enter(state, self.office.papers, self.office.share)
        modes = modes_of(state, one, second=second, by=self._by())
        self.mode = mode if mode in modes else modes[0]
        held = state.findings.get(one.key)
        self._item, self._replaces = item, mark_of(held) if held else ""
        began, notes = self._beginning(one, state)
        self.form.lay(one, entry or began, notes)
        self.card.value = household(one, self.office)
        self.banner.value = self._banner(one, state)
        self.reason.value = self.office.say("settled") if self.mode == SETTLING else ""
        self.switches.children = [self._switch(one, name) for name in modes if len(modes) > 1]
        self._show(True)
        self.form.focus()

    def leave(self) -> None:
        """Clear the desk for the next form."""
        self.clear()
        self._left()

    def clear(self) -> None:
        """Take the household off the desk: nothing of it is left in the page."""
        self.form.clear()
        for part in (self.card, self.banner, self.reason, self.day, self.decision):
            part.value = ""
        self.switches.children = []
        self._show(False)

    def _show(self, there: bool) -> None:
        one_of = {self.reason: WITH_REASON, self.aside: (FIRST,), self.acts: (CORRECTION,)}
        for part, modes in one_of.items():
            part.layout.display = None if self.mode in modes else "none"
        self.layout.display = None if there else "none"

    def _switch(self, one: Expected, mode: str) -> widgets.Button:
        def turn() -> None:
            if self.dirty:
                self.voice.tell([self.office.say("unsaved")], "bad")
            else:
                self.lay(one, mode=mode)

        style = "primary" if mode == self.mode else ""
        return self.voice.button(f"mode-{mode}", self.office.say(f"mode.{mode}"), turn, style=style)

    def _beginning(self, one: Expected, state: State) -> tuple[Entry, dict[str, str]]:
        """What the form begins with, and what stands beside its fields."""
        if self.mode not in WITH_REASON:
            return EMPTY, {}
        first = state.findings[one.key]
        second = state.second_entries.get(one.key, {})
        wanted = [held["personal"] for held in (first, second) if "personal" in held]
        vault = self.office.register.personal(wanted)
        entry = entry_in(first, vault)
        return entry, self._notes(one, entry, entry_in(second, vault)) if self.mode == SETTLING else {}

    def _notes(self, one: Expected, first: Entry, second: Entry) -> dict[str, str]:
        codebook = self.office.desk.rulebook.codebook
        both = [worded(entry, one.list, self.office.lang, codebook) for entry in (first, second)]
        notes: dict[str, str] = {}
        for member, field, *cells in unlike(*both):
            said = dict(zip(("first", "second"), (cell or "–" for cell in cells), strict=True))
            note = self.office.say("two_say", **said)
            if member:
                title = column_title(field, self.office.lang)
                note = self.office.say("of_member", number=member, field=title) + f" {note}"
            notes["members" if member else field] = "; ".join(
                filter(None, (notes.get("members", "") if member else "", note))
            )
        return notes

    def _banner(self, one: Expected, state: State) -> str:
        lines = [self.office.say(f"doing.{self.mode}")]
        held = state.findings.get(one.key)
        if held and held.get("by"):
            lines.append(self.office.say("recorded_by", by=held["by"]))
        if ("household", *one.key) in state.waiting and self._item is None:
            lines.append(self.office.say("waits_too"))
        return told(lines, "info")

    def _save(self) -> None:
        desk, register, row, people = (
            self.office.desk,
            self.office.register,
            self.form.row,
            self.form.entry[1],
        )
        who: dict[str, Any] = {"by": self._by(), "time": self.office.now()}
        if self.mode in WITH_REASON:
            change = settle if self.mode == SETTLING else correct
            why = {"replaces": self._replaces, "reason": self.reason.value}
            done = change(desk, register, row, people, **why, **who)
        else:
            done = record(desk, register, row, people, kind=self.mode, waiting=self._item, **who)  # type: ignore[arg-type]
        self._end(done)

    def _aside(self) -> None:
        who = {"by": self._by(), "time": self.office.now()}
        row, people = self.form.row, self.form.entry[1]
        self._end(put_aside(self.office.desk, self.office.register, row, people, **who))

    def _reopen(self) -> None:
        self._change(reopen, reason=self.reason.value)

    def _decide(self) -> None:
        if self.decision.value:
            why = {
                "decision": self.decision.value,
                "day": self.day.value.strip(),
                "reason": self.reason.value,
            }
            self._change(decide, **why)

    def _change(self, act: Callable[..., Recorded], **why: str) -> None:
        assert self.form.one is not None
        told_by = {"by": self._by(), "time": self.office.now()}
        self._end(act(self.office.register, self.form.one.key, **why, **told_by))

    def _end(self, done: Recorded) -> None:
        """Say what became of it; who saved goes on to the next form."""
        assert self.form.one is not None
        serial, lang = self.form.one.serial, self.office.lang
        if done.status == "refused":
            self.form.insist()
            apart = [sentence(p, lang) for p in done.problems if not self.form.shows(p)]
            self.voice.tell([self.office.say("refused", serial=serial), *apart], "bad")
            return
        self.office.noted()
        lines = [self.office.say(f"done.{done.status}", serial=serial, number=done.seq)]
        lines += [sentence(problem, lang) for problem in (*done.problems, *done.reminders)]
        self.leave()
        self.voice.tell(lines, "good" if done.status in ("accepted", "known") else "remind")


def contradiction(held: Mapping[str, Any], entry: Entry, vault: Mapping, office: Office) -> str:
    """What is registered, beside the row that says something else."""
    titles = (office.say("registered"), office.say("returned"))
    return beside(titles, (entry_in(held, vault), entry), held["finding"]["list"], office)
