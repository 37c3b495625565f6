"""Fixtures: one browser for a file of tests, and the pages of the draw as files."""

from pathlib import Path

import pytest
from draws_browser import PAGES, browser

from sampling.draws.pages import page


@pytest.fixture(scope="module")
def chromium():
    with browser() as started:
        yield started


@pytest.fixture(scope="module")
def paths(tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    for name in PAGES:
        (folder / f"{name}.html").write_text(page(name), encoding="utf-8")
    return {name: folder / f"{name}.html" for name in PAGES}
