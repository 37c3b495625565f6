"""Sliders for teams, days and hours that plan the visits again, for the eye only."""

import asyncio
from collections.abc import Callable
from datetime import date, timedelta
from html import escape

import ipywidgets as widgets

from sampling.campaign.plan_inputs import PlanInputs
from sampling.reports import plan_charts
from sampling.reports.html import Block, picture, section
from sampling.reports.plan_trials import room, trial_inputs, tried, with_limits
from sampling.reports.report import Report
from sampling.reports.visit_plan import load_table, plan_of, say, whole_or_unknown
from sampling.visits.plan import VisitPlan
from sampling.words import InputError

PAUSE = 0.6
"""Seconds without a move after which a plan is made: who drags on is not kept waiting."""
STYLE = "<style>.plan-form td, .plan-form th { padding: 0 8px } .plan-form .num { text-align: right }</style>"
"""A notebook's widgets do not know the style of its tables."""
FEWEST_HOURS, MOST_HOURS = 4.0, 12.0
MORE_DAYS, MORE_TEAMS = 10, 4
"""How far a slider goes beyond what is there, at the least; else to twice as many."""


def plan_form(report: Report) -> "Block | PlanForm":
    """The sliders; what is missing or wrong, where there is nothing to plan from."""
    try:
        return PlanForm(report, trial_inputs(report.campaign, first=_first(report)))
    except InputError as error:
        return section(say("trial.heading", report.lang), _lines(error, report.lang))


def _first(report: Report) -> date:
    """The first day of the campaign's plan, where no start is written; without a plan tomorrow."""
    plan = plan_of(report)
    if plan is None or plan.visits.empty:
        return date.today() + timedelta(days=1)
    return date.fromisoformat(plan.visits["date"].min())


def _lines(error: InputError, lang: str) -> list[str]:
    return [problem.to_line(lang) for problem in error.problems]


class PlanForm(widgets.VBox):
    """Plans again when a slider was moved; parts have the classes teams, days, hours, message, outcome."""

    def __init__(self, report: Report, inputs: PlanInputs) -> None:
        self.report, self.inputs = report, inputs
        days, hours = _days(report, inputs), inputs.calendar.hours
        most = max(2 * len(inputs.teams), len(inputs.teams) + MORE_TEAMS)
        self.teams = self._slider("teams", len(inputs.teams), 1, most)
        self.days = self._slider("days", days, 1, max(2 * days, days + MORE_DAYS))
        self.hours = widgets.FloatSlider(
            value=hours,
            min=min(FEWEST_HOURS, hours),
            max=max(MOST_HOURS, hours),
            step=0.5,
            readout_format=".1f",
            **self._look("hours"),
        )
        self.sliders = {"teams": self.teams, "days": self.days, "hours": self.hours}
        self.message, self.outcome = _part("message"), _part("outcome")
        for name, slider in self.sliders.items():
            slider.add_class(name)
            slider.observe(self._moved, "value")
        heading = section(say("trial.heading", report.lang), [say("trial.about", report.lang)])
        self._waiting: asyncio.TimerHandle | None = None
        self._say(self._room())
        super().__init__(
            [widgets.HTML(STYLE + heading.html), *self.sliders.values(), self.message, self.outcome]
        )
        self.add_class("plan-form")

    def __repr__(self) -> str:
        """What stands on a page that has no sliders."""
        return say("trial.shown", self.report.lang)

    def _look(self, name: str) -> dict:
        style = {"description_width": "150px"}
        label = say(f"trial.{name}", self.report.lang)
        return {"description": label, "layout": {"width": "560px"}, "style": style}

    def _slider(self, name: str, value: int, low: int, high: int) -> widgets.IntSlider:
        return widgets.IntSlider(value=value, min=low, max=high, **self._look(name))

    @property
    def limits(self) -> PlanInputs:
        """The inputs of a plan with what the sliders say."""
        return with_limits(self.inputs, teams=self.teams.value, days=self.days.value, hours=self.hours.value)

    def _room(self) -> str:
        """What is needed and there, known at once."""
        found = room(self.limits)
        fields = {"wanted": found.team_days, "teams": found.teams, "days": found.days}
        there = found.teams * (found.days or 0)
        return say("trial.capacity", self.report.lang, there=there, **fields)

    def _moved(self, _: object) -> None:
        """Say what is known at once, and plan after a pause in which nothing moves."""
        self._say(self._room(), say("trial.planning", self.report.lang))
        if self._waiting is not None:
            self._waiting.cancel()
        self._waiting = _after(PAUSE, self._plan)

    def _plan(self) -> None:
        """Plan and show it, or what is short; nobody is shown the inside of a program."""
        lang, inputs = self.report.lang, self.limits
        try:
            plan = tried(inputs, self.report.campaign.settings.visits.appointments)
        except InputError as error:
            self.outcome.value = ""
            self._say(self._room(), say("trial.short", lang), *_lines(error, lang))
        except Exception as error:  # an error in a callback is swallowed by the notebook
            self.outcome.value = ""
            self._say(say("trial.failed", lang, error=error))
        else:
            self._show(plan)

    def _show(self, plan: VisitPlan) -> None:
        lang, visits = self.report.lang, plan.visits
        extra = len(self.inputs.teams) < self.teams.value
        km = whole_or_unknown(plan.days["km"])
        last = max(visits["date"], default="—")
        works = say("trial.works", lang, team_days=len(plan.days), last=last, km=km)
        notes = [note.to_line(lang) for note in plan.notes]
        self._say(works, *notes, *([say("trial.extra", lang)] if extra else []))
        strip, load = picture(plan_charts.gantt(visits, lang)), load_table(plan, lang)
        self.outcome.value = strip._repr_html_() + load._repr_html_()

    def _say(self, *lines: str) -> None:
        self.message.value = "".join(f"<p>{escape(line)}</p>" for line in lines)


def _days(report: Report, inputs: PlanInputs) -> int:
    """Where the slider for days stands first: as the plan has it, else as many as are there or needed."""
    plan = plan_of(report)
    found = room(inputs)
    return int(plan.days["day"].max()) if plan and len(plan.days) else found.days or found.days_needed + 1


def _after(seconds: float, call: Callable[[], None]) -> asyncio.TimerHandle | None:
    """Call later in the kernel's own loop; at once where none runs."""
    try:
        return asyncio.get_running_loop().call_later(seconds, call)
    except RuntimeError:
        call()
        return None


def _part(name: str) -> widgets.HTML:
    part = widgets.HTML()
    part.add_class(name)
    return part
