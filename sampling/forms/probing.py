"""Whether a file can be opened here at all, tried in a process that may die of it.

The old binary workbooks say in numbers how large their parts are. Where such a number is damaged, the reader
asks for so much memory that the whole process ends at once, and no handler is asked: so a process of its
own is asked before.
"""

import subprocess
import sys

MEMORY = 2_000_000_000
SECONDS = 60
LOCKED = 3
PROBE = f"""
import io, sys
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, ({MEMORY}, {MEMORY}))
except ImportError:
    pass  # Windows has no such limit, and gives no memory that is not there
from python_calamine import CalamineWorkbook, PasswordError
try:
    book = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
    for name in book.sheet_names:
        book.get_sheet_by_name(name)
except PasswordError:
    sys.exit({LOCKED})
"""


def unreadable(data: bytes) -> str:
    """What keeps a workbook from being read: "password", "unreadable"; empty where nothing does."""
    command = [sys.executable, "-I", "-c", PROBE]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return "unreadable"
    return {0: "", LOCKED: "password"}.get(done.returncode, "unreadable")
