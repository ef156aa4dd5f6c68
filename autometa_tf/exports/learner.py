"""scikit-learn's verbs for an exported learner: fit a few images, predict others.

    learner = load_saved_learner("RUN_DIR/saved_model/1")
    classifier = learner.fit(["a1.png", "a2.png", "b1.png"], ["a", "a", "b"])
    classifier.predict(["new.png"])  # array(["b"], dtype="<U1")

Letters: `S` support images, `Q` query images, `H, W, C` the image shape, `P` weights,
`K` classes that were fitted.
"""

import os
from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from autometa_tf.exports.card_files import read_card_files, write_card_files
from autometa_tf.exports.learner_inputs import (
    Images,
    Labels,
    as_floats,
    check_known,
    classes_and_indices,
    images_array,
    labels_array,
    normalising_rows,
)
from autometa_tf.exports.load_signatures import load_signatures
from autometa_tf.exports.new_folder import check_new_folder

_SIGNATURES = ("adapt", "predict", "predict_transductive")
# So many photos of 84x84 have 8 MB as floats.
_QUERIES_PER_CALL = 100


def load_saved_learner(folder: str | os.PathLike[str]) -> "Learner":
    """Loads a learner that was exported as a SavedModel.

    Args:
      folder: The folder with `saved_model.pb` in it.

    Raises:
      ValueError: It is no SavedModel, not one of a learner, or was exported before
        there were the signatures this needs.
    """
    module = load_signatures(os.fspath(folder), _SIGNATURES)
    return Learner(module, read_card_files(folder))


