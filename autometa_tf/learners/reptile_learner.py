"""Reptile: meta-trains a network on episodes (Nichol et al. 2018, algorithm 2).

Letters: `E` episodes side by side in one replica, `R` replicas, `M` meta-batch size,
`P` weights of one network.
"""

import tensorflow as tf

from autometa_tf.episodes.sampler import ClassTensors, EpisodeSampler
from autometa_tf.learners.adam import AdamState, initial_adam_state
from autometa_tf.learners.adapt import adapt
from autometa_tf.learners.devices import operations_at_once
from autometa_tf.learners.distribution import Distribution
from autometa_tf.learners.learner_state import LearnerState, SlotArrays
from autometa_tf.learners.parallel_model import ParallelModel
from autometa_tf.learners.reptile_config import MAX_SLOTS, ReptileConfig
from autometa_tf.learners.schedules import inner_adam
from autometa_tf.learners.shared_head import share_head
from autometa_tf.learners.slot_rows import set_slot_rows, slot_rows
from autometa_tf.learners.training_batches import training_batches


class DivergedError(FloatingPointError):
    """Meta-training ended in weights that are not finite."""


class ReptileLearner:
    """Owns theta, the slots' Adam states, and the compiled outer loop.

    Slot i of the meta-batch keeps its own Adam state; its episode in outer iteration t
    is a function of (seed, t, i) alone. So neither E nor R changes what is computed,
    up to the rounding of the network's own operations and of the sum over replicas.

    Args:
      model: E copies of the network.
      episodes: Draws the training episodes.
      config: The hyper-parameters.
      head: Where the weights lie that `shared_head` is about, see `share_head`.
      distribution: From `make_distribution`; None is TensorFlow's default, one replica.
      jit_compile: Whether XLA compiles the inner loop: right on a GPU, wrong on a CPU.
    """

    def __init__(
        self,
        model: ParallelModel,
        episodes: EpisodeSampler,
        config: ReptileConfig,
        *,
        head: slice | None = None,
        distribution: Distribution | None = None,
        jit_compile: bool = False,
    ):
        self.model = model
        self.config = config
        self._episodes = episodes
        self._distribution = distribution or tf.distribute.get_strategy()
        if config.shared_head and head is None:
            raise ValueError("`head` must be given with `shared_head`. Received: None.")
        self._head = head
        self._num_replicas = self._distribution.num_replicas_in_sync
        slots_at_once = model.num_parallel_episodes * self._num_replicas
        self._num_rounds = -(-config.meta_batch_size // slots_at_once)
        self._adapt_round = (
            tf.function(self._adapt_slots, jit_compile=True, autograph=False)
            if jit_compile
            else self._adapt_slots
        )
        self._run = tf.function(self._run_eagerly, autograph=False)
        self._create_variables()

    def _create_variables(self) -> None:
        copies = self.model.num_parallel_episodes * self.model.num_weights
        num_first = copies if self.config.inner_beta1 else 0
        with self._distribution.scope():
            self._weights = tf.Variable(
                self._with_shared_head(self.model.initial_weights()),
                trainable=False,
                # Replicas add their shares of the update: the only communication.
                aggregation=tf.VariableAggregation.SUM,
            )
            self._first_moments = _per_replica_variable([self._num_rounds, num_first])
            self._second_moments = _per_replica_variable([self._num_rounds, copies])
            self._loss = _per_replica_variable([])
        self._iteration = tf.Variable(0, dtype=tf.int64, trainable=False)
        self._classes = self._distribution.experimental_distribute_values_from_function(
            lambda _: tf.nest.map_structure(tf.identity, self._episodes.classes)
        )

    @property
    def iteration(self) -> int:
        """Outer iterations made so far."""
        return int(self._iteration)

    def run(self, num_iterations: int) -> float:
        """Makes outer iterations, all in one compiled call.

        Args:
          num_iterations: How many; at most what the configuration leaves to do.

        Returns:
          The mean training loss of the last inner iterations.

        Raises:
          DivergedError: The weights are not finite any more.
        """
        left = self.config.outer_iterations - self.iteration
        if not 1 <= num_iterations <= left:
            raise ValueError(
                f"`num_iterations` must be 1 to {left}, the outer iterations left. "
                f"Received: {num_iterations}."
            )
        loss, finite = self._run(tf.constant(num_iterations), self._classes)
        if not finite:
            raise DivergedError(
                f"The weights were not finite after {self.iteration} outer iterations."
            )
        return float(loss) / (num_iterations * self.config.meta_batch_size)

    def _run_eagerly(
        self, num_iterations: tf.Tensor, classes: ClassTensors
    ) -> tuple[tf.Tensor, tf.Tensor]:
        for replica_loss in self._replicas(self._loss):
            replica_loss.assign(0.0)

        def body(i):
            self._distribution.run(self._outer_iteration, args=(classes,))
            self._end_outer_iteration()
            with tf.control_dependencies([self._iteration.assign_add(1)]):
                return [i + 1]

        tf.while_loop(lambda i: i < num_iterations, body, [tf.constant(0)])
        loss = tf.add_n(self._replicas(self._loss))
        return loss, tf.reduce_all(tf.math.is_finite(self._weights))

    def _outer_iteration(self, classes: ClassTensors) -> None:
        """One replica's part of an outer iteration: its slots, round by round."""
        iteration = self._iteration.read_value()
        weights = self._weights.read_value()

        def adapt_round(row):
            round_number, first_moments, second_moments = row
            slots = self._slots_of_round(round_number)
            return self._adapt_round(
                classes, weights, first_moments, second_moments, iteration, slots
            )

        changes, first_moments, second_moments, losses = tf.map_fn(
            adapt_round,
            (
                tf.range(self._num_rounds, dtype=tf.int64),
                self._first_moments.read_value(),
                self._second_moments.read_value(),
            ),
            fn_output_signature=(tf.float32,) * 4,
            parallel_iterations=min(self._num_rounds, operations_at_once()),
        )
        done = tf.cast(iteration, tf.float32) / self.config.outer_iterations
        step_size = self.config.outer_step_size * (1.0 - done)
        factor = step_size / self.config.meta_batch_size
        update = tf.reduce_sum(self._filled_slots(changes), axis=0)
        self._weights.assign_add(update * factor)
        self._first_moments.assign(first_moments)
        self._second_moments.assign(second_moments)
        self._loss.assign_add(tf.reduce_sum(self._filled_slots(losses)))

    def _end_outer_iteration(self) -> None:
        """What is done to theta once all replicas have added their shares."""
        if self.config.shared_head:
            self._weights.assign(self._with_shared_head(self._weights.read_value()))

    def _with_shared_head(self, weights: tf.Tensor) -> tf.Tensor:
        if not self.config.shared_head:
            return weights
        return share_head(weights, self._head, self.model.ways)

    def _filled_slots(self, rounds: tf.Tensor) -> tf.Tensor:
        """`[rounds, E, ...]` -> `[slots, ...]`, at most those of the meta-batch.

        What is summed over these is summed in one order, whatever E and the number of
        rounds: a sum over each round first would round differently for every E.
        """
        slots = tf.reshape(rounds, [-1, *rounds.shape[2:]])
        return slots[: self.config.meta_batch_size]

    def _slots_of_round(self, round_number: tf.Tensor) -> tf.Tensor:
        replica = tf.distribute.get_replica_context().replica_id_in_sync_group
        group = round_number * self._num_replicas + tf.cast(replica, tf.int64)
        copies = self.model.num_parallel_episodes
        return group * copies + tf.range(copies, dtype=tf.int64)

    def _adapt_slots(
        self,
        classes: ClassTensors,
        weights: tf.Tensor,
        first_moments: tf.Tensor,
        second_moments: tf.Tensor,
        iteration: tf.Tensor,
        slots: tf.Tensor,
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
        """Adapts theta to the episodes of E slots.

        Returns:
          Adapted weights - theta `[E, P]`, the slots' moments, and their losses `[E]`.
          Slots beyond the meta-batch have 0.
        """
        config, model = self.config, self.model
        begin = model.copy(weights)
        state = AdamState(first_moments, second_moments, tf.zeros([]))
        if config.carry_moments:
            steps = iteration * config.inner_iterations
            state = state._replace(step=tf.cast(steps, tf.float32))
        else:
            state = tf.nest.map_structure(tf.zeros_like, state)
        with tf.name_scope("sampling"):  # For profiles.
            batch_at = training_batches(
                self._episodes,
                model.gather,
                config,
                classes,
                iteration * MAX_SLOTS + slots,
            )
        adapted, state, losses = adapt(
            model,
            begin,
            state,
            batch_at,
            config.inner_iterations,
            inner_adam(config, iteration),
        )
        # Selected, not multiplied by 0: an empty slot may diverge on its own.
        filled = slots < config.meta_batch_size
        changes = model.separate(adapted) - weights
        changes = tf.where(filled[:, tf.newaxis], changes, 0.0)
        losses = tf.where(filled, losses, 0.0)
        return changes, state.first_moments, state.second_moments, losses

    def state(self) -> LearnerState:
        """Theta, and the slots' mean Adam state or a fresh one."""
        slots, config = self.slots(), self.config
        weights = tf.constant(slots.weights)
        if not config.carry_moments:
            fresh = initial_adam_state(self.model.num_weights, config.adam)
            return LearnerState(weights, fresh)
        return LearnerState(
            weights=weights,
            adam=AdamState(
                first_moments=tf.constant(slots.first_moments.mean(axis=0)),
                second_moments=tf.constant(slots.second_moments.mean(axis=0)),
                step=tf.constant(float(self.iteration * config.inner_iterations)),
            ),
        )

    def slots(self) -> SlotArrays:
        """Everything the loop carries on, in an order that knows no E and no R."""
        size = self.config.meta_batch_size
        return SlotArrays(
            iteration=self.iteration,
            weights=self._weights.numpy(),
            first_moments=slot_rows(
                self._replicas(self._first_moments), self.model, size
            ),
            second_moments=slot_rows(
                self._replicas(self._second_moments), self.model, size
            ),
        )

    def restore(self, slots: SlotArrays) -> None:
        """Carries on from what `slots` returned, here or in another process."""
        self._weights.assign(slots.weights)
        for variable, rows in (
            (self._first_moments, slots.first_moments),
            (self._second_moments, slots.second_moments),
        ):
            set_slot_rows(self._replicas(variable), self.model, rows)
        self._iteration.assign(slots.iteration)

    def _replicas(self, variable: tf.Variable) -> tuple[tf.Variable, ...]:
        return self._distribution.experimental_local_results(variable)


def _per_replica_variable(shape: list[int]) -> tf.Variable:
    return tf.Variable(
        tf.zeros(shape),
        trainable=False,
        synchronization=tf.VariableSynchronization.ON_READ,
        aggregation=tf.VariableAggregation.SUM,
    )
