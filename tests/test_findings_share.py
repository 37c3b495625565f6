"""SQLite is refused on a network share: found out from the table of mounts, or from Windows itself."""

from pathlib import Path, PureWindowsPath

import pytest

from sampling.findings import Event, Register, store
from sampling.findings.share import file_system, is_network_share, is_windows_share
from sampling.words import InputError

LINUX = r"""
/dev/sda1 / ext4 rw,relatime 0 0
proc /proc proc rw 0 0
//server/office /mnt/office\040share cifs rw,vers=3.0 0 0
server:/export /srv nfs4 rw 0 0
tmpfs /srv/local tmpfs rw 0 0
inspector@host: /home/wang/far fuse.sshfs rw 0 0
/dev/sdb1 /mnt/office ext4 rw 0 0
C:\134 /mnt/c 9p rw 0 0
/dev/sda2 /mnt/\345\205\261\344\272\253 ext4 rw 0 0
one /mnt/both ext4 rw 0 0
two /mnt/both nfs rw 0 0
"""
MAC = """\
/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
//guest@server/office%20share on /Volumes/office share (smbfs, nodev, nosuid, mounted by wang)
server:/export on /private/nfs (nfs, asynchronous)
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/wang/campaign", "ext4"),
        ("/mnt/office share/campaign/register.sqlite", "cifs"),
        ("/mnt/office/campaign", "ext4"),
        ("/mnt/office shares", "ext4"),
        ("/srv/campaign", "nfs4"),
        ("/srv/local/campaign", "tmpfs"),
        ("/home/wang/far", "fuse.sshfs"),
        ("/mnt/c/campaign", "9p"),
        ("/mnt/共享/campaign", "ext4"),
        ("/mnt/both/campaign", "nfs"),
    ],
)
def test_the_deepest_mount_says_what_a_path_lies_on(path, kind):
    assert file_system(Path(path), LINUX) == kind
    assert is_network_share(Path(path), LINUX) == (kind in ("cifs", "nfs", "nfs4", "fuse.sshfs", "9p"))


@pytest.mark.parametrize(
    ("path", "share"),
    [("/Users/wang/c", False), ("/Volumes/office share/c", True), ("/private/nfs/c", True), ("/", False)],
)
def test_the_list_that_a_mac_writes_is_read_too(path, share):
    assert is_network_share(Path(path), MAC) == share


@pytest.mark.parametrize(
    ("path", "drive_type", "share"),
    [
        (r"\\server\office\c", 0, True),
        (r"C:\c", 3, False),
        (r"Z:\c", 4, True),
        ("//server/office/c", 1, True),
    ],
)
def test_windows_tells_a_drive_that_leads_to_another_machine(path, drive_type, share):
    assert is_windows_share(PureWindowsPath(path).anchor, drive_type) == share


def test_where_nothing_is_known_of_mounts_nothing_is_refused():
    assert not is_network_share(Path("/home/wang/campaign"), "")


@pytest.mark.parametrize("inside", ["", "restricted"])
def test_a_register_on_a_share_is_refused_with_a_sentence_and_nothing_is_made(tmp_path, monkeypatch, inside):
    place = str(tmp_path / inside).replace(" ", r"\040")
    monkeypatch.setattr(store, "_mounts", lambda: f"/dev/sda1 / ext4 rw 0 0\n//a/b {place} cifs rw 0 0\n")
    with pytest.raises(InputError) as refused:
        Register(tmp_path / "register.sqlite").append([Event(kind="note", payload={})], actor="a", time="t")
    assert {problem.key for problem in refused.value.problems} == {"register.network_share"}
    lines = [problem.to_line(lang) for problem in refused.value.problems for lang in ("en", "zh")]
    assert all(str(tmp_path) in line and "PostgreSQL" in line for line in lines)
    assert list(tmp_path.iterdir()) == []


def test_this_machine_says_what_is_mounted():
    assert store._mounts() == "" or file_system(Path("/"), store._mounts()) != ""
