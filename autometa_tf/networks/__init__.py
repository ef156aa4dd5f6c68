"""What is meta-trained: a cell's network, or conv4, as a Keras functional model."""

from autometa_tf.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "Cell": "network_kinds",
        "Conv4": "network_kinds",
        "NetworkConfig": "network_config",
        "Task": "network_config",
        "build_network": "network",
    },
)
