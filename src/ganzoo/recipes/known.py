"""The recipes that have names."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ganzoo.names import choose
from ganzoo.recipes.recipe import Recipe

PAPER = Recipe(
    "paper",
    "What the family's paper trains with, and nothing else: where that says nothing, the "
    "non-saturating loss and Adam with a learning rate of 0.0002 and beta_1 of 0.5 (Radford et "
    "al., 2016, https://arxiv.org/abs/1511.06434). To compare with, and for families that bring "
    "a recipe.",
)
BALANCED = Recipe(
    "balanced",
    "A discriminator that is kept from winning, as the presets of digits and clothes were "
    "trained: a small R1 (Mescheder et al., 2018, https://arxiv.org/abs/1801.04406), noise that "
    "fades (Sonderby et al., 2017, https://arxiv.org/abs/1610.04490), and half of the generator's "
    "filters. Resized maps draw no checkerboards (Odena et al., 2016, "
    "https://distill.pub/2016/deconv-checkerboard/). Learning rates fall to zero along half a "
    "cosine, so that the training ends at rest.",
    base_filters=64,
    discriminator_filters=32,
    upsampling="resize",
    dtype="mixed_bfloat16",
    loss="non_saturating",
    r1=0.05,
    augmentation=(),
    noise=0.1,
    learning_rate=2e-4,
    learning_rate_end=0.0,
    beta_1=0.5,
)
FEW = Recipe(
    "few",
    "For a preset and 50 to a few thousand images: the discriminator sees them through "
    "differentiable augmentation (Zhao et al., 2020, https://arxiv.org/abs/2006.10738), without "
    "which it would learn them by heart; the average is short, as a preset has no first weights to "
    "forget; the preset's first stage stays (Mo et al., 2020, https://arxiv.org/abs/2002.10964): "
    "what edges look like is known. From scratch, the augmentation alone is left of it.",
    augmentation=("brightness", "saturation", "contrast", "translation", "cutout"),
    ema_decay=0.99,
    frozen_stages=1,
)
RELATIVISTIC = Recipe(
    "relativistic",
    "RpGAN with R1 and R2 and no norm in the discriminator (Huang et al., 2024, "
    "https://arxiv.org/abs/2501.05441), in a family's own networks: real and generated images are "
    "judged in pairs, and gradients kept flat at both. The penalty falls to a tenth and the rates "
    "to a quarter along half a cosine, as theirs do; the weight of 1 is that of their StackedMNIST "
    "and of ImageNet at 64 pixels: theirs is 0.05 for CIFAR-10, 2 for faces of 64 pixels, 150 of "
    "256. beta_2 is what theirs ends with.",
    upsampling="resize",
    discriminator_norm="none",
    loss="relativistic",
    r1=1.0,
    r2=1.0,
    penalty_end=0.1,
    augmentation=(),
    learning_rate=2e-4,
    learning_rate_end=0.25,
    beta_1=0.0,
    beta_2=0.99,
)

RECIPES: Mapping[str, Recipe] = {each.name: each for each in (PAPER, BALANCED, FEW, RELATIVISTIC)}
"""The recipes by their names."""


def get(name: str, **parts: Any) -> Recipe:
    """Return a recipe by its name, with any part replaced.

    Args:
        name: `"paper"`, `"balanced"`, `"few"` or `"relativistic"`.
        **parts: fields of `Recipe`; None leaves one to the family.

    Raises:
        ValueError: an unknown name, or a part out of its range.
        TypeError: an unknown part.

    Example:
        ```python
        import ganzoo

        print(ganzoo.recipes.get("relativistic").why)
        gan = ganzoo.DCGAN((28, 28, 1))
        gan.compile(**ganzoo.recipes.get("few", ema_decay=0.999).training())
        ```
    """
    return replace(choose("recipe", name, RECIPES), **parts)
