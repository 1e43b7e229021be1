"""The kernel of a code competition: it predicts, without internet, whatever test images it finds there.

Only Python's own modules are imported, since this runs before the other packages are there.
"""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from scoretable.kaggle.session import (
    SessionFailed,
    copy_file,
    find_input,
    find_python,
    pack_input,
    run_step,
    write_settings,
)

SUBMISSION = "submission.csv"


def run_inference(order: dict[str, Any], inputs: Path, output: Path) -> None:
    """Make the submission from the attached model and the attached competition in the working directory.

    order: competition, params, session, lock, model (the dataset's name), files (names in it and their places here,
    with their SHA-256) and figures (those of the evaluation say where answers are cut). inputs, output: /kaggle/input
    and /kaggle/working. Ends the process with status 1 where it fails, so that Kaggle takes no old or partial file.
    """
    try:
        _predict(order, inputs)
    except SessionFailed as failure:
        sys.exit(f"scoretable: {failure}")
    shutil.copyfile("data/submission.csv", output / SUBMISSION)


def _predict(order: dict[str, Any], inputs: Path) -> None:
    python = find_python(order["lock"], inputs, internet=False)
    write_settings(order["params"], order["session"])
    pack_input(find_input(inputs, order["competition"]), Path(f"data/raw/{order['competition']}.zip"))
    model = find_input(inputs, order["model"])
    for place, digest in order["files"].items():
        if copy_file(model / Path(place).name, Path(place)) != digest:
            raise SessionFailed(f"{Path(place).name} of the dataset {order['model']} is damaged: delete the dataset.")
    for place, figures in order["figures"].items():
        Path(place).parent.mkdir(parents=True, exist_ok=True)
        Path(place).write_text(json.dumps(figures), encoding="utf-8")
    for step in ("download", "preprocess", "predict", "submission"):
        if status := run_step(python, step):
            raise SessionFailed(f"the step {step} ended with exit status {status}.")
