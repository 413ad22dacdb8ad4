import copy
from pathlib import Path

import pytest


@pytest.fixture
def sample(settings):
    """The pages of `tests/web/sample.py` beside the real ones."""
    templates = copy.deepcopy(settings.TEMPLATES)
    templates[0]["DIRS"].append(Path(__file__).parent / "templates")
    settings.TEMPLATES = templates
    settings.ROOT_URLCONF = "tests.web.sample"
