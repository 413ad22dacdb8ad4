from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = _("reports")

    def ready(self):
        from reports import home, ties  # noqa: PLC0415 -- models load after the apps

        ties.register()
        home.register()
