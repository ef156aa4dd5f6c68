"""Makes `python3 -m autometa_tf` what `autometa` is."""

from autometa_tf.programs.autometa import run

if __name__ == "__main__":
    run()
