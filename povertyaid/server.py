"""What script/server does once the machine is ready: prepare the database, serve, tidy up."""

import errno
import hashlib
import http.client
import io
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg

from povertyaid import cluster, environment, processes

PROJECT = cluster.PROJECT
START_SECONDS = 60
LOOK_SECONDS = 0.5
PAUSES = (1, 2, 5, 10, 30, 60)  # seconds before a dead worker is begun again
STEADY_SECONDS = 60  # after so long a life the next death is a new one


class ServerError(Exception):
    """We cannot serve. The message says what, where, and what to do."""


def main() -> int:
    """Serve until stopped; returns the exit status."""
    processes.stop_on_signals()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # an old terminal may lack a character
    found_running = True
    try:
        environment.load()
        address, port = place()
        workers = workers_wanted()
        found_running = cluster.is_running()
        cluster.ensure_running()
        prepare()
        return serve(address, port, workers)
    except (ServerError, cluster.ClusterError, environment.EnvironmentFileError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    finally:
        if not found_running:
            cluster.stop()


# --- where ----------------------------------------------------------------------------------------


def place() -> tuple[str, int]:
    """The address and port to serve on, tried out: better now than after a minute of preparing."""
    address = os.environ.get("POVERTYAID_ADDRESS") or "127.0.0.1"
    written = os.environ.get("PORT") or "8000"
    if not written.isdecimal() or not 0 < int(written) < 65536:
        raise ServerError(f"PORT is {written}, but a port is a number from 1 to 65535.")
    port = int(written)
    try:
        family, kind, *_, where = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as door:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            door.bind(where)
    except socket.gaierror:
        raise ServerError(
            f"POVERTYAID_ADDRESS is {address}, which this machine does not know. Use 127.0.0.1 for "
            "this machine alone, 0.0.0.0 for the whole network."
        ) from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ServerError(
                f"Something else already answers on {address}:{port}; perhaps another script/server. "
                f"Stop it, or choose another port: PORT={port + 1} script/server"
            ) from None
        raise ServerError(
            f"Cannot serve on {address}:{port}: {error.strerror}. Choose another with "
            "POVERTYAID_ADDRESS and PORT."
        ) from None
    return address, port


def workers_wanted() -> int:
    """How many processes do the work in the background; none where they run as a service apart."""
    written = os.environ.get("POVERTYAID_JOBS") or "1"
    if not written.isdecimal():
        raise ServerError(f"POVERTYAID_JOBS is {written}, use a number: 1, or 0 for none.")
    return int(written)


# --- before the first request ---------------------------------------------------------------------


def prepare() -> None:
    """Bring the tables and static files up to date, and give a first start its demonstration."""
    if os.environ.get("DATABASE_URL"):
        try_database(cluster.connection())
    _manage("Preparing the database", "migrate", "--noinput", "--verbosity=0", "--skip-checks")
    collect_static_files()
    load_demonstration()


def try_database(place: dict[str, Any]) -> None:
    """Knock at somebody's own server: a sentence now is better than a traceback from migrate."""
    try:
        psycopg.connect(
            host=place["HOST"],
            port=place["PORT"],
            user=place["USER"],
            password=place["PASSWORD"],
            dbname=place["NAME"],
            **{"connect_timeout": 10, **place["OPTIONS"]},
        ).close()
    except psycopg.Error as error:
        raise ServerError(
            f"The database of DATABASE_URL does not let us in: {' '.join(str(error).split())} "
            "Check the address, the user and the password, and that the server runs."
        ) from None


def collect_static_files() -> None:
    """Collect them anew when one of ours or a package has changed since the last time."""
    sources = sorted(path for path in (PROJECT / "static").rglob("*") if path.is_file())
    seen = [f"{path} {path.stat().st_mtime_ns} {path.stat().st_size}" for path in sources]
    seen.append((PROJECT / "requirements.lock").read_text())
    mark = cluster.data_folder() / "static" / ".collected"
    now = hashlib.sha256("\n".join(seen).encode()).hexdigest()
    if mark.exists() and mark.read_text() == now:
        return
    _manage(
        "Collecting style sheets and scripts",
        *("collectstatic", "--noinput", "--verbosity=0"),
        "--ignore=ext",  # HTMX's extensions: a hundred files to compress, none of them used
    )
    mark.write_text(now)


def wants_demonstration() -> bool:
    """Unasked only in a private cluster: a county's own server gets no invented people."""
    chosen = os.environ.get("POVERTYAID_DEMO")
    if chosen not in {None, "", "0", "1"}:
        raise ServerError(f"POVERTYAID_DEMO is {chosen}, use 1 or 0.")
    return chosen == "1" if chosen else not os.environ.get("DATABASE_URL")


def load_demonstration() -> None:
    """On the first start only. The mark comes last, so an interrupted load is done again."""
    mark = cluster.data_folder() / "demonstration"
    if mark.exists() or not wants_demonstration():
        return
    _say("Loading the demonstration")
    if processes.run(PROJECT / "script" / "demo"):
        raise ServerError(
            "The demonstration could not be loaded; the next start tries again. To start without "
            "it: POVERTYAID_DEMO=0 script/server"
        )
    mark.write_text(time.strftime("Loaded on %Y-%m-%d %H:%M:%S.\n"))


def _manage(what: str, *arguments: str) -> None:
    _say(what)
    if processes.run(sys.executable, PROJECT / "manage.py", *arguments):
        raise ServerError(f"{what} failed: what went wrong stands above.")


def _say(what: str) -> None:
    _print(f"{what} …\n")


def _print(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


# --- serving --------------------------------------------------------------------------------------


def serve(address: str, port: int, workers: int = 1) -> int:
    """Run gunicorn until it ends or we are stopped; a request under way may finish.

    Beside it so many workers do what takes longer than a request. Stopped, they lay their work
    back, and the next start goes on with it.
    """
    host = f"[{address}]" if ":" in address else address
    options = {
        "--bind": f"{host}:{port}",
        "--workers": os.environ.get("POVERTYAID_WORKERS") or "2",
        "--worker-class": "gthread",
        "--threads": os.environ.get("POVERTYAID_THREADS") or "4",
        "--timeout": "120",
        "--graceful-timeout": "20",
        "--log-level": "warning",
    }
    shared_memory = Path("/dev/shm")  # noqa: S108 - where a worker's heartbeat waits for no disk
    if os.access(shared_memory, os.W_OK):
        options["--worker-tmp-dir"] = os.fspath(shared_memory)
    web = processes.start(
        *(sys.executable, "-m", "gunicorn", "povertyaid.wsgi:application", "--no-control-socket"),
        "--preload",  # read the program once for all workers
        *(word for option in options.items() for word in option),
        environment={"POVERTYAID_POOL": os.environ.get("POVERTYAID_POOL") or "8"},
    )
    hands = [Worker() for _nth in range(workers)]
    try:
        # Asked while the web server reads the program: a start is waited for.
        accounts = demonstration_accounts()
        wait_until_it_answers(web, address, port)
        _print(f"\npovertyaid 帮扶台账: http://{host}:{port}/\n\n{accounts}")
        _print("\nCtrl-C stops it. What is stored stays.\n")
        while web.poll() is None:
            for hand in hands:
                hand.look_after()
            time.sleep(LOOK_SECONDS)
        return web.returncode
    finally:
        for hand in hands:
            hand.stop()
        processes.stop(web, group=False)  # gunicorn passes it on, gracefully


class Worker:
    """A process that does the work in the background, begun again whenever it dies."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self._began = 0.0
        self._deaths = 0
        self._not_before = 0.0

    def look_after(self) -> None:
        """Begin it where it does not run; after each death the pause before that grows."""
        now = time.monotonic()
        if self.process is not None:
            if self.process.poll() is None:
                return
            if now - self._began > STEADY_SECONDS:
                self._deaths = 0
            if self._deaths == 0:
                sys.stderr.write(
                    "The worker, which does the work in the background, has ended: what went "
                    "wrong stands above. It is begun again as often as it takes.\n"
                )
            self._not_before = now + PAUSES[min(self._deaths, len(PAUSES) - 1)]
            self._deaths += 1
            self.process = None
        if now >= self._not_before:
            self._began = now
            self.process = processes.start(
                *(sys.executable, PROJECT / "manage.py", "procrastinate", "worker"),
                environment={"POVERTYAID_POOL": "0"},  # it needs two connections, and no pool
            )

    def stop(self) -> None:
        if self.process is not None:
            processes.stop(self.process)


def demonstration_accounts() -> str:
    """Who may sign in, as a table; nothing in an office without the demonstration."""
    if not (cluster.data_folder() / "demonstration").exists():
        return ""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        processes.run(
            *(sys.executable, PROJECT / "manage.py", "demo_accounts", "--skip-checks"),
            environment={"PYTHONIOENCODING": "utf-8"},
            output=said,
        )
        said.seek(0)
        return said.read()


def wait_until_it_answers(web: subprocess.Popen[bytes], address: str, port: int) -> None:
    """A page, not merely an open port: only then is the address worth printing."""
    address = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)  # noqa: S104
    known_as = (os.environ.get("POVERTYAID_HOSTS") or "localhost").split(",")[0].strip()
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up:
        if web.poll() is not None:
            raise ServerError("The web server ended at once: what went wrong stands above.")
        try:
            asked = http.client.HTTPConnection(address, port, timeout=10)
            asked.request("GET", "/", headers={"Host": known_as})
            if asked.getresponse().status >= 500:
                raise ServerError("The first page shows an error: what went wrong stands above.")
        except OSError:
            time.sleep(0.1)
        else:
            return
        finally:
            asked.close()
    raise ServerError(f"The web server did not answer on {address}:{port} within a minute.")


if __name__ == "__main__":
    sys.exit(main())
