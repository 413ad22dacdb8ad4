from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PairingsConfig(AppConfig):
    name = "pairings"
    verbose_name = _("pairings")

    def ready(self):
        from pairings import home, own, roster, sections, ties, trail  # noqa: PLC0415 -- models load after the apps
        from pairings.papers import facts, measures, work  # noqa: F401, PLC0415 -- work registers itself

        ties.register()
        trail.register()
        own.register()
        home.register()
        roster.register()
        sections.register()
        measures.register(facts.services)
