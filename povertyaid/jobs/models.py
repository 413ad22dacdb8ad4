import math

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from povertyaid.jobs import queue
from povertyaid.jobs.kinds import kinds
from povertyaid.org.models import OrgUnit, Staff
from povertyaid.org.scoping import ScopedQuerySet

PATIENCE_SECONDS = 20  # so long somebody may wait before being told that nobody works


class JobQuerySet(ScopedQuerySet):
    def waiting(self):
        return self.filter(state=Job.State.WAITING)

    def running(self):
        return self.filter(state=Job.State.RUNNING)

    def under_way(self):
        return self.filter(state__in=[Job.State.WAITING, Job.State.RUNNING])

    def of(self, staff):
        """What this person has asked for."""
        return self.filter(asked_by=staff)

    def newest_first(self):
        return self.order_by("-asked_at", "-pk")


class Job(models.Model):
    """A piece of long work that somebody asked for: reading a roster, printing a thousand papers.

    Says how far it is and where its result is found. What it is about stands in `arguments` as
    keys, and nothing refers to a job: it may be done again after a crash, and goes away after a
    year.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting its turn")
        RUNNING = "running", _("under way")
        DONE = "done", _("completed")
        FAILED = "failed", _("not completed")
        CANCELLED = "cancelled", _("called off")

    ENDED = (State.DONE, State.FAILED, State.CANCELLED)

    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="jobs", verbose_name=_("unit"))
    kind = models.CharField(_("kind"), max_length=60)
    title = models.CharField(_("what it is about"), max_length=255)
    address = models.CharField(max_length=400)
    arguments = models.JSONField(default=dict, blank=True)
    state = models.CharField(
        _("state of the work"), max_length=10, choices=State, default=State.WAITING
    )
    stage = models.CharField(_("stage"), max_length=40, blank=True, default="")
    stage_at = models.DateTimeField(null=True, blank=True)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(
        null=True, blank=True, help_text=_("Empty while it is not known.")
    )
    attempts = models.PositiveIntegerField(default=0)
    asked_at = models.DateTimeField(_("asked for at"), default=timezone.now)
    asked_by = models.ForeignKey(
        Staff,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="jobs",
        verbose_name=_("asked for by"),
        help_text=_("Empty where a command of the server did it."),
    )
    started_at = models.DateTimeField(_("begun at"), null=True, blank=True)
    moved_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    cancel_asked_at = models.DateTimeField(null=True, blank=True)
    cancel_asked_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="cancelled_jobs"
    )
    sentence = models.TextField(blank=True, default="")

    objects = JobQuerySet.as_manager()
    scope_path = "unit__path"
    hidden_from_helpers = True

    class Meta:
        verbose_name = _("work in the background")
        verbose_name_plural = _("work in the background")
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="job_state_is_known",
                condition=Q(state__in=["waiting", "running", "done", "failed", "cancelled"]),
                violation_error_message=_(
                    "Work waits, is under way, completed, not completed or called off."
                ),
            ),
            models.CheckConstraint(
                name="job_finished_iff_ended",
                condition=Q(state__in=["waiting", "running"], finished_at=None)
                | Q(state__in=["done", "failed", "cancelled"], finished_at__isnull=False),
                violation_error_message=_("Work that has ended has the moment of its end."),
            ),
            models.CheckConstraint(
                name="job_started_iff_taken_up",
                condition=Q(state="waiting", started_at=None)
                | Q(state__in=["running", "done", "failed"], started_at__isnull=False)
                | Q(state="cancelled"),
                violation_error_message=_("Work that was taken up has the moment it began."),
            ),
            models.CheckConstraint(
                name="job_done_at_most_total",
                condition=Q(total=None) | Q(done__lte=F("total")),
                violation_error_message=_("No more can be done than there is to do."),
            ),
            models.CheckConstraint(
                name="job_failed_with_a_sentence",
                condition=(Q(state="failed") & ~Q(sentence=""))
                | (~Q(state="failed") & Q(sentence="")),
                violation_error_message=_(
                    "Work that was not completed says why, and no other does."
                ),
            ),
            models.CheckConstraint(
                name="job_cancel_asked_at_iff_by",
                condition=Q(cancel_asked_at=None, cancel_asked_by=None)
                | Q(cancel_asked_at__isnull=False, cancel_asked_by__isnull=False),
                violation_error_message=_("Whoever calls work off stands beside the moment."),
            ),
            models.CheckConstraint(
                # One is sent there: "//" or "/\" would lead out of the office.
                name="job_address_is_a_path_of_the_office",
                condition=Q(address__regex=r"^/([^/\\\s]|$)"),
                violation_error_message=_("The result lies on a page of this office."),
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "-asked_at"], name="job_by_unit"),
            models.Index(
                fields=["state"],
                name="job_under_way",
                condition=Q(state__in=["waiting", "running"]),
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.pk}"

    def get_absolute_url(self):
        return reverse("job-detail", args=[self.pk])

    @property
    def code(self):
        """What the audit trail calls it."""
        return f"J{self.pk}"

    @property
    def is_waiting(self):
        return self.state == self.State.WAITING

    @property
    def is_running(self):
        return self.state == self.State.RUNNING

    @property
    def is_ended(self):
        return self.state in self.ENDED

    @property
    def is_done(self):
        return self.state == self.State.DONE

    @property
    def kind_word(self):
        known = kinds.get(self.kind)
        return known.label if known else self.kind

    @property
    def stage_word(self):
        known = kinds.get(self.kind)
        return known.stages.get(self.stage, self.stage) if known else self.stage

    @property
    def attempts_allowed(self):
        known = kinds.get(self.kind)
        return known.attempts if known else 1

    @property
    def counted(self):
        """What is done, within the total: a miscount is no reason to lose the work."""
        return self.done if self.total is None else min(self.done, self.total)

    @property
    def per_second(self):
        """How many go by in a second of this stage; None until that can be said."""
        passed = (self.moved_at - self.stage_at).total_seconds() if self.stage_at else 0
        return self.done / passed if self.done and passed >= 1 else None

    @property
    def seconds_left(self):
        """Of this stage, rounded up; None while nobody can know."""
        rate = self.per_second if self.total else None
        return math.ceil((self.total - self.done) / rate) if rate else None

    def lacks_a_worker(self):
        """Whether it has stood still for a while and no worker lives who could be at it."""
        still = (timezone.now() - self.moved_at).total_seconds() > PATIENCE_SECONDS
        return not self.is_ended and still and not queue.somebody_works()

    def end(self, state, sentence=""):
        """Set the end down, with how far it came; nothing if somebody else has taken it up since."""
        now = timezone.now()
        Job.objects.filter(pk=self.pk, state=Job.State.RUNNING, attempts=self.attempts).update(
            state=state,
            sentence=sentence,
            finished_at=now,
            moved_at=now,
            stage=self.stage,
            stage_at=self.stage_at,
            done=self.counted,
            total=self.total,
            address=self.address,
        )
