"""A search whose candidates cost nothing, as a program that tests can kill.

Driver, store and Ray are the real ones. Each evaluation that is begun leaves a line in
a journal, `<process id> <genome>`, and each that ends a mark of its own in its record,
so that whoever reads both can tell what was done twice.
"""

import argparse
import contextlib
import functools
import os
import pathlib
import random
import time

from autometa_tf.candidates.evaluation import (
    Evaluation,
    EvaluationKey,
    EvaluationRequest,
)
from autometa_tf.genomes.genome import genome_to_json
from autometa_tf.search.evaluation_plan import plan_without_rungs
from autometa_tf.search.loop import run_search
from autometa_tf.search.pnas import PnasSearch
from autometa_tf.search.search_config import SearchConfig
from autometa_tf.search.store import open_store
from autometa_tf.testing.fake_evaluator import hash_score, structure_score
from autometa_tf.testing.fake_predictor import FakePredictor
from autometa_tf.workers.ray_evaluator import RayEvaluator
from autometa_tf.workers.workers_config import WorkersConfig

KEY = EvaluationKey(seed=0, outer_iterations=1, rung=1, num_episodes=2)


def make_strategy() -> PnasSearch:
    """55 cells of one block and 20 of two."""
    predictor = FakePredictor(lambda genome: hash_score(genome, seed=1))
    return PnasSearch(SearchConfig(max_num_blocks=2, beam_size=20), predictor)


def evaluate(
    request: EvaluationRequest, journal: pathlib.Path, seconds: float
) -> Evaluation:
    """Sleeps, and scores the genome by its looks."""
    genome, key = request.genome, request.key
    with journal.open("a") as file:
        file.write(f"{os.getpid()} {genome_to_json(genome)}\n")
    time.sleep(seconds)
    return Evaluation(
        genome=genome,
        key=key,
        score=structure_score(genome, key.seed),
        train_seconds=random.random(),
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--run_dir", type=pathlib.Path, required=True)
    parser.add_argument("--journal", type=pathlib.Path, required=True)
    parser.add_argument("--seconds", type=float, default=0.1)
    arguments = parser.parse_args()
    evaluator = RayEvaluator(
        functools.partial(
            evaluate, journal=arguments.journal, seconds=arguments.seconds
        ),
        config=WorkersConfig(num_workers=2),
    )
    with (
        open_store(arguments.run_dir) as store,
        contextlib.closing(evaluator),
    ):
        run_search(make_strategy(), evaluator, store, plan=plan_without_rungs(KEY))


if __name__ == "__main__":
    main()
