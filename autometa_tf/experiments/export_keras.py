"""A learner's network as a `.keras` file, which Keras alone loads."""

import pathlib

import numpy as np

from autometa_tf.experiments.learner_card import card_text
from autometa_tf.experiments.learner_folder import TrainedLearner
from autometa_tf.networks.keras_network import keras_network

_WARNING = """
**The file {name} cannot adapt by itself.** It is the network, of Keras's own layers, with the
weights that meta-training found; it answers by chance until it has been adapted: for each new
set of classes begin from these weights and make {iterations} steps of Adam (learning rate {rate:g},
beta1 = {beta1:g}) on batches of {batch} images of the new classes. It normalises by the batch it is given,
as it did in training: an answer depends on the other images of its batch.

```python
import keras

model = keras.models.load_model({quoted})
logits = model(images)
```

What is said of `am.load_learner` below holds for the folder it was made of.

"""


def export_keras(trained: TrainedLearner, path: str) -> None:
    """Writes the file, and its card beside it as `<name>.md`.

    Args:
      trained: The learner.
      path: The file, which ends with ".keras".
    """
    card = trained.card
    model = keras_network(
        trained.network,
        card.network_config,
        card.task,
        np.asarray(trained.state.weights),
    )
    model.save(path)
    file = pathlib.Path(path)
    adaptation = card.adaptation
    warning = _WARNING.format(
        name=file.name,
        quoted=repr(file.name),
        iterations=adaptation.inner_iterations,
        batch=adaptation.inner_batch_size,
        rate=adaptation.adam.inner_learning_rate,
        beta1=adaptation.adam.inner_beta1,
    )
    title, _, rest = card_text(file.stem, card).partition("\n")
    file.with_suffix(".md").write_text(f"{title}\n{warning}{rest}", encoding="utf-8")
