"""How many episodes run side by side: a rule, so that nothing need be measured."""

# The bytes of one episode's first feature map, mostly its largest: side by side, larger
# ones would push one another out of the cache, which costs more than long operations
# save.
MAX_MAP_BYTES = 1536 * 1024


def side_by_side_pays(
    *, map_bytes: int, kernels: bool, grouped_gradients: bool, on_gpu: bool
) -> bool:
    """Whether episodes side by side are faster than one after another.

    Args:
      map_bytes: The bytes of the first feature map of one episode's inner batch.
      kernels: Whether there are kernels of our own, for CPUs.
      grouped_gradients: Whether TensorFlow differentiates grouped convolutions.
      on_gpu: Whether TensorFlow computes on a GPU.
    """
    if on_gpu:
        return False
    return (kernels or grouped_gradients) and map_bytes <= MAX_MAP_BYTES


def choose_parallel_episodes(
    *,
    meta_batch_size: int,
    num_threads: int,
    num_replicas: int,
    side_by_side_pays: bool,
) -> int:
    """E: the meta-batch shared out among replicas and threads, or one at a time.

    Threads compute rounds of E episodes at once, so each thread of each replica gets
    one round.

    Args:
      meta_batch_size: M.
      num_threads: The number of operations that a process computes at once.
      num_replicas: R.
      side_by_side_pays: Whether more than one at a time is faster.
    """
    if not side_by_side_pays:
        return 1
    return -(-meta_batch_size // (num_replicas * num_threads))
