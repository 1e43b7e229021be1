"""Freezing the backbone and opening it from its top."""

import pytest
from scoretable.models.classifier import build_classifier
from scoretable.models.freezing import moving_share, open_backbone, rates_of_backbone
from scoretable.workspace.errors import InputError
from unit.models.timm_files import small_networks


def test_the_backbone_is_closed_at_first_then_opened_in_equal_parts() -> None:
    assert [moving_share(epoch, 2, 3) for epoch in range(7)] == pytest.approx([0, 0, 0.25, 0.5, 0.75, 1, 1])
    assert moving_share(0, 0, 0) == 1


def test_an_open_share_is_the_uppermost_layers() -> None:
    model = build_classifier("SmallCNN", None, 32, 32, 3, "softmax", 0.0)
    names = [variable.path for variable in model.trainable_variables]
    backbone = rates_of_backbone(model, 0.1, 1.0)
    assert set(backbone.values()) == {0.1}
    assert 0 < len(backbone) == len(names) - 2
    open_backbone(model, 0.0)
    assert [variable.path for variable in model.trainable_variables] == names[-2:]
    open_backbone(model, 0.5)
    some = [variable.path for variable in model.trainable_variables]
    assert some == names[-len(some) :]
    assert 2 < len(some) < len(names)
    open_backbone(model, 1.0)
    assert [variable.path for variable in model.trainable_variables] == names


def test_the_rate_falls_from_block_to_block_below_the_classifier() -> None:
    model = build_classifier("SmallCNN", None, 32, 32, 3, "softmax", 0.0)
    rates = rates_of_backbone(model, 0.5, 0.1)
    found = {model.trainable_variables[place].path.rpartition("/")[0]: rate for place, rate in rates.items()}
    assert found == pytest.approx(
        {f"block{number}_{kind}": 0.5 * 0.1 ** (5 - number) for number in range(1, 5) for kind in ("conv", "bn")}
    )
    assert rates_of_backbone(model, 1.0, 1.0) == {}


# What is below the first block, in the lowest and in or above the uppermost one, and how many there are.
BLOCKS = {
    "EfficientNetLite0": ("stem_conv", "block1a_dwconv", "block7a_project_bn", 16),
    "VGG16": (None, "block1_conv1", "block5_conv3", 5),
    "MobileNet": ("conv1", "conv_pw_1", "conv_dw_13_bn", 13),
    "MobileNetV2": ("Conv1", "expanded_conv_project", "Conv_1", 17),
    "vit_tiny_patch16_224": ("class_token", "block_0_attn", "norm", 2),
    "swin_tiny_patch4_window7_224": ("patch_norm", "stage_0_block_0_attn", "norm", 4),
    "swinv2_tiny_window8_256": ("patch_embed", "stage_0_block_0_norm1", "stage_1_block_1_mlp_fc2", 4),
}


@pytest.mark.parametrize("name", BLOCKS)
def test_the_blocks_of_a_network_are_those_of_its_layers_names(name: str) -> None:
    stem, lowest, uppermost, count = BLOCKS[name]
    with small_networks():
        model = build_classifier(name, None, 32, 32, 3, "softmax", 0.0)
    rates = rates_of_backbone(model, 1.0, 0.5)
    owners = {variable.path.split("/")[0]: place for place, variable in enumerate(model.trainable_variables)}
    assert rates[owners[uppermost]] == 0.5
    assert rates[owners[lowest]] == 0.5**count
    assert stem is None or rates[owners[stem]] == 0.5 ** (count + 1)
    assert len(set(rates.values())) == count + (stem is not None)
    assert len(rates) == len(model.trainable_variables) - 2


def test_a_network_without_named_blocks_is_refused() -> None:
    model = build_classifier("InceptionV3", None, 75, 75, 3, "softmax", 0.0)
    with pytest.raises(InputError, match="layer_decay: the layers of model: InceptionV3 are not named after blocks"):
        rates_of_backbone(model, 1.0, 0.5)
