"""LibreOffice as an office has it: it opens a workbook, somebody types into cells, and it is saved.

What is below `type_into` runs under the system's Python, which has LibreOffice's bridge (python3-uno).
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

SYSTEM_PYTHON = "/usr/bin/python3"
SAVED_AS = {".xlsx": "Calc MS Excel 2007 XML", ".ods": "calc8", ".xls": "MS Excel 97"}
Typed = tuple[int, int, int, str]
"""Sheet, row and column, counted from 0, and what is typed there."""


def has_libreoffice() -> bool:
    """Whether LibreOffice and its bridge are installed."""
    if not shutil.which("soffice") or not Path(SYSTEM_PYTHON).exists():
        return False
    return (
        subprocess.run([SYSTEM_PYTHON, "-c", "import uno"], capture_output=True, check=False).returncode == 0
    )


def type_into(source: Path, target: Path, typed: Sequence[Typed]) -> None:
    """Open a workbook in LibreOffice, type, and save it as the kind of file that `target` is named."""
    job = {"source": source.as_uri(), "target": target.as_uri(), "typed": list(typed)}
    job |= {"filter": SAVED_AS[target.suffix], "profile": (target.parent / "profile").as_uri()}
    told = json.dumps(job)
    subprocess.run([SYSTEM_PYTHON, __file__], input=told, text=True, check=True, timeout=120)


def _office(profile: str) -> tuple[subprocess.Popen, object]:
    """A LibreOffice without a window, and its desktop."""
    import time
    import uuid

    import uno

    pipe = f"pipe,name={uuid.uuid4().hex}"
    running = subprocess.Popen(
        ["soffice", f"-env:UserInstallation={profile}", "--headless", "--norestore", f"--accept={pipe};urp;"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(600):
        try:
            context = resolver.resolve(f"uno:{pipe};urp;StarOffice.ComponentContext")
            break
        except Exception:  # not listening yet
            time.sleep(0.1)
    else:
        raise TimeoutError("LibreOffice does not answer")
    return running, context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)


def _type(job: dict) -> None:
    import uno  # noqa: F401 (it makes the next import possible)
    from com.sun.star.beans import PropertyValue  # isort: skip

    running, desktop = _office(job["profile"])
    try:
        hidden = PropertyValue(Name="Hidden", Value=True)
        book = desktop.loadComponentFromURL(job["source"], "_blank", 0, (hidden,))
        for sheet, row, column, text in job["typed"]:
            book.Sheets.getByIndex(sheet).getCellByPosition(column, row).setFormula(text)
        book.calculateAll()
        book.storeToURL(job["target"], (PropertyValue(Name="FilterName", Value=job["filter"]),))
        book.close(True)
        desktop.terminate()
    finally:
        running.wait(timeout=60)


if __name__ == "__main__":
    _type(json.load(sys.stdin))
