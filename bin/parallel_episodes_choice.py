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


def with_parallel_episodes(
    config: CandidateConfig,
    run_dir: str,
    part: str,
    *,
    genome: Genome | None = PROBE,
    call: Callable | None = None,
    num_threads: int = 1,
) -> CandidateConfig:
    """The configuration with `num_parallel_episodes` and `jit_compile` settled.

    Args:
      config: As the flags say.
      run_dir: The run directory, whose config.json has them unless the run begins.
      part: Where config.json has this configuration, "candidate" or "final".
      genome: The cell to measure with, or None for conv4.
      call: Calls a function where the learner will run. Default: a process of its own
        on this machine.
      num_threads: What a learner on this machine has.
    """
    given = flag_values.NUM_PARALLEL_EPISODES.value
    if given is not None:
        config = dataclasses.replace(config, num_parallel_episodes=given)
    jit_compile = flag_values.jit_compile()
    if run_directory.read_json(run_dir, run_directory.CONFIG) is not None:
        (kept,) = run_directory.read_config(run_dir, part)
        copies = kept.num_parallel_episodes if given is None else given
        return dataclasses.replace(
            config,
            num_parallel_episodes=copies,
            jit_compile=kept.jit_compile if jit_compile is None else jit_compile,
        )
    if jit_compile is None:
        jit_compile = call(gpu_available) if call else gpu_available()
    config = dataclasses.replace(config, jit_compile=jit_compile)
    if given is not None:
        return config
    call = call or functools.partial(call_in_child, _call_with_threads, num_threads)
    seconds = call(measure_parallel_episodes, config, genome)
    chosen = min(seconds, key=seconds.get)
    trial = ", ".join(f"{n}: {1000 * s:.0f} ms" for n, s in seconds.items())
    say(f"episodes side by side: {chosen} (an outer iteration: {trial})")
    if len(seconds) == 1:
        say("one at a time, since this TensorFlow has no grouped gradients (oneDNN)")
    return dataclasses.replace(config, num_parallel_episodes=chosen)


def _call_with_threads(num_threads: int, function, *arguments):
    use_devices(num_threads=num_threads)
    return function(*arguments)
