"""Starts `train`, a program of the library."""

from autometa_tf.programs.train import run

if __name__ == "__main__":
    run()
