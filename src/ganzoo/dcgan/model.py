"""The DCGAN: what it is made of, and how it draws."""

import math
import os
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import keras
import numpy as np

from ganzoo.dcgan import exported, saved
from ganzoo.dcgan.architecture import Architecture, checked
from ganzoo.dcgan.features import build_feature_reader
from ganzoo.dcgan.fine_tuning import fine_tuning
from ganzoo.dcgan.labels import class_numbers, one_each
from ganzoo.dcgan.networks import build_discriminator, build_generator, discriminator_stages
from ganzoo.dcgan.presets import PRESETS
from ganzoo.presets import Preset, upload_preset
from ganzoo.presets.record import with_plugins
from ganzoo.presets.sources import HUB
from ganzoo.training.inputs import Checked
from ganzoo.training.trainer import AdversarialModel
from ganzoo.types import ImageShape, Tensor


class Presets:
    """The class attribute `presets`, read when it is asked for: other packages add to it."""

    def __get__(self, instance: Any, owner: type) -> Mapping[str, Preset]:
        return with_plugins(PRESETS)


@keras.saving.register_keras_serializable("ganzoo")
class DCGAN(AdversarialModel):
    """A deep convolutional GAN for images of any height, width and channels.

    Strided and fractionally-strided convolutions with batch norm, as in the paper. With
    `num_classes` it is class-conditional: the generator gets the one-hot label beside the latents
    ([Mirza and Osindero, 2014](https://arxiv.org/abs/1411.1784)) and the discriminator is a
    projection discriminator
    ([Miyato and Koyama, 2018](https://arxiv.org/abs/1802.05637)).

    Args:
        image_shape: `(height, width, channels)`; height and width at least 8.
        latent_dim: how many normally distributed numbers an image is drawn from.
        num_classes: number of classes, or None for an unconditional model.
        class_names: a name for each class; sets `num_classes`.
        base_filters: filters of the feature map next to the image, at most 512; doubled from
            stage to stage up to 512. Half of the paper's 64 is about three times faster.
        discriminator_filters: the same for the discriminator alone, by default `base_filters`;
            with half as many, it does not win so easily, and trains faster.
        discriminator_norm: `"batch"`, the paper's; `"spectral"` normalisation instead
            ([Miyato et al., 2018](https://arxiv.org/abs/1802.05957)); or None, for penalties on
            gradients.
        upsampling: how the generator doubles the size: by `"transposed"` convolutions, the
            paper's; or by `"resize"` and convolution, which draws no checkerboards
            ([Odena et al., 2016](https://distill.pub/2016/deconv-checkerboard/)).
        seed: what initial weights, latents and the order of images are drawn from; by default a
            number drawn at random (see `keras.utils.set_random_seed`) that stays in the config.
        dtype: a dtype or dtype policy, e.g. `"mixed_bfloat16"`.
        name: the model's name.

    Raises:
        ValueError: an argument is out of its range; says which, and what it may be.

    Reference:
        [Radford, Metz and Chintala, 2016](https://arxiv.org/abs/1511.06434).

    Example:
        ```python
        import ganzoo

        gan = ganzoo.DCGAN(image_shape=(28, 28, 1), num_classes=10)
        gan.compile()
        images, labels = ganzoo.datasets.load("mnist")
        gan.fit(images, labels, epochs=20)
        sevens = gan.generate(8, labels=7, seed=0)
        ```
    """

    presets = Presets()
    afresh: Sequence[str] = ()
    inherited_stages = 0  # of the discriminator, from the image on

    def __init__(
        self,
        image_shape: ImageShape,
        latent_dim: int = 100,
        num_classes: int | None = None,
        class_names: Sequence[str] | None = None,
        base_filters: int = 64,
        discriminator_filters: int | None = None,
        discriminator_norm: str | None = "batch",
        upsampling: str = "transposed",
        seed: int | None = None,
        dtype: Any = None,
        name: str = "dcgan",
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        architecture = Architecture(
            image_shape,
            latent_dim,
            num_classes,
            class_names,
            base_filters,
            discriminator_filters,
            discriminator_norm,
            upsampling,
            seed,
        )
        self.image_shape = architecture.image_shape
        self.latent_dim = architecture.latent_dim
        self.num_classes = architecture.num_classes
        self.class_names = architecture.class_names
        self.base_filters = architecture.base_filters
        self.discriminator_filters = architecture.discriminator_filters
        self.discriminator_norm = architecture.discriminator_norm
        self.upsampling = architecture.upsampling
        self.seed = random.randrange(2**31) if architecture.seed is None else architecture.seed
        # Spread, because Keras' random streams of neighbouring seeds overlap on torch.
        seeds = [int(each) for each in np.random.SeedSequence(self.seed).generate_state(3) // 2]
        self.generator = build_generator(
            *(self.image_shape, self.latent_dim, self.num_classes, self.base_filters),
            *(seeds[0], self.dtype_policy, self.upsampling),
        )
        self.discriminator = build_discriminator(
            *(self.image_shape, self.num_classes, self.discriminator_filters or self.base_filters),
            *(seeds[1], self.dtype_policy, self.discriminator_norm),
        )
        self.prepare(seeds[2])

    def call(self, inputs: Any, training: bool = False) -> Tensor:
        """Draw images from latents.

        Args:
            inputs: float latents `(batch, latent_dim)`, normally distributed; for a conditional
                model `[latents, labels]` with integer labels `(batch,)`.
            training: whether batch norm uses the batch's statistics and updates its own.

        Returns:
            Images in [-1, 1], float32 `(batch, height, width, channels)`.
        """
        return (self.averaged_generator or self.generator)(inputs, training=training)

    def fine_tuning_recipe(self) -> dict[str, Any]:
        """Return the arguments of `compile` that suit a preset and few images.

        The discriminator sees the images through differentiable augmentation
        ([Zhao et al., 2020](https://arxiv.org/abs/2006.10738)), without which it would learn
        them by heart; and the moving average is short. A discriminator under spectral
        normalisation gets the hinge loss. The stage next to the image, where it comes from a
        preset and is not the only one, is frozen
        ([Mo et al., 2020](https://arxiv.org/abs/2002.10964)): what edges look like is known. All
        else is the paper's recipe.

        Returns:
            A dict, to be changed as you like; `from_preset` compiles with it as it is.

        Example:
            ```python
            import ganzoo

            gan = ganzoo.DCGAN.from_preset("mnist")
            gan.compile(**gan.fine_tuning_recipe() | {"frozen_stages": 0})
            ```
        """
        return fine_tuning(self.discriminator_norm, self.inherited_stages)

    def stages(self) -> list[list[keras.Layer]]:
        """Return the discriminator's layers from the image on, stage by stage."""
        return discriminator_stages(self.discriminator)

    def generate(
        self,
        n: int,
        labels: int | str | Sequence[int | str] | np.ndarray | None = None,
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
                as one of `class_names`; by default the classes take turns.
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
        n = checked("n", n, 1)
        if self.num_classes:
            labels = one_each(labels, n, self.num_classes)
        elif labels is not None:
            raise ValueError("This model has no classes: call generate without labels.")
        random_numbers = np.random.Generator(np.random.PCG64(seed))
        latents = random_numbers.standard_normal((n, self.latent_dim), dtype=np.float32)
        return self.draw(latents, labels, batch_size, verbose)

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
                labels `range(10)` give each latent in each class, `(n, 10, ...)`.
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
        latents = np.asarray(latents, np.float32)
        if latents.shape[-1:] != (self.latent_dim,):
            raise ValueError(
                f"Expected latents of shape (..., {self.latent_dim}), not {latents.shape}."
            )
        if bool(self.num_classes) != (labels is not None):
            raise ValueError(
                f"This model has {self.num_classes or 'no'} classes: call draw "
                f"{'with' if self.num_classes else 'without'} labels."
            )
        shape, numbers = latents.shape[:-1], None
        if self.num_classes:
            numbers = class_numbers(labels, self.num_classes, self.class_names or ())
            shape = np.broadcast_shapes(shape, numbers.shape)
        n = math.prod(shape)
        batch_size = min(checked("batch_size", batch_size, 1), checked("number of latents", n, 1))
        padded = math.ceil(n / batch_size) * batch_size  # whole batches: one compiled program
        latents = np.broadcast_to(latents, (*shape, self.latent_dim)).reshape(n, -1)
        inputs: Any = np.resize(latents, (padded, self.latent_dim))
        if numbers is not None:
            inputs = [inputs, np.resize(np.broadcast_to(numbers, shape), padded)]
        images = self.predict(inputs, batch_size=batch_size, verbose=verbose)[:n]
        return np.rint((images + 1.0) * 127.5).astype(np.uint8).reshape(*shape, *self.image_shape)

    def discriminator_features(self, images: Any, batch_size: int = 64) -> np.ndarray:
        """Return what the discriminator sees in images: features for classifiers and probes.

        The activations of all convolutional layers, each max-pooled to a 4 x 4 grid, flattened
        and joined; a conditional model's do not depend on a label.

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
        reader = build_feature_reader(self.discriminator, self.image_shape)
        return reader.predict(images, batch_size=batch_size, verbose=0)

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
            preset: a name in `DCGAN.presets`; or a folder that `save_to_preset` or
                `ganzoo train` has written, `"./mnist"` for one that is called like a known
                preset; or `"hf://user/repo"` or `"hf://user/repo@revision"` for one on the
                Hugging Face Hub.
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
            **changes: `image_shape`, `num_classes`, `class_names`, `seed` or `dtype` for the model
                to have instead of the preset's, as the constructor takes them: `num_classes=None`
                makes it unconditional. Every layer that fits keeps the preset's weights, see
                `docs/fine-tuning.md`; the others start afresh.

        Returns:
            A `DCGAN`. Its attribute `afresh` says in words what of a changed model starts afresh.

        Raises:
            ValueError: an unknown name, a preset that is damaged or from a newer ganzoo, or a
                change that no model can have.
            TypeError: a change of something else.
            OSError: the preset is not there, or the Hub did not serve it; the message says why.

        Example:
            ```python
            import ganzoo

            ganzoo.DCGAN((28, 28, 1)).save_to_preset("my_gan")
            gan = ganzoo.DCGAN.from_preset("my_gan")
            wide = ganzoo.DCGAN.from_preset("my_gan", image_shape=(28, 56, 1))
            ```
        """
        model = saved.load(
            cls,
            preset,
            load_weights,
            changes,
            revision=revision,
            token=token,
            cache_dir=cache_dir,
            local_files_only=local_files_only,
        )
        if verbose and model.afresh:
            print(f"Of {os.fspath(preset)}, this starts afresh: {', '.join(model.afresh)}.")
        if compile:
            model.compile(**model.fine_tuning_recipe())
        return model

    def save_to_preset(
        self, folder: str | os.PathLike[str], metadata: Mapping[str, Any] | None = None
    ) -> None:
        """Write configuration, both networks' weights, a sample picture and a model card.

        The weights are stored in half precision. What a compiled model has beside them, its
        optimizers, stays out: `save("gan.keras")` keeps that.

        Args:
            folder: created when needed; a preset that is there already is replaced, and other
                files are left alone. `film.gif`, `film.webp` and `curves.png` that lie there
                become part of the preset and of its card.
            metadata: what is to be known of the model, plain data; kept in `metadata.json` and
                shown on the card. The card knows `"description"`, `"license"` (in the Hub's
                spelling, e.g. `"apache-2.0"`), `"data"` (`{"name": ..., "source": ...,
                "rights": ...}`), `"scores"` (`{"accuracy": {"value": ..., "protocol": ...}}`),
                `"training"` (`{"epochs": ..., "hours": ...}`) and `"recipe"`.

        Raises:
            ValueError: a weight is NaN or infinite.
        """
        saved.save(self, folder, metadata)

    def export(
        self, filepath: str | os.PathLike[str], format: str | None = None, **options: Any
    ) -> None:
        """Write the generator into a file that runs without ganzoo and without Keras.

        The file draws what `draw` draws, in float32 whatever the model's dtype, and any number of
        images at a time. Its inputs are `latents`, normally distributed float32
        `(batch, latent_dim)`, and for a conditional model `labels`, the numbers of the classes,
        int32 `(batch,)`. Its output is `images`, uint8 `(batch, height, width, channels)`.

        | format | ending | written by the backend | extra to install |
        |---|---|---|---|
        | `"onnx"` | `.onnx` | JAX | `export-jax` |
        | `"onnx"` | `.onnx` | PyTorch, TensorFlow | `export` |
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
        exported.write(self, filepath, format, **options)

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
            repository: `"user/repo"`, created when needed.
            private: whether only you see a repository that is created.
            revision: a branch, created when needed; by default the main one.
            commit_message: what the commit is for.
            metadata: as in `save_to_preset`.
            token: your token; by default the one that `hf auth login` or `HF_TOKEN` has set.

        Returns:
            The handle of the commit, for `from_preset`.

        Raises:
            OSError: the Hub did not take it; the message says why, and what to do.
            ValueError: the repository's name is malformed.

        Example:
            ```python
            import ganzoo

            ganzoo.DCGAN((28, 28, 1)).push_to_hub("me/my-gan", private=True)
            gan = ganzoo.DCGAN.from_preset("hf://me/my-gan")
            ```
        """
        handle = HUB + repository + (f"@{revision}" if revision else "")
        with TemporaryDirectory() as folder:
            self.save_to_preset(folder, metadata)
            return upload_preset(
                handle, folder, private=private, commit_message=commit_message, token=token
            )

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            "image_shape": list(self.image_shape),
            "latent_dim": self.latent_dim,
            "num_classes": self.num_classes,
            "class_names": self.class_names,
            "base_filters": self.base_filters,
            "discriminator_filters": self.discriminator_filters,
            "discriminator_norm": self.discriminator_norm,
            "upsampling": self.upsampling,
            "seed": self.seed,
            "dtype": self.dtype_policy.name,
            "name": self.name,
        }
