"""Starts `export`, a program of the library."""

from autometa_tf.programs.export import run

if __name__ == "__main__":
    run()
