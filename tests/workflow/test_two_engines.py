"""Snakemake and DVC agree about what is up to date."""

import hashlib
import json
import os
import shutil
import signal
from pathlib import Path

import pandas as pd
import pytest
from disturbances import wait_for_step
from projects import Project
from told import told

AFTER_TRAINING = {"train", "evaluate", "predict", "write_submission"}


def experiments(project: Project) -> dict[str, dict]:
    """Params and metrics of each experiment, by name."""
    rows: dict[str, dict] = {}
    for baseline in json.loads(project.run("dvc", "exp", "show", "--json")):
        for experiment in baseline.get("experiments") or []:
            data = experiment["revs"][0]["data"]
            metrics = {name: entry["data"] for name, entry in data["metrics"].items()}
            rows[experiment["name"]] = data["params"]["params.yaml"]["data"] | metrics["models/metrics.json"]
    return rows


def stages_run(printed: str) -> set[str]:
    """Stages whose command DVC ran."""
    return {line.split("'")[1] for line in printed.splitlines() if line.startswith("Running stage")}


def damaged_cache_files(project: Project) -> list[str]:
    """Files of DVC's cache whose content is not what their name says."""
    objects = [path for path in project.path(".dvc/cache/files/md5").rglob("*") if path.is_file()]
    assert objects
    return [
        str(path)
        for path in objects
        if hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
        != path.parent.name + path.name.removesuffix(".dir")
    ]


def test_snakemake_alone_makes_a_submission_on_a_fresh_clone(finished: Project, first_output: str) -> None:
    submission = pd.read_csv(finished.path("data/submission.csv"))
    assert list(submission.columns) == ["image_id", "label"]
    assert len(submission) == 15
    assert "Validation accuracy" in first_output
    assert "dvc exp show" in first_output


def test_a_second_run_has_nothing_to_do(finished: Project) -> None:
    assert "Nothing to be done" in finished.snakemake("submission")


def test_a_finished_run_is_an_experiment_and_dvc_has_nothing_to_do(finished: Project) -> None:
    assert [row["batch_size"] for row in experiments(finished).values()] == [24]
    assert "up to date" in finished.run("dvc", "status", "dvc.yaml")


def test_an_experiment_reruns_training_and_what_follows_and_adds_a_row(two_rows: Project, second_output: str) -> None:
    assert stages_run(second_output) == {"train", "evaluate", "predict", "submission"}
    rows = experiments(two_rows)
    assert sorted(row["seed"] for row in rows.values()) == [0, 1]
    assert all("accuracy" in row for row in rows.values())
    assert two_rows.planned() == set()


def test_another_image_size_makes_another_cache_and_going_back_reuses_the_old_one(finished: Project) -> None:
    archive = finished.path("data/raw/sandbox.zip")
    before = archive.stat().st_mtime_ns
    printed = finished.run("dvc", "exp", "run", "-S", "image_size=40", "preprocess")
    assert stages_run(printed) == {"preprocess"}
    printed = finished.run("dvc", "exp", "run", "-S", "image_size=32")
    assert stages_run(printed) <= {"preprocess"}
    assert "training and" not in printed
    assert archive.stat().st_mtime_ns == before
    assert finished.planned() == set()


@pytest.mark.parametrize("command", [("snakemake", "--cores", "1", "submission"), ("dvc", "exp", "run")])
def test_going_back_to_the_params_of_a_saved_row_takes_it_from_there(two_rows: Project, command: tuple[str]) -> None:
    (row,) = (name for name in experiments(two_rows) if name != "second")
    model = two_rows.path("models/model.keras").read_bytes()
    two_rows.set(seed=0)
    printed = two_rows.run(*command)
    assert f"models/model.keras: taken from the saved row {row}" in printed
    assert "epoch 1/" not in printed and "predict:  " not in printed
    assert two_rows.path("models/model.keras").read_bytes() != model
    assert two_rows.planned() == set()
    two_rows.run("dvc", "exp", "apply", "second")
    assert two_rows.path("models/model.keras").read_bytes() == model


