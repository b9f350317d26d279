"""The network of FID as data: InceptionV3 as TensorFlow published it on 2015-12-05.

It is not the InceptionV3 of today's model libraries: the mean of an average pool leaves the
padding out, and the pool of the last block is a maximum. Without its classes.
"""

from collections.abc import Callable, Sequence
from itertools import count
from typing import NamedTuple, TypeAlias, TypeVar

Maps = TypeVar("Maps")


class Conv(NamedTuple):
    """A convolution with a bias, which holds its batch norm, and a ReLU."""

    filters: int
    height: int = 1
    width: int = 1
    strides: int = 1
    padding: str = "same"


class Pool(NamedTuple):
    """The mean or the maximum of 3x3 windows; the padding counts in neither."""

    kind: str
    strides: int = 1
    padding: str = "same"


class Fork(NamedTuple):
    """Convolutions of the same maps, joined along the channels."""

    prongs: tuple[Conv, ...]


Branch: TypeAlias = tuple[Conv | Pool | Fork, ...]
Block: TypeAlias = tuple[Branch, ...]
"""Branches of the same maps, joined along the channels."""

MEAN, MAXIMUM, HALVE = Pool("mean"), Pool("max"), Pool("max", 2, "valid")


def narrow(pooled: int) -> Block:
    """Return a block of the maps of 35x35."""
    return (
        (Conv(64),),
        (Conv(48), Conv(64, 5, 5)),
        (Conv(64), Conv(96, 3, 3), Conv(96, 3, 3)),
        (MEAN, Conv(pooled)),
    )


def factorised(filters: int) -> Block:
    """Return a block of the maps of 17x17: a row and a column stand for a kernel of 7x7."""
    row, column = Conv(filters, 1, 7), Conv(filters, 7, 1)
    return (
        (Conv(192),),
        (Conv(filters), row, Conv(192, 7, 1)),
        (Conv(filters), column, row, column, Conv(192, 1, 7)),
        (MEAN, Conv(192)),
    )


def wide(pool: Pool) -> Block:
    """Return a block of the maps of 8x8."""
    row_and_column = Fork((Conv(384, 1, 3), Conv(384, 3, 1)))
    return (
        (Conv(320),),
        (Conv(384), row_and_column),
        (Conv(448), Conv(384, 3, 3), row_and_column),
        (pool, Conv(192)),
    )


STEM: Branch = (
    Conv(32, 3, 3, 2, "valid"),
    Conv(32, 3, 3, 1, "valid"),
    Conv(64, 3, 3),
    HALVE,
    Conv(80),
    Conv(192, 3, 3, 1, "valid"),
    HALVE,
)

TO_17: Block = (
    (Conv(384, 3, 3, 2, "valid"),),
    (Conv(64), Conv(96, 3, 3), Conv(96, 3, 3, 2, "valid")),
    (HALVE,),
)

TO_8: Block = (
    (Conv(192), Conv(320, 3, 3, 2, "valid")),
    (Conv(192), Conv(192, 1, 7), Conv(192, 7, 1), Conv(192, 3, 3, 2, "valid")),
    (HALVE,),
)

BLOCKS: tuple[Block, ...] = (
    (STEM,),
    narrow(32),
    narrow(64),
    narrow(64),
    TO_17,
    factorised(128),
    factorised(160),
    factorised(160),
    factorised(192),
    TO_8,
    wide(MEAN),
    wide(MAXIMUM),
)


def conv_name(number: int) -> str:
    """Return the name of a convolution, counted through the blocks and their branches."""
    return f"conv_{number:02}"


def led(
    maps: Maps,
    blocks: Sequence[Block],
    convolve: Callable[[Conv, str, Maps], Maps],
    pool: Callable[[Pool, Maps], Maps],
    join: Callable[[list[Maps]], Maps],
) -> Maps:
    """Lead maps, or what stands for them, through the network.

    Args:
        maps: the images.
        blocks: the network as data.
        convolve: from a convolution, its name and maps to maps.
        pool: from a pool and maps to maps.
        join: from maps of several branches to those of all.
    """
    names = map(conv_name, count())

    def along(branch: Branch, maps: Maps) -> Maps:
        for step in branch:
            match step:
                case Pool():
                    maps = pool(step, maps)
                case Conv():
                    maps = convolve(step, next(names), maps)
                case Fork():
                    maps = join([convolve(each, next(names), maps) for each in step.prongs])
        return maps

    for block in blocks:
        maps = join([along(branch, maps) for branch in block])
    return maps


def shapes(blocks: Sequence[Block] = BLOCKS) -> dict[str, tuple[int, ...]]:
    """Return the shape of every weight by its name: kernels, each with its bias."""
    found: dict[str, tuple[int, ...]] = {}

    def convolve(conv: Conv, name: str, channels: int) -> int:
        found[f"{name}.kernel"] = conv.height, conv.width, channels, conv.filters
        found[f"{name}.bias"] = (conv.filters,)
        return conv.filters

    led(3, blocks, convolve, pool=lambda pool, channels: channels, join=sum)
    return found
