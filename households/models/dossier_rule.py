from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from povertyaid.org.scoping import ScopedQuerySet
from povertyaid.programmes.models import SchemeItem


class DossierRuleQuerySet(ScopedQuerySet):
    def of_programmes(self, programmes):
        """The rules of some programmes, each programme's in the order of its list."""
        rules = self.filter(item__programme__in=programmes).select_related("item")
        return rules.order_by("item__programme", "item__list_name", "item__seq", "item__pk")


class DossierRule(models.Model):
    """What makes one 清 of a programme full: the evidence that a file must hold for it.

    The 清 itself is an entry of the programme's list (五清, 六清), whose words and order are changed
    there. Evidence is named by code (`households/evidence.py`): everything in `all_of`, and at least
    one of `one_of`.
    """

    item = models.OneToOneField(SchemeItem, models.CASCADE, related_name="dossier_rule")
    all_of = ArrayField(
        models.CharField(max_length=160),
        verbose_name=_("all of these must be there"),
        default=list,
        blank=True,
    )
    one_of = ArrayField(
        models.CharField(max_length=160),
        verbose_name=_("at least one of these must be there"),
        default=list,
        blank=True,
    )

    objects = DossierRuleQuerySet.as_manager()
    scope_path = "item__programme__lead_unit__path"

    class Meta:
        verbose_name = _("rule of the dossier")
        verbose_name_plural = _("rules of the dossier")
        ordering = ["item"]
        constraints = [
            models.CheckConstraint(
                name="dossierrule_asks_for_something",
                condition=~Q(all_of=[], one_of=[]),
                violation_error_message=_("Please choose what the file must hold."),
            )
        ]

    def __str__(self):
        return f"{self.item_id}"
