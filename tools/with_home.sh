#!/usr/bin/env bash
# Runs a test with a home of its own: Keras, Matplotlib and TensorFlow Datasets write into
# it, and Bazel names none.
HOME="$TEST_TMPDIR" exec "$@"
