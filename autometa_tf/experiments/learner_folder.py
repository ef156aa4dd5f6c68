"""A learner as a small folder: its genome, weights and card, for a release.

The folder has a twentieth of the size of a SavedModel, of which nearly all is the graph;
that is built again when the learner is loaded. Nothing in it is executed, and whatever
does not fit the network that the genome makes is refused.
"""

import dataclasses
import json
import os
import pathlib
import zipfile
from typing import BinaryIO

import numpy as np
import tensorflow as tf

from autometa_tf.experiments.json_file import read_json, write_json
from autometa_tf.experiments.learner_card import LearnerCard, card_text
from autometa_tf.exports.card_files import CARD, CARD_TEXT
from autometa_tf.exports.learner import Learner
from autometa_tf.exports.learner_parts import LearnerParts
from autometa_tf.exports.make_module import exported_model, make_module
from autometa_tf.learners.adam import AdamState
from autometa_tf.learners.learner_state import LearnerState
from autometa_tf.networks.network_kinds import (
    Network,
    network_from_json,
    network_to_json,
)

_GENOME, _WEIGHTS = "genome.json", "weights.npz"
_ARRAYS = ("weights", "first_moments", "second_moments", "step")
_MOST_TEXT_BYTES = 2**20


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrainedLearner:
    """A learner as values, of which each of its forms is made.

    Attributes:
      network: What was trained.
      state: What its learner has learned.
      card: How it was made, and how it adapts.
    """

    network: Network
    state: LearnerState
    card: LearnerCard

    def learner(self, name: str) -> Learner:
        """To fit classes and predict with; its card says how to load it by `name`."""
        model = exported_model(self.network, self.card.network_config, self.card.task)
        module = make_module(model, self.state, self.card.adaptation)
        return Learner(module, card_files(name, self.card))

    def parts(self) -> LearnerParts:
        """For exports that build the network anew."""
        return LearnerParts(
            network=self.network,
            network_config=self.card.network_config,
            task=self.card.task,
            state=self.state,
            adaptation=self.card.adaptation,
            drawings=self.card.drawings,
        )


def card_files(name: str, card: LearnerCard) -> dict[str, str]:
    """A card's texts by the names of their files."""
    as_json = json.dumps(card.to_json(), indent=1) + "\n"
    return {CARD: as_json, CARD_TEXT: card_text(name, card)}


def is_learner_folder(folder: str | os.PathLike[str]) -> bool:
    """Whether a folder has the weights and the card of a learner in it."""
    folder = pathlib.Path(folder)
    return (folder / _WEIGHTS).is_file() and (folder / CARD).is_file()


def write_learner(folder: str | os.PathLike[str], trained: TrainedLearner) -> None:
    """Writes a learner's genome, weights and card into a folder.

    Args:
      folder: The folder, made where there is none; files of these names are replaced.
        Its name is the learner's.
      trained: The learner.
    """
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    values = (trained.state.weights, *trained.state.adam)
    arrays = {
        name: np.asarray(value, np.float32)
        for name, value in zip(_ARRAYS, values, strict=True)
    }
    write_json(str(folder / _GENOME), network_to_json(trained.network))
    for name, text in card_files(folder.resolve().name, trained.card).items():
        (folder / name).write_text(text, encoding="utf-8")
    # Last and whole: a folder with it is complete.
    unfinished = folder / f"{_WEIGHTS}.new"
    with open(unfinished, "wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)
    os.replace(unfinished, folder / _WEIGHTS)


def read_card(folder: str | os.PathLike[str]) -> LearnerCard:
    """The card in a learner's folder.

    Raises:
      ValueError: There is none, or something else.
    """
    return LearnerCard.from_json(_read_json(pathlib.Path(folder) / CARD))


def read_learner(folder: str | os.PathLike[str]) -> TrainedLearner:
    """Reads a learner from a folder that `write_learner` has written.

    Args:
      folder: The folder, which may be anybody's.

    Raises:
      ValueError: A file is missing, damaged or does not fit the others.
    """
    folder = pathlib.Path(folder)
    card = read_card(folder)
    network = network_from_json(_read_json(folder / _GENOME))
    size = exported_model(network, card.network_config, card.task).num_weights
    if card.num_parameters != size:
        raise ValueError(
            f"`num_parameters` must be {size}, as the genome makes the network. "
            f"Received: {card.num_parameters}."
        )
    has_first = bool(card.adaptation.adam.inner_beta1)
    shapes = {
        "weights": (size,),
        "first_moments": (size if has_first else 0,),
        "second_moments": (size,),
        "step": (),
    }
    arrays = _read_arrays(folder / _WEIGHTS, shapes)
    for name in ("second_moments", "step"):
        if (arrays[name] < 0).any():
            raise ValueError(
                f"`{name}` must be at least 0. Received: {arrays[name].min()}."
            )
    weights, *adam = (tf.constant(arrays[name]) for name in _ARRAYS)
    state = LearnerState(weights, AdamState(*adam))
    return TrainedLearner(network=network, state=state, card=card)


def _read_json(path: pathlib.Path) -> object:
    if not path.is_file() or path.stat().st_size > _MOST_TEXT_BYTES:
        raise ValueError(
            f"A learner's folder must have a {path.name} of up to {_MOST_TEXT_BYTES:,} "
            f"bytes. Received: {str(path.parent)!r}."
        )
    return read_json(str(path))


def _read_arrays(
    path: pathlib.Path, shapes: dict[str, tuple[int, ...]]
) -> dict[str, np.ndarray]:
    """The arrays of these shapes, float32 and finite, and no other ones."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = sorted(archive.namelist())
            if names != sorted(f"{name}.npy" for name in shapes):
                raise ValueError(f"Received arrays: {', '.join(names)}.")
            arrays = {}
            for name, shape in shapes.items():
                with archive.open(f"{name}.npy") as file:
                    arrays[name] = _read_array(file, name, shape)
            return arrays
    except (OSError, zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        raise ValueError(
            f"{str(path)!r} must be a file of NumPy arrays. Received: {error}."
        ) from error
    except ValueError as error:
        raise ValueError(
            f"{str(path)!r} must hold {json.dumps(shapes)}, float32 and finite. {error}"
        ) from error


def _read_array(file: BinaryIO, name: str, shape: tuple[int, ...]) -> np.ndarray:
    """Reads one array, of which no more is unpacked than its shape needs."""
    if np.lib.format.read_magic(file) != (1, 0):
        raise ValueError(f"Received for {name}: another version of NumPy's format.")
    found, _, dtype = np.lib.format.read_array_header_1_0(file)
    if found != shape or dtype != np.float32:
        raise ValueError(f"Received for {name}: {dtype} of shape {list(found)}.")
    num_bytes = 4 * int(np.prod(shape))
    content = file.read(num_bytes)
    if len(content) != num_bytes:
        raise ValueError(f"Received for {name}: {len(content)} bytes.")
    array = np.frombuffer(content, dtype).reshape(shape)
    if not np.isfinite(array).all():
        raise ValueError(f"Received for {name}: not a number, or infinity.")
    return array
