from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HouseholdsConfig(AppConfig):
    name = "households"
    verbose_name = _("households")

    def ready(self):
        from households import home, ties, trail  # noqa: PLC0415 -- models load after the apps

        ties.register()
        trail.register()
        home.register()
