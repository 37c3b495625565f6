"""The lists beside the form: the work village by village, what waits, and forms that are typed twice.

They are filled when they are opened and emptied when they are left: nothing personal stays in the page.
"""

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as widgets

from sampling.findings.finding import Finding
from sampling.findings.recorder_cells import Entry, cells_of
from sampling.findings.recorder_entry import CORRECTION, FIRST, SECOND, SETTLING
from sampling.findings.recorder_office import IN_DOUBT, MISSING, Office, Work
from sampling.findings.recorder_search import find
from sampling.findings.recorder_seconds import entry_in, seconds_to_enter
from sampling.findings.recorder_views import beside, sentence, told, waiting, whole
from sampling.findings.recorder_voice import Voice, line, listed, offer
from sampling.findings.recording import judge_entry, vault_part
from sampling.findings.recording_changes import dismiss
from sampling.findings.state import Item, State
from sampling.words import fold, text

Open = Callable[..., None]


class WorkPane(widgets.VBox):
    """Every form of a village, done or not; its parts have the classes `village`, `forms` and `open`."""

    def __init__(self, office: Office, open_one: Open, voice: Voice) -> None:
        self.office, self._open = office, open_one
        self.village = widgets.Dropdown(
            description=office.say("village"), style={"description_width": "initial"}
        )
        self.village.add_class("village")
        self.forms = listed("forms")
        self.village.observe(self._show, "value")
        super().__init__([self.village, self.forms, voice.button("open", office.say("open"), self._lay_down)])
        self.add_class("work")
        self._work, self._last = Work(status={}, waiting=0), ""

    def fill(self, state: State) -> None:
        """The work as the register has it; the village with most left to do first."""
        self._work = Work.of(self.office, state)
        villages = self._villages()
        offer(self.village, [(words, village) for village, words in villages.items()])
        if self._last in villages:
            self.village.value = self._last
        self._show()

    def empty(self) -> None:
        """Leave nothing of it in the page."""
        self.village.options, self.forms.options = (), ()

    def _villages(self) -> dict[str, str]:
        """Every village with how many of its forms are recorded."""
        count: dict[str, list[int]] = {}
        for serial, status in self._work.status.items():
            village = self.office.desk.issued.by_serial[serial].village
            numbers = count.setdefault(village, [0, 0])
            numbers[0] += status not in (MISSING, IN_DOUBT)
            numbers[1] += 1
        left = sorted(count, key=lambda village: count[village][0] - count[village][1])
        return {v: f"{self.office.place(v)}　{count[v][0]}/{count[v][1]}" for v in left}

    def _show(self, _: object = None) -> None:
        there = [
            one for one in self.office.desk.issued.by_serial.values() if one.village == self.village.value
        ]
        offer(self.forms, [(self._line(one.serial), one.serial) for one in there])
        self._last = self.village.value or self._last

    def _line(self, serial: str) -> str:
        status = self.office.say(f"status.{self._work.status[serial]}")
        return f"{status} · {self.office.household(self.office.desk.issued.by_serial[serial])}"

    def _lay_down(self) -> None:
        if self.forms.value:
            self._open(self.office.desk.issued.by_serial[self.forms.value])


