"""The real kaggle client downloads from a loopback server that fails in every way."""

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from kaggle_competition import NAME, small_kaggle
from kaggle_server import TOKEN, Fault, Kaggle
from scoretable.kaggle.client import kaggle_client
from scoretable.kaggle.download import _check_room, download_from_kaggle
from scoretable.workspace.errors import InputError

CHUNK = 1 << 20  # of the client
LARGE = int(os.environ.get("LARGE", "300000000"))  # bytes; LARGE=1000000000 was tried too
ROOT = Path(__file__).parents[3]
MEASURED = """
import sys
from pathlib import Path
from scoretable.kaggle.download import download_from_kaggle
from unit.peak_memory import forget_peak, peak_kilobytes
forget_peak()
download_from_kaggle(sys.argv[1], Path(sys.argv[2]) / "download", 20)
print(peak_kilobytes())
"""


def download(tmp_path: Path, seconds: float = 20) -> bytes:
    return download_from_kaggle(NAME, tmp_path / "download", seconds).read_bytes()


def test_the_archive_arrives_as_it_was_sent(kaggle: Kaggle, tmp_path: Path) -> None:
    assert download(tmp_path) == kaggle.archive.read_bytes()
    assert kaggle.requests["DownloadDataFiles"] == 1


def test_the_pause_is_the_one_that_kaggle_asks_for(
    kaggle: Kaggle, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kaggle.faults["ListDataFiles"] = [Fault(status=429, headers={"Retry-After": "7"})]
    download(tmp_path)
    assert "Kaggle: 429; trying again in 7 s" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["ListDataFiles", "DownloadDataFiles", "storage"])
@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=429),
        Fault(status=429, headers={"Retry-After": "2"}),
        Fault(status=503),
        Fault(status=500),
        Fault(stall=0.5),
    ],
    ids=["429", "429-retry-after", "503", "500", "stall"],
)
def test_what_passes_is_tried_again(kaggle: Kaggle, tmp_path: Path, name: str, fault: Fault) -> None:
    kaggle.faults[name] = [fault] * 2
    assert download(tmp_path, seconds=0.2) == kaggle.archive.read_bytes()
    assert kaggle.faults[name] == []  # else nothing had to be tried again


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (Fault(status=401), "does not know the token: make a token at https://www.kaggle.com/settings"),
        (Fault(status=403), "open https://www.kaggle.com/competitions/leaves/rules, accept them"),
        (Fault(status=404), "no competition named leaves"),
        (Fault(status=429, headers={"Retry-After": "3600"}), "slow down .429.: after .* UTC run the same command"),
        (Fault(status=418), "status 418"),
    ],
    ids=["401", "403", "404", "429-for-an-hour", "418"],
)
@pytest.mark.parametrize("name", ["ListDataFiles", "DownloadDataFiles"])
def test_what_stays_is_told_in_a_sentence(
    kaggle: Kaggle, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, fault: Fault, sentence: str
) -> None:
    kaggle.faults[name] = [fault] * 100
    with pytest.raises(InputError, match=sentence) as refusal:
        download(tmp_path)
    printed = capsys.readouterr()
    assert TOKEN not in f"{refusal.value}{printed.out}{printed.err}"
    assert kaggle.requests[name] == 1


@pytest.mark.parametrize("name", ["ListDataFiles", "DownloadDataFiles", "storage"])
@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (Fault(status=503), "answered with status 503"),
        (Fault(stall=0.3), "Kaggle did not answer for 0.1 seconds"),
    ],
    ids=["503", "stall"],
)
def test_what_does_not_pass_ends(kaggle: Kaggle, tmp_path: Path, name: str, fault: Fault, sentence: str) -> None:
    kaggle.faults[name] = [fault] * 1000
    with pytest.raises(InputError, match=sentence):
        download(tmp_path, seconds=0.1)


def test_a_link_that_ran_out_is_asked_for_anew(kaggle: Kaggle, tmp_path: Path) -> None:
    kaggle.faults["storage"] = [Fault(status=403)]
    assert download(tmp_path) == kaggle.archive.read_bytes()
    assert kaggle.requests["DownloadDataFiles"] == 2


