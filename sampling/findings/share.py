"""Whether a path lies on a network share, where SQLite loses data when two machines write."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path, PurePath

NETWORK = {
    *("nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "smbnetfs", "afpfs", "ncpfs", "afs"),
    *("webdav", "davfs", "davfs2", "9p", "drvfs", "vboxsf", "vmhgfs", "vmhgfs-fuse", "prl_fs"),
    *("ceph", "glusterfs", "lustre", "gpfs", "beegfs", "ocfs2", "gfs2", "sshfs", "rclone", "curlftpfs"),
}
"""Types of file systems that other machines can write to; `fuse.sshfs` is sshfs."""
REMOTE_DRIVE = 4
"""What Windows calls a drive that lies on another machine."""
MOUNT_LINE = re.compile(r"^.+? on (?P<place>.+) \((?P<kind>[\w.]+)[,)]", re.MULTILINE)
"""A line that the program `mount` writes on macOS."""


def is_network_share(path: Path, mounts: str) -> bool:
    """Whether `path` lies on another machine.

    Parameters
    ----------
    path
        An absolute path; it need not exist.
    mounts
        What is mounted where: /proc/mounts, or what `mount` writes on macOS. Windows is asked itself.
    """
    if sys.platform == "win32":
        return is_windows_share(path.anchor, _drive_type(path.anchor))
    return file_system(path, mounts).removeprefix("fuse.") in NETWORK


def file_system(path: PurePath, mounts: str) -> str:
    """The type of the file system that `path` lies on: that of the deepest place that holds it."""
    found = [(len(place.parts), kind) for place, kind in _mounted(mounts) if path.is_relative_to(place)]
    return max(reversed(found), default=(0, ""), key=lambda one: one[0])[1]  # the later one hides the earlier


def is_windows_share(anchor: str, drive_type: int) -> bool:
    r"""Whether a Windows path begins on another machine: `\\server\share\`, or a drive that leads there."""
    return anchor.startswith(("\\\\", "//")) or drive_type == REMOTE_DRIVE


def _mounted(mounts: str) -> Iterator[tuple[PurePath, str]]:
    for line in mounts.splitlines():
        if found := MOUNT_LINE.match(line):
            yield PurePath(found["place"]), found["kind"]
        elif len(words := line.split(" ")) >= 3:
            yield PurePath(_unescaped(words[1])), words[2]


def _unescaped(word: str) -> str:
    r"""A place as /proc/mounts writes it: a space is \040, and bytes stay bytes."""
    plain = re.sub(rb"\\([0-7]{3})", lambda octal: bytes([int(octal[1], 8)]), word.encode("utf-8"))
    return plain.decode("utf-8", errors="surrogateescape")


if sys.platform == "win32":
    import ctypes

    def _drive_type(anchor: str) -> int:
        return ctypes.windll.kernel32.GetDriveTypeW(anchor)

else:

    def _drive_type(anchor: str) -> int:
        return 0
