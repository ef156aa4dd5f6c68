"""Searches architectures for meta-learners."""

from autometa_tf.tensorflow_environment import set_for_importers

# Here, since any module of ours may be the first to import TensorFlow, which reads its
# environment then and never again.
set_for_importers()
