"""The closing sentence claims no more than the images show."""

from types import SimpleNamespace
from typing import Any

import pytest
from scoretable.blending.estimate import estimate
from scoretable.campaign.conclusion import conclude
from unit.blending.small_blend import drawn


def blend(strengths: tuple[float, ...], images: int) -> Any:
    return SimpleNamespace(worth=estimate(drawn(images, strengths), "mean"), reason="")


def test_a_blend_that_is_better_is_said_to_be_so_with_the_interval() -> None:
    told = conclude("blend", blend((1.0, 1.0, 1.0), 3000))
    assert told.startswith("blend is better than its best part, row-") and "95% interval +0." in told


def test_a_difference_within_noise_is_no_gain() -> None:
    told = conclude("blend", blend((1.0, 1.0), 40))
    assert "is not shown to be better than its best part" in told and "within noise" in told


def test_a_blend_that_a_useless_row_spoils_is_said_to_be_worse() -> None:
    assert conclude("blend", blend((3.0, -3.0), 1000)).startswith("blend is worse than its best part, row-0")


@pytest.mark.parametrize("doubted", [True, False])
def test_figures_of_pseudo_labels_that_know_the_images_are_doubted(doubted: bool) -> None:
    told = conclude("last", blend((1.0, 1.0), 40), ("first", blend((1.0, 1.0), 40)), doubted)
    assert ("may be too good" in told and "first, with 0." in told) is doubted


def test_without_images_in_common_nothing_is_known() -> None:
    told = conclude("blend", SimpleNamespace(worth=None, reason="they held out other images."))  # type: ignore[arg-type]
    assert told == "Whether blend is better than its best part is not known: they held out other images."
