"""The face of every family: draw, train further, save, share, export."""

import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any, Self, TypeAlias

import keras
import numpy as np

from ganzoo import backends, recipes
from ganzoo.datasets.checks import Checked
from ganzoo.gan import export, families, saving
from ganzoo.gan.arguments import checked
from ganzoo.gan.discriminator_features import build_feature_reader, read_features
from ganzoo.gan.drawing import (
    attribute_vectors,
    checked_latents,
    class_numbers,
    joint_shape,
    one_each,
    vectors_of_each,
)
from ganzoo.gan.trainer import AdversarialModel
from ganzoo.presets import Preset, upload_preset
from ganzoo.presets.hub import parse

Labels: TypeAlias = int | str | Sequence[int | str] | np.ndarray | Mapping[str, Any] | None


class Presets:
    """The class attribute `presets`, read when it is asked for: other packages add to it."""

    def __get__(self, instance: Any, owner: "type[GAN]") -> Mapping[str, Preset]:
        return MappingProxyType(families.presets(getattr(owner, "family", None)))


class GAN(AdversarialModel):
    """What every family of GANs is to its users: a `keras.Model` that trains, draws and is shared.

    The families are its subclasses; `ganzoo.from_preset` returns whichever a preset is of. To write
    one of your own, set `family`, `Arguments` and the two methods that build the networks: see the
    page "Your own GAN".

    Args:
        *arguments: those of the family's `Arguments`, `image_shape` first.
        dtype: a dtype or dtype policy, e.g. `"mixed_bfloat16"`.
        name: the model's name, by default the family's.
        **named: those of the family's `Arguments`.

    Raises:
        ValueError: an argument is out of its range; says which, and what it may be.
        TypeError: an argument that the family does not have.

    Example:
        ```python
        import ganzoo

        gan = ganzoo.from_preset("mnist")
        assert isinstance(gan, ganzoo.GAN)
        images = gan.generate(16, seed=7)
        ```
    """

    presets = Presets()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "family" in vars(cls):
            families.define(cls)

    def __init__(
        self, *arguments: Any, dtype: Any = None, name: str | None = None, **named: Any
    ) -> None:
        kind = type(self)
        if not hasattr(kind, "family"):
            raise TypeError(
                f"{kind.__name__} is what the families share: build a model of one "
                f"({', '.join(families.FAMILIES)}), or load a preset with ganzoo.from_preset(...)."
            )
        super().__init__(self.Arguments(*arguments, **named), dtype, name)

    def fine_tuning_recipe(self) -> dict[str, Any]:
        """Return the arguments of `compile` that suit a preset and few images: the recipe `few`.

        The discriminator sees the images through differentiable augmentation
        ([Zhao et al., 2020](https://arxiv.org/abs/2006.10738)), without which it would learn
        them by heart; and the moving average is short. The stage next to the image, where it comes
        from a preset and is not the only one, is frozen
        ([Mo et al., 2020](https://arxiv.org/abs/2002.10964)): what edges look like is known. All
        else is as the family trains.

        Returns:
            A dict, to be changed as you like; `from_preset` compiles with it as it is.

        Example:
            ```python
            import ganzoo

            gan = ganzoo.DCGAN.from_preset("mnist")
            gan.compile(**gan.fine_tuning_recipe() | {"frozen_stages": 0})
            ```
        """
        few = recipes.get("few")
        return {"loss": "auto", **few.training(inherited_stages=self.inherited_stages)}

    def generate(
        self,
        n: int,
        labels: Labels = None,
        seed: int | None = None,
        batch_size: int = 64,
        verbose: int = 0,
    ) -> np.ndarray:
        """Draw images.

        The same seed draws the same images on every backend, to within one grey level, whatever
        `n` and `batch_size` are: the first 8 of 64 images are those of `generate(8)`.

        Args:
            n: how many images.
            labels: for a conditional model, the class of all images or of each, as a number or
                as one of `class_names`; by default the classes take turns. For one of attributes,
                `{"smiling": 1, "hat": 0}`, where what is not named is 0, or vectors
                `(n, attributes)`; by default none of them and each alone take turns.
            seed: what the latents are drawn from; by default new ones each time.
            batch_size: how many images are drawn at once.
            verbose: 1 shows a progress bar.

        Returns:
            Images in [0, 255], uint8 `(n, height, width, channels)`.

        Raises:
            ValueError: `n` or a label is out of range, or labels for an unconditional model.

        Example:
            ```python
            import ganzoo

            gan = ganzoo.DCGAN((28, 28, 1), num_classes=10)
            sevens = gan.generate(8, labels=7, seed=0)
            ```
        """
        return self.draw(self.latents(n, seed), self.labels(n, labels), batch_size, verbose)

    def latents(self, n: int, seed: int | None = None) -> np.ndarray:
        """Return the latents that `generate(n, seed=seed)` draws from.

        Args:
            n: how many.
            seed: what they are drawn from; by default new ones each time.

        Returns:
            float32 `(n, latent_dim)`, normally distributed; the first of them are those of a
            smaller `n`.

        Raises:
            ValueError: `n` is not at least 1.

        Example:
            ```python
            import ganzoo

            gan = ganzoo.from_preset("mnist")
            first, last = gan.latents(2, seed=7)
            images = gan.draw(ganzoo.latents.interpolate(first, last, 10), labels=3)
            ```
        """
        if seed is not None:
            seed = checked("seed", seed, 0)
        random_numbers = np.random.Generator(np.random.PCG64(seed))
        shape = (checked("n", n, 1), self.latent_dim)
        return random_numbers.standard_normal(shape, dtype=np.float32)

    def labels(self, n: int, labels: Labels = None) -> np.ndarray | None:
        """Return the classes or attributes that `generate(n, labels)` draws.

        Args:
            n: how many images.
            labels: as `generate` takes them: the class of all images or of each, or attributes; by
                default they take turns.

        Returns:
            int32 `(n,)`, or float32 `(n, attributes)`; None for an unconditional model.

        Raises:
            ValueError: `n` or a label is out of range, or labels for an unconditional model.

        Example:
            ```python
            import ganzoo

            gan = ganzoo.from_preset("fashion_mnist")
            gan.labels(3, "Sandal")  # [5, 5, 5]
            ```
        """
        n = checked("n", n, 1)
        if self.attributes:
            return vectors_of_each(labels, n, self.attributes)
        if self.num_classes:
            return one_each(labels, n, self.num_classes, self.class_names or ())
        if labels is not None:
            raise ValueError("This model has no classes: call it without labels.")
        return None

    def draw(
        self,
        latents: Any,
        labels: Any = None,
        batch_size: int = 64,
        verbose: int = 0,
    ) -> np.ndarray:
        """Draw an image from each latent given; `ganzoo.latents` has ways between latents.

        Args:
            latents: float `(..., latent_dim)`, normally distributed.
            labels: for a conditional model, numbers of classes, or some of `class_names`; one, or
                an array that fits `(...)` by NumPy's rules: latents `(n, 1, latent_dim)` and
                labels `range(10)` give each latent in each class, `(n, 10, ...)`. For one of
                attributes, numbers by name, or vectors `(..., attributes)`.
            batch_size: how many images are drawn at once.
            verbose: 1 shows a progress bar.

        Returns:
            Images in [0, 255], uint8 `(..., height, width, channels)`.

        Raises:
            ValueError: latents of another size than the model's, labels that do not fit, or a label
                missing or out of range.

        Example:
            ```python
            import ganzoo
            import numpy as np

            gan = ganzoo.DCGAN.from_preset("mnist")
            latents = np.random.default_rng(0).standard_normal((5, 1, gan.latent_dim))
            ganzoo.pictures.image_grid(gan.draw(latents, labels=range(10)))  # a row for each latent
            ```
        """
        latents = checked_latents(latents, self.latent_dim)
        if self.conditional != (labels is not None):
            raise ValueError(
                f"This model has {self._labels_in_words()}: call draw "
                f"{'with' if self.conditional else 'without'} labels."
            )
        shape, size, numbers = latents.shape[:-1], (), None
        if self.attributes:
            numbers = attribute_vectors(labels, self.attributes)
            shape, size = joint_shape(shape, numbers.shape[:-1]), numbers.shape[-1:]
        elif self.num_classes:
            numbers = class_numbers(labels, self.num_classes, self.class_names or ())
            shape = joint_shape(shape, numbers.shape)
        n = checked("number of latents", math.prod(shape), 1)
        batch_size = checked("batch_size", batch_size, 1)
        latents = np.broadcast_to(latents, (*shape, self.latent_dim)).reshape(n, -1)
        if numbers is not None:
            numbers = np.broadcast_to(numbers, (*shape, *size)).reshape(n, *size)
        images = np.empty((n, *self.image_shape), np.uint8)
        done = keras.utils.Progbar(n, verbose=verbose) if verbose else None
        with self.drawer.drawing(self):
            drawn = 0
            for batch in self.drawer.draw(self.drawing_generator, latents, numbers, batch_size):
                images[drawn : drawn + len(batch)] = batch
                drawn += len(batch)
                if done:
                    done.update(drawn)
        return images.reshape(*shape, *self.image_shape)

    def discriminator_features(self, images: Any, batch_size: int = 64) -> np.ndarray:
        """Return what the discriminator sees in images: features for classifiers and probes.

        What comes out of each of its stages, such as the activations of all convolutional layers:
        feature maps are max-pooled to a 4 x 4 grid, flattened and joined. They do not depend on a
        label: where the network joins that to the image, they are the mean over all labels.

        Args:
            images: in [0, 255], uint8 or float, `(n, height, width, channels)`.
            batch_size: how many images are looked at at once.

        Returns:
            float32 `(n, size)`; 3,072 for 28x28 images.

        Raises:
            ValueError: images of another shape or range than the model's.
            TypeError: images of a dtype that cannot hold them.

        Reference:
            [Radford, Metz and Chintala, 2016](https://arxiv.org/abs/1511.06434), section 5.1.

        Example:
            ```python
            import ganzoo

            gan = ganzoo.DCGAN.from_preset("mnist")
            features = gan.discriminator_features(gan.generate(16, seed=0))
            ```
        """
        images, _, _ = Checked(self.image_shape, None).arrays(images)
        batch_size = checked("batch_size", batch_size, 1)
        with self.drawer.drawing(self):
            reader = self.drawer.once(
                "features",
                self.discriminator,
                lambda: build_feature_reader(self.discriminator, self.stages(), self.image_shape),
            )
            every = self.labels(self.turns) if self.turns else None
            return read_features(reader, images, every, batch_size)

    def _labels_in_words(self) -> str:
        """Say what the model can be asked for."""
        if self.attributes:
            return f"the attributes {', '.join(self.attributes)}"
        return f"{self.num_classes or 'no'} classes"

    @classmethod
    def from_preset(
        cls,
        preset: str | os.PathLike[str],
        *,
        load_weights: bool = True,
        compile: bool = True,
        revision: str | None = None,
        token: str | bool | None = None,
        cache_dir: str | Path | None = None,
        local_files_only: bool = False,
        verbose: bool = True,
        **changes: Any,
    ) -> Self:
        """Build a model from a preset, both networks with their weights.

        Presets may come from strangers: nothing in them is executed, every file must have the
        SHA-256 that the preset's metadata states, and everything is checked before it is used.

        Args:
            preset: a name in `GAN.presets`; or a folder that `save_to_preset` or
                `ganzoo train` has written, `"./mnist"` for one that is called like a known
                preset; or `"hf://user/repo"`, `"hf://user/repo/folder"`, each also with
                `"@revision"` at its end, or the address of a page for one on the Hugging Face Hub.
            load_weights: whether to load the weights, or begin with random ones.
            compile: whether to compile the model by its `fine_tuning_recipe()`, so that `fit`
                trains it further; `compile()` it again for another recipe.
            revision: branch, tag or commit on the Hub. What was downloaded by its full commit is
                loaded without a network.
            token: your token for the Hub; by default the one that `hf auth login` or `HF_TOKEN`
                has set.
            cache_dir: where downloads are kept; by default where `HF_HOME` says.
            local_files_only: whether to do without the network.
            verbose: whether to print what starts afresh, where something does.
            **changes: `image_shape`, `num_classes`, `class_names`, `attributes`, `seed` or `dtype`
                for the model to have instead of the preset's, as the constructor takes them:
                `num_classes=None` makes it unconditional. Every layer that fits keeps the preset's
                weights, see `docs/fine-tuning.md`; the others start afresh.

        Returns:
            A model of the preset's family. Its attribute `reinitialized` says in words what of a
            changed model begins anew.

        Raises:
            ValueError: an unknown name, a preset that is damaged, from a newer ganzoo or of another
                family, or a change that no model can have.
            TypeError: a change of something else.
            ImportError: the package that brings its family is broken.
            OSError: the preset is not there, or the Hub did not serve it; the message says why.

        Example:
            ```python
            import ganzoo

            ganzoo.DCGAN((28, 28, 1)).save_to_preset("my_gan")
            gan = ganzoo.DCGAN.from_preset("my_gan")
            wide = ganzoo.DCGAN.from_preset("my_gan", image_shape=(28, 56, 1))
            ```
        """
        model = saving.load(
            preset,
            cls,
            load_weights,
            changes,
            revision=revision,
            token=token,
            cache_dir=cache_dir,
            local_files_only=local_files_only,
        )
        if verbose and model.reinitialized:
            print(f"Of {os.fspath(preset)}, this starts afresh: {', '.join(model.reinitialized)}.")
        if compile:
            model.compile(**model.fine_tuning_recipe())
        return model

    def save_to_preset(
        self,
        folder: str | os.PathLike[str],
        metadata: Mapping[str, Any] | None = None,
        dtype: str | None = None,
    ) -> None:
        """Write configuration, both networks' weights, a sample picture and a model card.

        The weights are stored in half precision. What a compiled model has beside them, its
        optimizers, stays out: `save("gan.keras")` keeps that. Of processes that train together, the
        first writes.

        Args:
            folder: created when needed; a preset that is there already is replaced, and other
                files are left alone. `film.gif`, `film.webp` and `curves.png` that lie there
                become part of the preset and of its card.
            metadata: what is to be known of the model, plain data; kept in `metadata.json` and
                shown on the card. The card knows `"description"`, `"license"` (e.g.
                `"apache-2.0"`; one that the Hub does not know is told by its name), `"data"`
                (`{"name": ..., "source": ..., "rights": ...}`), `"scores"`
                (`{"accuracy": {"value": ..., "protocol": ...}}`),
                `"training"` (`{"epochs": ..., "hours": ...}`) and `"recipe"`.
            dtype: what a model that is loaded from it computes in, by default as this one does.

        Raises:
            ValueError: a weight is NaN or infinite, or there are more than a preset may hold.
            OSError: the folder cannot be written; the message says why, and what to do.

        Example:
            ```python
            import ganzoo

            gan = ganzoo.DCGAN((28, 28, 1))
            gan.save_to_preset("my_gan", metadata={"description": "Not trained yet."})
            ```
        """
        if backends.current.is_first():
            saving.save(self, folder, metadata, dtype)

    def export(
        self, filepath: str | os.PathLike[str], format: str | None = None, **options: Any
    ) -> None:
        """Write the generator into a file that runs without ganzoo and without Keras.

        The file draws what `draw` draws, in float32 whatever the model's dtype, and any number of
        images at a time. Its inputs are `latents`, normally distributed float32
        `(batch, latent_dim)`, and for a conditional model `labels`, the numbers of the classes,
        int32 `(batch,)`, or the attributes, float32 `(batch, attributes)`. Its output is `images`,
        uint8 `(batch, height, width, channels)`.

        | format | ending | written by the backend | packages to install |
        |---|---|---|---|
        | `"onnx"` | `.onnx` | JAX | `jax2onnx` |
        | `"onnx"` | `.onnx` | PyTorch | `onnx` |
        | `"onnx"` | `.onnx` | TensorFlow | `onnx tf2onnx` |
        | `"litert"`, once TensorFlow Lite | `.tflite` | TensorFlow | |
        | `"saved_model"` | a folder | TensorFlow | |
        | `"torch"`, an `ExportedProgram` | `.pt2` | PyTorch | |

        Args:
            filepath: the file or folder to write. A file that is there already is replaced, and
                so is a SavedModel; any other folder is left alone.
            format: one of the table; by default the one that the path ends like.
            **options: what Keras' exporter of the format takes, such as `opset_version=17`.

        Raises:
            ValueError: an unknown format, or one that this backend cannot write; says which can.
            ImportError: a package is missing; says how to install it.
            OSError: something else is at the path, or the disk is full.

        Example:
            ```python
            import ganzoo

            gan = ganzoo.DCGAN.from_preset("mnist")
            gan.export("digits.onnx")
            ```
        """
        export.write(self, filepath, format, **options)

    def push_to_hub(
        self,
        repository: str,
        *,
        private: bool | None = None,
        revision: str | None = None,
        commit_message: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        token: str | bool | None = None,
    ) -> str:
        """Upload the model to the Hugging Face Hub, as a preset with a model card, in one commit.

        Args:
            repository: `"user/repo"`, created when needed; or `"user/repo/folder"`.
            private: whether only you see a repository that is created.
            revision: a branch, created when needed; by default the main one.
            commit_message: what the commit is for.
            metadata: as in `save_to_preset`.
            token: your token; by default the one that `hf auth login` or `HF_TOKEN` has set.

        Returns:
            The handle of the commit, for `from_preset`.

        Raises:
            OSError: the Hub did not take it; the message says why, and what to do.
            ValueError: the repository's name is malformed, or the Hub refuses the card.

        Example:
            ```python
            import ganzoo

            ganzoo.DCGAN((28, 28, 1)).push_to_hub("me/my-gan", private=True)
            gan = ganzoo.DCGAN.from_preset("hf://me/my-gan")
            ```
        """
        handle = str(parse(repository, revision))
        with TemporaryDirectory() as folder:
            self.save_to_preset(folder, metadata)
            return upload_preset(
                handle, folder, private=private, commit_message=commit_message, token=token
            )
