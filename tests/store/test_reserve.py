"""A disk that is full to the last byte: the room that was set aside takes the records."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from parley.store.reserve import Reserve

SPOOL_ON_A_FULL_DISK = """
import sys
from pathlib import Path
from parley.store.spool import Spool
from tests.store.sample import a_record
disk = Path(sys.argv[1])
spool = Spool(disk / "spool", reserve=256 * 1024)
spool.prepare()
spool.append([a_record("0")])
with (disk / "filler").open("wb", buffering=0) as filler:
    try:
        while True:
            filler.write(b"x" * 4096)
    except OSError:
        pass
kept = 1
try:
    while kept < 5000:
        spool.append([a_record(str(kept))])
        kept += 1
except OSError as error:
    print(error.strerror)
spool.close()
found = [record.id for file in Spool(disk / "spool").left_over() for piece in file.pieces(100) for record in piece]
assert found == [str(n) for n in range(kept)], (kept, found[-3:])
print(kept > 100)
"""


def test_a_full_disk_has_room_for_what_is_spooled(tmp_path: Path) -> None:
    unshare = shutil.which("unshare")
    own_mounts = [str(unshare), "-rm"]
    if unshare is None or subprocess.run([*own_mounts, "mount", "-t", "tmpfs", "none", tmp_path]).returncode:
        pytest.skip("a small disk of its own needs `unshare` and the right to mount in a user namespace")
    script = f'mount -t tmpfs -o size=1m none {tmp_path} && exec {sys.executable} -c "$1" {tmp_path}'
    command = [*own_mounts, "sh", "-c", script, "sh", SPOOL_ON_A_FULL_DISK]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path.cwd())
    assert (done.returncode, done.stdout.splitlines()) == (0, ["No space left on device", "True"]), done.stderr


def test_only_a_full_disk_frees_the_room_and_only_once(tmp_path: Path) -> None:
    reserve = Reserve(tmp_path / "new" / "reserve", 4096)
    reserve.fill()
    assert (tmp_path / "new" / "reserve").stat().st_size == 4096
    assert not reserve.give_up(OSError(5, "I/O error"))
    assert reserve.give_up(OSError(28, "No space left on device"))
    assert not reserve.give_up(OSError(28, "No space left on device"))


def test_a_folder_that_can_not_be_made_sets_nothing_aside(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    Reserve(tmp_path / "file" / "reserve", 4096).fill()
