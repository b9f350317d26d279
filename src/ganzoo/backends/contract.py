"""What every framework supplies to ganzoo, documented once.

`ganzoo.backends.current` is the module of the running framework, typed as a `Backend`, so that
mypy checks each call, and each module against this contract.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol, TypeAlias, TypeVar

import keras
import numpy as np

from ganzoo.types import Tensor

Aside = TypeVar("Aside")
Pair: TypeAlias = int | tuple[int, int]
"""A number down and across, or one for both."""


class Batches(Protocol):
    """What `feed` needs of a `ganzoo.datasets.arrays.ImageArrays`.

    Attributes:
        epoch: the epoch to begin with.
        steps: batches in an epoch.
        batch_size: images in a batch.
        top_up: whether every batch is full, and epochs follow each other without an end.
    """

    epoch: int
    steps: int
    batch_size: int
    top_up: bool

    def __getitem__(self, index: int) -> Any:
        """Return a batch: NumPy arrays in a tuple or a dict."""

    def batch_after(self, number: int) -> Any:
        """Return the batch that comes so many after the first."""


class Backend(Protocol):
    """The module of a framework.

    Attributes:
        DATA_FORMAT: the layout in which a network of Keras' own layers is fastest.
    """

    DATA_FORMAT: str

    # Replicas: devices or processes that all have the weights, and share every batch out. On JAX
    # there are none: its one program sees whole batches, on however many devices.

    def replicas(self) -> tuple[Any, int]:
        """Return which replica asks, from 0, and how many there are."""

    def mean_over_replicas(self, tensor: Tensor) -> Tensor:
        """Return the mean of what all replicas have, which can be differentiated again and again.

        Args:
            tensor: each replica's own, of one shape.
        """

    def mean_of_each(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        """Return all replicas' mean of each tensor, to be differentiated no more: one message.

        Args:
            tensors: each replica's own, of the same shapes.
        """

    def alone(self, *models: keras.Model) -> AbstractContextManager[None]:
        """Let the block be computed by this process as on one device, whatever the batch sizes.

        Args:
            *models: what computes; after the block, their variables are as they were before it.
        """

    def sharing(self) -> AbstractContextManager[None]:
        """Let processes be replicas in the block; outside of it, each is on its own."""

    def shares(self, model: keras.Model) -> int:
        """Return into how many equal shares a model's batches are divided; 1 on one device.

        Raises:
            ValueError: there are several devices, and the model is on one of them alone.
        """

    def beside(self, model: keras.Model) -> AbstractContextManager[None]:
        """Let variables that are made in the block be on all devices that the model is on."""

    def jit_compile(self, model: keras.Model, asked: bool | str | None) -> bool | str:
        """Return what `keras.Model.compile` gets as `jit_compile`.

        Args:
            model: what is compiled.
            asked: what the user says, or None.

        Raises:
            ValueError: the framework cannot do what was asked for, on these devices.
        """

    def rows(self, count: int, shares: int) -> np.ndarray:
        """Return which rows of a batch this process reads, in the order that they are shared out.

        Args:
            count: how many the whole batch has, a multiple of the shares.
            shares: more than one.
        """

    def dealt(self, model: keras.Model, batch: Any) -> Any:
        """Return a batch as `train_on_batch` takes it.

        Args:
            model: what is trained.
            batch: arrays in a tuple, or None; of this process's rows.
        """

    def copies(self, model: keras.Model) -> int:
        """Return how often a batch is read that is judged `alone`: each replica takes a part."""

    def keep_memory(self) -> None:
        """Keep memory that is free for what is computed next, in a process that is ours alone."""

    def keep_programs(self, folder: Path) -> None:
        """Keep what is compiled in a folder, for the next time; what the user has set stays."""

    # Processes that train one model together, where a launcher has started several.

    def join(self) -> tuple[int, int]:
        """Meet the other processes, and return the number of this one and how many there are.

        Raises:
            RuntimeError: several were started, and the framework cannot bring them together.
        """

    def spread(self, count: int | None) -> AbstractContextManager[None]:
        """Let models that are made in the block train on several devices.

        Those of the other processes, too, where a launcher has started some. On torch, which has a
        process for each device, this one starts them and ends with them.

        Args:
            count: how many of this machine; None for all.

        Raises:
            ValueError: there are not so many.
        """

    def is_first(self) -> bool:
        """Say whether this is the process that prints and writes: the first, or the only one."""

    def from_all(self, value: Any) -> list[Any]:
        """Return every process's value, the first one's first.

        Args:
            value: can be pickled.
        """

    def highest(self, number: int) -> int:
        """Return the highest of all processes' numbers; asked for before every step."""

    def adopt(self, variables: Sequence[keras.Variable]) -> None:
        """Give variables the values that they have in the first process."""

    def lost_another(self, error: Exception) -> bool:
        """Say whether an error is that another process has ended."""

    # Gradients. Every update of a training goes through `value_and_gradients`, which returns the
    # mean over replicas.

    def value_and_gradients(
        self,
        objective: Callable[[], tuple[Tensor, Aside]],
        variables: Sequence[keras.Variable],
        state: Callable[[], Sequence[keras.Variable]],
    ) -> tuple[Tensor, Aside, list[Tensor]]:
        """Return the objective's loss and what else it returned, and the loss's gradients.

        Args:
            objective: returns a loss `()` and tensors in any structure; it may read and assign
                variables, and may itself ask for gradients.
            variables: what to differentiate the loss by; the objective must not assign them.
            state: returns every variable that the objective reads or assigns.

        Returns:
            The loss; the rest, of which nothing more can be differentiated; and a gradient of
            each variable's shape.
        """

    def input_gradients(
        self,
        function: Callable[[Tensor], Tensor],
        images: Tensor,
        state: Callable[[], Sequence[keras.Variable]],
    ) -> Tensor:
        """Return the gradients of the function's sum, which can be differentiated again.

        Args:
            function: from images to numbers; it may read and assign variables.
            images: what to differentiate by, `(batch, height, width, channels)`.
            state: returns every variable that the function reads or assigns.

        Returns:
            A tensor of the images' shape.
        """

    # What Keras' trainers do otherwise on each framework.

    def run_step(
        self,
        step: Callable[[Any], dict[str, Tensor]],
        groups: Sequence[Sequence[keras.Variable]],
        *arguments: Any,
    ) -> Any:
        """Run a step as Keras' trainer asks for it, and return what the trainer takes back.

        Args:
            step: from a batch to logs; it reads and assigns variables.
            groups: the variables by kind, in the order of the trainer.
            *arguments: of `train_step` or `test_step`: the batch, on JAX the values of the
                groups before it.
        """

    def sync(self, model: keras.Model) -> None:
        """Give variables the values that `fit` has come to, so that a callback may draw with them.

        Args:
            model: what this thread is training.
        """

    def keeping(self, model: keras.Model) -> AbstractContextManager[None]:
        """Leave the variables of a model with values, also where a step ends in an error.

        Args:
            model: what is to be trained or evaluated in the block.
        """

    def leave_out(self, model: keras.Model, *arguments: Any) -> Any:
        """Do nothing in place of a step of `fit`, but take its batch.

        Args:
            model: what is trained.
            *arguments: of its `train_function`.

        Returns:
            What the step would return, without logs.
        """

    def feed(self, arrays: Batches) -> tuple[Any, int | None]:
        """Return batches as `fit` and `evaluate` take them, and the `steps_per_epoch` to ask for.

        Args:
            arrays: also a `keras.utils.PyDataset`.
        """

    def mapped(
        self, dataset: Any, function: Callable[[Any], Any], first: Any, others: Iterator[Any]
    ) -> Any:
        """Return a dataset of the framework's own kind with its batches gone through a function.

        Args:
            dataset: anything that yields batches.
            function: from a batch to one of NumPy arrays.
            first: what it made of the first batch.
            others: those after the first, of the pass that was begun with it.

        Returns:
            The dataset; None where it is not of the framework's kind.
        """

    def export_options(self, format: str, inputs: Any) -> Mapping[str, Any]:
        """Return what `keras.Model.export` must be told to leave the batch size open.

        Args:
            format: of the file, as `keras.Model.export` calls it.
            inputs: the network's: a tensor, or tensors in any structure.
        """

    # Operations with a faster way to the same numbers, values and derivatives. Which shapes a
    # framework has one for, it knows itself; all others go to Keras.

    def conv(
        self,
        inputs: Tensor,
        kernel: Tensor,
        strides: Pair = 1,
        padding: str = "valid",
        data_format: str = "channels_last",
        dilation_rate: Pair = 1,
    ) -> Tensor:
        """Convolve images, as `keras.ops.conv` does.

        Args:
            inputs: `(batch, height, width, channels)`, or as `data_format` says.
            kernel: `(rows, columns, channels / groups, filters)`.
            strides: from one output to the next.
            padding: `"valid"` or `"same"`.
            data_format: `"channels_last"` or `"channels_first"`.
            dilation_rate: from one place of the kernel to the next.

        Returns:
            Maps; with `"same"`, of the inputs' size by the strides, rounded up.
        """

    def conv_transpose(
        self,
        inputs: Tensor,
        kernel: Tensor,
        strides: Pair = 1,
        padding: str = "valid",
        output_padding: Pair | None = None,
        data_format: str = "channels_last",
        dilation_rate: Pair = 1,
    ) -> Tensor:
        """Convolve images the other way round, as `keras.ops.conv_transpose` does.

        Args:
            inputs: `(batch, height, width, channels)`, or as `data_format` says.
            kernel: `(rows, columns, filters, channels)`.
            strides: from one input to the next.
            padding: `"valid"` or `"same"`.
            output_padding: what the outputs have beyond that, as in `keras.ops.conv_transpose`.
            data_format: `"channels_last"` or `"channels_first"`.
            dilation_rate: from one place of the kernel to the next.

        Returns:
            Maps; with `"same"`, of the inputs' size times the strides.
        """

    def average_pool(self, images: Tensor, size: int) -> Tensor:
        """Return the means of squares, as `keras.ops.average_pool` does.

        Args:
            images: `(batch, height, width, channels)`.
            size: of a square; what is left over at the sides is dropped.
        """

    def leaky_relu(self, images: Tensor, slope: float) -> Tensor:
        """Return what is positive as it is and the rest times `slope`.

        Args:
            images: floats.
            slope: from 0 to 1.
        """

    def shifted(self, images: Tensor, down: Tensor, right: Tensor) -> Tensor:
        """Return images that are shifted by whole pixels, zeros where they were.

        Args:
            images: floats `(batch, height, width, channels)`.
            down: by how many rows, `(batch, 1, 1, 1)`, of the same dtype.
            right: by how many columns.
        """

    def lerp(self, start: Tensor, end: Tensor, share: Tensor) -> Tensor:
        """Return `start + share * (end - start)`.

        Args:
            start: floats.
            end: of the same shape and dtype.
            share: `()`, of the same dtype.
        """

    def batch_norm(
        self, images: Tensor, gain: Tensor, offset: Tensor, epsilon: float
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Normalise images by the statistics of their batch.

        Args:
            images: float32 `(batch, height, width, channels)`.
            gain: `(channels,)`.
            offset: `(channels,)`.
            epsilon: added to the variance.

        Returns:
            The normalised images, and each channel's mean and (biased) variance.
        """

    def tune(
        self, optimizer: keras.optimizers.Optimizer, variables: Sequence[keras.Variable]
    ) -> None:
        """Make an optimizer's steps on these variables as fast as the framework can; same numbers.

        Args:
            optimizer: built for the variables.
            variables: a network's trainable variables.
        """
