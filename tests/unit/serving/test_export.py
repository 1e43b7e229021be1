"""An exported row answers as Keras does, and says what a program has to know of it."""

import json
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest
from scoretable.cli import main as cli
from scoretable.images.cache_files import Fit
from scoretable.rows.params import Params
from scoretable.scoring.choices import PLAIN
from scoretable.serving import export
from scoretable.workspace.errors import InputError
from told import told
from unit.serving.served_row import serve

pytestmark = pytest.mark.usefixtures("one_block")


@pytest.fixture
def home(repository: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(repository)
    return repository


def needs_onnx() -> None:
    for name in export.PACKAGES:
        pytest.importorskip(name)


@pytest.mark.turns(2)
@pytest.mark.parametrize("task", ["multiclass", "binary"])
def test_the_file_answers_as_the_row_does(home: Path, capsys: pytest.CaptureFixture[str], task: str) -> None:
    needs_onnx()
    import onnx
    import onnxruntime

    served = serve(home, task, {"threshold": 0.25}, aspect="crop")
    assert cli.main(["export", served.row, "--output", "a.onnx"]) == 0
    assert "a.onnx: 0.0 MB, from 40x32 pixels (uint8, RGB); largest difference from Keras" in capsys.readouterr().out
    session = onnxruntime.InferenceSession("a.onnx", providers=["CPUExecutionProvider"])
    (answers,) = session.run(["answers"], {"pixels": served.pixels})
    np.testing.assert_allclose(answers, list(served.answers.values()), atol=1e-5)
    kept = {prop.key: prop.value for prop in onnx.load("a.onnx").metadata_props}
    assert json.loads(kept["columns"]) == served.classes
    assert (kept["height"], kept["width"], kept["aspect"], kept["threshold"]) == ("40", "32", "crop", "0.25")


def test_layers_that_the_converter_does_not_know_are_written_too(home: Path) -> None:
    """Of ConvNeXt, grouped convolutions and GELU; of EfficientNetV2, constants."""
    needs_onnx()
    pixels = keras.Input((8, 8, 3), dtype="uint8")
    features = keras.layers.Normalization(mean=[90.0, 120.0, 150.0], variance=[900.0, 800.0, 700.0])(pixels)
    features = keras.layers.Conv2D(6, 3, groups=3)(features)
    answers = keras.layers.GlobalAveragePooling2D()(keras.layers.Activation("gelu")(features))
    model = export._with_answers(keras.Model(pixels, answers), "multilabel")
    described: Any = SimpleNamespace(
        name="mine", classes=list("abcdef"), fit=Fit(8, 8, "pad", "ignore", 0.0), cut=PLAIN
    )
    described.competition = SimpleNamespace(name="leaves", task="multilabel")
    export._write(model, described, Path("a.onnx"))
    images = np.random.default_rng(0).integers(0, 256, (9, 8, 8, 3), np.uint8)
    assert export._compare(model, Path("a.onnx"), images, np.arange(9))[0] < 1e-5


def test_a_layer_that_cannot_be_written_is_a_sentence(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise RuntimeError("no such\noperator")

    row: Any = SimpleNamespace(name="mine", competition=SimpleNamespace(task="multilabel"), params=Params())
    monkeypatch.setattr(export, "_validation_images", lambda *arguments: nullcontext((None, np.arange(3))))
    monkeypatch.setattr(export, "_write", fail)
    pixels = keras.Input((4, 4, 3))
    model = keras.Model(pixels, keras.layers.Flatten()(pixels))
    with pytest.raises(InputError, match=r"EfficientNetLite0 of row mine .* \(no such operator\)"):
        export.export_row(model, row, None, Path("a.onnx"))  # type: ignore[arg-type]


def test_a_row_in_half_precision_is_exported_in_float32() -> None:
    pixels = keras.Input((4,))
    mixed = keras.Model(pixels, keras.layers.Dense(2, dtype="mixed_bfloat16")(pixels))
    plain = export._in_float32(mixed)
    assert {layer.compute_dtype for layer in plain.layers} == {"float32"}
    for ours, theirs in zip(plain.get_weights(), mixed.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert export._in_float32(plain) is plain


@pytest.mark.parametrize("difference", [2e-4, float("nan")])
def test_a_file_that_answers_otherwise_is_not_kept(
    home: Path, monkeypatch: pytest.MonkeyPatch, difference: float
) -> None:
    row: Any = SimpleNamespace(name="mine", competition=SimpleNamespace(task="multilabel"))
    monkeypatch.setattr(export, "_write", lambda model, row, path: path.write_bytes(b"a model"))
    monkeypatch.setattr(export, "_validation_images", lambda *arguments: nullcontext((None, np.arange(3))))
    monkeypatch.setattr(export, "_compare", lambda *arguments: (difference, 1.0))
    pixels = keras.Input((4, 4, 3))
    model = keras.Model(pixels, keras.layers.Flatten()(pixels))
    with pytest.raises(InputError, match="the ONNX file of mine answers otherwise than Keras"):
        export.export_row(model, row, None, Path("a.onnx"))  # type: ignore[arg-type]
    assert list(Path().glob("*.onnx")) == []


def test_an_answer_of_one_image_that_differs_counts(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    needs_onnx()
    import onnxruntime

    class Session:
        def run(self, names: list[str], fed: dict[str, np.ndarray]) -> list[np.ndarray]:
            return [fed["pixels"][:, 0, 0] + np.where(fed["pixels"][:, 0, 0] == 90, 0.5, 0.0)]

    class Model:
        def predict_on_batch(self, pixels: np.ndarray) -> np.ndarray:
            return pixels[:, 0, 0].astype(np.float32)

    monkeypatch.setattr(onnxruntime, "InferenceSession", lambda *arguments, **named: Session())
    images = np.broadcast_to(np.arange(100, dtype=np.uint8)[:, None, None, None], (100, 1, 1, 3))
    model: object = Model()
    difference, _ = export._compare(model, Path("a.onnx"), images, np.arange(20, 100))  # type: ignore[arg-type]
    assert difference == pytest.approx(0.5 / 99)  # of the largest number in its batch
    assert export._compare(model, Path("a.onnx"), images, np.arange(20, 90))[0] == 0  # type: ignore[arg-type]


def test_packages_that_are_not_installed_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "tf2onnx" else name)
    with pytest.raises(InputError) as caught:
        export.refuse_lacking_packages()
    assert str(caught.value).startswith("tf2onnx is not installed, which exporting a row needs")
    assert told(str(caught.value), "pip install") == ["pip", "install", *export.PACKAGES]
