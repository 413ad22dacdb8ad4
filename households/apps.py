from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HouseholdsConfig(AppConfig):
    name = "households"
    verbose_name = _("households")

    def ready(self):
        from households import checks, home, ties, trail  # noqa: PLC0415 -- models load after the apps
        from households import papers_nightly as _of_papers  # noqa: F401, PLC0415 -- it registers
        from households.roster import work  # noqa: F401, PLC0415 -- its kinds of work register

        ties.register()
        trail.register()
        home.register()
        checks.register_all()
