"""Private datasets on the loopback Kaggle, made by the real client."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from kaggle_competition import NAME
from kaggle_datasets import Datasets
from kaggle_server import Fault, Kaggle
from scoretable.kaggle.client import KaggleClient, kaggle_client
from scoretable.kaggle.dataset import keep_dataset
from scoretable.workspace.errors import InputError


@pytest.fixture
def datasets(kaggle: Kaggle, tmp_path: Path) -> Datasets:
    kaggle.datasets = Datasets(tmp_path / "datasets")
    return kaggle.datasets


@pytest.fixture
def client(datasets: Datasets) -> Iterator[KaggleClient]:
    with kaggle_client(NAME, 2.0) as client:
        yield client


def keep(client: KaggleClient) -> str:
    return keep_dataset(client, "scoretable-model-1", lambda folder: (folder / "model.keras").write_text("weights"))


def test_a_dataset_is_private_and_holds_the_files(client: KaggleClient, datasets: Datasets) -> None:
    assert keep(client) == "ann/scoretable-model-1"
    assert datasets.created["ann/scoretable-model-1"]["isPrivate"]
    assert (datasets.folder / "ann/scoretable-model-1/model.keras").read_text() == "weights"


def test_a_dataset_that_is_there_is_taken(client: KaggleClient, kaggle: Kaggle) -> None:
    keep(client)
    keep(client)
    assert kaggle.requests["CreateDataset"] == 1


@pytest.mark.parametrize("method", ["GetDatasetStatus", "StartBlobUpload", "CreateDataset"])
@pytest.mark.parametrize("fault", [Fault(status=503), Fault(lost=True), Fault(stall=3.0)])
def test_what_passes_ends_in_one_dataset(
    client: KaggleClient, kaggle: Kaggle, datasets: Datasets, method: str, fault: Fault
) -> None:
    kaggle.faults = {method: [fault]}
    keep(client)
    assert list(datasets.created) == ["ann/scoretable-model-1"]
    assert kaggle.faults[method] == []  # else nothing went wrong


def test_a_file_that_is_not_taken_is_one_sentence(client: KaggleClient, kaggle: Kaggle, datasets: Datasets) -> None:
    kaggle.faults = {"upload": [Fault(status=403)]}
    with pytest.raises(InputError, match=r"was not uploaded .*: run the same command again"):
        keep(client)
    assert datasets.created == {}


def test_the_address_of_an_upload_that_breaks_off_is_not_shown(
    kaggle: Kaggle, datasets: Datasets, capsys: pytest.CaptureFixture[str]
) -> None:
    kaggle.faults = {"upload": [Fault(stall=0.1)] * 1000}
    with pytest.raises(InputError, match="was not uploaded"), kaggle_client(NAME, 0.05) as client:
        keep(client)
    printed = capsys.readouterr()
    assert "/upload/" not in printed.out + printed.err


def test_a_token_that_kaggle_does_not_know_is_told(kaggle: Kaggle, datasets: Datasets) -> None:
    kaggle.faults = {"GetDatasetStatus": [Fault(status=401)]}
    with pytest.raises(InputError, match=r"does not know the token"), kaggle_client(NAME, 2.0) as client:
        keep(client)
