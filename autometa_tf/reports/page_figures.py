"""The interactive figures of a report page, as Plotly takes them."""

import collections
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import plotly.graph_objects as go

from autometa_tf.candidates.evaluation import Evaluation
from autometa_tf.reports.depth_figure import depth_shares
from autometa_tf.reports.pareto import pareto_set
from autometa_tf.reports.prediction_figure import predicted_stages
from autometa_tf.reports.run_record import RunRecord
from autometa_tf.reports.stage_summary import best_quarter

# Mid tones, which do on white and on black; told apart by colour-blind people too.
COLORS = ("#3a87c8", "#d98208", "#18997a", "#c05f9b", "#8a7a12", "#7d6fd0", "#7c8794")
_MOST_CURVES = 60


def run_figures(record: RunRecord) -> dict[str, dict[str, Any]]:
    """The figures of a run by their names on the page; those that say nothing are out.

    Each is Plotly's JSON as a dictionary, with "data" and "layout".
    """
    made: dict[str, Callable[[RunRecord], go.Figure | None]] = {
        "scores": _scores,
        "curves": _curves,
        "depths": _depths,
        "predictions": _predictions,
        "sizes": _sizes,
        "costs": _costs,
    }
    figures = {name: make(record) for name, make in made.items()}
    return {name: figure.to_plotly_json() for name, figure in figures.items() if figure}


def comparison_figures(records: Sequence[RunRecord]) -> dict[str, dict[str, Any]]:
    """The figures of several runs on one page."""
    figure = go.Figure()
    for number, record in enumerate(records):
        scores = [found.score for found in record.evaluations if found.succeeded]
        figure.add_scatter(
            x=list(range(1, len(scores) + 1)),
            y=_running_best(scores),
            name=_escaped(record.name),
            mode="lines",
            line={"shape": "hv", "color": COLORS[number % len(COLORS)]},
        )
    _axes(figure, "candidates with a score", "best score so far", y_percent=True)
    return {"comparison": figure.to_plotly_json()}


def _scores(record: RunRecord) -> go.Figure | None:
    """Each candidate's score as they came, and the best so far at the last rung."""
    stage_of = _stages(record)
    scored = [found for found in record.evaluations if found.succeeded]
    if not scored:
        return None
    figure = go.Figure()
    numbered = list(enumerate(scored, start=1))
    for stage in record.state.stages:
        own = [(i, f) for i, f in numbered if stage_of[f.genome] == stage.number]
        figure.add_scatter(
            x=[number for number, _ in own],
            y=[found.score for _, found in own],
            text=[_cell_text(found) for _, found in own],
            name=f"stage {stage.number}",
            mode="markers",
            marker={"size": 7, "color": _stage_color(stage.number), "opacity": 0.8},
            hovertemplate="%{text}<br>%{y:.1%}<extra></extra>",
        )
    last = [(i, f) for i, f in numbered if f.key.rung == _last_rung(scored)]
    figure.add_scatter(
        x=[number for number, _ in last],
        y=_running_best([found.score for _, found in last]),
        name="best so far",
        mode="lines",
        line={"shape": "hv", "width": 1.5, "color": COLORS[-1]},
        hoverinfo="skip",
    )
    _axes(figure, "candidates, as they came", "score", y_percent=True)
    return figure


def _curves(record: RunRecord) -> go.Figure | None:
    """Learning curves of the best candidates, where there are rungs."""
    ranking = [f for f in record.state.ranking if len(record.state.curve(f.genome)) > 1]
    if not ranking:
        return None
    figure = go.Figure()
    stage_of = _stages(record)
    for found in reversed(ranking[:_MOST_CURVES]):
        curve = [each for each in record.state.curve(found.genome) if each.succeeded]
        figure.add_scatter(
            x=[each.key.rung for each in curve],
            y=[each.score for each in curve],
            mode="lines+markers",
            line={"width": 1, "color": _stage_color(stage_of[found.genome])},
            marker={"size": 4},
            opacity=0.7,
            text=[_cell_text(found)] * len(curve),
            hovertemplate="%{text}<br>%{x:,} iterations: %{y:.1%}<extra></extra>",
            showlegend=False,
        )
    _axes(figure, "outer iterations", "score", y_percent=True)
    figure.update_xaxes(type="log")
    return figure


def _depths(record: RunRecord) -> go.Figure | None:
    """Shares of depths by stage, of all cells and of the best quarter (Figure 2)."""
    by_stage = [
        (stage.number, successes)
        for stage in record.state.stages
        if (successes := record.state.successes_of(stage))
    ]
    if not by_stage:
        return None
    rows: dict[int, list[tuple[str, float]]] = collections.defaultdict(list)
    for number, successes in reversed(by_stage):
        for what, chosen in (("best", best_quarter(successes)), ("all", successes)):
            for depth, share in depth_shares(chosen).items():
                rows[depth].append((f"stage {number}, {what}", share))
    figure = go.Figure()
    for depth in sorted(rows):
        figure.add_bar(
            y=[label for label, _ in rows[depth]],
            x=[share for _, share in rows[depth]],
            orientation="h",
            name=f"depth {depth}",
            marker={"color": COLORS[(depth - 1) % len(COLORS)]},
            hovertemplate="%{y}: %{x:.0%}<extra>%{fullData.name}</extra>",
        )
    labels = [
        f"stage {number}, {what}"
        for number, _ in reversed(by_stage)
        for what in ("best", "all")
    ]
    figure.update_layout(barmode="stack", legend={"traceorder": "normal"})
    figure.update_yaxes(categoryorder="array", categoryarray=labels)
    _axes(figure, "share of the cells", "")
    figure.update_xaxes(tickformat=".0%")
    return figure


