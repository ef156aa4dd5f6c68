"""Makes a bank of candidates: the learning curves of many cells, for all to judge by.

  bazel run //benchmarks:bank -- --output=$PWD/results/bank --num_candidates=240

How well does a score after 100 outer iterations rank the one after 1,000? Does halving
lose the best cell? Does a predictor rank cells that it has not seen? With such a bank
that takes seconds to answer, and nothing has to be trained.

Cells have 1 to 5 blocks in turn; those of one block are all different ones, the larger
are drawn at random. All are trained by the paper's Omniglot settings, whose outer step
size falls over 1,000 outer iterations, and scored after 30, 100 and 300 of them; every
second goes on to 1,000. Every eighth is trained with a second seed too, which tells how
well a score could be predicted at best. Any beginning of the list is such a mixture, so
that an unfinished bank is of use. It is kept in the folder's search.sqlite, with which
the same command goes on, and written to bank.csv.

Of each four cells in the list the first two are the tuning part and the last two the
test part, on which nothing may be tuned.
"""

import argparse
import collections
import contextlib
import csv
import dataclasses
import functools
import os
import random
from collections.abc import Iterator, Mapping, Sequence

from autometa_tf.candidates.evaluate_genome import evaluate_genome
from autometa_tf.candidates.evaluation import (
    Evaluation,
    EvaluationKey,
    EvaluationRequest,
)
from autometa_tf.episodes.load_dataset import load_dataset
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.genomes.canonical import canonical_form
from autometa_tf.genomes.expansion import one_block_genomes, possible_blocks
from autometa_tf.genomes.genome import NUM_CELL_INPUTS, Genome, genome_to_json
from autometa_tf.learners.devices import use_devices
from autometa_tf.search.evaluation_plan import EvaluationPlan
from autometa_tf.search.state import SearchState
from autometa_tf.search.store import SearchStore, open_store
from autometa_tf.workers.evaluator import Evaluator
from autometa_tf.workers.ray_evaluator import RayEvaluator
from autometa_tf.workers.workers_config import WorkersConfig

RUNGS = (30, 100, 300, 1000)
NUM_EPISODES = 100
MAX_NUM_BLOCKS = 5
_SECOND_SEED_EVERY = 8


@dataclasses.dataclass(frozen=True, kw_only=True)
class Entry:
    """A cell of the bank.

    Attributes:
      index: Its place in the list.
      genome: The cell.
      num_rungs: How many of `RUNGS` it is trained to.
      seeds: The seeds it is trained with.
    """

    index: int
    genome: Genome
    num_rungs: int
    seeds: tuple[int, ...]

    @property
    def part(self) -> str:
        """Whether one may tune on it: "tuning" or "test"."""
        return "tuning" if self.index % 4 < 2 else "test"


def entries(num_candidates: int) -> list[Entry]:
    """The first cells of the list, which is always the same."""
    genomes = _genomes()
    return [
        Entry(
            index=index,
            genome=next(genomes),
            num_rungs=len(RUNGS) - index % 2,
            seeds=(0,) if index % _SECOND_SEED_EVERY else (0, 1),
        )
        for index in range(num_candidates)
    ]


def _genomes() -> Iterator[Genome]:
    """Distinct cells of 1 to 5 blocks in turn; of one block there are no more than 55."""
    generator = random.Random(0)
    ones = one_block_genomes()
    generator.shuffle(ones)
    choices = [possible_blocks(NUM_CELL_INPUTS + i) for i in range(MAX_NUM_BLOCKS)]
    seen = set()
    while True:
        if ones:
            yield ones.pop()
        for num_blocks in range(2, MAX_NUM_BLOCKS + 1):
            while True:
                blocks = tuple(generator.choice(each) for each in choices[:num_blocks])
                genome = canonical_form(Genome(blocks))
                if genome not in seen:
                    break
            seen.add(genome)
            yield genome


def keys(seed: int) -> tuple[EvaluationKey, ...]:
    """The keys of a candidate's evaluations, one for each rung."""
    return tuple(
        EvaluationKey(
            seed=seed,
            outer_iterations=RUNGS[-1],
            rung=rung,
            num_episodes=NUM_EPISODES,
        )
        for rung in RUNGS
    )


