"""The workflow keeps Snakemake's conventions: lint, dry runs that tell, a log for each rule."""

from projects import Project


def test_a_dry_run_lists_the_jobs_with_their_reasons_and_ends_with_how_many_there_are(project: Project) -> None:
    printed = project.run("snakemake", "-n")
    jobs = ["Get the archive of sandbox", "Decode and resize", "Train SmallCNN", "Evaluate", "Predict", "Write the sub"]
    places = [printed.index(f": {job}") for job in jobs]
    assert places[:3] == sorted(places)[:3] and places[-1] == max(places)
    assert printed.count("\nReason: Missing output files: ") >= len(jobs)
    assert "total                   7" in printed[places[-1] :]
    assert not project.path("data/raw/sandbox.zip").exists()
