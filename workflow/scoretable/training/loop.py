"""Training: the loop over epochs and steps, and all that lets it stop and continue."""

import math
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np

from scoretable.competition.targets import Targets
from scoretable.competition.task import Task
from scoretable.devices.device import Device, find_device, make_deterministic
from scoretable.devices.precision import suggest_precision
from scoretable.devices.replicas import join_layers, open_replicas, part_layers
from scoretable.devices.workers import any_worker
from scoretable.images.image_cache import ImageCache
from scoretable.models.freezing import moving_share, open_backbone, rates_of_backbone
from scoretable.models.max_pooling import pool_as_keras_does
from scoretable.session.progress import EpochBar
from scoretable.session.stopping import StopRequest, deferred_signals
from scoretable.training.averaging import Average, first_averaged
from scoretable.training.batches import TrainingBatches
from scoretable.training.call_length import CallLength, longest_call
from scoretable.training.checkpoint import CheckpointFile, History, Progress, load_checkpoint
from scoretable.training.compiled_step import compile_step
from scoretable.training.early_stopping import best_epoch, is_over, rank_epochs
from scoretable.training.folds import split_fold
from scoretable.training.image_source import place_images
from scoretable.training.made_ahead import MadeAhead
from scoretable.training.network import build_network
from scoretable.training.objective import Figures, Objective
from scoretable.training.optimizers import build_optimizer, peak_rate
from scoretable.training.pauses import Pauses
from scoretable.training.recipe import Recipe, Session
from scoretable.training.schedules import plateau_rate
from scoretable.training.second_target import JoinedTargets, SecondTarget, without_second
from scoretable.training.sizes import at_size, size_of_epoch
from scoretable.training.start import FRESH, Start
from scoretable.training.validation import Validation, choose_evaluation_batch
from scoretable.workspace.errors import InputError


@dataclass(frozen=True)
class Trained:
    """A trained model, and what it took. The fields from precision on are what was used, calls that at the end."""

    model: keras.Model
    progress: Progress
    precision: str
    placement: str
    device: Device
    devices: int
    calls: CallLength

    @property
    def history(self) -> History:
        """One entry per epoch."""
        return self.progress.history


def train(
    cache: ImageCache,
    recipe: Recipe,
    checkpoint: Path,
    session: Session | None = None,
    watch: Callable[[History], None] = lambda history: None,
    request: StopRequest | None = None,
    start: Start = FRESH,
) -> Trained:
    """Train on one fold's images, going on from `checkpoint` where it exists.

    An interrupted training ends with the same weights as one that was not. `watch` gets the history so far at the
    start and after each epoch; `request` is that of a caller who defers signals;
    `start` says what is taken of earlier rows. Raises TrainingStopped at a time limit
    or a signal, with a checkpoint written, and InputError where the loss is not a number.
    """
    training = Training(cache, recipe, checkpoint, session or Session(), start)
    with nullcontext(request) if request is not None else deferred_signals() as noted:
        training.run(noted, watch)
    return training.finish()


