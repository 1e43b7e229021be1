"""The effects and curves that the page draws are those of the table."""

from pathlib import Path

from made_experiments import add_experiment
from scoretable.page.effects import describe_curves, describe_effects
from scoretable.table.table import read_score_table


def test_an_effect_is_drawn_with_its_interval_and_rows(repository: Path) -> None:
    found = describe_effects(read_score_table(repository))
    batch = next(effect for effect in found if effect["label"].startswith("batch_size"))
    assert (batch["rows"], batch["where"], batch["side"]) == ("6 and 7 → 8", "as reported", "open")
    assert batch["low"] < batch["value"] < batch["high"]


def test_an_effect_that_is_more_than_noise_comes_first(repository: Path) -> None:
    for epochs, scores in ((1, (0.30, 0.31, 0.32)), (2, (0.80, 0.81, 0.82))):
        for seed, score in enumerate(scores):
            add_experiment(repository, f"of-{epochs}-{seed}", score, public=score, epochs=epochs, seed=seed)
    first, *others = describe_effects(read_score_table(repository))
    assert (first["label"], first["side"]) == ("epochs 1 → 2", "better")
    assert {other["side"] for other in others} == {"open"}


def test_a_param_of_three_values_has_a_curve(repository: Path) -> None:
    for epochs in (1, 2, 4):
        add_experiment(repository, f"of-{epochs}", 0.1 * epochs, public=0.1 * epochs, epochs=epochs)
    (curve,) = [found for found in describe_curves(read_score_table(repository)) if found["where"] == "sandbox"]
    assert (curve["param"], [point["value"] for point in curve["points"]]) == ("epochs", [1, 2, 4])
