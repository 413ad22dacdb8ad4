import pgtrigger
from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from povertyaid.org import journal


class AuditConfig(AppConfig):
    name = "povertyaid.audit"
    label = "audit"
    verbose_name = _("audit trail")

    def ready(self):
        from povertyaid.audit.models import record  # noqa: PLC0415 -- models load after the apps

        journal.kept_by(record)
        post_migrate.connect(fit_history, sender=self)
        post_migrate.connect(pin_search_path, sender=self)


def fit_history(using, **kwargs):
    """Install history in sets or row by row, as the setting has it; the migrations know only sets."""
    from povertyaid.audit.history import Event  # noqa: PLC0415 -- models load after the apps

    for model, trigger in pgtrigger.registered():
        if isinstance(trigger, Event):
            status, _is_enabled = trigger.get_installation_status(model, database=using)
            if status == "OUTDATED":
                trigger.install(model, database=using)


PIN = """
    SELECT format('ALTER FUNCTION %I.%I() SET search_path = %I, public', n.nspname, p.proname, n.nspname)
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
     WHERE n.nspname = current_schema() AND p.proname LIKE 'pgtrigger_%'
       AND (p.proconfig IS NULL OR NOT EXISTS (
            SELECT 1 FROM unnest(p.proconfig) AS setting WHERE setting LIKE 'search_path=%'))
"""


def pin_search_path(using, **kwargs):
    """Bind trigger functions to the schema they live in.

    A function that looks its tables up by the caller's search path writes history into
    whichever schema the caller happens to have first, and finds none on a cluster's worker.
    """
    with connections[using].cursor() as cursor:
        cursor.execute(PIN)
        for (statement,) in cursor.fetchall():
            cursor.execute(statement)
