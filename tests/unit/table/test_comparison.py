"""Two rows are compared with the noise of images, of seeds, and both, and it is said what would settle it."""

import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_experiments import add_experiment, add_output, commit
from scoretable.cli import main as cli
from scoretable.table.comparison import Comparison, compare_rows
from scoretable.table.comparison_text import write_comparison
from scoretable.table.table import read_score_table
from scoretable.uncertainty.shares import mcnemar, paired_interval
from scoretable.workspace.errors import InputError

IMAGES = 100


def answers(right: Sequence[int] | range, order: Sequence[int] | None = None, images: int = IMAGES) -> bytes:
    """The file of a row that answers these images right; order: in which they stand in it."""
    row = np.array(order if order is not None else range(images))
    sure = np.where(np.isin(row, list(right)), 0.9, 0.2)
    truth, file = row % 2, io.BytesIO()
    probabilities = np.where(truth[:, None] == [0, 1], sure[:, None], 1 - sure[:, None]).astype(np.float32)
    np.savez(
        file, probabilities=probabilities, truth=truth, ids=row.astype(str), classes=np.array(["a", "b"]),
        fold=np.zeros(images, np.int64), row=row,
    )  # fmt: skip
    return file.getvalue()


def add_row(repository: Path, name: str, accuracy: float, content: bytes, **params: Any) -> None:
    add_experiment(repository, name, accuracy, **params)
    add_output(repository, name, "models/validation.npz", content)


def compared(repository: Path, first: str = "one", second: str = "two") -> Comparison:
    return compare_rows(read_score_table(repository), first, second, repository)


def add_pair(repository: Path, **params: object) -> None:
    """Two rows: `one` is right on 60 images, `two` on 70, of which 55 are the same; theirs differ in the epochs."""
    add_row(repository, "one", 0.6, answers(range(60)), **params)
    order = list(reversed(range(IMAGES)))
    add_row(repository, "two", 0.7, answers(range(5, 75), order), epochs=6, **params)


def test_rows_that_answered_the_same_images_are_compared_image_by_image(repository: Path) -> None:
    add_pair(repository)
    (found,) = compared(repository).scores
    assert found.pairing is not None
    assert (found.pairing.images, found.pairing.only_first, found.pairing.only_second) == (100, 5, 15)
    assert found.pairing.chance == pytest.approx(float(mcnemar(5, 15)))
    (images,) = found.judged
    assert images.noise == "other images"
    assert images.change.low is not None and images.change.high is not None
    low, high = paired_interval(5, 15, 100)
    assert (images.change.low, images.change.high) == pytest.approx((float(low), float(high)), abs=0.01)


def test_what_differs_between_two_rows_is_named(repository: Path) -> None:
    add_pair(repository)
    found = compared(repository)
    assert (found.metric, found.params) == ("accuracy", (("epochs", 5, 6),))


def test_rows_without_answers_are_compared_as_if_of_different_images(repository: Path) -> None:
    add_pair(repository)
    add_experiment(repository, "old", 0.7, epochs=6, dropout=0.5)
    (paired,), (apart,) = compared(repository).scores, compared(repository, "one", "old").scores
    assert apart.pairing is None
    widths = [found.judged[0].change.high - found.judged[0].change.low for found in (paired, apart)]  # type: ignore[operator]
    assert widths[1] > widths[0]
    assert "at most" in apart.judged[0].how


def test_rows_that_held_out_other_images_are_no_pairs(repository: Path) -> None:
    add_row(repository, "one", 0.6, answers(range(60)))
    add_row(repository, "two", 0.7, answers(range(70), range(50, 150)), epochs=6, seed=1)
    (found,) = compared(repository).scores
    assert found.pairing is None


def test_another_seed_of_either_row_tells_run_noise(repository: Path) -> None:
    add_pair(repository)
    add_experiment(repository, "one-again", 0.62, seed=1)
    (found,) = compared(repository).scores
    assert [judged.noise for judged in found.judged] == ["other images", "other seeds", "both"]
    assert found.draws == ((0.6, 0.62), (0.7,))
    assert found.judged[1].change.value == pytest.approx(0.09)


@pytest.mark.parametrize("fold", [0, "all"])
def test_what_is_within_one_kind_of_noise_is_called_so(repository: Path, fold: int | str) -> None:
    add_pair(repository, fold=fold)
    add_experiment(repository, "one-again", 0.62, seed=1, fold=fold)
    found = compared(repository)
    assert [judged.change.verdict for judged in found.scores[0].judged][:2] == ["larger", "within noise"]
    assert "Within noise: other images and other seeds alone give as much in 12 of 100 cases." in write_comparison(
        found
    )


def test_of_all_folds_the_two_kinds_of_noise_add_up(repository: Path) -> None:
    add_pair(repository, fold="all")
    for seed, (first, second) in enumerate(((0.61, 0.69), (0.605, 0.71)), start=1):
        add_experiment(repository, f"one-{seed}", first, seed=seed, fold="all")
        add_experiment(repository, f"two-{seed}", second, seed=seed, fold="all", epochs=6)
    images, seeds, both = (judged.change for judged in compared(repository).scores[0].judged)
    assert both.low is not None and both.high is not None
    assert all(both.high - both.low > (part.high or 0) - (part.low or 0) for part in (images, seeds))


