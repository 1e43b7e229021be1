"""How a classifier is trained."""

from dataclasses import replace

from scoretable.training.augmentation import Augmentation
from unit.small_training import RECIPE


def test_the_changes_of_images_are_those_of_the_params() -> None:
    recipe = replace(RECIPE, augment=("resized_crop",), crop_area=0.6, randaugment_magnitude=4)
    assert recipe.augmentation == Augmentation(("resized_crop",), 0.6, 4)
