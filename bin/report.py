"""Starts `report`, a program of the library."""

from autometa_tf.programs.report import run

if __name__ == "__main__":
    run()
