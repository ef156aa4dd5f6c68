"""Automated architecture search for gradient-based meta-learners.

  import autometa_tf as am

  glyphs = am.load_dataset("glyphs")
  config = am.ExperimentConfig.from_preset("quick", dataset="glyphs")
  run = am.search_cell(config, "runs/glyphs")
  learner = am.load_learner(run)
  classifier = learner.fit(images, labels)
  classifier.predict(others)

What is here is what most people need; the rooms, such as `autometa_tf.search`, have
more public names.
"""

from autometa_tf.lazy_names import lazy_names
from autometa_tf.tensorflow_environment import set_for_importers

__version__ = "0.2.0"  # Packaging reads this line without importing the package.

# Here, since any module of ours may be the first to import TensorFlow, which reads its
# environment then and never again.
set_for_importers()

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        # Data.
        "load_dataset": "episodes.load_dataset",
        "ClassImages": "episodes.dataset",
        "ClassSplits": "episodes.dataset",
        # Cells and networks.
        "Block": "genomes.genome",
        "Genome": "genomes.genome",
        "read_genome": "genomes.genome",
        "write_genome": "genomes.genome",
        "draw_cell": "reports.cell_figure",
        "Cell": "networks.network_kinds",
        "Conv4": "networks.network_kinds",
        "NetworkConfig": "networks.network_config",
        "Task": "networks.network_config",
        "build_network": "networks.network",
        # Experiments.
        "ExperimentConfig": "experiments.experiment_config",
        "WorkersConfig": "workers.workers_config",
        "search_cell": "experiments.own_process",
        "train": "experiments.own_process",
        "evaluate": "experiments.own_process",
        "evaluate_protocols": "experiments.own_process",
        "release_learner": "experiments.own_process",
        "RunDirectory": "experiments.run_directory",
        "open_run": "experiments.run_directory",
        # What they find.
        "RunSummary": "experiments.run_summary",
        "candidate_rows": "reports.candidate_table",
        "Score": "learners.score",
        "load_learner": "experiments.load_learner",
        "Learner": "exports.learner",
        "Classifier": "exports.learner",
    },
)