def test_seeds_that_hold_out_other_images_have_the_noise_of_images_in_them(repository: Path) -> None:
    add_pair(repository)
    add_experiment(repository, "one-again", 0.62, seed=1)
    found = compared(repository).scores[0].judged
    assert found[2].change == found[1].change
    assert "each seed holds out other images" in found[1].how


def test_more_seeds_come_with_more_images(repository: Path) -> None:
    add_pair(repository)
    for seed in (1, 2, 3):
        add_experiment(repository, f"one-{seed}", 0.6 + seed / 1000, seed=seed)
        add_experiment(repository, f"two-{seed}", 0.7 + seed / 1000, seed=seed, epochs=6)
    images, _, both = (judged.change for judged in compared(repository).scores[0].judged)
    assert both.low is not None and images.low is not None
    assert both.value - both.low == pytest.approx((images.value - images.low) / 2, rel=0.02)


def test_the_spread_of_other_settings_is_lent_and_it_is_said(repository: Path) -> None:
    add_pair(repository)
    for seed, accuracy in enumerate((0.80, 0.81, 0.79)):
        add_experiment(repository, f"other-{seed}", accuracy, seed=seed, dropout=0.5)
    (found,) = compared(repository).scores
    assert "1 and 1 draw, with the spread of 1 other setting" in found.judged[1].how
    assert found.judged[1].change.verdict == "larger"


@pytest.mark.turns(4)  # scikit-learn takes a millisecond for each of its 800 values
def test_an_auc_has_the_noise_of_a_bootstrap(repository: Path) -> None:
    file = repository / "workflow/competitions/sandbox.yaml"
    file.write_text(file.read_text().replace("classes: 10", "classes: 2") + "\nmetric: auc\ntask: binary\n")
    commit(repository)
    add_row(repository, "one", 0.6, answers(range(60)), figures={"auc": 0.6}, metric="auc")
    add_row(repository, "two", 0.7, answers(range(70)), figures={"auc": 0.7}, metric="auc", epochs=6)
    (found,) = compared(repository).scores
    assert found.pairing is None
    assert [judged.how for judged in found.judged] == ["the same images in pairs (bootstrap)"]
    assert found.judged[0].change.low is not None


def test_no_interval_of_rows_that_are_almost_perfect_leaves_the_possible(repository: Path) -> None:
    add_row(repository, "one", 0.99, answers(range(99)), public=0.98)
    add_row(repository, "two", 1.0, answers(range(100)), public=1.0, epochs=6)
    add_experiment(repository, "one-again", 0.96, seed=1, public=0.93)
    for found in compared(repository).scores:
        for judged in found.judged:
            assert judged.change.low is not None and judged.change.high is not None
            assert -1 <= judged.change.low < judged.change.high <= 1


def test_rows_by_other_metrics_are_not_compared(repository: Path) -> None:
    add_experiment(repository, "one", 0.6)
    add_experiment(repository, "beans", 0.7, competition="beans")
    with pytest.raises(InputError, match=r"one is scored by accuracy on sandbox, beans by .* on beans: name two rows"):
        compared(repository, "one", "beans")


def test_an_unknown_row_and_a_row_against_itself_are_refused(repository: Path) -> None:
    add_experiment(repository, "one", 0.6)
    with pytest.raises(InputError, match=r"there is no row two: `scoretable table` lists one"):
        compared(repository)
    with pytest.raises(InputError, match="name two to compare"):
        compared(repository, "one", "one")


def test_the_comparison_is_told_in_words_and_figures(repository: Path) -> None:
    add_pair(repository)
    text = write_comparison(compared(repository))
    assert text.startswith("two against one, by accuracy")
    assert re.search(r"^epochs +5 +6$", text, re.MULTILINE)
    assert re.search(r"^one +0\.60000 \(60 of 100\) +0\.5020 to 0\.6906 ", text, re.MULTILINE)
    assert "5 are answered right by one alone and 15 by two alone" in text
    assert "What another seed gives is unknown: make a second seed of each, with `-S seed=1`." in text


def test_what_is_within_noise_says_how_many_seeds_would_settle_it(repository: Path) -> None:
    for seed, (first, second) in enumerate(((0.60, 0.66), (0.63, 0.64))):
        add_experiment(repository, f"one-{seed}", first, seed=seed)
        add_experiment(repository, f"two-{seed}", second, seed=seed, epochs=6)
    text = write_comparison(compared(repository, "one-0", "two-0"))
    assert re.search(r"Within noise: .* \d+ more seeds? each would show it 80% of the time", text)


def test_a_difference_beyond_noise_says_how_seldom_noise_gives_it(repository: Path) -> None:
    for seed, (first, second) in enumerate(((0.30, 0.90), (0.31, 0.91))):
        add_experiment(repository, f"one-{seed}", first, seed=seed)
        add_experiment(repository, f"two-{seed}", second, seed=seed, epochs=6)
    text = write_comparison(compared(repository, "one-0", "two-0"))
    assert "two-0 is larger: other images and other seeds alone give as much in" in text


def test_the_command_prints_the_comparison(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    add_pair(repository)
    monkeypatch.chdir(repository)
    assert cli.main(["compare", "one", "two"]) == 0
    assert capsys.readouterr().out.startswith("two against one, by accuracy")
    assert cli.main(["compare", "one", "three"]) == 1
    assert "there is no row three" in capsys.readouterr().err
