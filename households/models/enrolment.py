from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KT
from django.utils.translation import gettext_lazy as _

from households.models import words
from households.models.household import Household
from households.models.member import Member
from povertyaid.audit.history import tracked
from povertyaid.lib.money import MoneyField
from povertyaid.org.scoping import ScopedQuerySet
from povertyaid.programmes.models import Programme, Threshold


class EnrolmentQuerySet(ScopedQuerySet):
    def counted(self):
        """Enrolments that reports count: all but those removed as never having been poor."""
        return self.exclude(status=Enrolment.Status.REMOVED)

    def helpable(self):
        return self.filter(helpable=True)

    def exited(self, by=None):
        """Left poverty (by a day) and not returned."""
        exited = self.filter(exited_on__isnull=False)
        return exited.filter(exited_on__lte=by) if by else exited

    def due(self, by):
        """Planned to leave poverty by a day: the cohort of a target."""
        return self.filter(target_exit_on__lte=by)

    def with_missing(self):
        """Adds `missing`: how many of the facts a file must have are still absent."""
        absent = [
            Q(causes=[]),
            Q(needs=[]),
            Q(attitude=""),
            Q(identified_on=None),
            Q(category=""),
        ]
        one_each = [
            models.Case(models.When(fact, then=1), default=0, output_field=models.IntegerField())
            for fact in absent
        ]
        return self.annotate(missing=sum(one_each[1:], start=one_each[0]))


@tracked("household")
class Enrolment(models.Model):
    """A household in a programme (帮扶对象): category, causes, needs, goal, state, exit.

    `category`, `causes` and `needs` hold the code of a known word, or the word itself as an
    office wrote it, so nothing is lost (`households/models/words.py`). `exited_on` is the
    cached result of the last approved review; it is set by that decision, never typed.
    """

    class Status(models.TextChoices):
        IDENTIFIED = "identified", _("identified")
        HELPING = "helping", _("being helped")
        EXITED = "exited", _("out of poverty")
        CONSOLIDATING = "consolidating", _("consolidating")
        RELAPSED = "relapsed", _("back in poverty")
        REMOVED = "removed", _("removed")

    household = models.ForeignKey(
        Household,
        models.PROTECT,
        related_name="enrolments",
        db_index=False,  # enrolment_once_per_programme begins with it
    )
    programme = models.ForeignKey(
        Programme,
        models.PROTECT,
        related_name="enrolments",
        verbose_name=_("programme"),
        db_index=False,  # three indexes begin with it
    )
    principal = models.ForeignKey(
        Member,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="enrolments",
        verbose_name=_("principal"),
        help_text=_("The worker who is helped, or the head of the household."),
    )
    category = models.CharField(_("category"), max_length=255, blank=True, default="")
    helpable = models.BooleanField(_("helpable"), default=True)
    identified_on = models.DateField(_("identified on"), null=True, blank=True)
    identified_precision = models.CharField(
        max_length=5, choices=Member.Precision, blank=True, default=""
    )
    causes = ArrayField(
        models.CharField(max_length=255), verbose_name=_("causes"), default=list, blank=True
    )
    needs = ArrayField(
        models.CharField(max_length=60), verbose_name=_("needs"), default=list, blank=True
    )
    attitude = models.CharField(_("state of mind"), max_length=255, blank=True, default="")
    target_income = MoneyField(_("income goal, 元 per person and year"), null=True, blank=True)
    target_exit_on = models.DateField(_("planned to leave poverty on"), null=True, blank=True)
    status = models.CharField(_("state"), max_length=20, choices=Status, default=Status.IDENTIFIED)
    exited_on = models.DateField(_("left poverty on"), null=True, blank=True)
    exit_label = models.CharField(  # noqa: DJ001 -- NULL together with exited_on
        _("leaving is called"),
        max_length=10,
        choices=Threshold.ExitLabel,
        null=True,
        blank=True,
    )
    # Columns of a roster that no table holds yet (helpers, payments, an income without its
    # parts), kept as written with the row until a room for them exists.
    kept = models.JSONField(default=dict, blank=True)

    objects = EnrolmentQuerySet.as_manager()
    scope_path = "household__unit__path"
    hidden_from_helpers = True

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        ordering = ["household", "programme"]
        constraints = [
            models.UniqueConstraint(
                fields=["household", "programme"],
                name="enrolment_once_per_programme",
                violation_error_message=_("The household is already in this programme."),
            ),
            models.CheckConstraint(
                name="enrolment_status_is_known",
                condition=Q(
                    status__in=[
                        "identified",
                        "helping",
                        "exited",
                        "consolidating",
                        "relapsed",
                        "removed",
                    ]
                ),
                violation_error_message=_("Please choose a state from the list."),
            ),
            models.CheckConstraint(
                name="enrolment_exit_label_iff_exited",
                condition=Q(exited_on=None, exit_label=None)
                | Q(exited_on__isnull=False, exit_label__in=["脱困", "脱低", "脱贫"]),
                violation_error_message=_("An exit needs its day and what leaving is called."),
            ),
            models.CheckConstraint(
                name="enrolment_exited_on_iff_state_says_so",
                condition=Q(
                    exited_on=None, status__in=["identified", "helping", "relapsed", "removed"]
                )
                | Q(exited_on__isnull=False, status__in=["exited", "consolidating"]),
                violation_error_message=_(
                    "The state and the day of leaving poverty contradict each other."
                ),
            ),
            models.CheckConstraint(
                name="enrolment_identified_precision_iff_known",
                condition=Q(identified_on=None, identified_precision="")
                | Q(identified_on__isnull=False, identified_precision__in=["year", "month", "day"]),
                violation_error_message=_(
                    "The day of identification says whether the day, the month or only the year is known."
                ),
            ),
            models.CheckConstraint(
                name="enrolment_target_income_positive",
                condition=Q(target_income=None) | Q(target_income__gt=0),
                violation_error_message=_("The income goal must be above zero."),
            ),
        ]
        indexes = [
            models.Index(fields=["programme", "status"], name="enrolment_by_state"),
            models.Index(fields=["programme", "category"], name="enrolment_by_category"),
            models.Index(fields=["programme", "exited_on"], name="enrolment_by_exit"),
            GinIndex(fields=["causes"], name="enrolment_by_cause"),
            models.Index(KT("kept__household__code"), name="enrolment_by_roster_code"),
        ]

    def __str__(self):
        return f"{self.household_id}@{self.programme_id}"

    @property
    def status_word(self):
        """As `get_status_display`, which puts every state into words to find one: felt in a list."""
        return self.Status(self.status).label

    @property
    def category_word(self):
        return words.word_of(words.CATEGORIES, self.category)

    @property
    def cause_words(self):
        return [words.word_of(words.CAUSES, code) for code in self.causes]

    @property
    def need_words(self):
        return [words.word_of(words.NEEDS, code) for code in self.needs]
