"""Scores of the training."""

from collections.abc import Sequence
from typing import Any

from ganzoo.callbacks.looking import Looking, checked_every, timed
from ganzoo.datasets import ImageSet
from ganzoo.datasets.folders.prepare import Fit
from ganzoo.metrics import extractors
from ganzoo.metrics.evaluate import Evaluator
from ganzoo.metrics.protocol import Evaluation
from ganzoo.metrics.scored_images import read


class EvaluateSamples(Looking):
    """Score generated images after an epoch, always from the same latents.

    The scores stand among the epoch's logs, so that `CSVLogger`, `ModelCheckpoint("best.keras",
    monitor="kid", mode="min", save_best_only=True)` and `EarlyStopping` see them: put this callback
    before those. An epoch that is not scored repeats the last score, as those callbacks would take
    NaN for the best; so the first epoch of each `fit` is scored, too. The training itself stays as
    it is, bit for bit.

    Args:
        real: real images, as `ganzoo.metrics.evaluate` takes them.
        extractor: what makes features of images, as there. `"inception"` takes minutes on a CPU.
        metrics: which metrics, as there.
        n: how many images are generated: of a model of classes, as many of each; of one of
            attributes, in the shares of the real images, which must have theirs.
        every: score after every so many epochs, after the first and the last.
        seed: what latents and subsets are drawn from.
        split: of a named dataset; by default `"test"`, or `"train"` where there is no other.
        fit: how files are brought to the model's shape, as there.
        background: colour behind transparent pixels of files, as there.
        limit: how many of the real images to take at most.

    Attributes:
        evaluation: the last `ganzoo.metrics.Evaluation`, with its protocol.

    Raises:
        ValueError: real images that do not fit the model; when the training begins.

    Example:
        ```python
        import ganzoo
        import numpy as np

        images = np.random.default_rng(0).integers(0, 256, (64, 16, 16, 1), dtype="uint8")
        gan = ganzoo.DCGAN((16, 16, 1), base_filters=8)
        gan.compile()
        scores = ganzoo.callbacks.EvaluateSamples(
            images, lambda images: images.mean(axis=(2, 3)), metrics=["kid"], n=64
        )
        history = gan.fit(images, epochs=2, callbacks=[scores])
        print(history.history["kid"])
        ```
    """

    def __init__(
        self,
        real: Any,
        extractor: Any = "inception",
        metrics: Sequence[str] = ("fid", "kid"),
        n: int = 2000,
        every: int = 1,
        seed: int = 0,
        split: str | None = None,
        *,
        fit: Fit = "crop",
        background: str = "white",
        limit: int | None = None,
    ) -> None:
        super().__init__()
        self.real, self.extractor, self.metrics = real, extractor, metrics
        self.n, self.seed, self.split = n, seed, split
        self.every = checked_every(every)
        self.reading: Any = {"fit": fit, "background": background}
        self.limit = limit
        self.evaluation: Evaluation | None = None
        self._evaluator: Evaluator | None = None
        self._prepared_for: Any = None

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Look at the real images, so that what is wrong with them costs no epoch."""
        self.evaluation = None
        model = (self.model.image_shape, self.model.num_classes, self.model.attributes)
        if self._prepared_for != model:
            self._evaluator = Evaluator(
                self._real_images(),
                extractors.get(self.extractor),
                self.metrics,
                labelled=bool(self.model.num_classes),
                reading=self.reading,
                seed=self.seed,
                verbose=True,
            )
            self._prepared_for = model

    @timed
    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Put the scores into the logs."""
        assert self._evaluator is not None
        if self.evaluation is None or self.due(epoch):
            self.evaluation = self._evaluator(self.model, self.n)
        if logs is not None:
            logs |= self.evaluation.scores

    def _real_images(self) -> ImageSet:
        asked: Any = {"attributes": self.model.attributes, "limit": self.limit, **self.reading}
        return read("real", self.real, self.model.image_shape, self.split, **asked)
