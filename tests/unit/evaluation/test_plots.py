from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.mathtext import MathTextParser
from PIL import Image
from scoretable.evaluation import plots, plots_by_task
from scoretable.evaluation.classification import confusion, per_class, worst_mistakes
from scoretable.evaluation.plots_by_task import COUNTS


def draw_answers(classes, count=60, seed=0):
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, classes, count)
    probabilities = generator.dirichlet(np.ones(classes), count).astype(np.float32)
    return labels, probabilities, [f"class {index}" for index in range(classes)]


def history_of(epochs):
    steps = np.arange(1, epochs + 1)
    columns = {"epoch": steps, "loss": 2 / steps, "accuracy": 1 - 0.9 / steps, "learning_rate": 1e-3, "seconds": 9.0}
    return pd.DataFrame(columns | {"val_loss": 3 / steps, "val_accuracy": 1 - 0.95 / steps})


def mistakes_of(count):
    labels = np.zeros(count, dtype=int)
    probabilities = np.tile(np.array([[0.2, 0.8]], dtype=np.float32), (count, 1))
    return worst_mistakes(labels, probabilities, ["blast", "hispa"], [f"{index}.jpg" for index in range(count)], count)


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def area_of(path, colour, tolerance=12):
    wanted = [int(colour[start : start + 2], 16) for start in (1, 3, 5)]
    return int((np.abs(pixels(path) - wanted).max(axis=2) <= tolerance).sum())


class CountingPhotos:
    def __init__(self, count):
        self.rows = np.zeros((count, 4, 4, 3), dtype=np.uint8)
        self.read = []

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        self.read.append(index)
        return self.rows[index]


def draw_each(folder, seed):
    labels, probabilities, names = draw_answers(3, seed=seed)
    images = np.random.default_rng(seed).integers(0, 255, (60, 8, 8, 3), dtype=np.uint8)
    mistakes = worst_mistakes(labels, probabilities, names, [str(index) for index in range(60)], count=1)
    plots.draw_learning_curves(history_of(1 + seed), folder / "curves.png", "title")
    plots.draw_confusion(confusion(labels, probabilities, names), folder / "confusion.png", "title")
    plots.draw_per_class(per_class(labels, probabilities, names), folder / "classes.png", "title")
    plots.draw_mistakes(mistakes, images, folder / "mistakes.png", "title")
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_equal_inputs_give_equal_bytes_and_other_inputs_give_others(tmp_path):
    for name in ("first", "again", "other"):
        (tmp_path / name).mkdir()
    first, again, other = (
        draw_each(tmp_path / name, seed) for name, seed in (("first", 0), ("again", 0), ("other", 1))
    )
    assert len(first) == 4
    assert first == again
    assert not set(first.values()) & set(other.values())


def test_a_figure_names_no_software_and_leaves_nothing_else_behind(tmp_path):
    plots.draw_mistakes(mistakes_of(1).head(0), CountingPhotos(1), tmp_path / "mistakes.png")
    with Image.open(tmp_path / "mistakes.png") as image:
        assert "Software" not in image.info
        assert image.width == 1200
    assert [path.name for path in tmp_path.iterdir()] == ["mistakes.png"]


def test_the_title_is_drawn(tmp_path):
    plots.draw_mistakes(mistakes_of(1).head(0), CountingPhotos(1), tmp_path / "one.png", "sandbox")
    plots.draw_mistakes(mistakes_of(1).head(0), CountingPhotos(1), tmp_path / "two.png", "paddy")
    top = slice(0, 60)
    assert (pixels(tmp_path / "one.png")[top] != pixels(tmp_path / "two.png")[top]).any()


def test_one_epoch_shows_a_point_beside_the_legend(tmp_path):
    plots.draw_learning_curves(history_of(1), tmp_path / "point.png")
    empty = history_of(1).assign(loss=np.nan, accuracy=np.nan, val_loss=np.nan, val_accuracy=np.nan)
    plots.draw_learning_curves(empty.assign(learning_rate=np.nan), tmp_path / "none.png")
    # Without points, the legends still hold each colour: what is more must be points.
    for colour in (plots.BLUE, plots.VERMILION, plots.GREEN):
        assert area_of(tmp_path / "point.png", colour) >= area_of(tmp_path / "none.png", colour) + 20


