"""The pages of the draw in a real browser that reaches nothing: every request is noted and refused."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
WHOLE = """window.whole = work => {
    for (;;) { const step = work.next(); if (step.done) return step.value; }
};
window.unpacked = text => Uint8Array.from(atob(text), sign => sign.charCodeAt(0));"""
"""For a page under test: run a generator to its end; bytes of a text in base 64."""
PAGES = ("verify", "draw")
needs_browser = pytest.mark.skipif(
    CHROMIUM is None and os.environ.get("CI") != "true", reason="NO CHROMIUM ON THIS MACHINE"
)


@dataclass
class Opened:
    """A page that is open, and what went wrong in it: errors, warnings, requests."""

    page: Any
    said: list[str] = field(default_factory=list)

    def ask(self, code: str, argument: object = None) -> Any:
        return self.page.evaluate(code, argument)


@contextmanager
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


def opened(started: Any, path: Path, *, lang: str = "zh-CN", width: int = 1280) -> Opened:
    """The file at `path` in a context of its own."""
    context = started.new_context(locale=lang, viewport={"width": width, "height": 800})
    context.add_init_script(WHOLE)
    found = Opened(page=context.new_page())

    def refuse(route: Any) -> None:
        found.said.append(route.request.url)
        route.abort()

    context.route(lambda url: url != path.as_uri() and not url.startswith("blob:"), refuse)
    found.page.on("console", lambda message: found.said.append(message.text))
    found.page.on("pageerror", lambda error: found.said.append(str(error)))
    found.page.goto(path.as_uri())
    return found


def choose(found: Opened, contents: dict[str, bytes]) -> None:
    """Choose files on verify.html and wait for its answer."""
    found.ask("() => { document.getElementById('result').hidden = true; }")
    files = [{"name": name, "mimeType": "", "buffer": data} for name, data in contents.items()]
    found.page.set_input_files("#files", files)
    found.page.wait_for_selector("#result", state="visible")


def checks(found: Opened) -> list[dict[str, Any]]:
    """The answers of verify.html."""
    return found.ask("() => window.drawV1.state.told.checks")
