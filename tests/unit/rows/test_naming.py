"""A row's name says what sets it apart from the defaults."""

import re

import pytest
from scoretable.rows.naming import row_name
from scoretable.rows.params import Params

DIGEST = "3f2a91c0ffee0000"


@pytest.mark.parametrize(
    ("params", "name"),
    [
        (Params(), "sandbox-lite0-128px-3f2a91"),
        (Params(batch_size=16, optimizer="sgd"), "sandbox-lite0-128px-b16-sgd-3f2a91"),
        (Params(model="InceptionV3", image_size=448, epochs=50), "sandbox-inceptionv3-448px-e50-3f2a91"),
        (Params(weights=None, augment=["flip", "crop"]), "sandbox-lite0-128px-random-flip-crop-3f2a91"),
        (Params(competition="beans", sandbox_images=100, seed=3), "beans-lite0-128px-seed3-3f2a91"),
        (
            Params(competition="sandbox-log-loss", sandbox_images=100),
            "sandbox-log-loss-lite0-128px-sandbox-images-100-3f2a91",
        ),
        (Params(image_size="448x320", learning_rate=1e-5), "sandbox-lite0-448x320px-lr1e-05-3f2a91"),
    ],
)
def test_a_name_tells_what_is_not_a_default_and_ends_with_the_digest(params: Params, name: str) -> None:
    assert row_name(params, DIGEST, is_drawn=params.competition != "beans") == name


def test_what_differs_in_many_params_is_named_by_the_first_of_them() -> None:
    params = Params(epochs=9, batch_size=8, optimizer="sgd", learning_rate=0.1, dropout=0.5, seed=3)
    assert row_name(params, DIGEST, is_drawn=True).count("-") <= 8
    assert row_name(params, DIGEST, is_drawn=True).endswith("-3f2a91")


def test_a_path_of_weights_makes_a_name_that_git_and_dvc_take() -> None:
    name = row_name(Params(weights="../my weights/best..keras"), DIGEST, is_drawn=True)
    assert re.fullmatch(r"[A-Za-z0-9.-]+", name) and ".." not in name