def _predictions(record: RunRecord) -> go.Figure | None:
    stages = predicted_stages(record.state)
    if not stages:
        return None
    figure = go.Figure()
    values = [v for each in stages for v in (*each.predictions, *each.scores)]
    ends = [min(values), max(values)]
    for each in stages:
        rho = "–" if each.spearman is None else f"{each.spearman:.2f}"
        figure.add_scatter(
            x=list(each.predictions),
            y=list(each.scores),
            mode="markers",
            name=f"stage {each.number}, Spearman {rho}",
            marker={"size": 7, "color": _stage_color(each.number), "opacity": 0.8},
            hovertemplate="predicted %{x:.1%}, measured %{y:.1%}<extra></extra>",
        )
    figure.add_scatter(
        x=ends,
        y=ends,
        mode="lines",
        name="equal",
        line={"dash": "dash", "width": 1, "color": COLORS[-1]},
        hoverinfo="skip",
    )
    _axes(figure, "predicted score", "measured score", y_percent=True)
    figure.update_xaxes(tickformat=".0%")
    return figure


def _sizes(record: RunRecord) -> go.Figure | None:
    scored = [found for found in record.evaluations if found.succeeded]
    if not scored:
        return None
    figure = go.Figure()
    stage_of = _stages(record)
    for stage in record.state.stages:
        own = [found for found in scored if stage_of[found.genome] == stage.number]
        figure.add_scatter(
            x=[found.num_parameters for found in own],
            y=[found.score for found in own],
            text=[_cell_text(found) for found in own],
            mode="markers",
            name=f"stage {stage.number}",
            marker={"size": 7, "color": _stage_color(stage.number), "opacity": 0.8},
            hovertemplate="%{text}<br>%{x:,} parameters, %{y:.1%}<extra></extra>",
        )
    rung = _last_rung(scored)
    best = pareto_set(found for found in scored if found.key.rung == rung)
    figure.add_scatter(
        x=[found.num_parameters for found in best],
        y=[found.score for found in best],
        mode="lines",
        name="Pareto set",
        line={"shape": "hv", "width": 1.5, "color": COLORS[-1]},
        hoverinfo="skip",
    )
    _axes(figure, "parameters", "score", y_percent=True)
    return figure


def _costs(record: RunRecord) -> go.Figure | None:
    """Workers' hours by stage, and on what."""
    if not record.all_evaluations:
        return None
    stage_of = _stages(record)
    finalists = set(record.state.finalists.values())
    hours: dict[str, collections.Counter] = collections.defaultdict(collections.Counter)
    for found in record.all_evaluations:
        place = "finalists" if found in finalists else f"stage {stage_of[found.genome]}"
        if not found.succeeded:
            hours["failed"][place] += found.seconds / 3600
            continue
        for name in ("build", "train", "scoring"):
            hours[name][place] += getattr(found, f"{name}_seconds") / 3600
    places = [f"stage {stage.number}" for stage in record.state.stages]
    places += ["finalists"] if finalists else []
    names = {"build": "to build", "train": "to train", "scoring": "to score"}
    figure = go.Figure()
    for number, (name, by_place) in enumerate(hours.items()):
        figure.add_bar(
            x=places,
            y=[by_place[place] for place in places],
            name=names.get(name, name),
            marker={"color": COLORS[number]},
            hovertemplate="%{x}: %{y:.2f} h<extra>%{fullData.name}</extra>",
        )
    figure.update_layout(barmode="stack")
    _axes(figure, "", "hours of workers")
    return figure


def _stages(record: RunRecord) -> dict[Any, int]:
    return {
        genome: stage.number
        for stage in record.state.stages
        for genome in stage.genomes
    }


def _last_rung(scored: Iterable[Evaluation]) -> int:
    return max(found.key.rung for found in scored)


def _running_best(scores: Sequence[float]) -> list[float]:
    best: list[float] = []
    for score in scores:
        best.append(max(score, best[-1]) if best else score)
    return best


def _stage_color(number: int) -> str:
    return COLORS[(number - 1) % (len(COLORS) - 1)]


def _cell_text(found: Evaluation) -> str:
    """The cell, a block a line; genomes hold no character that HTML knows."""
    return str(found.genome).replace(") (", ")<br>(")


def _escaped(text: str) -> str:
    """Text for Plotly, which knows a few tags."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _axes(figure: go.Figure, x: str, y: str, *, y_percent: bool = False) -> None:
    """What all figures have; colours are the page's, which knows light and dark."""
    figure.update_layout(
        template="none",
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        hovermode="closest",
        autosize=True,
    )
    for text, update in ((x, figure.update_xaxes), (y, figure.update_yaxes)):
        title = {"text": text, "font": {"size": 13}}
        update(title=title, automargin=True, zeroline=False)
    if y_percent:
        figure.update_yaxes(tickformat=".0%")