def test_snakemake_reuses_the_cache_of_an_earlier_image_size(finished: Project) -> None:
    finished.set(image_size=40)
    finished.snakemake("--until", "preprocess", "--", "submission")
    finished.set(image_size=32, epochs=1)
    assert finished.planned() == AFTER_TRAINING


def test_a_queued_experiment_runs_training_only_in_a_copy_of_the_folder(finished: Project) -> None:
    finished.run("dvc", "exp", "run", "--queue", "--name", "queued", "-S", "seed=1")
    finished.run("dvc", "exp", "run", "--run-all")
    assert stages_run(finished.run("dvc", "queue", "logs", "queued")) == {"train", "evaluate", "predict", "submission"}
    assert sorted(row["seed"] for row in experiments(finished).values()) == [0, 1]
    assert finished.planned() == set()


def test_after_apply_snakemake_has_nothing_to_do(two_rows: Project) -> None:
    for name in experiments(two_rows):
        two_rows.run("dvc", "exp", "apply", name)
        assert two_rows.planned() == set()


def test_after_checkout_of_a_branch_snakemake_has_nothing_to_do(two_rows: Project) -> None:
    first = next(name for name, row in experiments(two_rows).items() if row["seed"] == 0)
    two_rows.run("dvc", "exp", "branch", first, "row-one")
    two_rows.run("git", "stash")
    two_rows.run("git", "checkout", "row-one")
    shutil.rmtree(two_rows.path("models"))
    two_rows.run("dvc", "checkout")
    assert two_rows.planned() == set()


def test_lost_records_of_snakemake_make_no_difference(finished: Project) -> None:
    shutil.rmtree(finished.path(".snakemake"))
    assert finished.planned() == set()
    finished.set(batch_size=16)
    assert finished.planned() == AFTER_TRAINING


@pytest.mark.parametrize(
    ("key", "value", "rules"),
    [
        ("sandbox_images", 61, {"download", "preprocess"} | AFTER_TRAINING),
        ("aspect", "crop", {"preprocess"} | AFTER_TRAINING),
        ("learning_rate", 0.01, AFTER_TRAINING),
        ("tta", "flip", {"evaluate", "predict", "write_submission"}),
        ("max_hours", 10, set()),
    ],
)
def test_a_param_reruns_its_own_rule_and_those_after_it(finished: Project, key: str, value: object, rules: set) -> None:
    finished.set(**{key: value})
    assert finished.planned() == rules


def test_a_row_takes_its_space_on_the_disk_once(two_rows: Project) -> None:
    cached = {path.stat().st_ino for path in two_rows.path(".dvc/cache/files/md5").rglob("*") if path.is_file()}
    for name in ("data/raw/sandbox.zip", "data/cache/sandbox/32/train.npy", "models/model.keras"):
        assert two_rows.path(name).stat().st_ino in cached, f"{name} is a copy of its own"


def test_a_crash_after_a_changed_param_leaves_no_submission_that_counts_as_up_to_date(finished: Project) -> None:
    finished.set(learning_rate=0.01)
    source = finished.path("workflow/scoretable/prediction/inference.py")
    source.write_text(source.read_text() + "\nraise RuntimeError('crash')\n")
    finished.snakemake("submission", expect=1)
    assert {"predict", "write_submission"} <= finished.planned()
    assert finished.path("data/submission.csv").exists()
    finished.run("git", "checkout", str(source))
    finished.snakemake("submission")
    assert finished.planned() == set()


def test_a_failed_training_tells_why_and_leaves_no_submission_that_counts_as_up_to_date(finished: Project) -> None:
    finished.set(weights="nowhere.weights.h5")
    printed = finished.snakemake("submission", expect=1)
    assert printed.count("weights: nowhere.weights.h5 does not exist") == 2
    assert finished.planned() == AFTER_TRAINING


