"""What one can do about a folder of images before training, in plain words."""

from collections.abc import Callable

from ganzoo.datasets.folders.sub_folders import are_splits
from ganzoo.datasets.inspection.findings import Inspection
from ganzoo.datasets.inspection.survey import LARGEST
from ganzoo.names import printable

FEW = 500  # images, that a model mostly memorises
BATCH = 64
SMALL_CLASS = 50
IMBALANCE = 10  # times as many images as the smallest class
CUT = 0.2  # of the area of the median image
ENLARGED = 0.05  # of the images
REPEATED = 0.01  # of the images
DARK = 32  # where no pixel is brighter, hardly anything is seen
PLAIN = 64  # pixels along a side, up to which a plain stack of convolutions is at its best


def advise(found: Inspection) -> tuple[str, ...]:
    """Return the sentences that apply."""
    sentences = tuple(sentence for rule in RULES if (sentence := rule(found)))
    return sentences or ("Nothing stands in the way of training.",)


def _unusable(found: Inspection) -> str:
    if not found.unusable:
        return ""
    count = _files(len(found.unusable))
    return f"{count} cannot be used and will be skipped: replace or remove them."


def _few(found: Inspection) -> str:
    distinct = found.images - len(found.exact_duplicates)
    if distinct >= FEW:
        return ""
    return (
        f"{distinct:,} different images are few: a model trained on them alone mostly memorises "
        "them. What helps: more images; flip=True (--flip) if they may be mirrored; a smaller "
        "image_shape (--image-size); or going on from a trained model, with "
        "ganzoo.from_preset(...) and then fit."
    )


def _under_a_batch(found: Inspection) -> str:
    if found.images >= BATCH:
        return ""
    return (
        f"There are fewer images than a batch has ({BATCH}), so that they repeat within it: train "
        f"with batch_size={max(1, found.images // 2)} (--batch-size) or less."
    )


def _enlarged(found: Inspection) -> str:
    if found.enlarged <= ENLARGED * found.images:
        return ""
    height, width, _ = found.image_shape
    return (
        f"{found.enlarged:,} of {found.images:,} images have fewer than {height}x{width} pixels "
        "(height x width) and look soft when enlarged: remove them, or train at a smaller "
        "image_shape (--image-size)."
    )


def _larger(found: Inspection) -> str:
    height, width, channels = found.image_shape
    reached = found.median[0] >= 2 * width and found.median[1] >= 2 * height
    if max(height, width) >= LARGEST or not reached or found.images < FEW:
        return ""
    return (
        f"Most images have far more than {height}x{width} pixels. For more detail, which takes "
        f"longer to train, ask for image_shape=({2 * height}, {2 * width}, {channels}) "
        f"(--image-size {2 * height}x{2 * width})."
    )


def _beyond_plain_networks(found: Inspection) -> str:
    height, width, channels = found.image_shape
    if max(height, width) <= PLAIN:
        return ""
    size = [max(round(side * PLAIN / max(height, width)), 8) for side in (height, width)]
    return (
        f"The images reach {height}x{width} pixels. A plain stack of convolutions is at its best "
        f"up to {PLAIN}: for one, ask for image_shape=({size[0]}, {size[1]}, {channels}) "
        f"(--image-size {size[0]}x{size[1]})."
    )


def _dark(found: Inspection) -> str:
    if found.brightest >= DARK:
        return ""
    masks = " They may be masks of class numbers: a network sees black." if not found.deep else ""
    return (
        f"No pixel is brighter than {found.brightest} of 255, so that all images are nearly black."
        f"{masks} Stretch the numbers, for all images alike, before training."
    )


def _cut(found: Inspection) -> str:
    if found.cut <= CUT:
        return ""
    return (
        f"The aspects differ: cropping cuts {found.cut:.0%} off the median image. "
        'fit="pad" (--fit pad) keeps whole images, with margins.'
    )


def _exact(found: Inspection) -> str:
    count, images = len(found.exact_duplicates), found.images
    if count <= REPEATED * images:
        return ""
    return (
        f"{count:,} of {images:,} images ({count / images:.1%}) repeat others byte for byte, and "
        "the model sees these more often: remove them."
    )


def _near(found: Inspection) -> str:
    count, images = len(found.near_duplicates), found.compared
    if count <= REPEATED * images:
        return ""
    return (
        f"{count:,} of {images:,} images ({count / images:.1%}) look the same as others: remove "
        "them, unless they are variants that the model shall draw."
    )


def _classes(found: Inspection) -> str:
    if not found.classes:
        return ""
    if are_splits(list(found.classes)):
        names = ", ".join(map(printable, found.classes))
        return f"The sub-folders {names} look like splits, and no classes: train on one of them."
    few, smallest = min((count, name) for name, count in found.classes.items())
    many, largest = max((count, name) for name, count in found.classes.items())
    if few >= SMALL_CLASS and many <= IMBALANCE * few:
        return ""
    return (
        f"If the sub-folders are to be classes: they hold from {few:,} ({printable(smallest)}) to "
        f"{many:,} ({printable(largest)}) images. Small classes are drawn badly: fill or join "
        "them, or train without classes; balanced=True (--balanced) shows them as often as others."
    )


def _columns(found: Inspection) -> str:
    if not found.columns:
        return ""
    return (
        "For a model of classes, name the column that holds them, as in labels="
        f"{found.columns[0]!r} (--labels)."
    )


def _outside(found: Inspection) -> str:
    count = found.images - sum(found.classes.values())
    if not found.classes or not count:
        return ""
    return f"If the sub-folders are to be classes: {_files(count)} outside them will be left out."


def _transparent(found: Inspection) -> str:
    if not found.transparent:
        return ""
    height, width, _ = found.image_shape
    return (
        f"{found.transparent:,} images are partly transparent, and white is put behind them: "
        'choose another colour, as in background="black" (--background), or keep transparency '
        f"with image_shape=({height}, {width}, 4)."
    )


def _grey(found: Inspection) -> str:
    if found.image_shape[2] != 1:
        return ""
    return "All images are grey: the model gets one channel, and draws in grey."


def _files(count: int) -> str:
    return f"{count:,} file{'s' if count > 1 else ''}"


RULES: tuple[Callable[[Inspection], str], ...] = (
    _unusable,
    _few,
    _under_a_batch,
    _enlarged,
    _larger,
    _beyond_plain_networks,
    _dark,
    _cut,
    _exact,
    _near,
    _classes,
    _outside,
    _columns,
    _transparent,
    _grey,
)
