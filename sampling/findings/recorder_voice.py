"""How the recording form speaks: one line of messages, and buttons that never fail in silence."""

from collections.abc import Callable, Sequence

import ipywidgets as widgets

from sampling.findings.recorder_office import Office
from sampling.findings.recorder_views import sentence, told
from sampling.words import InputError


class Voice:
    """Shows what happened, in the widget `message`, which may stand in several places of the page."""

    def __init__(self, office: Office) -> None:
        self.office, self.message = office, widgets.HTML()
        self.message.add_class("message")

    def tell(self, lines: Sequence[str], mark: str) -> None:
        """Show these sentences; `mark` is "good", "bad" or "remind"."""
        self.message.value = told(lines, mark) if lines else ""

    def guarded(self, act: Callable[[], None]) -> Callable[[object], None]:
        """The same act for a widget to call: what goes wrong is told, for a notebook would swallow it."""

        def call(_: object) -> None:
            self.message.value = ""
            try:
                act()
            except InputError as error:
                self.tell([sentence(problem, self.office.lang) for problem in error.problems], "bad")
            except Exception as error:
                self.tell([self.office.say("failed", error=type(error).__name__)], "bad")

        return call

    def button(self, name: str, words: str, act: Callable[[], None], *, style: str = "") -> widgets.Button:
        """A button with its class as a handle."""
        made = widgets.Button(description=words, button_style=style, layout={"width": "auto"})
        made.add_class(name)
        made.on_click(self.guarded(act))
        return made


FEWEST, MOST = 4, 14
"""Lines of a list that are seen at once."""


def line(name: str, words: str, *, hint: str = "") -> widgets.Text:
    """A line to fill in, with its label and a class as a handle."""
    made = widgets.Text(description=words, placeholder=hint, style={"description_width": "initial"})
    made.add_class(name)
    return made


def offer(box: widgets.Select | widgets.Dropdown, options: Sequence[tuple[str, object]]) -> None:
    """Fill a list; its first line is chosen, which a list that was empty does not do by itself."""
    box.options = options
    if isinstance(box, widgets.Select):
        box.rows = min(max(len(options), FEWEST), MOST)
    box.index = 0 if options else None


def listed(name: str) -> widgets.Select:
    """A list to choose one line from, with its class as a handle."""
    made = widgets.Select(rows=FEWEST, layout={"width": "100%"})
    made.add_class(name)
    return made
