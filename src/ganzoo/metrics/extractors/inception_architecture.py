"""The network of FID as data: InceptionV3 as TensorFlow published it on 2015-12-05.

It is not the InceptionV3 of today's model libraries: the mean of an average pool leaves the
padding out, and the pool of the last block is a maximum. Without its classes.
"""

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias


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


def shapes(blocks: tuple[Block, ...] = BLOCKS) -> dict[str, tuple[int, ...]]:
    """Return the shape of every weight by its name: kernels, each with its bias."""
    found = {}
    for number, kernel in enumerate(_kernels(blocks)):
        found[f"{conv_name(number)}.kernel"] = kernel
        found[f"{conv_name(number)}.bias"] = kernel[-1:]
    return found


def _kernels(blocks: tuple[Block, ...]) -> Iterator[tuple[int, ...]]:
    channels = 3
    for block in blocks:
        ends = []
        for branch in block:
            end = channels
            for step in branch:
                if isinstance(step, Pool):
                    continue
                convs = step.prongs if isinstance(step, Fork) else (step,)
                for conv in convs:
                    yield conv.height, conv.width, end, conv.filters
                end = sum(conv.filters for conv in convs)
            ends.append(end)
        channels = sum(ends)
