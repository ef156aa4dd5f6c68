"""The card of a learner: how it was made, how it adapts, what it reaches."""

import dataclasses
import json
import re
import shlex
from typing import Any, Literal

from autometa_tf.episodes.dataset_config import check_dataset_name
from autometa_tf.experiments.config_fields import from_json, with_defaults
from autometa_tf.exports.adaptation import Adaptation
from autometa_tf.field_checks import check_at_least, check_choices
from autometa_tf.learners.score import Score
from autometa_tf.networks.network_config import NetworkConfig, Task
from autometa_tf.plain_text import one_line

_TERMS = {
    "glyphs": "The letters were drawn from the DejaVu fonts, which come with matplotlib "
    "under a free licence, Bitstream Vera's.",
    "omniglot": "Omniglot is under the MIT licence (Lake et al. 2015).",
    "mini_imagenet": "The images are ImageNet's, whose terms allow non-commercial "
    "research and education only. Use this learner under the same terms.",
    "cifar_fs": "The images are CIFAR-100's (Krizhevsky 2009), a part of Tiny Images; "
    "their page states no licence.",
    "image_folder": "The images came from a folder; whoever released this learner knows "
    "their terms.",
}
_TFDS_TERMS = "The images' terms are those that TensorFlow Datasets tells of {name}."
_VALUES = "float32 in [0, 1], pixels of 8 bits divided by 255"
_RESIZE = "Pillow's Lanczos filter, squeezed where they are not square"
_DRAWINGS = ("glyphs", "omniglot")
# What card.json tells its readers and no program reads back.
_FOR_READERS = ("images", "terms")
# More than any network of this library has, so that a card cannot ask for the moon.
_MOST = {
    "image_shape": 1024,
    "ways": 10_000,
    "num_filters": 1024,
    "num_cell_repeats": 100,
    "inner_iterations": 100_000,
    "support_passes": 1000,
    "inner_batch_size": 100_000,
}
# The fields of an experiment that a learner brings along when its training goes on.
LEARNER_FIELDS = (
    "num_filters",
    "num_cell_repeats",
    "feature_scale_rate",
    "stem_stride",
    "image_size",
    "image_channels",
    "shared_head",
)
# Flags of a command that name folders of whoever gave it.
_FOLDERS = ("run_dir", "data_dir", "manual_dir", "image_folder", "genome", "config")


@dataclasses.dataclass(frozen=True, kw_only=True)
class ProtocolScore:
    """What a learner reaches under one protocol.

    Attributes:
      split: Of which classes.
      ways: The number of classes of an episode.
      shots: The number of support images of a class.
      queries_per_class: The number of query images of a class.
      inner_iterations: The number of inner iterations.
      inner_batch_size: The number of images in an inner batch.
      inner_learning_rate: The learning rate of the inner Adam.
      transductive: The score with all queries of an episode as one batch.
      non_transductive: The score with each query on its own.
    """

    split: Literal["test", "validation"]
    ways: int
    shots: int
    queries_per_class: int
    inner_iterations: int
    inner_batch_size: int
    inner_learning_rate: float
    transductive: Score
    non_transductive: Score

    def __post_init__(self):
        check_choices(self)


@dataclasses.dataclass(frozen=True, kw_only=True)
class LearnerCard:
    """How a learner was made, how it adapts and what it reaches.

    Attributes:
      version: That of the library that trained it.
      dataset: What it was trained on.
      train_classes: The number of classes that it was trained on.
      image_shape: The shape `(H, W, C)` of its images.
      ways: The number of classes of the episodes that it was trained on.
      network_config: What surrounds the cell.
      adaptation: How it adapts.
      outer_iterations: The number of its outer iterations.
      num_parameters: The number of its network's weights.
      command: What trained it; capital letters stand for folders.
      scores: What it reaches, protocol by protocol.
    """

    version: str
    dataset: str
    train_classes: int
    image_shape: tuple[int, int, int]
    ways: int
    network_config: NetworkConfig
    adaptation: Adaptation
    outer_iterations: int
    num_parameters: int
    command: str
    scores: tuple[ProtocolScore, ...] = ()

    def __post_init__(self):
        self.task  # noqa: B018 - checks image shape and ways
        check_at_least(self, train_classes=2, outer_iterations=1, num_parameters=1)
        check_dataset_name(self.dataset)
        values = vars(self) | vars(self.network_config) | vars(self.adaptation)
        values["image_shape"] = max(self.image_shape)
        for name, most in _MOST.items():
            if not 0 <= values[name] <= most:
                raise ValueError(
                    f"`{name}` must be at most {most}. Received: {values[name]}."
                )

    @property
    def task(self) -> Task:
        """What its network was made to classify."""
        return Task(image_shape=self.image_shape, ways=self.ways)

    @property
    def terms(self) -> str:
        """What is known of the terms of its images."""
        return _TERMS.get(self.dataset) or _TFDS_TERMS.format(name=self.dataset)

    @property
    def drawings(self) -> bool:
        """Whether its images are drawings, dark on white; else they are photos."""
        return self.dataset in _DRAWINGS

    def to_json(self) -> dict[str, Any]:
        """What card.json has; accuracies and intervals lie in [0, 1]."""
        content = dataclasses.asdict(self)
        content["image_shape"] = list(self.image_shape)
        content["scores"] = list(content["scores"])
        channels = "grey" if self.image_shape[-1] == 1 else "RGB"
        images = {"values": _VALUES, "channels": channels, "resized_by": _RESIZE}
        if self.drawings:
            images["polarity"] = "dark on white"
        return content | {"images": images, "terms": self.terms}

    @classmethod
    def from_json(cls, content: Any) -> "LearnerCard":
        """The card that `to_json` made this content of.

        Raises:
          ValueError: It is no card, or has values that no learner has.
        """
        if not isinstance(content, dict) or not isinstance(content.get("scores"), list):
            raise ValueError(
                "A learner's card must be an object with a list of `scores`. "
                f"Received: {content!r:.80}."
            )
        own = {k: content[k] for k in content if k not in ("scores", *_FOR_READERS)}
        own["adaptation"] = with_defaults(Adaptation, own.get("adaptation"))
        plain = from_json(_PlainCard, own)
        scores = [from_json(ProtocolScore, each) for each in content["scores"]]
        return cls(scores=tuple(scores), **vars(plain))


