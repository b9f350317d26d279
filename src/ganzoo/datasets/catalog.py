"""The datasets that have names: files, addresses, checksums and rights. Data only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class File:
    """One file: its name, the SHA-256 of its bytes, and the mirrors that serve it, if any do."""

    name: str
    sha256: str
    urls: tuple[str, ...]


@dataclass(frozen=True)
class Dataset:
    """One image dataset; `files` maps a split to the files that hold it.

    Without `class_names` it has no labels.
    """

    description: str
    image_shape: tuple[int, int, int]
    class_names: tuple[str, ...]
    licence: str
    source: str
    format: Literal["idx", "cifar", "zip"]
    files: Mapping[str, tuple[File, ...]]


def _file(name: str, sha256: str, mirrors: tuple[str, ...]) -> File:
    return File(name, sha256, tuple(mirror + name for mirror in mirrors))


def _idx(part: str, images: str, labels: str, mirrors: tuple[str, ...]) -> tuple[File, ...]:
    """Images first, then labels: the order in which `load` reads them."""
    return (
        _file(f"{part}-images-idx3-ubyte.gz", images, mirrors),
        _file(f"{part}-labels-idx1-ubyte.gz", labels, mirrors),
    )


_MNIST_MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
_FASHION_MIRRORS = (
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
)
_CIFAR_ARCHIVE = _file(
    "cifar-10-binary.tar.gz",
    "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
    mirrors=(
        "https://www.cs.toronto.edu/~kriz/",
        "https://storage.googleapis.com/mirror.tensorflow.org/www.cs.toronto.edu/~kriz/",
    ),
)

DATASETS: dict[str, Dataset] = {
    "mnist": Dataset(
        description="70,000 handwritten digits",
        image_shape=(28, 28, 1),
        class_names=tuple("0123456789"),
        licence="LeCun, Cortes and Burges; commonly given as CC BY-SA 3.0",
        source="http://yann.lecun.com/exdb/mnist/",
        format="idx",
        files={
            "train": _idx(
                "train",
                images="440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
                labels="3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
                mirrors=_MNIST_MIRRORS,
            ),
            "test": _idx(
                "t10k",
                images="8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
                labels="f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
                mirrors=_MNIST_MIRRORS,
            ),
        },
    ),
    "fashion_mnist": Dataset(
        description="70,000 pictures of clothes, in the form of MNIST",
        image_shape=(28, 28, 1),
        class_names=(
            "T-shirt/top",
            "Trouser",
            "Pullover",
            "Dress",
            "Coat",
            "Sandal",
            "Shirt",
            "Sneaker",
            "Bag",
            "Ankle boot",
        ),
        licence="Zalando Research, MIT",
        source="https://github.com/zalandoresearch/fashion-mnist",
        format="idx",
        files={
            "train": _idx(
                "train",
                images="3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
                labels="a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
                mirrors=_FASHION_MIRRORS,
            ),
            "test": _idx(
                "t10k",
                images="346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
                labels="67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
                mirrors=_FASHION_MIRRORS,
            ),
        },
    ),
    "cifar10": Dataset(
        description="60,000 colour photographs of animals and vehicles",
        image_shape=(32, 32, 3),
        class_names=(
            "airplane",
            "automobile",
            "bird",
            "cat",
            "deer",
            "dog",
            "frog",
            "horse",
            "ship",
            "truck",
        ),
        licence="Krizhevsky; no licence stated at the source",
        source="https://www.cs.toronto.edu/~kriz/cifar.html",
        format="cifar",
        files={"train": (_CIFAR_ARCHIVE,), "test": (_CIFAR_ARCHIVE,)},
    ),
    "pokemon": Dataset(
        description="1,294 sprites of creatures, seen from the front, on white; 1,075 artworks",
        image_shape=(64, 64, 3),
        class_names=(),
        licence="images (c) The Pokemon Company, for research; the collection is CC0",
        source="https://github.com/PokeAPI/sprites",
        format="zip",
        files={
            "train": (
                File(
                    "pokemon_front.zip",
                    "bddb20f1f2e246f2e1c7829955b7ad475288873486ed5d15069efc350e3ae839",
                    urls=(),
                ),
            ),
            "artwork": (
                File(
                    "pokemon_artwork_128.zip",
                    "ad0545d2f1c41f2c1cca6595b028d0f7dd6c6c52821aebced82af6d5b4e8e266",
                    urls=(),
                ),
            ),
        },
    ),
    "art": Dataset(
        description="18,200 paintings and drawings in seven styles",
        image_shape=(64, 64, 3),
        class_names=(
            "art_nouveau_modern",
            "baroque",
            "expressionism",
            "impressionism",
            "post_impressionism",
            "romanticism",
            "symbolism",
        ),
        licence="mostly public domain, some in copyright: for non-commercial research",
        source="https://www.wikiart.org",
        format="zip",
        files={
            "train": (
                File(
                    "art_64.zip",
                    "777dc1a1e4fec9f7f723c1f2bba8b7b00a6a0e03236b1616e2a2a78aff2ad06a",
                    urls=(),
                ),
            ),
        },
    ),
    "emoji": Dataset(
        description="1,781 drawings in nine groups, transparent around; comes along",
        image_shape=(64, 64, 3),
        class_names=(
            "activities",
            "animals",
            "flags",
            "food",
            "objects",
            "people",
            "smileys",
            "symbols",
            "travel",
        ),
        licence="Fluent Emoji, Microsoft; WebP by LobeHub; MIT",
        source="https://github.com/microsoft/fluentui-emoji",
        format="zip",
        files={
            "train": (
                File(
                    "emoji_128.zip",
                    "484c6b03517d604189a256072706c90fb321b33ad1ae6625bfc4fc1455b5c32a",
                    urls=(),
                ),
            ),
        },
    ),
}
