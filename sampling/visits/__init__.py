"""Who goes where, when: teams, the days and hours there are, and a plan of visits."""

from sampling.visits.assigning import visit_tickets
from sampling.visits.calendar import Calendar
from sampling.visits.capacity import Capacity, capacity
from sampling.visits.checking import plan_problems
from sampling.visits.diary import Absence, Closure
from sampling.visits.distances import Distances, from_degrees, from_plane, from_table, unknown
from sampling.visits.plan import DAY_COLUMNS, PLAN_COLUMNS, VisitPlan
from sampling.visits.planning import plan_visits
from sampling.visits.replanning import changes, replan_visits
from sampling.visits.sheet import read_teams, teams_template
from sampling.visits.team import Member, Team, team_problems
from sampling.visits.timing import mean_minutes, timings
from sampling.visits.work import calls, expected_work, work

__all__ = [
    "DAY_COLUMNS",
    "PLAN_COLUMNS",
    "Absence",
    "Calendar",
    "Capacity",
    "Closure",
    "Distances",
    "Member",
    "Team",
    "VisitPlan",
    "calls",
    "capacity",
    "changes",
    "expected_work",
    "from_degrees",
    "from_plane",
    "from_table",
    "mean_minutes",
    "plan_problems",
    "plan_visits",
    "read_teams",
    "replan_visits",
    "team_problems",
    "teams_template",
    "timings",
    "unknown",
    "visit_tickets",
    "work",
]
