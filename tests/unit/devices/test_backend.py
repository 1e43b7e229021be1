"""Which backend Keras computes with."""

import pytest
from scoretable.devices import backend
from scoretable.devices.backend import choose_backend
from scoretable.devices.workers import Worker
from scoretable.workspace.errors import InputError

ALL = "tensorflow jax jax_cuda12_plugin"


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    have(monkeypatch, "tensorflow jax")


def have(monkeypatch: pytest.MonkeyPatch, installed: str, gpu: str | None = None, workers: int = 1) -> None:
    monkeypatch.setattr(backend, "find_spec", lambda module: module if module in installed.split() else None)
    monkeypatch.setattr(backend, "find_nvidia_gpu", lambda: gpu)
    monkeypatch.setattr(backend, "find_worker", lambda: Worker(0, workers))


@pytest.mark.parametrize(
    ("installed", "gpu", "workers", "fastest"),
    [
        ("tensorflow jax", None, 1, "tensorflow"),
        ("jax", None, 1, "jax"),
        (ALL, None, 1, "tensorflow"),
        (ALL, "NVIDIA H200", 1, "jax"),
        (ALL, "NVIDIA H200", 2, "tensorflow"),
        ("tensorflow jax", "NVIDIA H200", 1, "tensorflow"),
    ],
)
def test_the_fastest_backend_that_is_installed_is_taken(
    monkeypatch: pytest.MonkeyPatch, installed: str, gpu: str | None, workers: int, fastest: str
) -> None:
    have(monkeypatch, installed, gpu, workers)
    assert choose_backend(None) == fastest


def test_the_session_goes_before_the_variable_and_the_variable_before_the_fastest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    assert choose_backend(None) == "jax"
    assert choose_backend("tensorflow") == "tensorflow"


@pytest.mark.parametrize(
    ("asked", "variable", "installed", "sentence"),
    [
        (
            "jax", "", "tensorflow",
            "backend: jax is not installed: `make environment` installs it, or set backend: tensorflow in "
            "session.yaml.",
        ),
        (
            None, "tensorflow", "jax",
            "KERAS_BACKEND=tensorflow is not installed: `make environment` installs it, or set backend: jax in "
            "session.yaml.",
        ),
        (None, "", "", "Neither TensorFlow nor JAX is installed: `make environment` installs both."),
        (
            None, "torch", "tensorflow torch",
            "KERAS_BACKEND=torch is no backend of scoretable: set it to tensorflow or jax, or unset it.",
        ),
    ],
)  # fmt: skip
def test_a_backend_that_is_not_there_is_refused_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, asked: str | None, variable: str, installed: str, sentence: str
) -> None:
    monkeypatch.setenv("KERAS_BACKEND", variable)
    have(monkeypatch, installed)
    with pytest.raises(InputError) as refused:
        choose_backend(asked)
    assert str(refused.value) == sentence
