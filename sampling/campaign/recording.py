"""The recording form of a campaign: in a notebook, or alone as a kiosk for this machine."""

import importlib.util
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat

from sampling.campaign import folder as place
from sampling.campaign.campaign import PROJECT, Campaign
from sampling.campaign.folder import FolderBusyError, locked
from sampling.files import json_bytes, write_whole
from sampling.findings import Register, write_head
from sampling.findings.judging import make_desk
from sampling.findings.recorder_office import Office
from sampling.findings.recorder_search import Papers
from sampling.forms import issued_households
from sampling.forms.issue import form_rows
from sampling.words import InputError, Problem

if TYPE_CHECKING:
    from sampling.findings.recorder import Recorder

SECOND_ENTRIES = Fraction(1, 10)
"""Of the forms typed at the desk, how many are typed a second time by somebody else."""
KIOSK = PROJECT / "notebooks" / "kiosk" / "45_recorder.ipynb"
OPTIONS = (
    *("--no-browser", "--Voila.ip=127.0.0.1", "--Voila.auto_token=True", "--show_tracebacks=False"),
    *("--MappingKernelManager.cull_idle_timeout=43200", "--MappingKernelManager.cull_interval=300"),
)
"""For this machine only, behind a token; a form left open over night ends in the morning."""
SAME_MACHINE = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; connect-src 'self' ws://127.0.0.1:*"
)
"""What the page may load: Voilà's own template names style sheets on the internet; they are not asked for."""
PATIENCE = 60
"""Seconds within which the server must answer."""


def open_recorder(campaign: Campaign, *, by: str = "", lang: str = "") -> "Recorder":
    """The recording form of this campaign.

    Parameters
    ----------
    campaign
        It must be drawn.
    by
        The name of who types; it can be entered in the form too.
    lang
        The reader's language; empty for the campaign's.

    Returns
    -------
    Recorder
        A widget. It shows counts only until somebody looks for a household: what it then shows is personal.

    Raises
    ------
    InputError
        If nothing is drawn yet.
    """
    from sampling.findings.recorder import Recorder  # ipywidgets are needed for this alone

    return Recorder(open_office(replace(campaign, lang=lang or campaign.lang)), by=by)


def open_office(campaign: Campaign) -> Office:
    """Everything that the recording form works with."""
    issued, roll, lists = campaign.issued(), campaign.roll(), campaign.lists()
    register = campaign.register()
    desk = make_desk(
        issued,
        roll,
        lists,
        campaign.id,
        time=_now(),
        drawn_at=campaign.receipt()["seed_source"]["time"],
        codebook=campaign.settings.codebook,
        standard=campaign.settings.standard,
    )
    households = issued_households(issued, roll, lists)
    shown = form_rows(households, campaign.lang).to_dict("records")
    tickets = dict(zip(households["serial"], households["ticket"], strict=True))
    return Office(
        desk=desk,
        register=register,
        papers=Papers(campaign=campaign.id, issued=desk.issued, tickets=tickets),
        given={row["serial"]: {str(name): str(said) for name, said in row.items()} for row in shown},
        places=_places(campaign),
        marks=campaign.marks,
        share=SECOND_ENTRIES,
        lang=campaign.lang,
        now=_now,
        noted=partial(_note_head, campaign, register),
    )


def serve(campaign: Campaign, *, port: int, ready: Callable[[str], object]) -> int:
    """Run the recording form alone, as a page for the browser of this machine, until it is stopped.

    Parameters
    ----------
    port
        Of 127.0.0.1; 0 for any that is free.
    ready
        Called with the page's address once it answers. The token in it lets nobody else of this machine in,
        so it is told to the one who started it and stands in no file and no list of processes.

    Returns
    -------
    int
        What the server ended with.

    Raises
    ------
    InputError
        If Voilà is not installed, or nothing is drawn yet.
    """
    if importlib.util.find_spec("voila") is None:
        raise InputError([Problem(key="recorder.no_voila")])
    campaign.receipt()
    token, free = secrets.token_urlsafe(24), port or _free_port()
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / KIOSK.name
        write_whole(page, kiosk_page(campaign))
        headers = {"Content-Security-Policy": SAME_MACHINE}
        settings = {"Voila": {"tornado_settings": {"headers": headers}}}
        write_whole(page.with_name("voila.json"), json_bytes(settings))
        command = [sys.executable, "-m", "voila", str(page), f"--port={free}", *OPTIONS]
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # the server ends with this process
        with subprocess.Popen(command, cwd=folder, env=os.environ | {"JUPYTER_TOKEN": token}) as server:
            try:
                if _answers(server, free):
                    ready(f"http://127.0.0.1:{free}/?token={token}")
                return server.wait()
            except KeyboardInterrupt:  # how a kiosk is stopped
                return 0
            finally:
                server.terminate()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def _answers(server: subprocess.Popen, port: int) -> bool:
    """Wait until the server takes connections; false where it ended instead."""
    late = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < late:
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.2)
    return False


def kiosk_page(campaign: Campaign) -> str:
    """The kiosk's notebook with this campaign's folder and language as its parameters."""
    notebook = nbformat.read(KIOSK, as_version=4)
    values = {"campaign": str(campaign.folder), "lang": campaign.lang}
    lines = (f"{name} = {value!r}" for name, value in values.items())
    parameters = next(cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", ()))
    parameters.source = "\n".join(lines)
    return nbformat.writes(notebook)


def _places(campaign: Campaign) -> dict[str, str]:
    """Each village as people know it: its town's name and its own, or the town's id where it has no name."""
    columns = ["township", "township_name", "village", "village_name"]
    villages = campaign.villages().reindex(columns=columns, fill_value="").astype("str")
    town = villages["township_name"].where(villages["township_name"] != "", villages["township"])
    names = town + " " + villages["village_name"]
    return {v: n.strip() for v, n in zip(villages["village"], names, strict=True)}


def _note_head(campaign: Campaign, register: Register) -> None:
    """Write the register's head down outside of it; while another run has the folder, the next one will."""
    try:
        with locked(campaign.folder):
            write_head(campaign.folder / place.HEADS, register.head(), time=_now())
    except FolderBusyError:
        pass


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")
