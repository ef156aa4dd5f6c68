"""A run -> tables and figures for people."""

from autometa_tf.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "RunRecord": "run_record",
        "candidate_rows": "candidate_table",
        "draw_cell": "cell_figure",
        "draw_comparison": "comparison_figure",
        "draw_depths": "depth_figure",
        "draw_predictions": "prediction_figure",
        "draw_scores": "score_figure",
        "draw_sizes": "size_figure",
        "read_run": "run_record",
        "write_comparison": "comparison_report",
        "write_run_report": "run_report",
    },
)
