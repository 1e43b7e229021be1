"""Of the files of an image three become its channels, by the colours in their names."""

import pytest
from scoretable.discovery.channels import choose_channels


@pytest.mark.parametrize(
    ("endings", "chosen"),
    [
        (("_blue", "_green", "_red", "_yellow"), ["_red", "_green", "_blue"]),
        (("_yellow.png", "_G.png", "_R.png"), ["_R.png", "_G.png", "_yellow.png"]),
        (("_w10.tif", "_w2.tif", "_w1.tif", "_w3.tif"), ["_w1.tif", "_w2.tif", "_w3.tif"]),
        ((".jpg", ".png"), []),
        ((), []),
    ],
    ids=["colours", "letters", "numbers", "formats", "one-file"],
)
def test_channels_are_those_that_the_names_say(endings: tuple[str, ...], chosen: list[str]) -> None:
    assert choose_channels(endings) == chosen
