"""The stages that a search plans, from its configuration alone."""

from autometa_tf.search.evolution import EvolutionSearch
from autometa_tf.search.random_search import RandomSearch
from autometa_tf.search.search_config import SearchConfig
from autometa_tf.search.strategy import StagePlan, plan_progressive_search


def planned_stages(config: SearchConfig) -> tuple[StagePlan, ...]:
    """The stages of the whole search, at most, whatever its seed."""
    if config.search_strategy == "random":
        return RandomSearch(config, seed=0).plan()
    if config.search_strategy == "evolution":
        return EvolutionSearch(config, seed=0).plan()
    return plan_progressive_search(config)
