from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DisbursementsConfig(AppConfig):
    name = "disbursements"
    verbose_name = _("ledger of aid")

    def ready(self):
        from disbursements import payment_lists, sections, ties, trail  # noqa: PLC0415 -- models load after the apps

        ties.register()
        trail.register()
        sections.register()
        payment_lists.register()
