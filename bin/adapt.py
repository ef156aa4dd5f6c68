"""Starts `adapt`, a program of the library."""

from autometa_tf.programs.adapt import run

if __name__ == "__main__":
    run()
