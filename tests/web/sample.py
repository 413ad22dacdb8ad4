"""A small office of its own: one noun with the four pages, to ask the pages of povertyaid.web themselves."""

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.shortcuts import render
from django.urls import include, path, reverse

from povertyaid.lib.quantities import Kind
from povertyaid.org.models import OrgUnit
from povertyaid.programmes.models import Programme
from povertyaid.web import drafts
from povertyaid.web.forms import (
    DateField,
    IdNumberField,
    MoneyField,
    StyledForm,
    WarningsMixin,
    office_formfield,
)
from povertyaid.web.views import CreatePage, DetailPage, EditPage, ListPage


class UnitFilter(django_filters.FilterSet):
    usual = ["q", "kind"]
    q = django_filters.CharFilter(field_name="name", lookup_expr="icontains", label="名称")
    kind = django_filters.MultipleChoiceFilter(choices=OrgUnit.Kind.choices, label="类别")
    keeps = django_filters.BooleanFilter(field_name="keeps_files", label="建档")

    class Meta:
        model = OrgUnit
        fields = []


class UnitList(ListPage):
    title = "单位一览"
    permission_required = "org.view_orgunit"
    model = OrgUnit
    filterset_class = UnitFilter
    ordering = ["code"]
    sorts = {"name": "name_pinyin"}
    counts = Kind.ITEMS
    paginate_by = 2
    extra_context = {"batch_actions": True}

    def get_totals(self, rows):
        return [("建档单位", rows.aggregate(n=models.Count("pk"))["n"])]

    def template_for(self, shape):
        return f"sample/{shape.format('orgunit')}"


class UnitPage(DetailPage):
    permission_required = "org.view_orgunit"
    model = OrgUnit
    template_name = "web/object_detail.html"


class ProgrammeForm(WarningsMixin, StyledForm, forms.ModelForm):
    class Meta:
        model = Programme
        fields = ["code", "name", "lead_unit", "starts_on"]
        formfield_callback = office_formfield

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["lead_unit"].queryset = OrgUnit.objects.visible_to(self.staff)

    def clean(self):
        cleaned = super().clean()
        if len(cleaned.get("name", "")) == 1:
            self.add_warning("name", "名称只有一个字。", code="short")
        return cleaned


class ToTheForm:
    """A programme has no page of its own here: saving leads back to its form."""

    def get_success_url(self):
        return reverse("sample-edit", args=[self.object.pk])


class ProgrammeCreate(ToTheForm, CreatePage):
    title = "新增工程"
    permission_required = "programmes.add_programme"
    model = Programme
    form_class = ProgrammeForm

    def save(self, form):
        row = super().save(form)
        if row.code == "TAKEN":
            raise ValidationError("工程代码已停用，请换一个。")
        return row


class ProgrammeEdit(ToTheForm, EditPage):
    permission_required = "programmes.change_programme"
    model = Programme
    form_class = ProgrammeForm

    def get_queryset(self):
        return Programme.objects.manageable_by(self.request.user)


class PersonForm(StyledForm, forms.Form):
    name = forms.CharField(label="姓名", required=False)
    id_number = IdNumberField(label="身份证号", required=False)
    sex = forms.ChoiceField(
        label="性别", choices=[("", "—"), ("男", "男"), ("女", "女")], required=False
    )
    birth_date = DateField(label="出生日期", required=False)
    income = MoneyField(label="年收入", required=False)


PersonSet = forms.formset_factory(PersonForm, extra=1, can_delete=True)


def family(request):
    """People of a family, row by row; shows back who came."""
    people = PersonSet(request.POST or drafts.typed_before(request), prefix="person")
    came = []
    if request.method == "POST" and people.is_valid():
        came = [
            row.cleaned_data
            for row in people.forms
            if row.cleaned_data and row not in people.deleted_forms
        ]
    return render(
        request, "sample/family.html", {"title": "家庭成员", "people": people, "came": came}
    )


urlpatterns = [
    path("sample/family/", family),
    path("", include("povertyaid.web.urls")),
    path("sample/", UnitList.as_view(), name="sample-list"),
    path("sample/<int:pk>/", UnitPage.as_view(), name="sample-detail"),
    path("sample/new/", ProgrammeCreate.as_view(), name="sample-create"),
    path("sample/<int:pk>/edit/", ProgrammeEdit.as_view(), name="sample-edit"),
]
handler403 = "povertyaid.web.errors.permission_denied"
handler404 = "povertyaid.web.errors.page_not_found"
handler500 = "povertyaid.web.errors.server_error"
