"""Starts `search`, a program of the library."""

from autometa_tf.programs.search import run

if __name__ == "__main__":
    run()
