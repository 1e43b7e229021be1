"""Fixtures that several modules share."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from kaggle_competition import NAME, small_kaggle
from kaggle_kernels import Kernels
from kaggle_server import Kaggle
from made_experiments import make_repository
from scoretable.kaggle.client import KaggleClient, kaggle_client
from unit.small_training import ONE_BLOCK

# A busy machine is slow, which is no failure.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture(autouse=True)
def _plain_float32() -> Iterator[None]:
    """The precision of a training is not that of the next test in its process."""
    yield
    if "keras" in sys.modules:
        sys.modules["keras"].config.set_dtype_policy("float32")


@pytest.fixture(scope="module")
def one_block() -> Iterator[None]:
    """SmallCNN has one block instead of four."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("scoretable.models.small_cnn.CHANNELS", ONE_BLOCK)
        yield


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures are composed but not rendered, which is most of an evaluation; test_report.py renders each kind."""
    for module in ("plots", "plots_by_task"):
        monkeypatch.setattr(f"scoretable.evaluation.{module}.save_figure", lambda figure, target: target.touch())


@pytest.fixture
def kaggle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kaggle]:
    """A small competition on the loopback server, to which this process' kaggle client talks."""
    with small_kaggle(tmp_path / "server", monkeypatch) as served:
        yield served


@pytest.fixture
def kernels(kaggle: Kaggle, tmp_path: Path) -> Iterator[Kernels]:
    """The server's kernels, which are stopped at the end."""
    kaggle.kernels = Kernels(tmp_path / "kernels", NAME, kaggle.archive)
    yield kaggle.kernels
    kaggle.kernels.stop()


@pytest.fixture
def client(kernels: Kernels) -> Iterator[KaggleClient]:
    """The client, which waits two seconds for a byte."""
    with kaggle_client(NAME, 2.0) as client:
        yield client


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository without experiments, to which tests add made ones."""
    return make_repository(tmp_path / "repository")
