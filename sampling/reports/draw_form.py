"""The form of the ceremony: digits, how they were thrown, who saw it, and the button that draws."""

import re
from datetime import datetime

import ipywidgets as widgets

from sampling.campaign import FolderBusyError, draw_sample, locked
from sampling.draws.tickets import SEED_DIGITS
from sampling.reports import ceremony
from sampling.reports.report import Report
from sampling.reports.sentences import say
from sampling.words import InputError, fold, text

BETWEEN_NAMES = re.compile(r"[、,，;；\n]")
LABEL_WIDTH = "190px"


class DrawForm(widgets.VBox):
    """Takes the digits thrown before an audience and draws; its parts have the classes digits-field,
    event-field, witnesses-field, draw, message and outcome."""

    def __init__(self, report: Report) -> None:
        self.report = report
        event = report.campaign.commit()["seed_event"]
        self.digits = self._field("digits", placeholder=say("ceremony.digits_hint", report.lang))
        self.event = self._field("source", value=event)
        self.witnesses = self._field("witnesses", placeholder=say("ceremony.witnesses_hint", report.lang))
        self.boxes, self.message, self.outcome = (_part(name) for name in ("boxes", "message", "outcome"))
        self.button = widgets.Button(
            description=say("ceremony.draw", report.lang), button_style="primary", disabled=True
        )
        self.button.add_class("draw")
        self.digits.observe(self._show_digits, "value")
        self.button.on_click(self._draw)
        self._show_digits()
        parts = [self.boxes, self.digits, self.event, self.witnesses, self.button, self.message, self.outcome]
        super().__init__(parts)
        self.add_class("ceremony-form")

    def _field(self, name: str, *, value: str = "", placeholder: str = "") -> widgets.Text:
        """A line to fill in, with its label and a class as a handle."""
        field = widgets.Text(
            value=value,
            placeholder=placeholder,
            description=say(f"ceremony.{name}", self.report.lang),
            layout={"width": "100%"},
            style={"description_width": LABEL_WIDTH},
        )
        field.add_class({"source": "event-field"}.get(name, f"{name}-field"))
        return field

    @property
    def seed(self) -> str:
        """The digits in the field, full-width ones as half-width; spaces between them do not count.

        The field itself is never written to: what is typed in the meantime would be lost.
        """
        return "".join(fold(self.digits.value).split())

    def _show_digits(self, _: object = None) -> None:
        seed, lang = self.seed, self.report.lang
        self.boxes.value = ceremony.digits_shown(seed, SEED_DIGITS, lang)._repr_html_()
        self.button.disabled = len(seed) < SEED_DIGITS or bool(ceremony.strangers(seed))

    def _draw(self, _: widgets.Button) -> None:
        """Draw, and show the result or what stands in its way; nobody is shown the inside of a program."""
        lang = self.report.lang
        self.button.disabled, self.message.value = True, ceremony.on_the_wall(say("ceremony.drawing", lang))
        try:
            self._draw_and_show()
        except InputError as error:
            self._refuse([problem.to_line(lang) for problem in error.problems])
        except FolderBusyError:
            self._refuse([text("cli.busy", lang, folder=self.report.campaign.folder.name)])
        except (
            Exception
        ) as error:  # an error in a callback is swallowed by the notebook: the audience would wait
            self._refuse([say("ceremony.failed", lang, error=error)])

    def _draw_and_show(self) -> None:
        now = datetime.now().astimezone()
        names = [name.strip() for name in BETWEEN_NAMES.split(self.witnesses.value)]
        with locked(self.report.campaign.folder):
            draw_sample(
                self.report.campaign,
                seed=self.seed,
                event=self.event.value.strip(),
                at=now.isoformat(timespec="seconds"),
                witnesses=[name for name in names if name],
                now=now,
            )
        for field in (self.digits, self.event, self.witnesses):
            field.disabled = True
        self.outcome.value = ceremony.result(self.report)._repr_html_()
        self.message.value = ""

    def _refuse(self, lines: list[str]) -> None:
        self.message.value = ceremony.refused(lines)._repr_html_()
        self._show_digits()


def _part(name: str) -> widgets.HTML:
    part = widgets.HTML()
    part.add_class(name)
    return part
