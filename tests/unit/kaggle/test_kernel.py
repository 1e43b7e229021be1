"""Kernels on the loopback Kaggle, pushed by the real client: states, outputs, and what can go wrong."""

from pathlib import Path

import pytest
from kaggle_competition import NAME
from kaggle_kernels import Kernels
from kaggle_server import TOKEN, Fault, Kaggle
from scoretable.kaggle.client import KaggleClient, kaggle_client
from scoretable.kaggle.kernel import (
    ABSENT,
    await_kernel,
    check_quota,
    fetch_output,
    kernel_state,
    kernel_version,
    last_words,
    wait_for_kernel,
)
from scoretable.kaggle.kernel_push import Attached, Machine, push_kernel
from scoretable.workspace.errors import InputError

KERNEL = "ann/scoretable-test-1"
CODE = """
print("at work")
open("/kaggle/working/a.txt", "w").write("made")
open("/kaggle/working/b.csv", "w").write("b")
"""

GATED = """
import pathlib, time
while not pathlib.Path("/kaggle/working/go").exists():
    time.sleep(0.01)
"""
ALWAYS = 1000  # faults, more than anybody tries


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
    assert kaggle.faults["SaveKernel"] == []  # else nothing failed


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
    assert kaggle.faults["output"] == []  # else nothing was cut


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
    assert kaggle.faults[method] == []  # else nothing had to be tried again


def test_a_session_that_fails_is_one_sentence_with_its_last_words(client: KaggleClient) -> None:
    pushed = push(client, 'raise SystemExit("out of memory")')
    with pytest.raises(InputError, match=r"ended with error \(out of memory\).*the same command runs it again"):
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
        ("GetKernel", Fault(status=401), r"does not know the token: make a token at"),
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


def test_a_kernel_without_gpu_and_internet_asks_for_neither(client: KaggleClient, kernels: Kernels) -> None:
    push_kernel(client, "scoretable-test-1", CODE, Machine(None, internet=False), Attached())
    asked = kernels.pushed()[0].asked
    assert [asked["isPrivate"], asked["enableGpu"], asked["enableInternet"]] == [True, False, False]
    assert not asked.get("machineShape")


def test_outputs_of_kernels_and_datasets_are_attached(client: KaggleClient, kernels: Kernels, tmp_path: Path) -> None:
    kernels.datasets = tmp_path / "datasets"
    (kernels.datasets / "ann/weights").mkdir(parents=True)
    push(client)
    attached = Attached(kernels=(KERNEL,), datasets=("ann/weights",))
    push_kernel(client, "scoretable-test-2", CODE, Machine(None, internet=True), attached)
    asked = kernels.pushed()[1].asked
    assert (asked["kernelDataSources"], asked["datasetDataSources"]) == ([KERNEL], ["ann/weights"])


def test_the_code_arrives_as_it_is(client: KaggleClient, kernels: Kernels) -> None:
    code = "rice = '벼 {} \\\\ \"'\n\n"
    push(client, code)
    assert kernels.pushed()[0].asked["text"] == code


def test_a_further_push_is_a_further_version(client: KaggleClient) -> None:
    push(client)
    assert push(client) == f"{KERNEL}/2"
    assert kernel_version(client, KERNEL) == 2


def test_a_push_whose_answer_is_lost_is_not_repeated_where_nobody_can_look(kernels: Kernels, kaggle: Kaggle) -> None:
    kaggle.faults = {
        "SaveKernel": [Fault(lost=True)],
        "GetKernel": [Fault(), *[Fault(status=503)] * 6],
    }
    with (
        pytest.raises(InputError, match="does not tell whether it runs"),
        kaggle_client(NAME, 2.0) as client,
    ):
        push(client)
    assert len(kernels.pushed()) == 1


def test_a_lost_push_is_seen_though_its_session_ends_like_the_one_before(
    client: KaggleClient, kaggle: Kaggle, kernels: Kernels
) -> None:
    kernels.broken = [("ERROR", "no machine was free")] * 3
    push(client)
    kaggle.faults = {"SaveKernel": [Fault(lost=True)]}
    push(client)
    assert len(kernels.pushed()) == 2
    assert kaggle.faults["SaveKernel"] == []


@pytest.mark.parametrize(
    "method", ["GetKernel", "SaveKernel", "GetKernelSessionStatus", "ListKernelSessionOutput", "output"]
)
@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (Fault(status=503), "answered with status 503"),
        (Fault(stall=0.2), "Kaggle did not answer for 0.1 seconds"),
        (Fault(status=429, headers={"Retry-After": "7200"}), r"slow down \(429\): after .* UTC run the same command"),
    ],
    ids=["503", "stall", "429-for-hours"],
)
def test_what_does_not_pass_ends_in_a_sentence(
    kernels: Kernels,
    kaggle: Kaggle,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    method: str,
    fault: Fault,
    sentence: str,
) -> None:
    kaggle.faults = {method: [fault] * ALWAYS}
    seconds = 0.1 if fault.stall else 2.0
    with pytest.raises(InputError, match=sentence) as refusal, kaggle_client(NAME, seconds) as client:
        await_kernel(client, push(client))
        fetch_output(client, KERNEL, tmp_path / "output", "txt")
    printed = capsys.readouterr()
    assert TOKEN not in f"{refusal.value}{printed.out}{printed.err}"
    assert len(kernels.pushed()) == (method not in ("GetKernel", "SaveKernel"))


@pytest.mark.parametrize("status", [400, 403])
def test_a_refusal_without_a_reason_names_the_rules_and_the_settings(
    client: KaggleClient, kaggle: Kaggle, status: int
) -> None:
    kaggle.faults = {"SaveKernel": [Fault(status=status)]}
    sentence = rf"\(no reason given\): check that you have accepted the rules of {NAME} and verified your phone"
    with pytest.raises(InputError, match=sentence):
        push(client)
    assert kaggle.requests["SaveKernel"] == 1


