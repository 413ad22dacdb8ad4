from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebConfig(AppConfig):
    name = "povertyaid.web"
    label = "web"
    verbose_name = _("pages")

    def ready(self):
        from povertyaid.web import office  # noqa: PLC0415 -- models load after the apps

        office.register()
