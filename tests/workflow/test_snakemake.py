"""The workflow keeps Snakemake's conventions: lint, dry runs that tell, a log for each rule."""

from projects import Project


def test_the_linter_finds_nothing(project: Project) -> None:
    assert "your workflow is in a good condition" in project.run("snakemake", "--lint")


def test_a_dry_run_lists_the_jobs_with_their_reasons_and_ends_with_how_many_there_are(project: Project) -> None:
    printed = project.run("snakemake", "-n")
    jobs = ["Get the archive of sandbox", "Decode and resize", "Train SmallCNN", "Evaluate", "Predict", "Write the sub"]
    places = [printed.index(f": {job}") for job in jobs]
    assert places[:3] == sorted(places)[:3] and places[-1] == max(places)
    assert printed.count("\nReason: Missing output files: ") >= len(jobs)
    assert "total                   7" in printed[places[-1] :]
    assert not project.path("data/raw/sandbox.zip").exists()


def test_each_rule_has_a_log_and_the_error_names_it(project: Project) -> None:
    project.set(max_hours="1e-6")
    printed = project.snakemake("submission", expect=1)
    assert "max_hours: stopped after" in printed
    assert "The log of this step: logs/train.log" in printed.splitlines()
    assert "max_hours: stopped after" in project.path("logs/train.log").read_text()
    assert "45 training and 15 test images" in project.path("logs/preprocess.log").read_text()