def test_a_damaged_archive_is_fetched_once_more(kaggle: Kaggle, tmp_path: Path) -> None:
    kaggle.faults["storage"] = [Fault(corrupt=True)]
    assert download(tmp_path) == kaggle.archive.read_bytes()
    assert kaggle.faults["storage"] == []


def test_an_archive_that_stays_damaged_is_refused_and_removed(kaggle: Kaggle, tmp_path: Path) -> None:
    kaggle.faults["storage"] = [Fault(corrupt=True)] * 2
    with pytest.raises(InputError, match="sent a damaged archive twice"):
        download(tmp_path)
    assert not (tmp_path / f"download/{NAME}.zip").exists()


def test_a_file_shorter_than_announced_is_not_taken(kaggle: Kaggle, tmp_path: Path) -> None:
    kaggle.faults["storage"] = [Fault(wrong_length=100)] * 1000
    with pytest.raises(InputError, match=r"run the same command again"):
        download(tmp_path)


def test_all_pages_of_files_count_when_room_is_checked(
    kaggle: Kaggle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kaggle.files.clear()
    kaggle.files.update({f"{number}.jpg": 10**9 for number in range(450)})
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**12, 0, 449 * 10**9))
    with pytest.raises(InputError, match=r"needs 450.00 GB, but .* has 449.00 GB free"):
        download(tmp_path)
    assert kaggle.requests["ListDataFiles"] == 3
    assert kaggle.requests["DownloadDataFiles"] == 0


def test_no_room_is_asked_for_bytes_that_are_there(
    kaggle: Kaggle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "there.zip"
    target.touch()
    os.truncate(target, 2 * 10**9)
    kaggle.files["large.jpg"] = 3 * 10**9
    with kaggle_client(NAME, 20) as client:
        monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**12, 0, 11 * 10**8))
        _check_room(client, target)
        monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**12, 0, 9 * 10**8))
        with pytest.raises(InputError, match=r"but .* has 0.90 GB free"):
            _check_room(client, target)


def test_what_the_client_says_of_a_download_is_not_shown(
    kaggle: Kaggle, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kaggle.faults["storage"] = [Fault(cut=10), Fault()]
    download(tmp_path)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "signature" not in printed.err


def test_a_download_cut_twenty_times_fetches_at_most_a_chunk_twice_a_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(0)
    with small_kaggle(tmp_path / "server", monkeypatch, size=10 * CHUNK) as kaggle:
        kaggle.faults["storage"] = [Fault(cut=chance.randrange(3 * CHUNK)) for _ in range(20)]
        assert download(tmp_path) == kaggle.archive.read_bytes()
        assert kaggle.faults["storage"] == []
        assert kaggle.sent <= kaggle.archive.stat().st_size + 20 * CHUNK


def test_memory_stays_flat_however_large_the_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def peak(size: int) -> int:
        """Return the peak memory, in KiB, of a process that downloads three times `size` bytes."""
        folder = tmp_path / str(size)
        with small_kaggle(folder, monkeypatch, size):
            result = subprocess.run(
                [sys.executable, "-c", MEASURED, NAME, str(folder)], capture_output=True, text=True, check=True,
                env=os.environ | {"PYTHONPATH": f"{ROOT / 'workflow'}:{ROOT / 'tests'}"},
            )  # fmt: skip
        return int(result.stdout.split()[-1])

    assert peak(LARGE // 3) < peak(CHUNK) + 32 * 1024


def test_a_later_call_goes_on_from_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with small_kaggle(tmp_path / "server", monkeypatch, size=2 * CHUNK) as kaggle:
        kaggle.faults["storage"] = [Fault(cut=3 * CHUNK), *[Fault(status=503)] * 1000]
        with pytest.raises(InputError):
            download(tmp_path)
        there = (tmp_path / f"download/{NAME}.zip").stat().st_size
        assert there >= 2 * CHUNK
        kaggle.faults["storage"] = []
        assert download(tmp_path) == kaggle.archive.read_bytes()
        assert kaggle.resumed_at[-1] == there
