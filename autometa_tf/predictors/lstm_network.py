"""An LSTM that reads genomes token by token and gives one number for each."""

import keras
import numpy as np
import tensorflow as tf

from autometa_tf.predictors.encoding import NUM_TOKENS, TOKENS_PER_BLOCK
from autometa_tf.predictors.prefix_tree import PrefixTree, build_prefix_tree

# How many sequences are predicted at once, which bounds the memory for their states.
_CHUNK_SIZE = 8192

# The type of all numbers here, whatever Keras has been told to use elsewhere.
_DTYPE = "float32"

_INTEGERS = tf.TensorSpec([None], tf.int32)
_LISTS_OF_INTEGERS = tf.RaggedTensorSpec([None, None], tf.int32)


class LstmNetwork:
    """Embeddings, LSTM layers, and one linear output after the last token.

    Equal beginnings of sequences are read once (`PrefixTree`), and padding is not read.

    Args:
      num_units: The size of each LSTM layer.
      num_layers: The number of LSTM layers.
      embedding_size: The size of the vector each token is read as.
      learning_rate: Adam's learning rate.
    """

    def __init__(
        self,
        *,
        num_units: int,
        num_layers: int,
        embedding_size: int,
        learning_rate: float,
    ):
        self._sizes = (embedding_size, *[num_units] * num_layers)
        self._embedding, *self._lstms, self._dense = _make_layers(self._sizes, seed=0)
        self._variables = _variables(self._embedding, *self._lstms, self._dense)
        self._optimizer = keras.optimizers.Adam(learning_rate)
        self._optimizer.build(self._variables)
        self._fresh_optimizer = [v.numpy() for v in self._optimizer.variables]

    def fit(
        self, tokens: np.ndarray, targets: np.ndarray, *, num_updates: int, seed: int
    ) -> None:
        """Forgets everything, then minimises the mean squared error.

        At every update, the halves of each block change places at random: the cell is
        the same. Without that the few rows of a search are soon learned by heart.

        Args:
          tokens: int32 `[rows, length]`, from `encode_genomes`.
          targets: float `[rows]`.
          num_updates: How often to update the weights, each time on all rows.
          seed: Seed of the initial weights and of what changes places.
        """
        fresh_weights = _variables(*_make_layers(self._sizes, seed))
        for variable, fresh in zip(self._variables, fresh_weights, strict=True):
            variable.assign(fresh)
        for variable, fresh in zip(
            self._optimizer.variables, self._fresh_optimizer, strict=True
        ):
            variable.assign(fresh)
        targets = tf.constant(targets, tf.float32)
        generator = np.random.default_rng(seed)
        for _ in range(num_updates):
            tree = build_prefix_tree(_swap_halves(tokens, generator))
            self._update(*_tensors(tree), targets)

    def predict(self, tokens: np.ndarray) -> np.ndarray:
        """The outputs, float32 `[rows]`, for int32 `[rows, length]` tokens."""
        chunks = [
            self._outputs(*_tensors(build_prefix_tree(tokens[i : i + _CHUNK_SIZE])))
            for i in range(0, len(tokens), _CHUNK_SIZE)
        ]
        return np.concatenate([np.empty(0, np.float32), *chunks])

    @tf.function(
        input_signature=[
            _LISTS_OF_INTEGERS,
            _LISTS_OF_INTEGERS,
            _INTEGERS,
            tf.TensorSpec([None], tf.float32),
        ]
    )
    def _update(
        self,
        tokens: tf.RaggedTensor,
        parents: tf.RaggedTensor,
        ends: tf.Tensor,
        targets: tf.Tensor,
    ) -> None:
        with tf.GradientTape() as tape:
            errors = self._call(tokens, parents, ends) - targets
            loss = tf.reduce_mean(tf.square(errors))
        # Dense, because Keras's Adam squares each part of a sparse gradient by itself,
        # also when several are for the same embedding (Keras 3.15).
        gradients = map(tf.convert_to_tensor, tape.gradient(loss, self._variables))
        self._optimizer.apply(list(gradients), self._variables)

    @tf.function(input_signature=[_LISTS_OF_INTEGERS, _LISTS_OF_INTEGERS, _INTEGERS])
    def _outputs(
        self, tokens: tf.RaggedTensor, parents: tf.RaggedTensor, ends: tf.Tensor
    ) -> tf.Tensor:
        return self._call(tokens, parents, ends)

    def _call(
        self, tokens: tf.RaggedTensor, parents: tf.RaggedTensor, ends: tf.Tensor
    ) -> tf.Tensor:
        max_length = tf.cast(tokens.nrows(), tf.int32)
        outputs = tf.TensorArray(
            tf.float32, size=max_length, infer_shape=False, element_shape=[None]
        )
        # Each row is the state of one beginning in all layers; the empty one comes
        # first.
        states = tf.zeros([1, 2 * sum(self._sizes[1:])])
        for length in tf.range(max_length):
            tf.autograph.experimental.set_loop_options(
                shape_invariants=[(states, tf.TensorShape([None, states.shape[1]]))]
            )
            before = tf.gather(states, parents[length])
            values, states = self._read(tokens[length], before)
            outputs = outputs.write(length, values)
        return tf.gather(outputs.concat(), ends)

    def _read(
        self, tokens: tf.Tensor, states: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Reads one more token; returns the outputs and states after it."""
        values = self._embedding(tokens)
        parts = tf.split(states, 2 * len(self._lstms), axis=1)
        parts_after = []
        for layer, lstm in enumerate(self._lstms):
            values, after = lstm(values, parts[2 * layer : 2 * layer + 2])
            parts_after += after
        return self._dense(values)[:, 0], tf.concat(parts_after, axis=1)


def _make_layers(sizes: tuple[int, ...], seed: int) -> list[keras.layers.Layer]:
    """Embedding, LSTMs and dense layer; `sizes` are those of all but the last."""
    seeds = keras.random.SeedGenerator(seed)
    embedding = keras.layers.Embedding(
        NUM_TOKENS,
        sizes[0],
        # PNAS's range.
        embeddings_initializer=keras.initializers.RandomUniform(-0.1, 0.1, seed=seeds),
        dtype=_DTYPE,
    )
    lstms = [
        keras.layers.LSTMCell(
            size,
            kernel_initializer=keras.initializers.GlorotUniform(seed=seeds),
            recurrent_initializer=keras.initializers.Orthogonal(seed=seeds),
            dtype=_DTYPE,
        )
        for size in sizes[1:]
    ]
    dense = keras.layers.Dense(
        1,
        kernel_initializer=keras.initializers.GlorotUniform(seed=seeds),
        dtype=_DTYPE,
    )
    embedding.build()
    for layer, size in zip([*lstms, dense], sizes, strict=True):
        layer.build((None, size))
    return [embedding, *lstms, dense]


def _variables(*layers: keras.layers.Layer) -> list[keras.Variable]:
    return [variable for layer in layers for variable in layer.trainable_variables]


def _tensors(tree: PrefixTree) -> tuple[tf.RaggedTensor, tf.RaggedTensor, tf.Tensor]:
    lengths = [len(tokens) for tokens in tree.tokens]
    tokens, parents = (
        tf.RaggedTensor.from_row_lengths(np.concatenate(values), lengths)
        for values in (tree.tokens, tree.parents)
    )
    return tokens, parents, tf.constant(tree.ends)


def _swap_halves(tokens: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    halves = tokens.reshape(len(tokens), -1, 2, TOKENS_PER_BLOCK // 2)
    swapped = generator.random((*halves.shape[:2], 1, 1)) < 0.5
    return np.where(swapped, halves[:, :, ::-1], halves).reshape(tokens.shape)
