"""The real kaggle client submits to a loopback server that fails in every way; nothing is submitted twice."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kaggle_competition import NAME
from kaggle_server import TOKEN, Fault, Kaggle
from scoretable.kaggle.client import kaggle_client
from scoretable.kaggle.submission import (
    Submission,
    count_correct,
    find_rank,
    find_submission,
    prepare_file,
    submit_once,
    wait_for_score,
)
from scoretable.workspace.digests import file_digest
from scoretable.workspace.errors import InputError

CONTENT = "image_id,label\n1.jpg,blast\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "submission.csv"
    path.write_text(CONTENT)
    return path


def submit(file: Path, seconds: float = 20, minutes: float = 1) -> Submission:
    with kaggle_client(NAME, seconds) as client:
        submission, _ = submit_once(client, file_digest(file), "row-1", lambda: prepare_file(client, file))
        return list(wait_for_score(client, submission, minutes))[-1]


def test_a_submission_is_scored(kaggle: Kaggle, file: Path) -> None:
    kaggle.pending = 3
    submission = submit(file)
    assert (submission.state, submission.public, submission.private) == ("complete", "0.90003", "0.89170")
    assert kaggle.uploads["blob-0"] == CONTENT.encode()
    assert kaggle.submissions[0]["description"] == f"scoretable row-1 sha256:{file_digest(file)}"


def test_the_same_file_is_submitted_once(kaggle: Kaggle, file: Path) -> None:
    assert submit(file) == submit(file)
    assert len(kaggle.submissions) == 1
    file.write_text(CONTENT + "2.jpg,tungro\n")
    submit(file)
    assert len(kaggle.submissions) == 2


def test_an_earlier_submission_is_found_on_a_later_page(kaggle: Kaggle, file: Path) -> None:
    submit(file)
    others = [dict(kaggle.submissions[0], ref=5000 + number, description="by hand") for number in range(450)]
    kaggle.submissions[:0] = others
    with kaggle_client(NAME, 20) as client:
        found = find_submission(client, file_digest(file))
    assert found is not None
    assert found.ref == 1000


@pytest.mark.parametrize("order", [1, -1], ids=["oldest first", "newest first"])
def test_of_several_submissions_of_one_file_the_newest_is_found(kaggle: Kaggle, file: Path, order: int) -> None:
    submit(file)
    again = [dict(kaggle.submissions[0], ref=ref) for ref in (1001, 1002)]
    kaggle.submissions[:] = [*kaggle.submissions, *again][::order]
    assert submit(file).ref == 1002


def test_the_address_of_an_upload_that_breaks_off_is_not_shown(
    kaggle: Kaggle, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kaggle.faults["upload"] = [Fault(stall=0.1)] * 20
    with pytest.raises(InputError, match="Kaggle did not take the submission"):
        submit(file, seconds=0.05)
    printed = capsys.readouterr()
    assert "/upload/" not in printed.out + printed.err


def test_after_a_lost_reply_the_submission_is_found_and_not_repeated(kaggle: Kaggle, file: Path) -> None:
    kaggle.faults["CreateSubmission"] = [Fault(lost=True)]
    assert submit(file).state == "complete"
    assert len(kaggle.submissions) == 1
    assert kaggle.faults["CreateSubmission"] == []


@pytest.mark.parametrize("fault", [Fault(status=502), Fault(stall=0.5)], ids=["502", "stall"])
def test_where_it_is_unknown_whether_it_was_taken_the_user_decides(kaggle: Kaggle, file: Path, fault: Fault) -> None:
    kaggle.faults["CreateSubmission"] = [fault]
    with pytest.raises(InputError, match="first looks whether the submission has arrived"):
        submit(file, seconds=0.2)
    assert kaggle.requests["CreateSubmission"] == 1
    assert submit(file).state == "complete"
    assert len(kaggle.submissions) == 1


@pytest.mark.parametrize("name", ["ListSubmissions", "GetSubmissionLimits", "StartSubmissionUpload", "GetSubmission"])
@pytest.mark.parametrize(
    "fault",
    [Fault(status=429, headers={"Retry-After": "1"}), Fault(status=503), Fault(stall=0.5), Fault(lost=True)],
    ids=["429", "503", "stall", "lost"],
)
def test_what_passes_is_tried_again(kaggle: Kaggle, file: Path, name: str, fault: Fault) -> None:
    kaggle.faults[name] = [fault]
    assert submit(file, seconds=0.2).state == "complete"
    assert len(kaggle.submissions) == 1
    assert kaggle.faults[name] == []  # else nothing had to be tried again


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (Fault(status=401), "does not know the token"),
        (Fault(status=403), "/competitions/leaves/rules"),
        (Fault(status=404), "no competition named leaves"),
        (Fault(status=429, headers={"Retry-After": "7200"}), "slow down"),
    ],
    ids=["401", "403", "404", "429"],
)
@pytest.mark.parametrize("name", ["ListSubmissions", "StartSubmissionUpload", "CreateSubmission", "GetSubmission"])
def test_what_stays_is_told_in_a_sentence(
    kaggle: Kaggle, file: Path, capsys: pytest.CaptureFixture[str], name: str, fault: Fault, sentence: str
) -> None:
    kaggle.faults[name] = [fault] * 100
    with pytest.raises(InputError, match=sentence) as refusal:
        submit(file)
    printed = capsys.readouterr()
    assert TOKEN not in f"{refusal.value}{printed.out}{printed.err}"


@pytest.mark.parametrize("fault", [Fault(status=403), Fault(status=500)], ids=["403", "500"])
def test_an_upload_that_fails_submits_nothing(kaggle: Kaggle, file: Path, fault: Fault) -> None:
    kaggle.faults["upload"] = [fault]
    with pytest.raises(InputError, match=r"Kaggle did not take the submission .*: run the same command again"):
        submit(file)
    assert kaggle.submissions == []


def test_a_reached_limit_says_when_to_come_back(kaggle: Kaggle, file: Path) -> None:
    submit(file)
    kaggle.allowed = 1
    file.write_text(CONTENT + "2.jpg,tungro\n")
    with pytest.raises(InputError, match=r"daily limit is reached after 1 submission: .* after 00:00 UTC, in \d+ h"):
        submit(file)
    assert kaggle.requests["StartSubmissionUpload"] == 1


@pytest.mark.parametrize("status", [400, 403, 429])
def test_a_refusal_for_the_limit_says_when_to_come_back(kaggle: Kaggle, file: Path, status: int) -> None:
    kaggle.faults["CreateSubmission"] = [Fault(status, message="You have reached your daily submission limit.")]
    with pytest.raises(InputError, match=r"daily limit is reached: .* after 00:00 UTC"):
        submit(file)


def test_a_submission_with_an_error_carries_the_reason(kaggle: Kaggle, file: Path) -> None:
    kaggle.final_state = "ERROR"
    submission = submit(file)
    assert (submission.state, submission.error) == ("error", "label column missing")


def test_waiting_ends_and_the_next_call_gets_the_score(kaggle: Kaggle, file: Path) -> None:
    kaggle.pending = 5
    assert submit(file, minutes=0).state == "pending"
    assert submit(file).state == "complete"
    assert len(kaggle.submissions) == 1


def test_a_score_that_is_not_shown_is_empty(kaggle: Kaggle, file: Path) -> None:
    kaggle.score = lambda data: ("", "")
    submission = submit(file)
    assert (submission.state, submission.public, submission.private) == ("complete", "", "")


def test_the_rank_counts_better_teams_on_all_pages(kaggle: Kaggle) -> None:
    kaggle.leaderboard = [f"{0.99 - number / 1000:.5f}" for number in range(450)]
    with kaggle_client(NAME, 20) as client:
        assert find_rank(client, "0.90003", larger_is_better=True) == (91, 450)
        assert find_rank(client, "0.90003", larger_is_better=False) == (361, 450)


def test_no_count_of_2601_gives_the_odd_score_of_the_old_table() -> None:
    assert count_correct("0.90003", 2601) == 2341
    assert count_correct("0.80151", 2601) is None


@given(st.integers(1, 5000).flatmap(lambda images: st.tuples(st.integers(0, images), st.just(images))), st.booleans())
def test_a_score_cut_or_rounded_to_five_digits_gives_its_count_back(counts: tuple[int, int], rounded: bool) -> None:
    correct, images = counts
    shown = round(correct * 100_000 / images) if rounded else correct * 100_000 // images
    assert count_correct(f"{shown / 100_000:.5f}", images) == correct
