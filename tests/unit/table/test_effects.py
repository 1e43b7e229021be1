"""The effects of any table are found: pairs of settings of which one param differs, pooled, corrected and in order."""

from pathlib import Path

import pytest
from made_experiments import SOURCE, add_experiment, commit, make_repository
from scoretable.table.effects import Effect, find_curves, find_effects
from scoretable.table.frames import find_frames
from scoretable.table.table import ScoreTable, read_score_table
from scoretable.uncertainty.differences import holm


def effects_of(repository: Path, where: str = "sandbox") -> list[Effect]:
    found = find_effects(read_score_table(repository))
    return [effect for effect in found if effect.frame.where.startswith(where)]


def rows_of(effects: list[Effect]) -> list[tuple[tuple[str, ...], str, str]]:
    return [(effect.params, effect.first.label, effect.second.label) for effect in effects]


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> ScoreTable:
    """The table of a repository without rows."""
    return read_score_table(make_repository(tmp_path_factory.mktemp("effects") / "repository"))


def test_the_teams_five_effects_are_found_in_what_they_reported(reported: ScoreTable) -> None:
    assert rows_of(find_effects(reported)) == [
        (("image_size",), "2", "3"),
        (("image_size",), "4", "6 and 7"),
        (("epochs",), "2", "4"),
        (("epochs",), "3", "6 and 7"),
        (("batch_size",), "6 and 7", "8"),
    ]


def test_reported_rows_with_one_draw_are_lent_the_spread_of_rows_6_and_7(reported: ScoreTable) -> None:
    effects = find_effects(reported)
    assert {effect.change.verdict for effect in effects} == {"within noise"}
    assert all(effect.change.low is not None and -1 < effect.change.low < 0 for effect in effects)
    (frame,) = find_frames(reported)
    assert frame.family is not None
    assert (frame.family.known, frame.family.settings) == (1, 1)


def test_reruns_of_rows_6_and_7_are_pooled_and_a_seed_that_both_have_counts_once(repository: Path) -> None:
    for row, seed, public in ((6, 0, 0.70), (6, 1, 0.72), (7, 1, 0.72), (7, 2, 0.74), (8, 0, 0.9)):
        batch_size = 16 if row == 8 else 32
        add_experiment(
            repository, f"row-{row}-{seed}", 0.5, public=public, reruns=row, seed=seed, batch_size=batch_size
        )
    (effect,) = effects_of(repository)
    assert (effect.params, effect.first.label, effect.second.label) == (("batch_size",), "6 and 7", "8")
    assert effect.first.scores == (0.70, 0.72, 0.74)


def test_an_effect_of_any_param_is_found(repository: Path) -> None:
    add_experiment(repository, "plain", 0.5, public=0.5)
    add_experiment(repository, "smooth", 0.5, public=0.6, label_smoothing=0.1)
    add_experiment(repository, "both", 0.5, public=0.7, label_smoothing=0.1, dropout=0.5)
    found = {(*params, frozenset((first, second))) for params, first, second in rows_of(effects_of(repository))}
    assert found == {
        ("label_smoothing", frozenset(("plain", "smooth"))),
        ("dropout", frozenset(("smooth", "both"))),
    }


def test_params_that_belong_together_count_as_one(repository: Path) -> None:
    add_experiment(repository, "adam", 0.5, public=0.5)
    add_experiment(repository, "sgd", 0.5, public=0.6, optimizer="sgd", learning_rate=0.1)
    add_experiment(repository, "other", 0.5, public=0.6, epochs=9, dropout=0.9)
    assert rows_of(effects_of(repository)) == [(("optimizer", "learning_rate"), "adam", "sgd")]


def test_rows_on_other_data_scales_or_sources_are_not_compared(repository: Path) -> None:
    add_experiment(repository, "one", 0.5, public=0.5)
    add_experiment(repository, "scaled", 0.5, public=0.5, epochs=6, scale="epochs x 0.1")
    add_experiment(repository, "beans", 0.5, public=0.5, epochs=7, competition="beans")
    add_experiment(repository, "fold", 0.5, public=0.5, fold=1)
    (repository / SOURCE).write_text("changed")
    add_experiment(repository, "later", 0.5, public=0.5, epochs=8)
    assert effects_of(repository) == []


