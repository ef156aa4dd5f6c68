"""A Ray cluster, on this machine or one to join, whose workers evaluate candidates."""

import atexit
import contextlib
import functools
import importlib
import math
import os
import secrets
import shutil
import signal
import socket
import sys
import threading
import types
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from absl import logging

from autometa_tf.machine import usable_cores
from autometa_tf.tensorflow_environment import variables_for_workers
from autometa_tf.workers.ray_folder import make_ray_folder
from autometa_tf.workers.versions import (
    check_versions,
    software_versions,
    with_kernels,
)
from autometa_tf.workers.workers_config import WorkersConfig

# Variables that lead Ray to another cluster, or are meant for one. A shell may have
# them, and the jobs that another cluster runs do.
_OF_OTHER_CLUSTERS = (
    "RAY_ADDRESS RAY_API_SERVER_ADDRESS RAY_REDIS_ADDRESS RAY_GCS_SERVER_PORT "
    "RAY_NAMESPACE RAY_RUNTIME_ENV RAY_RUNTIME_ENV_HOOK RAY_JOB_CONFIG_JSON_ENV_VAR "
    "RAY_OVERRIDE_RESOURCES RAY_OVERRIDE_LABELS"
).split()

# The folders of clusters on this machine, until they are removed.
_folders: list[str] = []

_Result = TypeVar("_Result")


def join_cluster(config: WorkersConfig) -> types.ModuleType:
    """Starts or joins a cluster, unless that is done, and returns the module `ray`.

    Ray is imported here, since it reads its environment variables then.

    Raises:
      ValueError: The configuration is not for Ray, or a candidate fits no machine.
      ConnectionError: Nothing listens at the `ray_address`.
    """
    check_is_for_ray(config)
    ray = sys.modules.get("ray")
    if ray is not None and ray.is_initialized():
        return ray
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    variables = {  # As many threads as `use_devices` gives a candidate.
        "OMP_NUM_THREADS": "1",
        "TF_NUM_INTRAOP_THREADS": "1",
        "TF_NUM_INTEROP_THREADS": str(max(1, int(config.cpus_per_candidate))),
    } | variables_for_workers()
    if config.ray_address:
        _check_reachable(config.ray_address)
        where = {
            "address": config.ray_address,
            "runtime_env": {"env_vars": variables},
        }
    else:
        # Ray's way to keep every socket of every process on the loopback device; it
        # no longer heeds `_node_ip_address="127.0.0.1"`.
        os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
        where = _on_this_machine(config)
    inherited = {}
    if not config.ray_address:
        # Processes on this machine inherit them: no `runtime_env` saves three seconds.
        inherited = variables | _token() | dict.fromkeys(_OF_OTHER_CLUSTERS)
    with _kept_signal_handlers(), _environment(inherited):
        import ray

        ray.init(**where, logging_level="error", log_to_driver=False)
    if not count_slots(ray, config):
        message = (
            "A candidate must fit one machine. Received: "
            f"{config.cpus_per_candidate} CPUs and "
            f"{config.gpus_per_candidate} GPUs for each."
        )
        if not config.ray_address:
            leave_cluster()
            raise ValueError(message)
        logging.warning("%s Waiting for a machine that is larger.", message)
    return ray


def check_is_for_ray(config: WorkersConfig) -> None:
    """Raises ValueError for a configuration that does without Ray."""
    if config.in_this_process:
        raise ValueError(
            "`num_workers` must be at least 1, or not given, for Ray to evaluate "
            "candidates. Received: 0."
        )


def leave_cluster() -> None:
    """Stops the cluster of this machine, or leaves the one that was joined."""
    ray = sys.modules.get("ray")
    if ray is not None:
        ray.shutdown()
    while _folders:
        shutil.rmtree(_folders.pop(), ignore_errors=True)


def _on_this_machine(config: WorkersConfig) -> dict:
    """The arguments of `ray.init` for a cluster of this process's own."""
    _folders.append(make_ray_folder())
    atexit.register(leave_cluster)  # However it ends, short of a kill.
    where = {
        "address": "local",
        "include_dashboard": False,
        "_temp_dir": _folders[-1],
    }
    cores = usable_cores()
    if config.num_workers:
        # Ray wants a whole number, of the type int.
        where["num_cpus"] = math.ceil(config.num_workers * config.cpus_per_candidate)
    elif cores < (os.cpu_count() or 1):
        # Ray heeds a container's quota, and not the cores a process is bound to.
        where["num_cpus"] = cores
    return where


