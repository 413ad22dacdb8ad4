"""Running commands so that stopping us stops them too, and nothing of them is left behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from types import FrameType
from typing import IO

STOP_SECONDS = 30


class _Asked:
    """A signal that came while a command was being started: nobody held it yet to stop it."""

    is_starting = False
    number = 0


def _once_is_enough() -> None:
    """A second signal must not break the tidying up."""
    for other in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(other, signal.SIG_IGN)


def stop_on_signals() -> None:
    """Turn kill, Ctrl-C and a closed terminal into SystemExit, so that `finally` runs."""

    def stop(number: int, frame: FrameType | None) -> None:
        if _Asked.is_starting:
            _Asked.number = number
            return
        _once_is_enough()
        sys.exit(128 + number)

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # as nohup leaves it
        signal.signal(signal.SIGHUP, stop)


def start(
    *command: object,
    environment: Mapping[str, str] | None = None,
    output: IO[str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a command at the head of its own group: a Ctrl-C at the terminal is ours to pass on."""
    _Asked.is_starting = True
    try:
        process = subprocess.Popen(  # noqa: S603 - every command is our own, no shell
            [str(part) for part in command],
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    finally:
        _Asked.is_starting = False
    if _Asked.number:
        _once_is_enough()
        stop(process)
        sys.exit(128 + _Asked.number)
    return process


def run(
    *command: object,
    environment: Mapping[str, str] | None = None,
    output: IO[str] | None = None,
) -> int:
    """Run a command to its end and return its exit status; if we are stopped, it is too."""
    process = start(*command, environment=environment, output=output)
    try:
        return process.wait()
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes], *, group: bool = True) -> None:
    """Ask a command to end, by default with all that it started; after 30 s end it by force."""
    if process.poll() is not None:
        return
    for number in (signal.SIGTERM, signal.SIGKILL):
        if group:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            continue
        return
