"""Kernels on the loopback Kaggle, pushed by the real client: states, outputs, and what can go wrong."""

from pathlib import Path

import pytest
from kaggle_competition import NAME
from kaggle_kernels import Kernels
from kaggle_server import Fault, Kaggle
from scoretable.errors import InputError
from scoretable.kaggle_client import KaggleClient, kaggle_client
from scoretable.kaggle_kernel import (
    ABSENT,
    Attached,
    Machine,
    await_kernel,
    check_quota,
    fetch_output,
    kernel_state,
    kernel_version,
    last_words,
    push_kernel,
)

KERNEL = "ann/scoretable-test-1"
CODE = """
print("at work")
open("/kaggle/working/a.txt", "w").write("made")
open("/kaggle/working/b.csv", "w").write("b")
"""


def push(client: KaggleClient, code: str = CODE, accelerator: str | None = None) -> str:
    return push_kernel(client, "scoretable-test-1", code, Machine(accelerator, internet=True), Attached((NAME,)))


def test_a_kernel_is_pushed_private_with_what_is_asked_for(client: KaggleClient, kernels: Kernels) -> None:
    assert push(client, accelerator="NvidiaTeslaT4") == f"{KERNEL}/1"
    asked = kernels.pushed()[0].asked
    assert (asked["isPrivate"], asked["enableGpu"], asked["enableInternet"]) == (True, True, True)
    assert (asked["machineShape"], asked["competitionDataSources"]) == ("NvidiaTeslaT4", [NAME])
    assert kernel_version(client, KERNEL) == 1


@pytest.mark.parametrize(
    "fault", [Fault(lost=True), Fault(status=503), Fault(status=429, headers={"Retry-After": "1"})]
)
def test_a_push_that_fails_for_a_moment_ends_in_one_session(
    client: KaggleClient, kaggle: Kaggle, kernels: Kernels, fault: Fault
) -> None:
    kaggle.faults = {"SaveKernel": [fault]}
    push(client)
    assert len(kernels.pushed()) == 1


def test_a_session_is_waited_for_and_its_output_fetched(
    client: KaggleClient, kernels: Kernels, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await_kernel(client, push(client))
    fetch_output(client, KERNEL, tmp_path / "output", r"^a\.txt$")
    assert (tmp_path / "output/a.txt").read_text() == "made"
    assert not (tmp_path / "output/b.csv").exists()
    assert last_words(client, KERNEL) == "at work"
    assert "Kaggle: complete" in capsys.readouterr().out


@pytest.mark.parametrize("fault", [Fault(status=503), Fault(cut=2), Fault(wrong_length=3)])
def test_an_output_that_is_cut_arrives_whole(
    client: KaggleClient, kaggle: Kaggle, tmp_path: Path, fault: Fault
) -> None:
    await_kernel(client, push(client))
    kaggle.faults = {"output": [fault]}
    fetch_output(client, KERNEL, tmp_path / "output", r"^a\.txt$")
    assert (tmp_path / "output/a.txt").read_text() == "made"


@pytest.mark.parametrize("method", ["GetKernelSessionStatus", "ListKernelSessionOutput"])
@pytest.mark.parametrize("fault", [Fault(status=500), Fault(stall=3.0), Fault(lost=True)])
def test_what_passes_is_tried_again(
    client: KaggleClient, kaggle: Kaggle, tmp_path: Path, method: str, fault: Fault
) -> None:
    pushed = push(client)
    kaggle.faults = {method: [fault]}
    await_kernel(client, pushed)
    fetch_output(client, KERNEL, tmp_path / "output", "txt")
    assert (tmp_path / "output/a.txt").exists()


def test_a_session_that_fails_is_one_sentence_with_its_last_words(client: KaggleClient) -> None:
    pushed = push(client, 'raise SystemExit("out of memory")')
    with pytest.raises(InputError, match=r"ended with error \(out of memory\).*the same command runs it once more"):
        await_kernel(client, pushed)


def test_a_session_that_kaggle_ends_is_one_sentence_with_kaggles_reason(client: KaggleClient, kernels: Kernels) -> None:
    kernels.broken = [("CANCEL_ACKNOWLEDGED", "Your notebook was stopped because it exceeded the time limit")]
    with pytest.raises(InputError, match=r"cancel_acknowledged \(Your notebook was stopped"):
        await_kernel(client, push(client))


@pytest.mark.parametrize("status", [403, 404])
def test_a_kernel_that_nobody_has_is_absent(client: KaggleClient, kaggle: Kaggle, status: int) -> None:
    kaggle.faults = {"GetKernelSessionStatus": [Fault(status=status)]}
    assert kernel_state(client, KERNEL) == (ABSENT, "")


@pytest.mark.parametrize(
    ("method", "fault", "sentence"),
    [
        ("GetKernelSessionStatus", Fault(status=401), r"does not know the token: make a token at"),
        ("SaveKernel", Fault(status=401), r"does not know the token: make a token at"),
        ("SaveKernel", Fault(status=403, message="Phone verification"), r"\(Phone verification\): .*/settings"),
    ],
)
def test_a_refusal_is_one_sentence(kernels: Kernels, kaggle: Kaggle, method: str, fault: Fault, sentence: str) -> None:
    kaggle.faults = {method: [fault]}
    with pytest.raises(InputError, match=sentence), kaggle_client(NAME, 2.0) as client:
        push(client)
    assert kernels.pushed() == []


def test_a_refusal_in_the_answer_is_one_sentence(client: KaggleClient, kernels: Kernels) -> None:
    kernels.refusal = "Maximum batch GPU session count of 2 reached."
    with pytest.raises(InputError, match=r"Kaggle refuses to run .* \(Maximum batch GPU session count"):
        push(client)


def test_rules_that_are_not_accepted_are_named_with_their_page(client: KaggleClient, kernels: Kernels) -> None:
    kernels.rules_accepted = False
    with pytest.raises(InputError, match=rf"accept its rules at https://www.kaggle.com/competitions/{NAME}/rules"):
        push(client)


def test_used_up_hours_are_told_with_the_day_of_new_ones(client: KaggleClient, kernels: Kernels) -> None:
    kernels.gpu_hours = (30.0, 30.0)
    with pytest.raises(InputError, match=r"30 hours of Kaggle's GPUs are used up until 2026-11-28 00:00 UTC"):
        check_quota(client)


def test_hours_that_are_left_or_not_told_are_no_reason_to_stop(client: KaggleClient, kaggle: Kaggle) -> None:
    check_quota(client)
    kaggle.faults = {"GetAcceleratorQuotaStatistics": [Fault(status=500)]}
    check_quota(client)
    assert kaggle.requests["GetAcceleratorQuotaStatistics"] == 2
