"""The yardstick: Reptile as one would write it with Keras, without our inventions.

Keras's own layers and optimizer, one episode after another; strong in that sampling,
gathering and all outer iterations are inside one `tf.function`. It shares nothing with
the product but the sampler, so that it does not get faster or slower with it.
"""

import keras
import tensorflow as tf

from autometa_tf.episodes.sampler import EpisodeSampler
from autometa_tf.genomes.genome import Genome
from autometa_tf.learners.reptile_config import ReptileConfig
from autometa_tf.networks.network_config import NetworkConfig, Task, small_images
from autometa_tf.networks.network_kinds import Conv4, Network

# The learner numbers the episodes of outer iteration t from t * 2**20 on; so does this.
_EPISODES_PER_ITERATION = 2**20


def build_plain(network: Network, config: NetworkConfig, task: Task) -> keras.Model:
    """What `build_network` builds: `[B, H, W, C] -> logits [B, ways]`."""
    if isinstance(network, Conv4):
        small = small_images(task.image_shape)
        return build_plain_conv4(
            task, num_filters=64 if small else 32, max_pooling=not small
        )
    return _build_plain_cells(network.genome, config, task)


def build_plain_conv4(
    task: Task, *, num_filters: int, max_pooling: bool
) -> keras.Model:
    """Reptile's network."""
    x = images = keras.Input(task.image_shape)
    for _ in range(4):
        strides = 1 if max_pooling else 2
        x = keras.layers.Conv2D(num_filters, 3, strides, padding="same")(x)
        x = _normalize(x)
        if max_pooling:
            x = keras.layers.MaxPooling2D(2, padding="same")(x)
        x = keras.layers.ReLU()(x)
    x = keras.layers.Flatten()(x)
    return keras.Model(images, keras.layers.Dense(task.ways)(x))


def _build_plain_cells(
    genome: Genome, config: NetworkConfig, task: Task
) -> keras.Model:
    images = keras.Input(task.image_shape)
    stem_stride = config.stem_stride or (1 if small_images(task.image_shape) else 2)
    stem = _normalize(_conv(images, config.num_filters, 3, stem_stride))
    before, last = stem, stem
    for stage in range(3):
        filters = round(config.num_filters * config.feature_scale_rate**stage)
        for stride in [1] * config.num_cell_repeats + [2]:
            before, last = last, _cell(genome, before, last, filters, stride)
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.ReLU()(last))
    return keras.Model(images, keras.layers.Dense(task.ways)(x))


def _cell(genome: Genome, before, last, filters: int, stride: int):
    states = [None, None]
    for i in sorted(genome.inputs_read):
        x = keras.layers.ReLU()((before, last)[i])
        factor = -(-x.shape[1] // last.shape[1])
        states[i] = _normalize(_conv(x, filters, 1, factor))
    for block in genome.blocks:
        halves = [
            _operation(name, states[i], filters, stride if i < 2 else 1)
            for i, name in block.halves
        ]
        states.append(keras.layers.Add()(halves))
    loose = [states[i] for i in genome.loose_blocks]
    return keras.layers.Concatenate()(loose) if len(loose) > 1 else loose[0]


def _operation(name: str, x, filters: int, stride: int):
    if name == "max_pool3x3":
        return keras.layers.MaxPooling2D(3, stride, padding="same")(x)
    if name == "avg_pool3x3":
        return keras.layers.AveragePooling2D(3, stride, padding="same")(x)
    if name == "identity" and stride == 1:
        return x
    x = keras.layers.ReLU()(x)
    if name == "conv1x5_5x1":
        return _normalize(_conv(_conv(x, filters, (1, 5), stride), filters, (5, 1), 1))
    return _normalize(_conv(x, filters, {"conv3x3": 3, "identity": 1}[name], stride))


def _conv(x, filters: int, kernel_size, stride: int):
    if kernel_size == 1 and stride > 1:
        # TensorFlow writes out of bounds in strided 1x1 convolutions with few channels.
        x, stride = x[:, ::stride, ::stride, :], 1
    return keras.layers.Conv2D(
        filters, kernel_size, stride, padding="same", use_bias=False
    )(x)


def _normalize(x):
    return keras.layers.BatchNormalization(epsilon=1e-3)(x)


class PlainReptile:
    """Meta-trains one copy of a network, one episode after another.

    Adam's state is one for all episodes and runs on through them, as in Reptile's own
    program.

    Args:
      model: Of Keras layers.
      episodes: Draws the training episodes.
      config: The hyper-parameters.
    """

    def __init__(
        self, model: keras.Model, episodes: EpisodeSampler, config: ReptileConfig
    ):
        self.model = model
        self._episodes = episodes
        self._config = config
        self._loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        self._optimizer = keras.optimizers.Adam(
            config.inner_learning_rate, beta_1=config.inner_beta1, epsilon=1e-8
        )
        self._optimizer.build(model.trainable_variables)
        self.theta = [tf.Variable(v) for v in model.trainable_variables]
        self._sums = [tf.Variable(tf.zeros_like(v)) for v in self.theta]
        self._iteration = tf.Variable(0, dtype=tf.int64)
        self._run = tf.function(self._run_eagerly)

    def run(self, num_iterations: int) -> float:
        """Makes outer iterations and returns the mean loss of last inner iterations."""
        return float(self._run(tf.constant(num_iterations)))

    def _run_eagerly(self, num_iterations):
        loss = 0.0
        for _ in tf.range(num_iterations):
            loss += self._outer_iteration()
        return loss / tf.cast(num_iterations, tf.float32)

    def _outer_iteration(self):
        config = self._config
        done = tf.cast(self._iteration, tf.float32) / config.outer_iterations
        step_size = config.outer_step_size * (1.0 - done)
        loss = 0.0
        for slot in tf.range(config.meta_batch_size, dtype=tf.int64):
            loss += self._adapt(self._iteration * _EPISODES_PER_ITERATION + slot)
            for total, adapted in zip(
                self._sums, self.model.trainable_variables, strict=True
            ):
                total.assign_add(adapted)
        for start, total in zip(self.theta, self._sums, strict=True):
            mean = total / config.meta_batch_size
            start.assign_add(step_size * (mean - start))
            total.assign(tf.zeros_like(total))
        self._iteration.assign_add(1)
        return loss / config.meta_batch_size

    def _adapt(self, episode):
        """Adapts the model from theta to one episode; returns the last loss."""
        config, sampler = self._config, self._episodes
        for variable, start in zip(
            self.model.trainable_variables, self.theta, strict=True
        ):
            variable.assign(start)
        chosen = sampler.choose_images(sampler.classes, episode[tf.newaxis])
        pool = tf.reshape(chosen, [-1])
        positions = sampler.shuffle_batches(
            episode[tf.newaxis],
            pool.shape[0],
            config.inner_iterations,
            config.inner_batch_size,
        )[0]
        loss = 0.0
        for i in tf.range(config.inner_iterations):
            images = tf.gather(sampler.classes.images, tf.gather(pool, positions[i]))
            images = tf.cast(images, tf.float32) / 255.0
            labels = positions[i] // sampler.images_per_class
            with tf.GradientTape() as tape:
                loss = self._loss(labels, self.model(images, training=True))
            variables = self.model.trainable_variables
            self._optimizer.apply(tape.gradient(loss, variables), variables)
        return loss