class Training:
    """One training in progress: what it trains, how far it is, and the compiled step."""

    def __init__(
        self, cache: ImageCache, recipe: Recipe, checkpoint: Path, session: Session, start: Start = FRESH
    ) -> None:
        self.recipe, self.session, self.file = recipe, session, CheckpointFile(checkpoint)
        self.precision = recipe.precision or suggest_precision(recipe.model)
        self.device, self.cache = find_device(), cache
        self.rows, self.held_out = split_fold(cache.labels, recipe.folds, recipe.fold, recipe.seed, cache.groups)
        self.images: Any
        self.images, self.targets = cache.train_images, cache.targets
        if start.pseudo is not None:
            self.images, self.targets, self.rows = start.pseudo.join(cache, self.rows)
        self.second = SecondTarget.of(cache, recipe, len(self.targets), self.rows)
        self.sizes = (*recipe.early_sizes, (cache.train_images.shape[1], cache.train_images.shape[2]))
        self.size = self.sizes[0]
        self.batches = self._batches()
        self.part = self.batches.part_size(recipe.accumulate)
        self.replicas = open_replicas(session.devices, self.part)
        if recipe.accumulate > 1 and self.replicas.strategy is not None:  # which cannot wait for each other in a loop
            raise InputError(
                f"accumulate: {recipe.accumulate} needs one device with TensorFlow: set devices to 1, or backend to "
                "jax, in session.yaml."
            )
        self._open(start)
        most = self.source.step_bytes and self.batches.batch_size * math.prod(cache.train_images.shape[1:])
        longest = longest_call(self.device, self.replicas, session.steps_per_call, most)
        self.calls = CallLength(longest, session.steps_per_call, self.batches.steps_per_epoch)
        self.progress = load_checkpoint(checkpoint, self.variables)
        self.progress.sessions += 1
        self.pauses = Pauses(session, self.progress, recipe.epochs, self.batches.steps_per_epoch, self.file, self._save)
        self.step: Any = None
        self.share = -1.0

    def _batches(self) -> TrainingBatches:
        recipe = self.recipe
        return TrainingBatches(
            len(self.rows), recipe.batch_size, recipe.steps_per_epoch, recipe.augmentation, *self.size, recipe.seed
        )

    def _open(self, start: Start | None) -> None:
        """Make what depends on the size of the images: batches, validation, network.

        start: what the weights begin with; None where they are assigned anyway.
        """
        recipe, session = self.recipe, self.session
        keras.utils.clear_session(free_memory=False)  # layers are numbered anew, whatever the process has built
        keras.utils.set_random_seed(recipe.seed)
        make_deterministic(recipe.deterministic)
        keras.config.set_dtype_policy(self.precision)
        self.batches = self._batches()
        targets = self.targets if self.second is None else JoinedTargets(self.targets, self.second.targets)
        self.source = place_images(
            session.placement, at_size(self.images, self.size), targets, self.rows, self.batches, self.device,
            self.replicas,
        )  # fmt: skip
        evaluated = choose_evaluation_batch(self.part, math.prod(self.size), self.device.memory)
        seen = replace(self.cache, train_images=at_size(self.cache.train_images, self.size))
        self.validation = Validation(seen, self.held_out, evaluated, self.replicas, recipe.measure)
        with self.replicas.scope():
            self._build(*self.size, self.targets.take(self.rows, axis=0), self.cache.task, start)
        self.variables = [*self.model.variables, *self.optimizer.variables, *self.objective.metric_variables]
        self.variables += self.average.variables if self.average is not None else []

    def _enter_size(self, epoch: int) -> None:
        """Go on with images of this epoch's size: all variables are the same ones, whatever the size."""
        size = size_of_epoch(epoch, self.recipe.epochs, self.sizes)
        if size == self.size:
            return
        if self.step is not None:
            self.step.write_back()
        self.size, self.step, self.share, known = size, None, -1.0, self.variables
        values = [keras.ops.convert_to_numpy(variable.value) for variable in known]
        self._open(None)
        for variable, value in zip(self.variables, values, strict=True):
            variable.assign(value)

    def _build(self, height: int, width: int, targets: Targets, task: Task, start: Start | None) -> None:
        recipe = self.recipe
        self.model = build_network(recipe, height, width, targets, task, start, self.second)
        rates = rates_of_backbone(self.model, recipe.backbone_rate, recipe.layer_decay)
        optimizer = build_optimizer(
            recipe.optimizer, recipe.learning_rate, recipe.schedule, recipe.epochs * self.batches.steps_per_epoch,
            recipe.warmup, recipe.weight_decay, rates,
        )  # fmt: skip
        if self.precision == "mixed_float16":
            optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
        optimizer.build(self.model.trainable_variables)
        self.optimizer = optimizer
        self.first_rate = float(keras.ops.convert_to_numpy(optimizer.learning_rate))
        self.objective = Objective.of(self.model, recipe, targets, task, self.second)
        self.average = None if recipe.ema is recipe.swa is None else Average(self.model, recipe.ema)
        join_layers(self.model, self.replicas)

    def run(self, request: StopRequest, watch: Callable[[History], None]) -> None:
        """Train what is left of the epochs."""
        progress, recipe, ends = self.progress, self.recipe, (self.recipe.early_stopping, self.recipe.watched)
        watch(progress.history)
        bar = EpochBar(recipe.epochs, self.batches.steps_per_epoch, self.batches.batch_size, progress.step)
        with self.file, bar:
            while len(progress.history) < recipe.epochs and not is_over(progress.history, *ends):
                epoch = len(progress.history)
                self._enter_size(epoch)
                self._enter_phase(epoch)
                figures = self._train_epoch(epoch, request, bar) | self._validate(epoch)
                # Only now are the optimizer's variables, by which it tells its rate, up to date on JAX too.
                rate = float(keras.ops.convert_to_numpy(self.optimizer.learning_rate))
                progress.history.append({"epoch": epoch + 1, **figures, "learning_rate": rate})
                self._follow_validation()
                bar.close_epoch(progress.history[-1], recipe.watched)
                watch(progress.history)

    def _enter_phase(self, epoch: int) -> None:
        share = moving_share(epoch, self.recipe.freeze_epochs, self.recipe.unfreeze_epochs)
        if share == self.share:
            return
        if self.step is not None:
            self.step.write_back()
        self.share, self.compiled = share, False
        open_backbone(self.model, share)
        parts = self.objective, self.optimizer, self.model.trainable_variables, self.device, self.replicas
        following = None if self.recipe.ema is None else self.average
        self.step = compile_step(*parts, self.calls.longest, self.recipe.accumulate, following)

    def _train_epoch(self, epoch: int, request: StopRequest, bar: EpochBar) -> Figures:
        progress, first = self.progress, epoch * self.batches.steps_per_epoch
        if progress.step == first:
            self.step.reset_figures()
        steps = range(progress.step, first + self.batches.steps_per_epoch)
        with MadeAhead(self._feed, steps, self.calls.ahead, 4 * self.calls.longest) as feeds:
            call = partial(self._call, feeds, request, bar)
            if steps and not self.compiled:  # the first call of a phase is the compiler's time
                call(self.calls.steps)
                self.compiled = True
            started, waited, done = time.monotonic(), feeds.waited, progress.step
            if self.calls.untried and self.calls.measure(call, self.step.figures, lambda: steps.stop - progress.step):
                bar.tell(str(self.calls))
            while progress.step < steps.stop:
                call(self.calls.steps)
            figures = self.step.figures()
        progress.step_seconds += time.monotonic() - started
        progress.waited += feeds.waited - waited
        progress.timed_images += (progress.step - done) * self.batches.batch_size
        if not np.isfinite(figures["loss"]):
            rate = peak_rate(self.recipe.optimizer, self.recipe.learning_rate)
            raise InputError(
                f"the loss became {figures['loss']} in epoch {epoch + 1}: lower learning_rate ({rate:g}), "
                "set warmup, or set precision to float32."
            )
        return figures

    def _feed(self, step: int) -> Any:
        return self.replicas.put(self.source.feed(step))

    def _call(self, feeds: MadeAhead[int, Any], request: StopRequest, bar: EpochBar, steps: int) -> None:
        """Make so many steps, or those that the epoch has left."""
        taken, self.calls.ahead = feeds.take(steps), feeds.ahead
        self.step.train(self.source.resident, taken)
        self.progress.step += len(taken)
        # Figures of several workers are read by all of them together, which a clock does not bring about.
        bar.update(len(taken), self.step.figures if self.replicas.worker.count == 1 else dict)
        self._pause_as_needed(request)

    def _validate(self, epoch: int) -> Figures:
        with self._averaged(epoch):
            figures = self.validation.figures(self.step)
            history, recipe = [*self.progress.history, figures], self.recipe
            if recipe.early_stopping is not None and best_epoch(history, recipe.watched) == len(history) - 1:
                self.progress.best = [np.array(keras.ops.convert_to_numpy(value)) for value in self.model.variables]
        return figures

    def _averaged(self, epoch: int) -> AbstractContextManager[None]:
        """Within the block the weights are their average, where there is one after this epoch."""
        self.step.write_back()
        first = 0 if self.recipe.swa is None else first_averaged(self.recipe.swa, self.recipe.epochs)
        if self.average is None or epoch < first:
            return nullcontext()
        if self.recipe.swa is not None:
            self.average.take(epoch - first + 1)
        return self.average.in_place(self.step)

    def _follow_validation(self) -> None:
        if self.recipe.schedule == "reduce_on_plateau":
            ranks = rank_epochs(self.progress.history, self.recipe.watched)
            self.step.write_back()
            self.optimizer.learning_rate = plateau_rate(self.first_rate, ranks)
            self.step.read_in()

    def _pause_as_needed(self, request: StopRequest) -> None:
        workers, at_end = self.replicas.worker.count, self.progress.step % self.batches.steps_per_epoch == 0
        if workers == 1:
            self.pauses.save_and_stop_as_needed(request)
        elif at_end:  # where all workers are at the same step
            self.pauses.save_and_stop_together(request, lambda stops: any_worker(self.replicas.strategy, stops))

    def _save(self) -> None:
        self.step.write_back()
        self.file.save(self.variables, self.progress, write=self.replicas.worker.index == 0)

    def finish(self) -> Trained:
        """Give the model the weights that the recipe asks for: the best epoch's, their average, or the last."""
        self._enter_size(self.recipe.epochs - 1)
        if self.step is not None:  # else the checkpoint held the whole training
            self.step.write_back()
        open_backbone(self.model, 1.0)
        part_layers(self.model)
        pool_as_keras_does(self.model)
        if self.progress.best:
            for variable, value in zip(self.model.variables, self.progress.best, strict=True):
                variable.assign(value)
        elif self.average is not None:
            self.average.swap()
        self.pauses.note_time()
        model = self.model if self.second is None else without_second(self.model)
        used = self.precision, self.source.placement, self.device, self.replicas.count, self.calls
        return Trained(model, self.progress, *used)