def test_a_further_metric_gets_a_panel_of_its_own(tmp_path):
    plots.draw_learning_curves(history_of(3), tmp_path / "few.png")
    plots.draw_learning_curves(history_of(3).assign(auc=0.7, val_auc=0.6, recall=0.7), tmp_path / "more.png")
    assert pixels(tmp_path / "more.png").shape[0] > pixels(tmp_path / "few.png").shape[0] + 300


@pytest.mark.parametrize(
    "history", [history_of(2).drop(columns="epoch"), history_of(0), history_of(2)[["epoch", "seconds"]]]
)
def test_a_history_without_anything_to_draw_is_refused(tmp_path, history):
    with pytest.raises(ValueError, match=r"history must have .* Received: "):
        plots.draw_learning_curves(history, tmp_path / "curves.png")
    assert not list(tmp_path.iterdir())


def test_the_diagonal_of_a_faultless_model_is_dark_and_an_empty_class_is_grey(tmp_path):
    names = ["blast", "hispa", "normal"]
    counts = pd.DataFrame(np.diag([5, 3, 0]), index=names, columns=names)
    plots.draw_confusion(counts, tmp_path / "confusion.png")
    darkest = area_of(tmp_path / "confusion.png", "#08306B", tolerance=2)
    grey = area_of(tmp_path / "confusion.png", plots.PALE, tolerance=0)
    assert grey > darkest > 50_000


def test_26_classes_are_drawn_without_numbers_in_the_cells(tmp_path):
    labels, probabilities, names = draw_answers(26, count=200)
    one_more = confusion(labels, probabilities, names)
    plots.draw_confusion(one_more, tmp_path / "once.png")
    plots.draw_confusion(one_more * 2, tmp_path / "twice.png")
    # The shares are the same: only the number of images beside each class may differ.
    inside = np.s_[200:700, 500:1000]
    assert (pixels(tmp_path / "once.png")[inside] == pixels(tmp_path / "twice.png")[inside]).all()


def test_few_classes_show_the_counts_in_the_cells(tmp_path):
    labels, probabilities, names = draw_answers(4)
    counts = confusion(labels, probabilities, names)
    plots.draw_confusion(counts, tmp_path / "once.png")
    plots.draw_confusion(counts * 2, tmp_path / "twice.png")
    inside = np.s_[100:450, 200:1000]
    assert (pixels(tmp_path / "once.png")[inside] != pixels(tmp_path / "twice.png")[inside]).any()


def test_counts_that_are_not_square_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"Received: \(2, 3\)"):
        plots.draw_confusion(pd.DataFrame(np.zeros((2, 3))), tmp_path / "confusion.png")


def test_the_length_of_the_bars_follows_the_shares(tmp_path):
    table = pd.DataFrame({"class": ["a", "b"], "images": 4, "precision": 1.0, "recall": 0.5, "f1": 0.25})
    plots.draw_per_class(table, tmp_path / "bars.png")
    blue, vermilion, green = (area_of(tmp_path / "bars.png", c, 2) for c in (plots.BLUE, plots.VERMILION, plots.GREEN))
    assert blue / vermilion == pytest.approx(2, rel=0.1)
    assert vermilion / green == pytest.approx(2, rel=0.1)


def test_the_weakest_class_is_drawn_first_whatever_the_order_of_the_table(tmp_path):
    table = pd.DataFrame({"class": ["a", "b"], "images": 4, "precision": [0.9, 0.2], "recall": 0.5, "f1": [0.9, 0.2]})
    plots.draw_per_class(table, tmp_path / "table.png")
    plots.draw_per_class(table[::-1], tmp_path / "reversed.png")
    green = (np.abs(pixels(tmp_path / "table.png") - [0x00, 0x9E, 0x73]).max(axis=2) <= 2)[100:]
    lengths = green.sum(axis=1)[green.any(axis=1)]
    assert lengths[0] < lengths[-1]
    assert (tmp_path / "table.png").read_bytes() == (tmp_path / "reversed.png").read_bytes()


