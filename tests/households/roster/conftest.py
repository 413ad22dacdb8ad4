import pytest
from django.conf import settings


@pytest.fixture(autouse=True)
def _own_uploads(tmp_path):
    """Files that a test uploads go away with it."""
    before = settings.UPLOADS_DIR
    settings.UPLOADS_DIR = tmp_path / "uploads"
    yield
    settings.UPLOADS_DIR = before
