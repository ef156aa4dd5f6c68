"""Signals that end a program: politely where that is quick, and in seconds anyway."""

import contextlib
import os
import signal
import threading
import time
from typing import NoReturn

# The time that a polite end may take: Ray's processes need a second or two.
_GRACE_SECONDS = 8.0
# Whoever asks again after this long is not content with a polite end.
_IMPATIENT_AFTER_SECONDS = 1.0
# The last words may have to pass a thread that prints above a live view.
_PRINTING_SECONDS = 0.2


class Interrupted(KeyboardInterrupt):
    """Somebody ends this program with a signal."""

    def __init__(self, number: int):
        super().__init__(signal.Signals(number).name)
        self.number = number


def exit_status(error: KeyboardInterrupt) -> int:
    """What a shell says of a program that this signal has ended."""
    return 128 + getattr(error, "number", signal.SIGINT)


def end_on_signals(last_words: str) -> None:
    """From now on SIGINT, SIGTERM and SIGHUP raise `Interrupted`, once.

    Python raises it when the main thread is next in Python, which a step of TensorFlow's
    or a wait for a lock may delay. So a thread ends the process when it has not ended by
    itself: nothing is lost by that, as nothing is by a kill, and its children end too.

    SIGINT counts even where a shell has begun the program with it ignored, as shells
    without a terminal do for what they leave in the background: whoever sends it then
    means this process. Ignored SIGHUP is `nohup`'s doing, and stays ignored.

    Args:
      last_words: What to print when there is no polite end.
    """
    numbers = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        numbers.remove(signal.SIGHUP)
    begun = threading.Event()

    def interrupt(number, frame):
        if not begun.is_set():  # Another would only disturb the cleaning up.
            begun.set()
            raise Interrupted(number)

    for number in numbers:
        signal.signal(number, interrupt)
    # Python writes the signals' numbers there at once, whatever the main thread does.
    news, told = os.pipe()
    os.set_blocking(told, False)
    signal.set_wakeup_fd(told, warn_on_full_buffer=False)
    threading.Thread(
        target=_end_in_time, args=(news, numbers, last_words), daemon=True
    ).start()


def _end_in_time(news: int, numbers: set[int], last_words: str) -> NoReturn:
    number = _next_signal(news, numbers)
    first = time.monotonic()
    patience = threading.Event()

    def wait_for_another():
        while True:
            _next_signal(news, numbers)
            if time.monotonic() - first > _IMPATIENT_AFTER_SECONDS:
                return patience.set()

    threading.Thread(target=wait_for_another, daemon=True).start()
    patience.wait(_GRACE_SECONDS)
    with contextlib.suppress(OSError):  # The terminal may be gone.
        os.write(2, f"\n{last_words}\n".encode())
        time.sleep(_PRINTING_SECONDS)
    os._exit(128 + number)


def _next_signal(news: int, numbers: set[int]) -> int:
    while True:
        (number,) = os.read(news, 1)
        if number in numbers:
            return number
