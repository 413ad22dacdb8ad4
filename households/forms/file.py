"""The whole file on one page: household, members, one enrolment, and at first the income before help."""

import json

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from households.actions import files, identity
from households.actions.refusals import PersonElsewhereError
from households.forms import elsewhere
from households.forms import phone as phones
from households.forms.enrolment import EnrolmentForm
from households.forms.household import HouseholdForm
from households.forms.income import FirstIncomeForm
from households.forms.member import MemberFormSet
from households.models import Enrolment, Household, IncomeSnapshot, Member, words
from povertyaid.programmes.models import Programme

MOST_BLANK_ROWS = 40


class FileForm:
    """Four forms that are shown, checked and saved as one.

    `household` is None for a new file, which is offered to `unit`; `programme` is the one whose
    enrolment is edited.
    What holds between the rows is asked here: one head, nobody twice, nobody who is on file
    elsewhere, and the doubts that need the whole family.
    """

    def __init__(
        self, data=None, *, staff, household=None, programme=None, unit=None, blank_rows=1
    ):
        self.staff, self.stored, self.data = staff, household, data
        self.is_bound = data is not None
        self.found = []  # files that hold a person of this family and may be named
        self._is_checked = False
        programmes = Programme.objects.visible_to(staff)
        if household is not None:
            programmes = programmes.exclude(enrolments__household=household)
        enrolment = self._enrolment(programme)
        common = {"staff": staff}
        self.household = HouseholdForm(
            data, prefix="household", instance=household or Household(unit=unit), **common
        )
        self.members = self._members(data, blank_rows, common)
        self.enrolment = EnrolmentForm(
            data, prefix="enrolment", instance=enrolment, programmes=programmes, **common
        )
        self.income = None
        if household is None:
            self.income = FirstIncomeForm(
                data, prefix="income", instance=IncomeSnapshot(stage="before"), **common
            )
        if enrolment.pk is None and programme is not None:
            self.enrolment.initial["programme"] = programme.pk

    def _enrolment(self, programme):
        if self.stored is None or programme is None:
            return Enrolment()
        found = self.stored.enrolments.select_related("programme").filter(programme=programme)
        return found.first() or Enrolment()

    def _members(self, data, blank_rows, common):
        rows = Member.objects.none()
        if self.stored is not None:
            rows = self.stored.members.order_by("seq", "pk")
            # Who has left in the meantime must still be known when the form comes back.
            rows = rows if self.is_bound else rows.present()
        blank = 0 if self.stored else max(1, min(blank_rows, MOST_BLANK_ROWS))
        members = MemberFormSet(
            data, prefix="members", queryset=rows, form_kwargs=common,
            initial=[{"relation": words.HEAD}][:blank] if not self.is_bound else None,
        )  # fmt: skip
        members.extra = blank
        return members

    @property
    def shown_rows(self):
        """Rows of the page, without new ones that were taken away again."""
        return [form for form in self.members if not self.members._should_delete_form(form)]

    @property
    def removed_rows(self):
        """New rows that were taken away: the page only remembers that they are."""
        return [form for form in self.members if self.members._should_delete_form(form)]

    @property
    def sexes(self):
        """For the doubts as one types: the sex a relation implies."""
        return json.dumps(words.RELATIONS, ensure_ascii=False)

    @property
    def ages(self):
        return json.dumps(words.STUDY_AGES, ensure_ascii=False)

    @property
    def forms(self):
        return [part for part in (self.household, self.enrolment, self.income) if part is not None]

    @property
    def parts(self):
        """In the order of the page."""
        parts = (self.household, self.members, self.enrolment, self.income)
        return [part for part in parts if part is not None]

    def is_valid(self):
        self.check()
        return all(part.is_valid() for part in self.parts)

    def check(self):
        """Ask each part, then what holds between them. Once."""
        if self._is_checked or not self.is_bound:
            return
        self._is_checked = True
        for part in self.parts:
            part.errors  # noqa: B018 -- the question cleans the form
        for form in self.members.rows():
            form.errors  # noqa: B018 -- the same, also for rows that the set passes over
        if self.members.management_form.is_valid():
            self._one_head()
            self._nobody_twice()
            self._nobody_elsewhere()
            if all(not form.errors for form in self.members.rows()):
                self._doubt_family()
        self._doubt_income()

    # ---- refusals

    def _one_head(self):
        staying = self.members.staying()
        heads = [f for f in staying if f.cleaned_data.get("relation") == words.HEAD]
        if any("relation" in form.errors for form in staying):
            return
        if not staying:
            self.household.add_error(
                None,
                ValidationError(_("Please enter the members; the first is the head."), "nobody"),
            )
        elif not heads:
            staying[0].add_error(
                "relation",
                ValidationError(
                    _("The family has no head. Please choose “户主” for one of the members."),
                    "no_head",
                ),
            )
        for form in heads[1:]:
            form.add_error(
                "relation",
                ValidationError(
                    _("The family has two heads. Please give one of the two another relation."),
                    "two_heads",
                ),
            )

    def _digests(self):
        """{person digest: row} of those who stay and have a number."""
        numbered = {}
        for form in self.members.staying():
            number = form.person.id_number if hasattr(form, "person") else ""
            if number:
                numbered.setdefault(identity.person_digest(number), []).append(form)
        return numbered

    def _nobody_twice(self):
        for forms in self._digests().values():
            for form in forms[1:]:
                form.add_error(
                    "id_number",
                    ValidationError(
                        _("Two members have the same number. Please compare it with the cards."),
                        "twice",
                    ),
                )

    def _nobody_elsewhere(self):
        digests = self._digests()
        held = identity.holders(digests)
        own = self.stored.pk if self.stored else None
        others = {digest: pk for digest, pk in held.items() if pk != own}
        self._tell_elsewhere({digests[digest][0]: pk for digest, pk in others.items()})

    def _tell_elsewhere(self, held):
        if not held:
            return
        visible = elsewhere.visible_files(held.values(), self.staff)
        for form, pk in held.items():
            household = visible.get(pk)
            form.add_error(
                "id_number",
                ValidationError(elsewhere.sentence(household, self.staff), "elsewhere"),
            )
            if household is not None:
                self.found.append(household)

    def add_refusal(self, refusal):
        """What an action refused after the forms were content: somebody else was quicker."""
        if isinstance(refusal, PersonElsewhereError):
            self._tell_elsewhere(
                {
                    form: pk
                    for member, pk in refusal.held.items()
                    for form in self.members.rows()
                    if form.instance is member
                }
            )
        else:
            self.household.add_error(None, refusal)

    # ---- doubts

    def _doubt_family(self):
        staying, news = self.members.staying(), self.stored is None
        changed = [form for form in staying if form.instance.pk is None or form.has_changed()]
        doubt = self.household.add_warning
        nameless = [form for form in changed if form.is_news("id_number")]
        if any(not form.person.id_number for form in nameless):
            doubt(None, _("There is a member without an identity number."), code="no_number")
        size = self.household.cleaned_data.get("stated_size")
        sizeis_news = news or changed or "stated_size" in self.household.changed_data
        if size and size != len(staying) and sizeis_news:
            doubt(
                "stated_size",
                _("%(stated)s persons are stated, %(listed)s are listed.")
                % {"stated": size, "listed": len(staying)},
                code="size",
            )
        self._doubt_couple(staying)
        self._doubt_phones(changed)

    def _doubt_couple(self, staying):
        of = {form.cleaned_data["relation"]: form for form in staying}
        head, spouse = of.get(words.HEAD), of.get("配偶")
        if not (
            head
            and spouse
            and (head.is_news("relation", "sex") or spouse.is_news("relation", "sex"))
        ):
            return
        if head.cleaned_data["sex"] and head.cleaned_data["sex"] == spouse.cleaned_data["sex"]:
            spouse.add_warning("sex", _("Head and spouse have the same sex."), code="couple")

    def _doubt_phones(self, changed):
        asked = [form for form in changed if form.is_news("phone")]
        if self.stored is None or "phone" in self.household.changed_data:
            asked.append(self.household)
        given = {form: form.cleaned_data.get("phone", "") for form in asked}
        own = self.stored.pk if self.stored else None
        shared = phones.files_with(given.values(), self.staff, but=own)
        for form, phone in given.items():
            if phone in shared:
                form.add_warning(
                    "phone",
                    _("File %(code)s has the same phone.") % {"code": shared[phone]},
                    code="shared_phone",
                )

    def _doubt_income(self):
        """Needs the programme and category, which stand in another part of the page."""
        wanted = self.income is not None and self.income.is_bound and self.income.has_changed()
        if not wanted:
            return
        if self.enrolment.errors or self.income.errors:
            return
        if not self.enrolment.is_wanted:
            self.enrolment.add_error(
                "programme",
                ValidationError(
                    _("An income belongs to a programme. Please choose the programme."), "required"
                ),
            )
            return
        self.income.enrolment = self.enrolment.instance
        self.income.full_clean()

    # ---- saving

    def warned(self):
        return [*self.forms, *self.members.rows()]

    def reasons_given(self):
        why = self.household.cleaned_data.get("why", "")
        return "; ".join(filter(None, [why, *(form.reasons_given() for form in self.warned())]))

    def confirmed(self):
        return {w.code for form in self.warned() for w in form.answered_warnings()}

    def save(self, version=None):
        """By one action, in one transaction. Raises what the action refuses, and is as before."""
        rows = [form.instance for form in self.members.rows()]
        wanted = [self.enrolment.instance] if self.enrolment.is_wanted else []
        unsaved = [one for one in [self.household.instance, *rows, *wanted] if one.pk is None]
        given = {
            "members": rows,
            "enrolments": wanted,
            "by": self.staff,
            "reason": self.reasons_given(),
            "confirmed": self.confirmed(),
        }
        try:
            if self.stored is not None:
                return files.save_file(self.household.instance, version=version, **given)
            return files.open_file(self.household.instance, incomes=self._incomes(), **given)
        except ValidationError:
            # The rows are gone with the transaction; what stood for them is new again.
            for one in unsaved:
                one.pk, one._state.adding = None, True
            raise

    def _incomes(self):
        if not self.income.has_changed():
            return []
        self.income.instance.enrolment = self.enrolment.instance
        return [self.income.instance]