def fill(store: SearchStore, evaluator: Evaluator, wanted: Sequence[Entry]) -> None:
    """Evaluates what the store does not have yet, each candidate to its last rung."""
    last = {(entry.genome, seed): entry for entry in wanted for seed in entry.seeds}
    states = {seed: _read(store, seed) for seed in (0, 1)}
    waiting: collections.deque[EvaluationRequest] = collections.deque()

    def send(genome: Genome, seed: int, first: bool = False) -> None:
        curve = states[seed].curve(genome)
        failed = curve and not curve[-1].succeeded
        if failed or len(curve) == last[genome, seed].num_rungs:
            return
        request = EvaluationRequest(
            genome=genome,
            key=keys(seed)[len(curve)],
            learner=store.read_learner(curve[-1]) if curve else b"",
        )
        (waiting.appendleft if first else waiting.append)(request)

    for genome, seed in last:
        send(genome, seed)
    for number, found in enumerate(evaluator.evaluate(waiting), start=1):
        store.add_evaluation(found)
        seed = found.key.seed
        without = dataclasses.replace(found, learner=b"")
        states[seed] = states[seed].with_evaluation(without)
        _say(number, len(waiting), found)
        send(found.genome, seed, first=True)


def _read(store: SearchStore, seed: int) -> SearchState:
    return store.read_state(EvaluationPlan(keys=keys(seed)))


def _say(number: int, num_waiting: int, found: Evaluation) -> None:
    score = found.failure or f"{100 * found.score:.1f}%"
    print(
        f"{number} done, {num_waiting} waiting: {score} at {found.key.rung:,}, seed "
        f"{found.key.seed} {found.genome}",
        flush=True,
    )


def rows(store: SearchStore, wanted: Sequence[Entry]) -> Iterator[Mapping[str, object]]:
    """The table: one row for each evaluation, in the order of the list."""
    states = {seed: _read(store, seed) for seed in (0, 1)}
    for entry in wanted:
        for seed in entry.seeds:
            for found in states[seed].curve(entry.genome):
                seconds = (
                    found.build_seconds + found.train_seconds + found.scoring_seconds
                )
                yield {
                    "index": entry.index,
                    "part": entry.part,
                    "genome": genome_to_json(entry.genome),
                    "num_blocks": entry.genome.num_blocks,
                    "seed": seed,
                    "rung": found.key.rung,
                    "score": found.score,
                    "score_ci95": found.score_ci95,
                    "non_transductive_score": found.non_transductive_score,
                    "num_parameters": found.num_parameters,
                    "seconds": round(seconds, 2),
                    "failure": found.failure,
                }


def write_table(path: str, table: Sequence[Mapping[str, object]]) -> None:
    """Writes the rows as CSV."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, table[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)


def main() -> None:
    """Goes on with the bank, and writes its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", required=True, help="the folder of the bank")
    parser.add_argument("--data_dir", default="", help="where Omniglot lies")
    parser.add_argument("--num_candidates", type=int, default=240)
    parser.add_argument("--num_workers", type=int, default=None)
    arguments = parser.parse_args()
    use_devices(num_threads=1, gpus=False)
    experiment = ExperimentConfig.from_preset(
        "omniglot", dataset="omniglot", data_dir=arguments.data_dir
    )
    wanted = entries(arguments.num_candidates)
    splits = load_dataset(experiment.data, experiment.episodes.ways)
    evaluate = functools.partial(
        evaluate_genome,
        config=experiment.candidate,
        train=splits.train,
        scoring=splits.validation,
    )
    evaluator = RayEvaluator(
        evaluate, config=WorkersConfig(num_workers=arguments.num_workers)
    )
    with open_store(arguments.output) as store, contextlib.closing(evaluator):
        try:
            fill(store, evaluator, wanted)
        finally:
            if table := list(rows(store, wanted)):
                write_table(os.path.join(arguments.output, "bank.csv"), table)


if __name__ == "__main__":
    main()