# What card.json has beside the scores, whose number is open.
_PlainCard = dataclasses.make_dataclass(
    "LearnerCard",
    [
        (field.name, field.type)
        for field in dataclasses.fields(LearnerCard)
        if field.name != "scores"
    ],
    frozen=True,
    kw_only=True,
)


def public_command(command: str) -> str:
    """A command that says nothing of the folders of whoever gave it.

    "--run_dir=/home/me/x" becomes "--run_dir=RUN_DIR", and a genome "genome.json",
    which lies beside the card.
    """
    words = []
    for word in shlex.split(command):
        match = re.fullmatch(r"--(\w+)=(.*)", word)
        if match and match[1] in _FOLDERS:
            name = match[1]
            word = f"--{name}={'genome.json' if name == 'genome' else name.upper()}"
        words.append(word)
    return shlex.join(words)


def card_text(name: str, card: LearnerCard) -> str:
    """The card for people, in Markdown."""
    height, width, channels = card.image_shape
    number = "any number of classes from 2 on"
    if not card.adaptation.shared_head:
        number = f"2 to {card.ways} classes"
    drawings = " Drawings are dark on white." if card.drawings else ""
    rows = [
        f"| {score.split} | {score.ways} | {score.shots} | {score.queries_per_class} "
        f"| {score.inner_iterations} of {score.inner_batch_size} images "
        f"| {score.transductive.num_episodes:,} | {_chance(score.ways)} "
        f"| {score.transductive} | {score.non_transductive} |"
        for score in card.scores
    ]
    lines = [
        f"# {one_line(name)}",
        "",
        f"A network of {card.num_parameters:,} parameters that learns {number} from a "
        "few images of each:",
        "",
        "```python",
        "import autometa_tf as am",
        "",
        f"learner = am.load_learner({json.dumps(name, ensure_ascii=False)})",
        "classifier = learner.fit(images, labels)",
        "classifier.predict(others)",
        'learner.save("saved_model")  # A SavedModel, which needs TensorFlow alone.',
        "```",
        "",
        f"- Images: {height}x{width}x{channels}, {_VALUES}. `Learner.fit` and `predict` "
        f"resize files and Pillow's images to that size, with {_RESIZE}; arrays must "
        f"have it.{drawings}",
        f"- Meta-trained on {card.train_classes:,} classes of `{card.dataset}`, "
        f"{card.ways} in an episode, for {card.outer_iterations:,} outer iterations, "
        f"by autometa_tf {card.version}:",
        "",
        "```",
        card.command,
        "```",
        "",
        f"- Terms: {card.terms}",
        "",
        "## What it reaches",
        "",
        "Mean accuracy on classes it was not trained on, with 95% intervals.",
        "",
        "| classes | ways | shots | queries a class | inner iterations | episodes "
        "| chance | transductive | non-transductive |",
        "|:--|--:|--:|--:|--:|--:|--:|--:|--:|",
        *rows,
        "",
        "```",
        f"autometa evaluate --run_dir=RUN_DIR{_flags(card)}",
        "```",
    ]
    return "\n".join(lines) + "\n"


def _chance(ways: int) -> str:
    return f"{100 / ways:.3g}%"


def _flags(card: LearnerCard) -> str:
    """Of the command that scores a run under the card's protocols."""
    flags = []
    for score in card.scores:
        fields = {
            "final_split": score.split,
            "ways": score.ways,
            "shots": score.shots,
            "queries_per_class": score.queries_per_class,
            "scoring_inner_iterations": score.inner_iterations,
            "scoring_inner_batch_size": score.inner_batch_size,
            "scoring_inner_learning_rate": f"{score.inner_learning_rate:g}",
            "num_test_episodes": score.transductive.num_episodes,
        }
        text = ",".join(f"{name}={value}" for name, value in fields.items())
        flags.append(f" \\\n  --protocol={text}")
    return "".join(flags)


def is_name(name: str) -> bool:
    """Whether a released learner may be called so: its folder has that name."""
    return re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) is not None
