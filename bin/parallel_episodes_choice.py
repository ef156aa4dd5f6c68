"""How many episodes a run computes side by side: given, kept or measured."""

import dataclasses

from autometa_tf.evaluators.candidate import CandidateConfig
from autometa_tf.evaluators.parallel_trial import PROBE, measure_parallel_episodes
from autometa_tf.genomes.genome import Genome
from bin import flag_values, run_directory
from bin.child_process import call_in_child
from bin.progress_lines import say


def with_parallel_episodes(
    config: CandidateConfig,
    run_dir: str,
    genome: Genome | None = PROBE,
    num_threads: int = 1,
) -> CandidateConfig:
    """The configuration with `num_parallel_episodes` and `jit_compile` settled.

    Args:
      config: As the flags say.
      run_dir: The run directory, whose config.json has it unless the run begins.
      genome: The cell to measure with, or None for conv4.
      num_threads: What a learner of the run has.
    """
    config = dataclasses.replace(config, jit_compile=flag_values.jit_compile())
    given = flag_values.NUM_PARALLEL_EPISODES.value
    begun = run_directory.read_json(run_dir, run_directory.CONFIG) is not None
    if begun and given is None:
        chosen = run_directory.read_config(run_dir)["final"].num_parallel_episodes
        return dataclasses.replace(config, num_parallel_episodes=chosen)
    if given is not None:
        return dataclasses.replace(config, num_parallel_episodes=given)
    seconds = call_in_child(measure_parallel_episodes, config, genome, num_threads)
    chosen = min(seconds, key=seconds.get)
    trial = ", ".join(f"{n}: {1000 * s:.0f} ms" for n, s in seconds.items())
    say(f"episodes side by side: {chosen} (an outer iteration: {trial})")
    if len(seconds) == 1:
        say("one at a time, since this TensorFlow has no grouped gradients (oneDNN)")
    return dataclasses.replace(config, num_parallel_episodes=chosen)