@pytest.mark.parametrize(("ending", "state"), [("", "complete"), ("raise SystemExit(1)", "error")])
def test_a_session_is_seen_queued_then_running_then_at_its_end(
    client: KaggleClient, kernels: Kernels, ending: str, state: str
) -> None:
    pushed, seen = push(client, GATED + ending), []
    for now, _ in wait_for_kernel(client, pushed):
        seen.append(now)
        if now == "running":
            (kernels.pushed()[0].folder / "working/go").touch()
    assert list(dict.fromkeys(seen)) == ["queued", "running", state]


def test_a_session_that_is_gone_is_told(client: KaggleClient) -> None:
    with pytest.raises(InputError, match=r"ended with absent \(Kaggle gives no reason\)"):
        await_kernel(client, KERNEL)


def test_a_running_session_is_told_with_its_last_words(client: KaggleClient, kernels: Kernels) -> None:
    pushed, said = push(client, 'print("epoch 1")\nprint("epoch 2", flush=True)\n' + GATED), ""
    for state, _ in wait_for_kernel(client, pushed):
        if state == "running" and "epoch 2" in kernels.pushed()[0].log:
            said = said or last_words(client, KERNEL)
            (kernels.pushed()[0].folder / "working/go").touch()
    assert said == "epoch 2"


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ('[{"stream_name": "stdout", "data": "epoch 1\\nepo"}, {"data": "ch 2\\n"}]', "epoch 2"),
        ("epoch 1\nepoch 2\n\n", "epoch 2"),
        ('[{"data": "train: 50%|  |\\rtrain: 99%|  |"}]', "train: 99%|  |"),
        ("3\n", "3"),
        ("[1, 2]\n", "[1, 2]"),
        ("", ""),
    ],
    ids=["array", "lines", "progress", "number", "list", "nothing"],
)  # fmt: skip
def test_the_last_line_of_a_log_is_found_however_it_is_kept(client: KaggleClient, log: str, words: str) -> None:
    await_kernel(client, push(client, f'open(1, "w", newline="").write({log!r})'))
    assert last_words(client, KERNEL) == words


def test_a_session_that_kaggle_has_no_log_of_has_no_words(client: KaggleClient) -> None:
    assert last_words(client, KERNEL) == ""


@pytest.mark.parametrize("fault", [Fault(status=403), Fault(status=500), Fault(lost=True)])
def test_words_that_kaggle_does_not_tell_are_not_waited_for(client: KaggleClient, kaggle: Kaggle, fault: Fault) -> None:
    await_kernel(client, push(client))
    kaggle.faults = {"ListKernelSessionOutput": [fault]}
    assert last_words(client, KERNEL) == ""


def test_an_output_that_the_token_may_not_see_is_one_sentence(kernels: Kernels, kaggle: Kaggle, tmp_path: Path) -> None:
    kaggle.faults = {"ListKernelSessionOutput": [Fault(status=401)]}
    with pytest.raises(InputError, match=r"does not know the token: make"), kaggle_client(NAME, 2.0) as client:
        fetch_output(client, push(client), tmp_path / "output", "txt")


def test_an_output_that_never_arrives_whole_is_refused(client: KaggleClient, kaggle: Kaggle, tmp_path: Path) -> None:
    await_kernel(client, push(client))
    kaggle.faults = {"output": [Fault(wrong_length=3), Fault()] * ALWAYS}  # it goes on at the end, and misses 3
    with pytest.raises(InputError, match=rf"an output of {KERNEL} did not arrive whole .*: run the same command again"):
        fetch_output(client, KERNEL, tmp_path / "output", "txt")


def test_an_address_that_ran_out_is_asked_for_anew(client: KaggleClient, kaggle: Kaggle, tmp_path: Path) -> None:
    await_kernel(client, push(client))
    kaggle.faults = {"output": [Fault(status=403)]}
    fetch_output(client, KERNEL, tmp_path / "output", "txt")
    assert (tmp_path / "output/a.txt").read_text() == "made"
    assert kaggle.faults["output"] == []


def test_an_output_takes_the_place_of_an_older_one_of_its_name(client: KaggleClient, tmp_path: Path) -> None:
    (tmp_path / "output").mkdir()
    (tmp_path / "output/a.txt").write_text("older")
    await_kernel(client, push(client))
    fetch_output(client, KERNEL, tmp_path / "output", "txt")
    assert (tmp_path / "output/a.txt").read_text() == "made"


def test_what_the_client_says_of_an_output_is_not_shown(
    client: KaggleClient, kaggle: Kaggle, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await_kernel(client, push(client))
    capsys.readouterr()
    kaggle.faults = {"output": [Fault(cut=2), Fault()]}
    fetch_output(client, KERNEL, tmp_path / "output", "txt")
    assert kaggle.faults["output"] == []
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("hours", [(29.9, 30.0), (0.0, 0.0)])
def test_hours_that_are_left_or_have_no_limit_are_no_reason_to_stop(
    client: KaggleClient, kernels: Kernels, hours: tuple[float, float]
) -> None:
    kernels.gpu_hours = hours
    check_quota(client)


@pytest.mark.parametrize("fault", [Fault(status=403), Fault(status=404), Fault(lost=True)])
def test_hours_that_kaggle_does_not_tell_are_no_reason_to_stop(
    client: KaggleClient, kaggle: Kaggle, kernels: Kernels, fault: Fault
) -> None:
    kernels.gpu_hours = (30.0, 30.0)
    kaggle.faults = {"GetAcceleratorQuotaStatistics": [fault]}
    check_quota(client)