def test_a_class_name_with_dollar_signs_is_no_formula(tmp_path, monkeypatch):
    formulas, parse = [], MathTextParser.parse
    monkeypatch.setattr(MathTextParser, "parse", lambda self, s, *rest: formulas.append(s) or parse(self, s, *rest))
    names = ["$a$", "b"]
    plots.draw_confusion(pd.DataFrame(np.eye(2, dtype=int), index=names, columns=names), tmp_path / "confusion.png")
    table = pd.DataFrame({"class": names, "images": 4, "precision": 1.0, "recall": 0.5, "f1": 0.25})
    plots.draw_per_class(table, tmp_path / "bars.png", names[0])
    plots.draw_mistakes(mistakes_of(1).assign(actual="$a$"), CountingPhotos(1), tmp_path / "mistakes.png")
    assert formulas == []


def test_the_sheet_reads_only_the_photos_that_it_draws(tmp_path):
    images = CountingPhotos(100)
    mistakes = mistakes_of(100).iloc[40:43]
    plots.draw_mistakes(mistakes, images, tmp_path / "mistakes.png")
    assert images.read == [40, 41, 42]


def test_the_sheet_shows_24_photos_at_most(tmp_path):
    images = CountingPhotos(30)
    plots.draw_mistakes(mistakes_of(30), images, tmp_path / "mistakes.png")
    assert images.read == list(range(24))


def test_the_photo_of_the_mistake_is_the_one_that_is_drawn(tmp_path):
    images = np.zeros((3, 8, 8, 3), dtype=np.uint8)
    images[1] = (213, 94, 0)
    plots.draw_mistakes(mistakes_of(3).iloc[1:2], images, tmp_path / "mistakes.png")
    assert area_of(tmp_path / "mistakes.png", "#D55E00", tolerance=0) > 50_000


def test_without_a_mistake_the_sheet_says_so_and_reads_no_photo(tmp_path):
    images = CountingPhotos(5)
    plots.draw_mistakes(mistakes_of(5).head(0), images, tmp_path / "mistakes.png")
    assert images.read == []
    assert (pixels(tmp_path / "mistakes.png")[120:] < 128).any()


def test_a_mistake_beyond_the_photos_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"no image 2\. Received: 2 images"):
        plots.draw_mistakes(mistakes_of(3), CountingPhotos(2), tmp_path / "mistakes.png")


def test_a_score_of_the_validation_alone_has_a_curve_with_its_best_epoch(monkeypatch):
    history = pd.DataFrame({"epoch": [1, 2], "loss": [2.0, 1.0], "val_loss": [1.0, 2.0], "val_log_loss": [0.3, 0.4]})
    drawn = []
    monkeypatch.setattr(plots, "save_figure", lambda figure, target: drawn.extend(figure.axes))
    plots.draw_learning_curves(history, Path("curves.png"))
    assert [axes.get_title() for axes in drawn] == ["Loss", "Log loss"]
    assert [text.get_text() for text in drawn[1].get_legend().get_texts()] == ["validation (best 0.3000 in epoch 1)"]


def test_of_many_classes_the_bars_are_of_the_weakest(tmp_path, monkeypatch):
    table = pd.DataFrame(
        {"class": list("abcd"), "images": 5, "precision": 0.5, "recall": 0.5, "f1": [0.9, 0.1, 0.2, 0.8]}
    )
    drawn = []
    monkeypatch.setattr(plots, "MOST_BARS", 2)
    monkeypatch.setattr(plots, "new_figure", lambda height, heading: drawn.append(heading) or Figure())
    monkeypatch.setattr(plots, "save_figure", lambda figure, target: drawn.append(figure))
    plots.draw_per_class(table, tmp_path / "bars.png", "title")
    assert drawn[0] == "Precision, recall and F1 of the 2 weakest of 4 classes\ntitle"
    assert [text.get_text() for text in drawn[1].axes[0].get_yticklabels()] == ["b (5)", "c (5)"]


def test_of_many_labels_the_commonest_are_counted(tmp_path, monkeypatch):
    counts = pd.DataFrame(dict.fromkeys(COUNTS, 1), index=["a", "b", "c"])
    counts["true_positive"] = [3, 1, 2]
    drawn = []
    monkeypatch.setattr(plots_by_task, "MOST_BARS", 2)
    monkeypatch.setattr(plots_by_task, "save_figure", lambda figure, target: drawn.append(figure))
    plots_by_task.draw_label_counts(counts, tmp_path / "counts.png", "title")
    assert drawn[0].get_suptitle() == "Right and wrong answers to the 2 commonest of 3 labels\ntitle"
    assert [text.get_text() for text in drawn[0].axes[0].get_yticklabels()] == ["a", "c"]
