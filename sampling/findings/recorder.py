"""The recording form: find a household, type its form, see what is wrong, save; and the lists of the work."""

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as widgets

from sampling.findings.expected import Expected
from sampling.findings.recorder_entry import EntryPane
from sampling.findings.recorder_office import DIFFERS, SECOND, Office, Work
from sampling.findings.recorder_panes import SecondsPane, WaitingPane, WorkPane
from sampling.findings.recorder_search import find
from sampling.findings.recorder_views import style, work
from sampling.findings.recorder_village import VillagePane
from sampling.findings.recorder_voice import Voice, line, listed, offer
from sampling.words import fold

PANES = ("work", "waiting", "seconds", "village")


class Recorder(widgets.VBox):
    """The desk of the back office in a notebook or a kiosk.

    It shows counts only until somebody looks for a household or opens a list, and forgets what it showed
    when that is left. Its parts have the classes `by`, `search`, `message`, `found`, `tab-<list>`.

    Parameters
    ----------
    office
        Where it records.
    by
        The name of who types; it can be changed at the top.
    """

    def __init__(self, office: Office, *, by: str = "") -> None:
        self.office, self.voice = office, Voice(office)
        self._shown = self._back = ""
        self.by = line("by", office.say("by"), hint=office.say("by_hint"))
        self.by.value = by
        self.search = line("search", office.say("search"), hint=office.say("search_hint"))
        self.search.continuous_update = False  # a scanner ends with Enter
        find_it = self.voice.guarded(self._find)
        self.search.observe(lambda change: find_it(change) if change["new"] else None, "value")
        self.counts, self.found = widgets.HTML(), listed("found")
        self.entry = EntryPane(office, by=lambda: self.by.value, voice=self.voice, left=self._left)
        who: dict[str, Any] = {"by": lambda: self.by.value}
        self.villages = VillagePane(office, self.voice, **who, done=lambda: self._turn("village"))
        self.panes: dict[str, WorkPane | WaitingPane | SecondsPane | VillagePane] = {
            "work": WorkPane(office, self.lay, self.voice),
            "waiting": WaitingPane(
                office, self.lay, self._lay_village, self.voice, **who, done=lambda: self._turn("waiting")
            ),
            "seconds": SecondsPane(office, self.lay, self.voice),
            "village": self.villages,
        }
        self.tabs = {name: self.voice.button(f"tab-{name}", "", self._turner(name)) for name in PANES}
        choose = self.voice.button("choose", office.say("open"), self._choose)
        self.choices = widgets.VBox([self.found, choose])
        super().__init__(self._parts())
        self.add_class("recorder")
        self.add_class(f"lang-{office.lang}")
        self._turn("")

    def _parts(self) -> list[widgets.Widget]:
        head, tabs = widgets.HBox([self.by, self.search]), widgets.HBox([*self.tabs.values()])
        head.add_class("head")
        tabs.add_class("tabs")
        body = [self.voice.message, self.choices, self.entry, *self.panes.values()]
        return [widgets.HTML(style()), head, self.counts, tabs, *body]

    def __repr__(self) -> str:
        """The campaign only: this stands in the notebook that is saved."""
        return f"Recorder({self.office.desk.campaign})"

    @property
    def dirty(self) -> bool:
        """Whether something was typed that is not saved."""
        return self.entry.dirty or self.villages.dirty

    def lay(self, one: Expected, **how: Any) -> None:
        """Lay a household on the desk, unless there is another one with something unsaved."""
        if self.dirty:
            self.voice.tell([self.office.say("unsaved")], "bad")
            return
        back = self._shown
        self._turn("")
        self._back = back
        self.entry.lay(one, **how)

    def _lay_village(self, village: str, answers: Mapping[str, str]) -> None:
        """A village's answers that wait, in its form."""
        self._turn("village")
        self.villages.lay(village, answers)

    def _find(self) -> None:
        """What was typed or scanned into the search box."""
        written, self.search.value = self.search.value, ""
        meant = find(self.office.papers, written)
        if not meant:
            self.voice.tell([self.office.say("not_found", written=fold(written)[:60])], "bad")
        elif len(meant) == 1:
            self.lay(meant[0])
        elif self.dirty:
            self.voice.tell([self.office.say("unsaved")], "bad")
        else:
            self._offer(meant)

    def _offer(self, meant: tuple[Expected, ...]) -> None:
        self._turn("")
        offer(self.found, [(self.office.household(one), one.serial) for one in meant])
        self.choices.layout.display = None

    def _choose(self) -> None:
        if self.found.value:
            self.lay(self.office.desk.issued.by_serial[self.found.value])

    def _turner(self, name: str) -> Callable[[], None]:
        def turn() -> None:
            if self.dirty:
                self.voice.tell([self.office.say("unsaved")], "bad")
            else:
                self._turn(name)

        return turn

    def _turn(self, name: str) -> None:
        """Show one of the lists, or none: then there is room for the form."""
        self.entry.clear()
        self.found.options, self.choices.layout.display = (), "none"
        for other, pane in self.panes.items():
            pane.layout.display = None if other == name else "none"
            pane.empty()
        if name:
            self.panes[name].fill(self.office.register.state())
        self._shown = self._back = name
        self._refresh(name)

    def _left(self) -> None:
        """A form is done: back to the list that it was opened from, or to the search box."""
        self._turn(self._back)
        if not self._back:
            self.search.focus()

    def _refresh(self, name: str) -> None:
        """Count anew; others record at the same time."""
        state = self.office.register.state()
        now = Work.of(self.office, state)
        numbers = {"work": now.outstanding, "waiting": now.waiting, "seconds": now.count(SECOND, DIFFERS)}
        numbers["village"] = len(self.office.desk.form_ids.keys() - state.villages.keys())
        self.counts.value = work(now, self.office)
        for other, tab in self.tabs.items():
            tab.description = self.office.say(f"tab.{other}", number=numbers[other])
            tab.button_style = "primary" if other == name else ""
