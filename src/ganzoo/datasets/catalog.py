"""What ganzoo can download: names, addresses, checksums and rights. Data only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class File:
    """One original file: its name, the SHA-256 of its bytes, and the mirrors that serve it."""

    name: str
    sha256: str
    urls: tuple[str, ...]


@dataclass(frozen=True)
class Dataset:
    """One labelled image dataset; `files` maps a split to the files that hold it."""

    description: str
    image_shape: tuple[int, int, int]
    class_names: tuple[str, ...]
    licence: str
    source: str
    format: Literal["idx", "cifar"]
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
}
