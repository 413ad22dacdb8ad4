"""A kind of work that does what a test says."""

import pytest

from povertyaid.jobs.kinds import kinds, nights
from povertyaid.jobs.work import kind, start

KIND = "test.work"


@pytest.fixture(autouse=True)
def _own_kinds():
    """What a test registers is forgotten after it."""
    kept = [(registry, dict(registry)) for registry in (kinds, nights)]
    yield
    for registry, before in kept:
        registry.clear()
        registry.update(before)


@pytest.fixture
def ask(riverside, clerk):
    """The clerk asks for the work that a function does; answers the job."""

    def asked(work=lambda job, progress: None, *, attempts=3, **arguments):
        stages = {"counting": "数数", "writing": "写入"}
        kind(KIND, label="试做", stages=stages, attempts=attempts)(work)
        return start(
            KIND, title="花名册.xlsx", unit=riverside, by=clerk, address="/households/", **arguments
        )

    return asked
