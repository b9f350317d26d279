"""The page draws the latents of a seed that `gan.latents` draws, to the last bit."""

import numpy as np
from javascript import needs_node, run

pytestmark = needs_node
SEEDS = [*range(1000), 2**31 - 1, 2**32, 2**53 - 1, 2**64 - 1, 2**127 + 12345, 10**60]


def test_latents_of_a_thousand_seeds_are_those_of_numpy():
    script = """
        const { latents } = await from("latents.js");
        for (const seed of given[0]) write(latents(3, 101, BigInt(seed)));
    """
    drawn = np.frombuffer(run(script, list(map(str, SEEDS))), "<f4").reshape(-1, 3, 101)
    expected = np.array(
        [
            np.random.Generator(np.random.PCG64(seed)).standard_normal((3, 101), dtype="float32")
            for seed in SEEDS
        ]
    )
    assert (abs(expected) > 3.66).sum() > 50  # the tail is drawn otherwise
    np.testing.assert_array_equal(drawn, expected)
