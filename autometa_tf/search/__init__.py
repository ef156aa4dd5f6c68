"""What to evaluate next: strategies, the store, the loop. No TensorFlow."""

from autometa_tf.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "BrokenPromiseError": "table_search",
        "EvolutionSearch": "evolution",
        "PnasSearch": "pnas",
        "Progress": "progress",
        "RandomSearch": "random_search",
        "SearchConfig": "search_config",
        "SearchFailedError": "strategy",
        "SearchState": "state",
        "SearchStore": "store",
        "Stage": "state",
        "StagePlan": "strategy",
        "StoreError": "database",
        "Strategy": "strategy",
        "TableSearch": "table_search",
        "open_store": "store",
        "open_store_to_read": "store",
        "run_on_table": "table_search",
        "run_search": "loop",
    },
)
