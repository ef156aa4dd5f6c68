"""Starts `page`, a program of the library."""

from autometa_tf.programs.page import run

if __name__ == "__main__":
    run()
