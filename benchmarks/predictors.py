"""Judges early scores, halving and predictors on the bank of candidates.

  bazel run //benchmarks:predictors -- --bank=$PWD/results/bank/bank.csv \\
    --output=$PWD/results/bank

It writes predictors.md and predictors.json. With `--searches`, the candidates.csv of searches'
reports with commas between them, it also tells what each search taught its predictor
about cells that it did not choose. Nothing is trained, so that it takes seconds; `--lstm` judges the ensemble of LSTMs too, on the scores that most cells have,
which takes minutes. What is chosen is chosen on the tuning part of the bank; the test
part tells how good the choice is.
"""

import argparse
import dataclasses
import json
import pathlib
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autometa_tf.predictors.make_predictor import make_predictor
from autometa_tf.predictors.predictor import Predictor
from autometa_tf.predictors.predictor_config import PredictorConfig
from benchmarks.bank_table import Curve, read_curves
from benchmarks.halving_replay import replay, schedules
from benchmarks.predictor_quality import SizePredictor, at_random, by_blocks, judge
from benchmarks.predictors_report import report
from benchmarks.rank_intervals import episodes_needed, kendall, spearman
from benchmarks.search_lessons import lessons

RUNGS = (30, 100, 300, 1000)
PARTS = ("tuning", "test")
NUM_EPISODES = 100
LSTM_RUNG = 300
TAU_WANTED = 0.9
BUDGETS = (2000, 4000)
_FACTORS = (3, 2, 4)
_LEAST_CELLS = 4
_NUM_RANDOM_DIVISIONS = 10


def anytime(curves: Sequence[Curve]) -> list[dict[str, Any]]:
    """Each rung's ranking against that of each later one, over all cells."""
    first_seed = [curve for curve in curves if curve.seed == 0]
    found = []
    for last in RUNGS[2:]:
        full = [curve for curve in first_seed if last in curve.scores]
        for rung in RUNGS[: RUNGS.index(last)]:
            pairs = [(c.scores[rung], c.scores[last]) for c in full if rung in c.scores]
            early, late = zip(*pairs, strict=True) if pairs else ((), ())
            tau = kendall(early, late)
            found.append({"rung": rung, "full": last, **dataclasses.asdict(tau)})
    return found


def episodes(curves: Sequence[Curve]) -> list[dict[str, Any]]:
    """For each rung, how many episodes a ranking needs by its intervals."""
    found = []
    for rung in RUNGS:
        there = [c for c in curves if c.seed == 0 and rung in c.scores]
        scores = [curve.scores[rung] for curve in there]
        ci95 = [curve.ci95[rung] for curve in there]
        needed = episodes_needed(scores, ci95, NUM_EPISODES, TAU_WANTED)
        found.append(
            {
                "rung": rung,
                "num_cells": len(there),
                "spread": float(np.std(scores, ddof=1)) if len(there) > 1 else None,
                "mean_ci95": float(np.mean(ci95)) if there else None,
                "episodes_needed": needed,
            }
        )
    return found


def ceilings(curves: Sequence[Curve]) -> list[dict[str, Any]]:
    """For each rung, how well one seed's ranking agrees with another's."""
    by_seed = {
        seed: {curve.genome: curve for curve in curves if curve.seed == seed}
        for seed in (0, 1)
    }
    both = [genome for genome in by_seed[0] if genome in by_seed[1]]
    found = []
    for rung in RUNGS:
        trained = [
            genome
            for genome in both
            if all(rung in by_seed[seed][genome].scores for seed in (0, 1))
        ]
        scores = [[by_seed[s][g].scores[rung] for g in trained] for s in (0, 1)]
        found.append({"rung": rung, **dataclasses.asdict(spearman(*scores))})
    return found


