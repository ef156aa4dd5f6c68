"""How a run's learners use the hardware they run on: given, kept or measured."""

import dataclasses
import functools
from collections.abc import Callable

from autometa_tf.evaluators.candidate import CandidateConfig
from autometa_tf.evaluators.parallel_trial import PROBE, measure_parallel_episodes
from autometa_tf.genomes.genome import Genome
from autometa_tf.learners.devices import gpu_available, use_devices
from bin import flag_values, run_directory
from bin.child_process import call_in_child
from bin.progress_lines import say


def with_kept_choices(
    config: CandidateConfig, run_dir: str, part: str, call: Callable | None = None
) -> CandidateConfig:
    """The configuration with `jit_compile` settled, and E as given or kept.

    Args:
      config: As the flags say; its `num_parallel_episodes` is E, None if not given.
      run_dir: The run directory, whose config.json has what was chosen before.
      part: Where config.json has this configuration, "candidate" or "final".
      call: Calls a function where the learner will run. Default: here.
    """
    copies, jit_compile = config.num_parallel_episodes, flag_values.jit_compile()
    if run_directory.read_json(run_dir, run_directory.CONFIG) is not None:
        (kept,) = run_directory.read_config(run_dir, part)
        copies = kept.num_parallel_episodes if copies is None else copies
        jit_compile = kept.jit_compile if jit_compile is None else jit_compile
    elif jit_compile is None:
        jit_compile = call(gpu_available) if call else gpu_available()
    return dataclasses.replace(
        config, num_parallel_episodes=copies, jit_compile=jit_compile
    )


def with_parallel_episodes(
    config: CandidateConfig, genome: Genome | None = PROBE, call: Callable | None = None
) -> CandidateConfig:
    """The configuration with E measured, unless it is there.

    Args:
      config: The configuration.
      genome: The cell to measure with, or None for conv4.
      call: Calls a function where the learner will run. Default: here.
    """
    if config.num_parallel_episodes is not None:
        return config
    measure = functools.partial(measure_parallel_episodes, config, genome)
    trial = call(measure) if call else measure()
    chosen = trial.fastest
    times = ", ".join(f"{n}: {1000 * s:.0f} ms" for n, s in trial.seconds.items())
    remembered = ", measured here before" if trial.is_remembered else ""
    say(f"episodes side by side: {chosen} (an outer iteration: {times}{remembered})")
    if len(trial.seconds) == 1:
        say("one at a time, since this TensorFlow has no grouped gradients (oneDNN)")
    return dataclasses.replace(config, num_parallel_episodes=chosen)


def call_with_one_thread(function, *arguments):
    """`function(*arguments)` in a process of its own that has one thread."""
    return call_in_child(_use_one_thread_and_call, function, *arguments)


def _use_one_thread_and_call(function, *arguments):
    use_devices(num_threads=1)
    return function(*arguments)