@functools.cache  # Ray reads it once in a process.
def _token() -> dict[str, str]:
    """A variable with a secret that keeps others off the cluster.

    Ray would write one to a file in the home folder, where there may be no home, or
    none that can be written.
    """
    if os.environ.get("RAY_AUTH_TOKEN") or os.environ.get("RAY_AUTH_TOKEN_PATH"):
        return {}
    return {"RAY_AUTH_TOKEN": secrets.token_hex(32)}


@contextlib.contextmanager
def _kept_signal_handlers() -> Iterator[None]:
    """Restores the handlers after the body: Ray takes signals when it starts."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Signals are not this thread's to handle, nor Ray's then.
        return
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    handlers = {number: signal.getsignal(number) for number in numbers}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            if handler is not None:  # None was not set from Python.
                signal.signal(number, handler)


@contextlib.contextmanager
def _environment(variables: dict[str, str | None]) -> Iterator[None]:
    """Sets environment variables, or with None unsets them, while the body runs."""
    kept = {name: os.environ.get(name) for name in variables}
    _set_environment(variables)
    try:
        yield
    finally:
        _set_environment(kept)


def _set_environment(variables: dict[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def worker_options(config: WorkersConfig) -> dict:
    """The arguments of `ray.remote` for a function with a candidate's share."""
    return {
        "num_cpus": config.cpus_per_candidate,
        "num_gpus": config.gpus_per_candidate,
    }


def count_slots(ray: types.ModuleType, config: WorkersConfig) -> int:
    """How many candidates the living machines can run at once."""
    nodes = [node for node in ray.nodes() if node["Alive"]]
    return sum(_num_fits(node["Resources"], config) for node in nodes)


def versions_to_check(
    config: WorkersConfig, kernels: str | None = None
) -> dict[str, str]:
    """The versions that workers must have; none where all share this machine's.

    Args:
      config: Where the workers are.
      kernels: The `kernel_path` that workers must have; None: whichever they have. It
        is not the driver's, which evaluates nothing and may run on another kind of
        machine.
    """
    if not config.ray_address:
        return {}
    versions = software_versions()
    return with_kernels(versions, kernels) if kernels else versions


def warm_up(config: WorkersConfig, *modules: str) -> None:
    """Starts or joins a cluster, whose workers then begin to import what they need.

    They do so on this machine only: the workers of a cluster to join may have other
    software.

    Args:
      config: Where the workers are, and how many.
      *modules: The names of modules, which this process need not have imported.
    """
    ray = join_cluster(config)
    if not config.ray_address:
        task = ray.remote(**worker_options(config))(_import)
        for _ in range(count_slots(ray, config)):
            task.remote(modules)


def begin_in_worker(
    config: WorkersConfig, function: Callable[[], _Result]
) -> Callable[[], _Result]:
    """Begins `function()` in a worker, with a candidate's share of a machine.

    The worker's process, and what it has imported, is there for candidates afterwards.

    Args:
      config: Where the workers are.
      function: What to call; it can be pickled, as a `functools.partial` can.

    Returns:
      A function that waits for the result and returns it, or raises what was raised.
    """
    ray = join_cluster(config)
    task = ray.remote(**worker_options(config), max_retries=3)(_call)
    begun = task.remote(versions_to_check(config), function)

    def result() -> _Result:
        try:
            return ray.get(begun)
        except ray.exceptions.RayTaskError as error:
            raise error.cause from None

    return result


def _import(modules: Sequence[str]) -> None:
    for name in modules:
        importlib.import_module(name)


def _call(versions: dict[str, str], function: Callable[[], _Result]) -> _Result:
    check_versions(versions)
    return function()


def _check_reachable(address: str) -> None:
    """Raises ConnectionError where Ray itself would wait for ever."""
    if address != "auto":
        host, port = address.rsplit(":", 1)
        try:
            socket.create_connection((host, int(port)), timeout=10).close()
        except OSError as error:
            raise ConnectionError(
                "`ray_address` must be where a cluster's head listens. "
                f"Received: {address!r} ({error})."
            ) from error


def _num_fits(resources: dict[str, float], config: WorkersConfig) -> int:
    """How many candidates fit into the `resources` of one machine."""
    needs = {"CPU": config.cpus_per_candidate, "GPU": config.gpus_per_candidate}
    shares = [resources.get(name, 0) / need for name, need in needs.items() if need]
    return int(min(shares) + 1e-9)  # 0.3 / 0.1 is a little less than 3
