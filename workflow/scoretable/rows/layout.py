"""Where each step puts its files, relative to the repository."""

from dataclasses import dataclass
from pathlib import Path

from scoretable.rows.params import Params

DATA = Path("data")
MODELS = Path("models")


@dataclass(frozen=True)
class Layout:
    """Paths of one row of the score table; only the archive and the cache depend on params."""

    competition: str
    image_size: str

    @classmethod
    def of(cls, params: Params) -> "Layout":
        """Return the paths that belong to `params`."""
        return cls(params.competition, str(params.image_size))

    @property
    def archive(self) -> Path:
        """The competition's archive."""
        return DATA / "raw" / f"{self.competition}.zip"

    @property
    def answers(self) -> Path:
        """True labels of the sandbox's test images; other competitions have none."""
        return self.lineage_folder("download") / "answers.csv"

    @property
    def cache(self) -> Path:
        """Folder of the image cache."""
        return DATA / "cache" / self.competition / self.image_size

    model = MODELS / "model.keras"
    history = MODELS / "history.csv"
    training = MODELS / "training.json"
    live = MODELS / "live"
    metrics = MODELS / "metrics.json"
    evaluation = MODELS / "evaluation.json"
    plots = MODELS / "plots"
    validation = MODELS / "validation.npz"
    predictions = DATA / "predictions.npz"
    submission = DATA / "submission.csv"
    scored = MODELS / "submission.json"

    def outputs(self, step: str) -> list[Path]:
        """Files and folders that `step` makes."""
        return {
            "download": [self.archive],
            "preprocess": [self.cache / name for name in CACHE_FILES],
            "train": [self.model, self.history, self.training],
            "predict": [self.predictions, self.validation],
            "evaluate": [self.metrics, self.evaluation, *(self.plots / name for name in PLOT_FILES)],
            "submission": [self.submission],
        }[step]

    def lineage_folder(self, step: str) -> Path:
        """Folder of the file that says what the outputs of `step` were made from."""
        return {
            "download": DATA / "raw" / f"{self.competition}.lineage",
            "preprocess": self.cache.with_name(f"{self.image_size}.lineage"),
            "train": MODELS / "lineage" / "train",
            "predict": DATA / "lineage" / "predict",
            "evaluate": MODELS / "lineage" / "evaluate",
            "submission": DATA / "lineage" / "submission",
        }[step]


CACHE_FILES = ("train.npy", "test.npy", "train.csv", "test.csv", "manifest.json")
PLOT_FILES = (
    "learning_curves.png",
    "metric.csv",
    "confusion_matrix.png",
    "confusion_matrix.csv",
    "confusion.csv",
    "per_class.png",
    "per_class.csv",
    "mistakes.png",
    "mistakes.csv",
)
