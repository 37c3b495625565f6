"""The page of estimators: nothing public is left out, and its examples run."""

import inspect
import re
from pathlib import Path

import pytest

from sampling import estimates
from sampling.estimates import areas, intervals, small_areas
from sampling.estimates.agreement import ROGAN_GLADEN
from sampling.estimates.estimate import T
from sampling.estimates.quantiles import WOODRUFF

PAGE = (Path(__file__).parent.parent / "docs" / "estimators.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### `(\w+)`\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL))
VERBS = [name for name in estimates.__all__ if inspect.isfunction(getattr(estimates, name))]
PRINTED = [name.split("/")[0].rstrip("_") for name in (T, areas.TAINT, areas.MOVER, WOODRUFF)]
CHINESE = re.compile(r"^中文：.+。$", re.MULTILINE)


def examples(text: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("name", [*VERBS, *estimates.INTERVALS, *PRINTED])
def test_every_estimator_and_interval_has_its_section(name):
    section = SECTIONS[name]
    assert "**Not**" in section
    assert len(CHINESE.findall(section)) == 1


@pytest.mark.parametrize("name", VERBS)
def test_every_verb_is_called_in_its_section(name):
    assert any(f"{name}(" in code for code in examples(SECTIONS[name]))


def test_every_printed_name_of_limits_is_on_the_page():
    assert all(f"`{name}`" in PAGE for name in (ROGAN_GLADEN, small_areas.METHOD, T))


def test_no_section_is_about_something_that_is_not_there():
    known = {*VERBS, *estimates.INTERVALS, *PRINTED}
    assert set(SECTIONS) - known == set()


def test_the_page_says_which_interval_is_the_default():
    assert "默认" in SECTIONS[intervals.DEFAULT]


def test_the_examples_run_in_the_order_of_the_page():
    names: dict[str, object] = {}
    for code in examples(PAGE):
        exec(compile(code, "docs/estimators.md", "exec"), names)  # our own page


def test_links_inside_the_page_lead_somewhere():
    anchors = {name.lower() for name in SECTIONS}
    assert set(re.findall(r"\]\(#([\w-]+)\)", PAGE)) <= anchors
