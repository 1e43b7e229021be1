"""The kernel of a code competition cuts its answers where the row's evaluation says."""

import json
from pathlib import Path
from typing import Any

import pytest
from scoretable.kaggle import inference


def test_the_figures_of_the_evaluation_are_there_before_the_submission_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("find_python", "pack_input", "find_input", "write_settings"):
        monkeypatch.setattr(inference, name, lambda *arguments, **options: tmp_path)
    seen: list[Any] = []

    def run_step(python: Path, step: str) -> int:
        figures = Path("models/evaluation.json")
        seen.append((step, json.loads(figures.read_text(encoding="utf-8"))))
        Path("data").mkdir(exist_ok=True)
        Path("data/submission.csv").write_text("id,label\n", encoding="utf-8")
        return 0

    monkeypatch.setattr(inference, "run_step", run_step)
    order = {"competition": "c", "lock": "l", "model": "m", "files": {}, "params": {}, "session": {}}
    figures = {"models/evaluation.json": {"f1": 0.5, "threshold": 0.25}}
    inference.run_inference(order | {"figures": figures}, tmp_path, tmp_path)
    assert seen[-1] == ("submission", {"f1": 0.5, "threshold": 0.25})
