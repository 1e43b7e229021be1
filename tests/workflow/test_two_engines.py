"""Snakemake and DVC agree about what is up to date."""

import hashlib
import json
import shutil
from pathlib import Path

import pandas as pd
from projects import Project
from told import told

AFTER_TRAINING = {"train", "predict", "evaluate", "write_submission"}


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


def test_after_snakemake_alone_there_is_a_submission_and_an_experiment_and_nothing_to_do(
    finished: Project, first_output: str
) -> None:
    submission = pd.read_csv(finished.path("data/submission.csv"))
    assert list(submission.columns) == ["image_id", "label"]
    assert len(submission) == 15
    assert "Validation accuracy" in first_output
    assert "dvc exp show" in first_output
    assert "Nothing to be done" in finished.snakemake("submission")
    assert [row["batch_size"] for row in experiments(finished).values()] == [24]
    assert "up to date" in finished.run("dvc", "status", "dvc.yaml")


def test_a_queued_experiment_reruns_what_its_param_changes_and_adds_a_row(
    two_rows: Project, second_output: str
) -> None:
    assert stages_run(second_output) == {"predict", "evaluate", "submission"}
    rows = experiments(two_rows)
    assert sorted(row["tta"] for row in rows.values()) == ["flip", "none"]
    assert all("accuracy" in row for row in rows.values())


def test_a_row_takes_its_space_on_the_disk_once(two_rows: Project) -> None:
    cached = {path.stat().st_ino for path in two_rows.path(".dvc/cache/files/md5").rglob("*") if path.is_file()}
    for name in ("data/raw/sandbox.zip", "data/cache/sandbox/32/train.npy", "models/model.keras"):
        assert two_rows.path(name).stat().st_ino in cached, f"{name} is a copy of its own"


def test_another_image_size_makes_another_cache_and_going_back_reuses_the_old_one(finished: Project) -> None:
    archive = finished.path("data/raw/sandbox.zip")
    before = archive.stat().st_mtime_ns
    printed = finished.run("dvc", "exp", "run", "-S", "image_size=40", "preprocess")
    assert stages_run(printed) == {"preprocess"}
    assert archive.stat().st_mtime_ns == before
    finished.set(image_size=32)
    assert finished.planned() == set()
    finished.set(epochs=1)
    assert finished.planned() == AFTER_TRAINING


def test_going_back_to_the_params_of_a_saved_row_takes_it_from_there_by_either_engine(two_rows: Project) -> None:
    (row,) = (name for name in experiments(two_rows) if name != "second")
    answers = two_rows.path("data/predictions.npz").read_bytes()
    for tta, name, command in (
        ("none", row, ("snakemake", "--cores", "1", "submission")),
        ("flip", "second", ("dvc", "exp", "run")),
    ):
        two_rows.set(tta=tta)
        printed = two_rows.run(*command)
        assert f"data/predictions.npz: taken from the saved row {name}" in printed
        assert "predict:  " not in printed
        assert (two_rows.path("data/predictions.npz").read_bytes() == answers) == (tta == "flip")
    assert two_rows.planned() == set()
    assert damaged_cache_files(two_rows) == []  # whose files have taken each other's places


def test_after_apply_and_after_checkout_of_a_branch_snakemake_has_nothing_to_do(two_rows: Project) -> None:
    assert two_rows.planned() == set()  # `second` has been applied
    first = next(name for name, row in experiments(two_rows).items() if row["tta"] == "none")
    two_rows.run("dvc", "exp", "branch", first, "row-one")
    two_rows.run("git", "stash")
    two_rows.run("git", "checkout", "row-one")
    shutil.rmtree(two_rows.path("models"))
    two_rows.run("dvc", "checkout")
    assert two_rows.planned() == set()


def test_a_param_reruns_its_own_rule_and_those_after_it_whether_snakemake_has_records_or_not(
    finished: Project,
) -> None:
    shutil.rmtree(finished.path(".snakemake"))
    assert finished.planned() == set()
    for key, value, rules in (
        ("tta", "flip", {"predict", "evaluate", "write_submission"}),
        ("aspect", "crop", {"preprocess"} | AFTER_TRAINING),
        ("sandbox_images", 61, {"download", "preprocess"} | AFTER_TRAINING),
    ):
        finished.set(**{key: value})
        assert finished.planned() == rules, key


def test_a_crash_after_a_changed_param_leaves_no_submission_that_counts_as_up_to_date(finished: Project) -> None:
    finished.set(tta="flip")
    source = finished.path("workflow/scoretable/prediction/inference.py")
    source.write_text(source.read_text() + "\nraise RuntimeError('crash')\n")
    finished.snakemake("submission", expect=1)
    finished.run("git", "checkout", str(source))
    assert {"predict", "write_submission"} <= finished.planned()
    assert finished.path("data/submission.csv").exists()
    finished.set(tta="none")
    finished.snakemake("submission")
    assert finished.planned() == set()


def test_a_failed_training_tells_why_and_leaves_no_submission_that_counts_as_up_to_date(finished: Project) -> None:
    finished.set(weights="nowhere.weights.h5")
    printed = finished.snakemake("submission", expect=1)
    assert printed.count("weights: nowhere.weights.h5 does not exist") == 2
    assert finished.planned() == AFTER_TRAINING


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


def test_plots_of_two_rows_are_shown_by_dvc(two_rows: Project, first_output: str) -> None:
    two_rows.run(*told(first_output, "dvc plots show"))  # what a run names as the next thing to do
    assert "confusion_matrix" in two_rows.path("dvc_plots/index.html").read_text()
    first = next(name for name, row in experiments(two_rows).items() if row["tta"] == "none")
    two_rows.run("dvc", "plots", "diff", first)
    assert first in two_rows.path("dvc_plots/index.html").read_text()


def test_rows_are_averaged_into_a_submission_that_the_sandbox_scores(two_rows: Project) -> None:
    names = list(experiments(two_rows))
    two_rows.path("data/raw/sandbox.zip").unlink()
    two_rows.run(*told(two_rows.run("scoretable", "ensemble", *names, expect=1), "snakemake"))
    printed = two_rows.run("scoretable", "ensemble", *names, "--weights", "mean")
    assert "data/ensemble.csv: 15 rows, the likeliest class in column label" in printed
    assert f"The plain mean of 2 rows, {', '.join(names)}." in printed
    assert "public" in two_rows.run("scoretable", "score", "data/ensemble.csv")
    assert "there is no row nobody" in two_rows.run("scoretable", "ensemble", "nobody", expect=1)


def test_the_report_is_one_page_with_plots_and_params(finished: Project) -> None:
    finished.snakemake("--report", "report.html", "--", "submission")
    page = finished.path("report.html").read_text()
    assert "learning_curves.png" in page
    assert "batch_size" in page