def test_a_rerun_leaves_the_files_in_the_cache_of_dvc_as_they_were(finished: Project) -> None:
    finished.run("dvc", "config", "--local", "cache.type", "hardlink")
    finished.run("dvc", "checkout", "--relink")
    finished.set(seed=1, aspect="crop")
    finished.snakemake("submission")
    assert damaged_cache_files(finished) == []


def test_push_and_pull_bring_a_row_back_in_another_clone(finished: Project, tmp_path: Path) -> None:
    remote = tmp_path / "remote"
    finished.run("dvc", "remote", "add", "--default", "folder", str(remote))
    finished.run("git", "add", "--all")
    finished.run("git", "commit", "--quiet", "--message", "a finished row")
    finished.run("dvc", "push")
    finished.run("git", "clone", "--quiet", ".", str(tmp_path / "clone"))
    clone = Project(tmp_path / "clone")
    clone.run("dvc", "pull")
    for name in ("data/submission.csv", "models/model.keras", "models/metrics.json", "data/cache/sandbox/32/train.npy"):
        assert clone.path(name).read_bytes() == finished.path(name).read_bytes()
    assert clone.planned() == set()
    assert "up to date" in clone.run("dvc", "status", "dvc.yaml")


def test_metrics_plots_and_their_differences_are_shown_by_dvc(two_rows: Project, first_output: str) -> None:
    first = next(name for name, row in experiments(two_rows).items() if row["seed"] == 0)
    assert "accuracy" in two_rows.run("dvc", "metrics", "diff", "--all", first)
    two_rows.run(*told(first_output, "dvc plots show"))  # what a run names as the next thing to do
    assert "confusion_matrix" in two_rows.path("dvc_plots/index.html").read_text()
    two_rows.run("dvc", "plots", "diff", first)
    assert first in two_rows.path("dvc_plots/index.html").read_text()


def test_rows_are_averaged_into_a_submission_that_the_sandbox_scores(two_rows: Project) -> None:
    names = [name for name, row in experiments(two_rows).items() if row["seed"] in (0, 1)]
    two_rows.path("data/raw/sandbox.zip").unlink()
    two_rows.run(*told(two_rows.run("scoretable", "ensemble", *names, expect=1), "snakemake"))
    printed = two_rows.run("scoretable", "ensemble", *names)
    assert "data/ensemble.csv: 15 rows, the likeliest class in column label" in printed
    assert f"the mean of {', '.join(names)}" in printed
    assert "public" in two_rows.run("scoretable", "score", "data/ensemble.csv")
    assert "there is no row nobody" in two_rows.run("scoretable", "ensemble", "nobody", expect=1)


def test_the_report_is_one_page_with_plots_and_params(finished: Project) -> None:
    finished.snakemake("--report", "report.html", "--", "submission")
    page = finished.path("report.html").read_text()
    assert "learning_curves.png" in page
    assert "batch_size" in page


def test_a_second_run_is_refused_for_as_long_as_the_first_goes_on(finished: Project) -> None:
    finished.set(seed=1)
    with finished.path("first.txt").open("wb") as file:
        first = finished.start("snakemake", "--cores", "1", "--", "train", stdout=file)
        wait_for_step(finished.path("first.txt"), first, "train")
        os.killpg(first.pid, signal.SIGSTOP)
        refused = finished.snakemake("submission", expect=1)
        refused_stage = finished.run("snakemake", "--cores", "1", "evaluate", expect=1, DVC_STAGE="evaluate")
        planned = finished.planned()
        os.killpg(first.pid, signal.SIGCONT)
        assert first.wait() == 0
    assert "another process is running `snakemake`" in refused
    assert "another process is running `snakemake`" in refused_stage
    assert "evaluate" in planned


def test_two_trainings_of_the_default_network_end_in_the_same_file(project: Project) -> None:
    project.set(model="EfficientNetLite0", weights="imagenet", image_size=128, epochs=1)
    models = []
    for _ in range(2):
        project.snakemake("--", "train")
        models.append(project.path("models/model.keras").read_bytes())
        shutil.rmtree(project.path("models"))
    assert models[0] == models[1]
