"""Where a web server enters. The database runs before the first request does."""

import os

from django.core.wsgi import get_wsgi_application

from povertyaid import cluster, environment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "povertyaid.settings")
environment.load()
cluster.ensure_running()
application = get_wsgi_application()