class WaitingPane(widgets.VBox):
    """What waits in quarantine or as a conflict, with its problems and what was written.

    Its parts have the classes `rows`, `detail`, `serial`, `open`, `why` and `dismiss`.
    """

    def __init__(
        self,
        office: Office,
        open_one: Open,
        open_village: Open,
        voice: Voice,
        *,
        by: Callable[[], str],
        done: Callable[[], None],
    ) -> None:
        self.office, self._open, self._open_village = office, open_one, open_village
        self.voice, self._by, self._done = voice, by, done
        self._entries: list[tuple[Item, Mapping[str, Any]]] = []
        self._vault: Mapping[str, Mapping] = {}
        self._state = State()
        self.rows, self.detail = listed("rows"), widgets.HTML()
        self.rows.observe(self._show, "index")
        self.detail.add_class("detail")
        self.serial = line("serial", office.say("belongs_to"))
        self.why = line("why", office.say("reason"))
        act = voice.button("open", office.say("open_row"), self._lay_down, style="primary")
        away = voice.button("dismiss", office.say("dismiss"), self._dismiss)
        foot = [widgets.HBox([self.serial, act]), widgets.HBox([self.why, away])]
        super().__init__([self.rows, self.detail, *foot])
        self.add_class("waiting")

    def fill(self, state: State) -> None:
        """What waits now, whole: the vault is asked for its part."""
        self._entries, self._state = self.office.waiting(state), state
        held = [state.findings[item[1:]] for item, _ in self._entries if item[1:] in state.findings]  # type: ignore[index]
        asked = [*(payload for _, payload in self._entries), *held]
        self._vault = self.office.register.personal(one["personal"] for one in asked if "personal" in one)
        offer(self.rows, [(self._line(payload), place) for place, (_, payload) in enumerate(self._entries)])
        self._show()

    def empty(self) -> None:
        """Leave nothing of it in the page."""
        self._entries, self._vault, self.rows.options = [], {}, ()
        self.detail.value = self.serial.value = self.why.value = ""

    def _line(self, payload: Mapping[str, Any]) -> str:
        status = self.office.say(f"waits.{payload['status']}")
        about = payload["serial"] or payload["row"] or payload["file"]
        problem = text(f"{payload['problems'][0]['key']}.short", self.office.lang)
        return " · ".join(filter(None, (status, self.office.place(payload["village"]), about, problem)))

    @property
    def chosen(self) -> tuple[Item, Mapping[str, Any]] | None:
        """The row that is chosen, and what it is about."""
        return self._entries[self.rows.index] if self.rows.index is not None and self._entries else None

    def _cells(self, payload: Mapping[str, Any]) -> dict[str, str]:
        private = self._vault.get(payload.get("personal", ""), {})
        return {**payload["cells"], **private.get("cells", {})}

    def _entry(self, payload: Mapping[str, Any]) -> Entry:
        private = self._vault.get(payload.get("personal", ""), {})
        return whole(self._cells(payload), private.get("members", ()))

    def _show(self, _: object = None) -> None:
        self.serial.value = self.detail.value = ""
        if self.chosen is None:
            self.detail.value = told([self.office.say("nothing_there")], "good")
            return
        item, payload = self.chosen
        entry = self._entry(payload)
        shown = waiting(payload, self._cells(payload), self.office)
        if item[0] == "household" and item[1:] in self._state.findings:
            shown += self._contradiction(self._state.findings[item[1:]], entry)  # type: ignore[index]
        self.detail.value = shown
        known = [s for s, one in self.office.desk.issued.by_serial.items() if ("household", *one.key) == item]
        self.serial.value = (known or [payload["serial"]])[0]

    def _contradiction(self, held: Mapping[str, Any], entry: Entry) -> str:
        """What is registered, beside the row that says something else; both as they are understood."""
        row = {"serial": held["finding"]["serial"], **entry[0]}
        judged = judge_entry(self.office.desk, row, entry[1], time=self.office.now())
        if isinstance(judged.found, Finding):
            entry = cells_of(judged.found.to_dict(), vault_part(judged.found))
        titles = (self.office.say("registered"), self.office.say("returned"))
        return beside(titles, (entry_in(held, self._vault), entry), held["finding"]["list"], self.office)

    def _lay_down(self) -> None:
        """Open the row in the form: as a first entry, or as a correction where something is recorded."""
        if self.chosen is None:
            return
        item, payload = self.chosen
        if item[0] == "village":
            self._open_village(payload["village"], self._cells(payload))
            return
        meant = find(self.office.papers, self.serial.value)
        if len(meant) != 1:
            self.voice.tell([self.office.say("not_found", written=fold(self.serial.value)[:60])], "bad")
            return
        mode = CORRECTION if meant[0].key in self._state.findings else FIRST
        self._open(meant[0], mode=mode, entry=self._entry(payload), item=item)

    def _dismiss(self) -> None:
        if self.chosen is None:
            return
        item, _ = self.chosen
        now, why = self.office.now(), self.why.value
        done = dismiss(self.office.register, item, reason=why, by=self._by(), time=now)
        if done.status == "refused":
            self.voice.tell([sentence(problem, self.office.lang) for problem in done.problems], "bad")
            return
        self.office.noted()
        self.why.value = ""
        self.voice.tell([self.office.say("dismissed", number=done.seq)], "good")
        self._done()


class SecondsPane(widgets.VBox):
    """Forms that are to be typed a second time, and those whose two entries differ.

    Its parts have the classes `second`, `differing`, `open-second` and `open-differing`.
    """

    def __init__(self, office: Office, open_one: Open, voice: Voice) -> None:
        self.office, self._open = office, open_one
        self.second, self.differing = listed("second"), listed("differing")
        parts = []
        for name, box, mode in (("second", self.second, SECOND), ("differing", self.differing, SETTLING)):
            parts += [widgets.HTML(f"<h3>{office.say(f'heading.{name}')}</h3>"), box]
            parts.append(voice.button(f"open-{name}", office.say("open"), self._opener(box, mode)))
        super().__init__(parts)
        self.add_class("seconds")

    def fill(self, state: State) -> None:
        """What is to be typed twice and what is to be settled, as the register has it."""
        by_serial = self.office.desk.issued.by_serial
        typed_by = {held["finding"]["serial"]: held.get("by", "") for held in state.findings.values()}
        due = seconds_to_enter(state, self.office.papers, self.office.share)
        first = {s: self.office.say("first_by", by=typed_by[s]) for s in due}
        offer(self.second, [(f"{self.office.household(by_serial[s])} · {first[s]}", s) for s in due])
        differ = sorted(state.findings[key]["finding"]["serial"] for key in state.differing)
        offer(self.differing, [(self.office.household(by_serial[s]), s) for s in differ])

    def empty(self) -> None:
        """Leave nothing of it in the page."""
        self.second.options, self.differing.options = (), ()

    def _opener(self, box: widgets.Select, mode: str) -> Callable[[], None]:
        def lay_down() -> None:
            if box.value:
                self._open(self.office.desk.issued.by_serial[box.value], mode=mode)

        return lay_down
