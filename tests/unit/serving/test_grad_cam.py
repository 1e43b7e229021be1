"""The picture of where a model looked has the paper's values, and a PNG for each photo."""

from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image
from scoretable.cli import main as cli
from scoretable.models.classifier import average_models, build_classifier
from scoretable.serving.grad_cam import GradCam
from scoretable.workspace.errors import InputError
from unit.serving.served_row import serve

pytestmark = pytest.mark.usefixtures("one_block")
CORNER = np.zeros((32, 32, 3), np.uint8)
CORNER[4:12, 18:28] = 255


def network(outputs: int, activation: str, seed: int = 1) -> keras.Model:
    keras.utils.set_random_seed(seed)
    return build_classifier("SmallCNN", None, 32, 32, outputs, activation, 0.2)


def class_map(model: keras.Model, weights: np.ndarray) -> np.ndarray:
    """What Grad-CAM equals where features are averaged and then weighed (arXiv:1512.04150)."""
    backbone = model.get_layer("backbone")
    body = backbone.layers[-1]
    features = keras.Model(body.input, body.layers[-2].output)(CORNER[None] / np.float32(127.5) - 1)
    found = np.maximum(np.asarray(features)[0] @ weights, 0)
    return found / found.max()


@pytest.mark.parametrize("column", [0, 2])
def test_of_averaged_features_it_is_the_class_activation_map(column: int) -> None:
    model = network(3, "softmax")
    kernel = np.asarray(model.get_layer("classifier").kernel)
    (found,) = GradCam(model, "multiclass").networks
    np.testing.assert_allclose(found.find(CORNER, column), class_map(model, kernel[:, column]), atol=1e-5)


def test_of_one_unit_for_two_classes_what_speaks_against_one_speaks_for_the_other() -> None:
    model = network(1, "sigmoid")
    kernel = np.linspace(-1, 1, model.get_layer("classifier").kernel.shape[0], dtype=np.float32)
    model.get_layer("classifier").kernel.assign(kernel[:, None])
    (found,) = GradCam(model, "binary").networks
    for column, sign in ((0, -1), (1, 1)):
        np.testing.assert_allclose(found.find(CORNER, column), class_map(model, sign * kernel), atol=1e-5)


def test_it_is_highest_where_the_image_has_what_the_class_has() -> None:
    model = network(2, "softmax")
    body = model.get_layer("backbone").layers[-1]
    brightness = np.zeros(body.get_layer("block1_conv").kernel.shape, np.float32)
    brightness[1, 1] = 1
    body.get_layer("block1_conv").kernel.assign(brightness)
    kernel = model.get_layer("classifier").kernel
    kernel.assign(np.ones(kernel.shape) * [1, -1])
    look = GradCam(model, "multiclass")(CORNER, 0)
    assert look.shape == (32, 32)
    assert look[6:10, 20:26].min() == pytest.approx(1, abs=1e-5)
    assert look[16:].max() == 0


def test_of_several_folds_it_is_the_mean() -> None:
    folds = [network(3, "softmax", seed) for seed in (1, 2)]
    looks = [GradCam(fold, "multiclass")(CORNER, 1) for fold in folds]
    np.testing.assert_allclose(GradCam(average_models(folds), "multiclass")(CORNER, 1), np.mean(looks, 0), atol=1e-5)


def test_a_network_that_averages_nothing_over_the_image_is_refused() -> None:
    inputs, pixels = keras.Input((8, 8, 3)), keras.Input((8, 8, 3), dtype="uint8")
    body = keras.Model(inputs, keras.layers.Flatten()(keras.layers.Conv2D(2, 4, 4)(inputs)))
    backbone = keras.Model(pixels, body(keras.layers.Rescaling(1.0)(pixels)), name="backbone")
    model = keras.Model(pixels, keras.layers.Dense(2, name="classifier")(backbone(pixels)))
    with pytest.raises(InputError, match="does not average its features over the image, so nothing shows"):
        GradCam(model, "multiclass")


def test_each_photo_has_a_picture_under_its_name(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(repository)
    served = serve(repository)
    again = Path("again")
    again.mkdir()
    (again / "100.jpg").write_bytes((served.folder / "100.jpg").read_bytes())
    (again / "200.jpg").write_bytes(b"no picture")
    assert cli.main(["predict", served.row, str(served.folder), "again", "--look", "looks"]) == 1
    assert "all others are answered; where it looked is in looks" in capsys.readouterr().err
    names = sorted(path.name for path in Path("looks").iterdir())
    assert names == sorted([*(f"{name}.png" for name in served.answers), "100.jpg-2.png"])
    with Image.open("looks/100.jpg.png") as picture:
        assert picture.size == (2 * 32 * 13, 40 * 13)