class Learner:
    """A network that was meta-trained to learn new classes from a few images.

    It never changes: each `fit` begins from what meta-training found. Not to be
    confused with `ReptileLearner`, which does the meta-training.

    Args:
      module: What `tf.saved_model.load` makes of an exported learner, or what it was
        exported from, an `AdaptAndPredict`.
      card_files: The texts of its card, see `card_files`.
    """

    def __init__(self, module: Any, card_files: Mapping[str, str] | None = None):
        self._card_files = dict(card_files or {})
        self._module = module  # Else the signatures lose their variables.
        signature = module.signatures["adapt"]
        args, named = signature.structured_input_signature
        specs = {spec.name: spec for spec in (*args, *named.values())}
        self._image_shape = tuple(specs["support_images"].shape[1:])
        self._ways = signature.structured_outputs["shown"].shape[0]

    @property
    def ways(self) -> int | None:
        """How many classes it can tell apart at most; None where that is any number.

        It is any number for a learner that was trained with `shared_head`, else the
        number it was trained with.
        """
        return self._ways

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """`(H, W, C)` of the images it takes."""
        return self._image_shape

    def __repr__(self) -> str:
        return f"Learner(ways={self.ways}, image_shape={self.image_shape})"

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Writes the learner as a SavedModel, which loads with TensorFlow alone.

        Its card, where it has one, lies in assets.extra: card.json and card.md.

        Args:
          folder: A folder that is empty or not there yet.

        Raises:
          ValueError: The folder is not empty, or there is a file of that name.
        """
        folder = os.fspath(folder)
        check_new_folder(folder)
        signatures = dict(self._module.signatures)
        tf.saved_model.save(self._module, folder, signatures=signatures)
        write_card_files(folder, self._card_files)

    def fit(self, images: Images, labels: Labels) -> "Classifier":
        """Learns classes from a few images of each, the support set.

        Args:
          images: An array `[S, H, W, C]` (or `[S, H, W]` where C is 1) of uint8, or of
            floats in [0, 1]; or a list of Pillow's images and of paths of image files,
            which become squares of the right size as the dataset `image_folder` makes
            them. Drawings are to be dark on white, as Omniglot's are.
          labels: S texts or numbers, at least 2 distinct ones and at most `ways`.

        Returns:
          A new classifier, which answers with these labels.

        Raises:
          ValueError: Images or labels do not fit; the message says how.
        """
        support = images_array(images, self.image_shape)
        labels = labels_array(labels, len(support))
        classes, indices = classes_and_indices(labels, self.ways)
        # This is a copy, which the caller cannot change.
        support = tf.constant(as_floats(support))
        adapted = self.answers(
            "adapt", support_images=support, support_labels=tf.constant(indices)
        )
        return Classifier(self, classes, support, adapted)

    def classifier_of(
        self,
        classes: np.ndarray,
        support: np.ndarray,
        adapted: Mapping[str, np.ndarray],
        temperature: float,
    ) -> "Classifier":
        """A classifier that was fitted before, of what its properties were.

        Raises:
          ValueError: They are not those of a classifier of this learner.
        """
        specs = self._module.signatures["adapt"].structured_outputs
        specs |= {"support": tf.TensorSpec([None, *self.image_shape], tf.float32)}
        found = {name: tf.constant(values) for name, values in adapted.items()}
        found["support"] = tf.constant(support)
        for name, spec in specs.items():
            tensor = found[name]
            if tensor.dtype != spec.dtype or not spec.shape.is_compatible_with(
                tensor.shape
            ):
                raise ValueError(
                    f"{name} must be {spec.dtype.name} {spec.shape}. Received: "
                    f"{tensor.dtype.name} {tensor.shape}."
                )
        if len(classes) > found["shown"].shape[0]:
            raise ValueError(
                f"Classes must be at most {found['shown'].shape[0]}. "
                f"Received: {len(classes)}."
            )
        support = found.pop("support")
        return Classifier(self, classes, support, found, temperature)

    def answers(self, signature: str, **inputs: tf.Tensor) -> dict[str, tf.Tensor]:
        """What a signature of the SavedModel answers."""
        return self._module.signatures[signature](**inputs)


class Classifier:
    """What a learner has learned of some classes, made by `Learner.fit`.

    It never changes.

    Args:
      learner: What fitted it.
      classes: The `K` labels, sorted.
      support: float32 `[S, H, W, C]` in [0, 1], the images they were learned from.
      adapted: The signature `adapt`'s answers: "weights" `[P]` and "shown", of as many
        classes as there are or, where `ways` is None, as were fitted.
      temperature: What logits are divided by before they become probabilities.
    """

    def __init__(
        self,
        learner: Learner,
        classes: np.ndarray,
        support: tf.Tensor,
        adapted: Mapping[str, tf.Tensor],
        temperature: float = 1.0,
    ):
        self.learner = learner
        self.temperature = temperature
        self._classes = classes.copy()
        self._classes.flags.writeable = False
        self._support = support
        self._context = tf.gather(support, normalising_rows(len(support)))
        self._adapted = adapted

    @property
    def classes_(self) -> np.ndarray:
        """The labels that were fitted, `[K]`, distinct and sorted."""
        return self._classes

    @property
    def support(self) -> np.ndarray:
        """The images that were learned from, float32 `[S, H, W, C]` in [0, 1]."""
        return self._support.numpy()

    @property
    def adapted(self) -> dict[str, np.ndarray]:
        """What was learned: "weights" and "shown", as the signature `adapt` has them."""
        return {name: tensor.numpy() for name, tensor in self._adapted.items()}

    def with_temperature(self, temperature: float) -> "Classifier":
        """The same, but for how sure it is: above 1 it is less sure than before."""
        return Classifier(
            self.learner, self._classes, self._support, self._adapted, temperature
        )

    def __repr__(self) -> str:
        return f"Classifier(classes_={self.classes_!r})"

    def predict(self, images: Images, *, transductive: bool = False) -> np.ndarray:
        """Classifies images, the queries.

        Args:
          images: As in `Learner.fit`.
          transductive: Whether all queries make one batch, whose statistics normalise
            it. That is more accurate where they are of all classes evenly, but an
            answer then depends on the other queries, and all of them must fit into
            memory at once. Otherwise each is classified on its own, in one batch with
            the support set, or with 100 images of it, evenly chosen, if it has more.

        Returns:
          Labels `[Q]`, of the type of `classes_`.

        Raises:
          ValueError: The images do not fit; the message says how.
        """
        logits = self.decision_function(images, transductive=transductive)
        return self._classes[np.argmax(logits, axis=1)]

    def predict_proba(
        self, images: Images, *, transductive: bool = False
    ) -> np.ndarray:
        """The probability of each class, float32 `[Q, K]`, in the order of `classes_`.

        For arguments and errors see `predict`.
        """
        if self.temperature == 1.0:
            return self._answers(images, "probabilities", transductive)
        logits = self.decision_function(images, transductive=transductive)
        return tf.nn.softmax(logits / self.temperature).numpy()

    def decision_function(
        self, images: Images, *, transductive: bool = False
    ) -> np.ndarray:
        """The logit of each class, float32 `[Q, K]`, in the order of `classes_`.

        For arguments and errors see `predict`.
        """
        return self._answers(images, "logits", transductive)

    def score(
        self, images: Images, labels: Labels, *, transductive: bool = False
    ) -> float:
        """The part of the images, at least one, that get their label, in [0, 1].

        Args:
          images: As in `Learner.fit`.
          labels: Their true labels `[Q]`, all of them among `classes_`.
          transductive: See `predict`.

        Raises:
          ValueError: Images or labels do not fit; the message says how.
        """
        images = images_array(images, self.learner.image_shape)
        labels = labels_array(labels, len(images))
        if not len(images):
            raise ValueError("`images` must be at least one to score. Received: none.")
        check_known(labels, self._classes)
        return float(np.mean(self.predict(images, transductive=transductive) == labels))

    def _answers(self, images: Images, kind: str, transductive: bool) -> np.ndarray:
        """The signature's "logits" or "probabilities", `[Q, K]`: of classes fitted."""
        images = images_array(images, self.learner.image_shape)
        size = len(images) if transductive else _QUERIES_PER_CALL
        # One call at least, so that no images get an array of no answers.
        starts = range(0, max(1, len(images)), max(1, size))
        answers = [self._ask(images[i : i + size], transductive) for i in starts]
        # Labels are numbered as `classes_` has them; the rest was not shown.
        return np.concatenate([a[kind] for a in answers])[:, : len(self._classes)]

    def _ask(self, images: np.ndarray, transductive: bool) -> dict[str, tf.Tensor]:
        """The answers of a signature, `[images, ways]` each."""
        inputs = {"query_images": tf.constant(as_floats(images)), **self._adapted}
        if transductive:
            return self.learner.answers("predict_transductive", **inputs)
        return self.learner.answers("predict", support_images=self._context, **inputs)
