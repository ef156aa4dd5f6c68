"""Makes the layers of one network: all hold E copies, each is seeded on its own."""

from autometa_tf.networks.layers import (
    BatchStatisticsNormalization,
    ParallelConcatenate,
    ParallelConv2D,
    ParallelDense,
)


class LayerFactory:
    """Applies layers to Keras tensors, with the settings one network shares.

    Layers are seeded in the order in which they are made, so the initial weights are a
    function of (network, seed) and of nothing else in the process.
    """

    def __init__(self, num_parallel_episodes: int, seed: int):
        if num_parallel_episodes < 1:
            raise ValueError(
                "`num_parallel_episodes` must be at least 1. "
                f"Received: {num_parallel_episodes}."
            )
        self.num_parallel_episodes = num_parallel_episodes
        self._seed = seed
        self._num_seeded = 0

    def _next_seed(self) -> int:
        self._num_seeded += 1
        # Keras hashes its seeds; 2**12 is far above the layers of any network here.
        return (self._seed * 4096 + self._num_seeded) % 2**31

    def conv(self, x, filters: int, kernel_size, stride: int = 1, cancelled_bias=False):
        """Convolution, padding "same"; `cancelled_bias`: see `ParallelConv2D`."""
        return ParallelConv2D(
            filters,
            kernel_size,
            stride=stride,
            cancelled_bias=cancelled_bias,
            num_parallel_episodes=self.num_parallel_episodes,
            seed=self._next_seed(),
        )(x)

    def normalize(self, x):
        """Batch normalisation with the statistics of the batch."""
        return BatchStatisticsNormalization()(x)

    def concatenate(self, inputs):
        """Concatenation of channels, copy by copy."""
        if len(inputs) == 1:
            return inputs[0]
        return ParallelConcatenate(num_parallel_episodes=self.num_parallel_episodes)(
            inputs
        )

    def dense(self, x, units: int):
        """Dense layer with bias over everything but the batch."""
        return ParallelDense(
            units,
            num_parallel_episodes=self.num_parallel_episodes,
            seed=self._next_seed(),
        )(x)