def halving(curves: Sequence[Curve]) -> list[dict[str, Any]]:
    """All schedules on both parts, for each budget; the tuning part's best first."""
    found = []
    for budget in BUDGETS:
        by_part = {}
        for part in PARTS:
            scores = [
                [curve.scores[rung] for rung in RUNGS]
                for curve in curves
                if (curve.part, curve.seed) == (part, 0)
                and set(RUNGS) <= {*curve.scores}
            ]
            if len(scores) >= _LEAST_CELLS:
                by_part[part] = [
                    (len(scores), replay(each, RUNGS, np.array(scores), budget))
                    for each in schedules(RUNGS, _FACTORS)
                ]
        if "tuning" not in by_part:
            continue
        order = np.argsort([each.mean for _, each in by_part["tuning"]], kind="stable")
        for index in order.tolist():
            one = {"budget": budget}
            for part, regrets in by_part.items():
                num_in_pool, regret = regrets[index]
                one[part] = {"pool": num_in_pool, **dataclasses.asdict(regret)}
            found.append(one)
    return found


def predictions(
    curves: Sequence[Curve], predictors: Mapping[str, Predictor]
) -> list[dict[str, Any]]:
    """All predictors on all divisions, for each rung's scores."""
    found = []
    for rung in RUNGS:
        cells = {
            part: [
                (curve.genome, curve.scores[rung])
                for curve in curves
                if (curve.part, curve.seed) == (part, 0) and rung in curve.scores
            ]
            for part in PARTS
        }
        tuning, test = cells["tuning"], cells["test"]
        for name, predictor in predictors.items():
            if name == "lstm" and rung != LSTM_RUNG:
                continue
            divisions = {
                "tuning, by blocks": by_blocks(tuning, tuning),
                "tuning, at random": at_random(tuning, _NUM_RANDOM_DIVISIONS),
                "test, by blocks": by_blocks(tuning, test),
                "test, all": iter([(tuning, test)]),
            }
            for what, division in divisions.items():
                quality = dataclasses.asdict(judge(predictor, division))
                found.append(
                    {"rung": rung, "predictor": name, "division": what, **quality}
                )
    return found


def main() -> None:
    """Writes predictors.md and predictors.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bank", required=True, help="bank.csv")
    parser.add_argument("--output", default="", help="a folder; else the bank's")
    parser.add_argument(
        "--lstm", action="store_true", help="judge the LSTMs too (minutes)"
    )
    parser.add_argument(
        "--searches", default="", help="candidates.csv of searches, commas between"
    )
    arguments = parser.parse_args()
    features = make_predictor(PredictorConfig(predictor="features"), seed=0)
    try:
        curves = read_curves(arguments.bank)
        learned = [
            lesson
            for path in filter(None, arguments.searches.split(","))
            for lesson in lessons(path, curves, features, RUNGS[1:])
        ]
    except (OSError, ValueError) as error:
        sys.exit(f"predictors: {error}")
    names = ["features", *(["lstm"] if arguments.lstm else [])]
    predictors = {"size alone": SizePredictor()} | {
        name: make_predictor(PredictorConfig(predictor=name), seed=0) for name in names
    }
    if arguments.lstm:
        # Its driver runs on one thread too, which makes it repeatable.
        from autometa_tf.learners.devices import use_devices

        use_devices(num_threads=1, gpus=False)
    result = {
        "num_cells": len({curve.genome for curve in curves}),
        "tau_wanted": TAU_WANTED,
        "anytime": anytime(curves),
        "episodes": episodes(curves),
        "ceilings": ceilings(curves),
        "halving": halving(curves),
        "predictions": predictions(curves, predictors),
        "searches": learned,
    }
    output = pathlib.Path(arguments.output or pathlib.Path(arguments.bank).parent)
    output.mkdir(parents=True, exist_ok=True)
    text = json.dumps(result, indent=1, allow_nan=False) + "\n"
    (output / "predictors.json").write_text(text, encoding="utf-8")
    page = report(result)
    (output / "predictors.md").write_text(page, encoding="utf-8")
    print(page, end="")


if __name__ == "__main__":
    main()
