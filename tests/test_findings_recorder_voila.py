"""The recording form alone, as a kiosk in a browser: for this machine only, and who has its token."""

import importlib.util
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from draws_browser import browser, needs_browser
from recorder_browser import MINUTE, found_again, personal_words, record_three

from sampling.campaign import recording
from sampling.campaign.recording import kiosk_page, serve
from sampling.words import InputError

pytest_plugins = ["recorder_drawn"]
SERVE = """
import sys
from sampling.campaign import open_campaign
from sampling.campaign.recording import serve
sys.exit(serve(open_campaign(sys.argv[1]), port=0, ready=lambda address: print(address, flush=True)))
"""


@pytest.fixture
def kiosk(drawn) -> Iterator[str]:
    """The address of a kiosk on this campaign, which ends as a service manager ends it."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(drawn.folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0


@needs_browser
def test_three_households_are_recorded_at_the_kiosk_and_there_after_a_reload(drawn, kiosk):
    place = kiosk.partition("?")[0]
    for wrong in (place, f"{place}?token=x"):
        assert "纸质表录入" not in fetched(wrong)
    asked: list[str] = []
    with browser() as started:
        page = started.new_page(viewport={"width": 1280, "height": 1000})
        page.on("requestfinished", lambda request: asked.append(request.url))
        page.goto(kiosk, timeout=MINUTE)
        page.wait_for_selector(".recorder .search input", timeout=MINUTE)
        page.wait_for_function("() => document.activeElement.closest('.search')", timeout=MINUTE)
        shown = page.content()
        assert not [word for word in personal_words(drawn) if word in shown]
        record_three(page, drawn)
        page.reload(timeout=MINUTE)
        page.wait_for_selector(".recorder .search input", timeout=MINUTE)
        found_again(page, drawn)
    assert [url for url in asked if not url.startswith((place, "data:", "blob:"))] == []


def fetched(address: str) -> str:
    try:
        with urllib.request.urlopen(address, timeout=30) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.read().decode()


def test_the_kiosks_notebook_names_the_campaign_and_the_language(drawn):
    page = kiosk_page(drawn)
    assert repr(str(drawn.folder)) in page.replace("\\\\", "\\") and "lang = 'zh'" in page


def test_a_kiosk_without_voila_or_without_a_draw_is_told(drawn, monkeypatch):
    (drawn.folder / "receipt.json").rename(drawn.folder / "kept.json")
    with pytest.raises(InputError) as refused:
        serve(drawn, port=0, ready=print)
    assert refused.value.problems[0].key == "campaign.step_not_done"
    monkeypatch.setattr(recording.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError) as refused:
        serve(drawn, port=0, ready=print)
    assert "Voilà" in refused.value.problems[0].to_line("zh") and importlib.util.find_spec
