"""Spool files: what was promised is in them, whatever happens around it."""

import resource
import subprocess
import sys
from pathlib import Path

from msgspec import structs

from parley.core.enclosures import Job
from parley.core.record import Record, Sealed
from parley.store.spool import Spool, line_of, read_line
from tests.store.sample import a_full_record, a_record


def records_in(spool: Spool) -> list[Record]:
    return [record for file in spool.left_over() for piece in file.pieces(2) for record in piece]


def test_a_record_survives_its_line() -> None:
    record = a_full_record("r", error="a\nb\0c")
    assert read_line(line_of(record)) == record


def test_what_goes_along_with_a_record_survives_its_line() -> None:
    sealed = Sealed(**structs.asdict(a_record("r")), enclosures=(Job(id="j", kind="k", created=1.0, due=2.0),))
    assert read_line(line_of(sealed)) == sealed


def test_a_line_cut_or_changed_anywhere_is_no_record() -> None:
    line = line_of(a_record("r"))
    assert [end for end in range(len(line)) if read_line(line[:end]) is not None] == []
    for place in range(len(line)):
        changed = bytearray(line)
        changed[place] ^= 0x01
        assert read_line(bytes(changed)) is None or place == 8


def test_what_a_process_left_is_found_by_the_next(tmp_path: Path) -> None:
    first = Spool(tmp_path)
    first.append([a_record("1"), a_full_record("2")])
    first.append([a_record("3")])
    first.close()
    assert records_in(Spool(tmp_path)) == [a_record("1"), a_full_record("2"), a_record("3")]


def test_the_file_of_a_living_process_is_left_alone(tmp_path: Path) -> None:
    living = Spool(tmp_path)
    living.append([a_record("1")])
    assert Spool(tmp_path).left_over() == []
    living.close()
    [claimed] = Spool(tmp_path).left_over()
    assert Spool(tmp_path).left_over() == []
    claimed.remove()
    assert list(tmp_path.iterdir()) == []


def test_a_torn_last_line_costs_nothing_else(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append([a_record("1"), a_record("2")])
    spool.close()
    [path] = tmp_path.iterdir()
    with path.open("ab") as file:
        file.write(line_of(a_record("3"))[:-20])
    assert records_in(Spool(tmp_path)) == [a_record("1"), a_record("2")]
    assert list(tmp_path.glob("*.damaged")) == []


def test_a_damaged_line_is_passed_over_and_its_file_kept_aside(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append([a_record("1"), a_record("2"), a_record("3")])
    spool.close()
    [path] = tmp_path.iterdir()
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + lines[1].replace(b"acme", b"evil") + lines[2])
    [file] = Spool(tmp_path).left_over()
    assert [record for piece in file.pieces(10) for record in piece] == [a_record("1"), a_record("3")]
    file.remove()
    [kept] = tmp_path.iterdir()
    assert kept.suffix == ".damaged"
    assert b"evil" in kept.read_bytes()


FILL = """
import resource, signal, sys
from pathlib import Path
from parley.store.spool import Spool
from tests.store.sample import a_record
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
spool = Spool(Path(sys.argv[1]))
spool.append([a_record("1")])
try:
    spool.append([a_record(str(n)) for n in range(100)])
except OSError:
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    spool.append([a_record("2")])
    print("refused once")
"""


def test_a_batch_that_does_not_fit_on_the_disk_leaves_no_half_line(tmp_path: Path) -> None:
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY
    done = subprocess.run([sys.executable, "-c", FILL, str(tmp_path)], capture_output=True, check=True, cwd=Path.cwd())
    assert done.stdout == b"refused once\n"
    assert records_in(Spool(tmp_path)) == [a_record("1"), a_record("2")]


def test_only_the_owner_may_read_the_spool(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    spool.append([a_record("1")])
    [path] = (tmp_path / "spool").iterdir()
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
    spool.close()