def test_validation_scores_are_compared_where_nothing_was_submitted(repository: Path) -> None:
    add_experiment(repository, "one", 0.5)
    add_experiment(repository, "two", 0.6, epochs=6)
    (effect,) = effects_of(repository)
    assert (effect.frame.where, effect.change.value) == ("sandbox, validation", pytest.approx(0.1))


def test_an_effect_without_any_spread_is_unknown(repository: Path) -> None:
    add_experiment(repository, "one", 0.5, public=0.5)
    add_experiment(repository, "two", 0.6, public=0.6, epochs=6)
    (effect,) = effects_of(repository)
    assert (effect.change.verdict, effect.change.low, effect.more) == ("unknown", None, None)


def test_verdicts_are_corrected_for_all_effects_of_a_frame(repository: Path) -> None:
    for epochs, publics in ((5, (0.500, 0.501)), (6, (0.505, 0.506)), (7, (0.500, 0.502)), (8, (0.501, 0.500))):
        for seed, public in enumerate(publics):
            add_experiment(repository, f"{epochs}-{seed}", 0.5, public=public, epochs=epochs, seed=seed)
    effects = effects_of(repository)
    assert {effect.looked_at for effect in effects} == {6}
    alone = [effect.change.chance or 0 for effect in effects]
    assert min(alone) > 0.001
    assert sorted(alone) != sorted(holm(alone))
    settled = [effect for effect in effects if effect.change.verdict != "within noise"]
    assert all((effect.change.chance or 0) < 0.05 for effect in settled)
    assert all(effect.more is None for effect in settled)


def test_an_effect_within_noise_says_how_many_seeds_would_show_it(repository: Path) -> None:
    for epochs, publics in ((5, (0.50, 0.52)), (6, (0.56, 0.54))):
        for seed, public in enumerate(publics):
            add_experiment(repository, f"{epochs}-{seed}", 0.5, public=public, epochs=epochs, seed=seed)
    (effect,) = effects_of(repository)
    assert effect.change.verdict == "within noise"
    assert effect.more is not None and 1 <= effect.more <= 4


def test_the_effects_of_a_loss_say_that_smaller_is_better(repository: Path) -> None:
    file = repository / "workflow/competitions/sandbox.yaml"
    file.write_text(file.read_text() + "\nmetric: log_loss\ntask: multiclass\n")
    commit(repository)
    for epochs, seed, public in ((5, 0, 0.9), (5, 1, 0.91), (6, 0, 0.4), (6, 1, 0.41)):
        add_experiment(repository, f"{epochs}-{seed}", 0.5, public=public, epochs=epochs, seed=seed)
    (effect,) = effects_of(repository)
    assert (effect.frame.where, effect.change.verdict) == ("sandbox, by log_loss", "smaller (better)")


def test_an_ordered_param_with_three_values_has_a_curve_in_rising_order(repository: Path) -> None:
    for epochs, public in ((9, 0.7), (5, 0.5), (7, 0.6)):
        add_experiment(repository, f"e{epochs}", 0.5, public=public, epochs=epochs)
    add_experiment(repository, "e5-again", 0.5, public=0.52, epochs=5, seed=1)
    (curve,) = find_curves(read_score_table(repository))
    assert curve.param == "epochs"
    assert [(value, summary.draws) for value, _, summary in curve.points] == [(5, 2), (7, 1), (9, 1)]
    assert all(summary.low is not None and 0 <= summary.low < summary.mean for _, _, summary in curve.points)


def test_names_and_two_values_have_no_curve(repository: Path) -> None:
    for optimizer in ("adam", "sgd", "rmsprop"):
        add_experiment(repository, optimizer, 0.5, public=0.5, optimizer=optimizer)
    add_experiment(repository, "longer", 0.5, public=0.5, epochs=9)
    assert find_curves(read_score_table(repository)) == []
