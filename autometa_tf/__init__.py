"""Searches architectures for meta-learners."""

from autometa_tf.tensorflow_environment import set_for_importers

__version__ = "0.2.0"  # Packaging reads this line without importing the package.

# Here, since any module of ours may be the first to import TensorFlow, which reads its
# environment then and never again.
set_for_importers()
