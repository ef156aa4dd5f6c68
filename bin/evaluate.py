"""Starts `evaluate`, a program of the library."""

from autometa_tf.programs.evaluate import run

if __name__ == "__main__":
    run()
