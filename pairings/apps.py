from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PairingsConfig(AppConfig):
    name = "pairings"
    verbose_name = _("pairings")

    def ready(self):
        from pairings import (  # noqa: PLC0415 -- models load after the apps
            evidence,
            helper_lists,
            home,
            nights,
            own,
            roster,
            sections,
            ties,
            trail,
            work,  # noqa: F401 -- registers itself
        )
        from pairings.papers import facts, measures  # noqa: PLC0415
        from pairings.papers import work as _paper_work  # noqa: F401, PLC0415 -- registers itself

        ties.register()
        trail.register()
        own.register()
        home.register()
        roster.register()
        helper_lists.register()
        sections.register()
        evidence.register_all()
        nights.register()
        measures.register(facts.services)
