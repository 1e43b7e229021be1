"""What takes long to import is imported only where it is needed: a row is about ten starts of Python."""

import subprocess
import sys

import pytest

HEAVY = ("pandas", "sklearn", "scipy.stats", "matplotlib", "keras", "tensorflow", "jax", "dvc", "requests", "snakemake")


@pytest.mark.turns(2)
@pytest.mark.parametrize(
    ("modules", "needed"),
    [
        ("experiments.plan", ""),
        ("table.text", ""),
        ("steps.download", ""),
        ("steps.preprocess", "pandas"),
        ("steps.submission kaggle.local_scoring", "pandas"),
        ("steps.predict", "pandas"),
        ("steps.train", "pandas"),
        ("steps.evaluate", "pandas sklearn scipy.stats matplotlib"),
    ],
)
def test_what_takes_long_is_imported_only_where_it_is_needed(modules: str, needed: str) -> None:
    imports = "".join(f"import scoretable.{module}\n" for module in modules.split())
    code = f"import sys\n{imports}print(*({set(HEAVY)} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert set(found.split()) == set(needed.split())


def test_a_share_of_right_answers_needs_no_scikit_learn() -> None:
    code = """
import sys
import numpy as np
from scoretable.scoring.scores import score
print(score("accuracy", np.array([0, 1, 1, 1]), np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3], [0.4, 0.6]])))
print("sklearn" in sys.modules)
"""
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.split() == ["0.75", "False"]
