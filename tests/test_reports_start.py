"""The start page and a report in a real browser, and what the start page says of the hidden truth."""

import json
import os
import re
import shutil

import pytest
from reports_stand_in import copy_of

from sampling.batches import run_reports
from sampling.campaign import Campaign, open_campaign
from sampling.demo.compared import said_by_inspectors
from sampling.demo.start import write_start

pytest_plugins = ["reports_campaign"]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
WIDTHS = {"laptop": 1280, "phone": 390}


@pytest.fixture(scope="module")
def started(made_campaign, tmp_path_factory) -> Campaign:
    """A campaign with its reports and its start page."""
    campaign = copy_of(made_campaign, tmp_path_factory.mktemp("started") / "campaign")
    run_reports(campaign)
    write_start(campaign, campaign.folder / "truth")
    return campaign


def words_of(campaign: Campaign) -> str:
    return (campaign.folder / "start.html").read_text(encoding="utf-8")


def test_every_link_of_the_start_page_leads_to_a_file_or_a_door(started):
    links = re.findall(r'href="([^"]+)"', words_of(started))
    assert len([link for link in links if link.startswith("#")]) == 4
    files = [link for link in links if not link.startswith(("#", "data:"))]
    assert len(files) == 7 + 4 + 2 + 7 and all((started.folder / link).exists() for link in files)


def test_the_statistician_sees_the_truth_beside_the_estimate(started):
    truth = json.loads((started.folder / "truth" / "totals.json").read_text(encoding="utf-8"))["figures"][""][
        ""
    ]
    row = re.search(r"<tr><td>应退未退（错保）户数</td>(.*?)</tr>", words_of(started))
    assert row and row[1].split("</td>")[2].endswith(f">{truth['ineligible_households']}")


def test_false_positives_lift_what_inspectors_say_to_about_3_6_per_cent():
    assert said_by_inspectors(708 / 25719) == pytest.approx(0.0359, abs=5e-4)


def test_the_other_language_is_linked_once_it_is_there(started, tmp_path):
    campaign = tmp_path / "campaign"
    shutil.copytree(started.folder, campaign)
    shutil.copytree(campaign / "reports" / "zh", campaign / "reports" / "en")
    write_start(open_campaign(campaign), campaign / "truth")
    words = (campaign / "start.html").read_text(encoding="utf-8")
    assert "English" not in words_of(started)
    assert 'href="reports/en/internal/report-county.html"' in words


def test_the_start_page_names_nobody(started):
    people = started.roll()
    for column in ("household_name", "identity", "phone", "account"):
        assert not any(value in words_of(started) for value in people[column] if value)


@pytest.mark.skipif(CHROMIUM is None and os.environ.get("CI") != "true", reason="NO CHROMIUM ON THIS MACHINE")
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS.keys())
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_browser_shows_the_pages_without_asking_anybody(started, tmp_path, width, lang):
    from playwright.sync_api import sync_playwright

    write_start(open_campaign(started.folder, lang=lang), started.folder / "truth")
    report = started.folder / "reports" / "zh" / "internal" / "report-county.html"
    said: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: said.append(request.url) if _outside(request.url) else None)
        for path in (started.folder / "start.html", report):
            page.goto(path.as_uri())
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
            assert page.evaluate("[...document.images].every(image => image.naturalWidth > 0 && image.alt)")
            picture = tmp_path / f"{path.stem}.png"
            page.screenshot(path=picture, full_page=True)
            assert picture.stat().st_size > 10_000
        browser.close()
    assert said == []


def _outside(url: str) -> bool:
    return not url.startswith(("file:", "data:"))
