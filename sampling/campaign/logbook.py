"""The log of a campaign folder: its lines, and one more."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sampling.campaign import folder as place
from sampling.draws import append_entry
from sampling.files import write_whole


def log_lines(folder: Path) -> list[str]:
    """The lines of `log.jsonl`; none where there is no log yet."""
    path = folder / place.LOG
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def write_log(folder: Path, kind: str, payload: Mapping[str, Any], now: datetime) -> None:
    """Add a line to `log.jsonl`, unless it is the last one already, from a run that was interrupted."""
    lines = log_lines(folder)
    if lines and json.loads(lines[-1])["payload"] == payload:
        return
    lines.append(append_entry(lines, kind, payload, now.isoformat(timespec="seconds")))
    write_whole(folder / place.LOG, "".join(f"{line}\n" for line in lines))
