"""Funds: what came in, what was paid out, what is left."""

from django.contrib.auth.decorators import permission_required
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from disbursements.actions import funds
from disbursements.forms.fund import FundForm, InflowForm
from disbursements.models import Fund, FundInflow
from disbursements.views.deeds import data_of, deed_page, seen_version
from disbursements.views.ledger import usual_programme
from households.forms.lifecycle import DatedForm, ReasonForm
from povertyaid.lib.money import format_yuan
from povertyaid.lib.quantities import Kind
from povertyaid.org.scoping import get_visible_or_404
from povertyaid.web.views import CreatePage, DetailPage, EditPage, ListPage

change_funds = permission_required("disbursements.change_fund", raise_exception=True)


class FundList(ListPage):
    """Every fund of the own units with its balance today."""

    title = gettext_lazy("Funds")
    permission_required = "disbursements.view_fund"
    queryset = Fund.objects.select_related("unit").with_balance()
    ordering = ("unit__path", "name", "pk")
    counts = Kind.ITEMS


class FundDetail(DetailPage):
    permission_required = "disbursements.view_fund"
    queryset = Fund.objects.select_related("unit").with_balance()

    def get_title(self):
        return self.object.name

    def get_context_data(self, **kwargs):
        inflows = self.object.inflows.select_related("programme", "user_unit", "helper")
        return super().get_context_data(
            inflows=inflows.defer("helper__id_number").order_by("-received_on", "-pk"), **kwargs
        )


class FundPage:
    model = Fund
    form_class = FundForm

    def get_context_data(self, **kwargs):
        crumb = {"url": reverse("disbursements:fund-list"), "title": FundList.title}
        return super().get_context_data(**kwargs, breadcrumbs=[crumb])


class FundCreate(FundPage, CreatePage):
    permission_required = "disbursements.change_fund"
    title = gettext_lazy("Open a fund")

    def get_initial(self):
        return {"unit": self.request.user.unit}

    def save(self, form):
        return funds.open_fund(form.save(commit=False), by=self.request.user)


class FundEdit(FundPage, EditPage):
    permission_required = "disbursements.change_fund"
    title = gettext_lazy("Change a fund")

    def save(self, form):
        return funds.change(
            form.save(commit=False), by=self.request.user, version=seen_version(self.request)
        )


def own_fund(request, pk):
    return get_visible_or_404(Fund.objects.select_related("unit"), request.user, pk=pk)


@change_funds
def receive(request, pk):
    fund = own_fund(request, pk)
    form = InflowForm(
        data_of(request), staff=request.user, initial={"programme": usual_programme(request)}
    )
    form.instance.fund = fund

    def act(_version):
        funds.receive(form.save(commit=False), by=request.user, reason=form.reasons_given())
        return fund

    return deed_page(
        request, None, form, act,
        message=_("The inflow is recorded."), title=_("Record an inflow"), verb=_("Record"),
        about=f"{fund.name} · {fund.unit.name}", back=fund.get_absolute_url(),
    )  # fmt: skip


@change_funds
def take_back(request, pk):
    inflows = FundInflow.objects.select_related("fund__unit")
    inflow = get_visible_or_404(inflows, request.user, pk=pk)
    form = DatedForm(data_of(request), staff=request.user)

    def act(_version):
        return funds.take_back(
            inflow, on=form.cleaned_data["on"], by=request.user, reason=form.told()
        )

    return deed_page(
        request, None, form, act,
        message=_("The inflow is taken back."), title=_("Take an inflow back"),
        verb=_("Take back"), danger=True, back=inflow.fund.get_absolute_url(),
        about=f"{inflow.fund.name} · {inflow.get_kind_display()} · {format_yuan(inflow.amount)} 元",
    )  # fmt: skip


@change_funds
def close(request, pk):
    fund = own_fund(request, pk)
    form = DatedForm(data_of(request), staff=request.user)

    def act(version):
        return funds.close(
            fund, on=form.cleaned_data["on"], by=request.user, reason=form.told(), version=version
        )

    return deed_page(
        request, fund, form, act,
        message=_("The fund is closed."), title=_("Close a fund"), verb=_("Close the fund"),
        about=fund.name, text=_("Nothing can be paid from it after that day."), danger=True,
    )  # fmt: skip


@change_funds
def reopen(request, pk):
    fund = own_fund(request, pk)
    form = ReasonForm(data_of(request), staff=request.user)

    def act(version):
        return funds.reopen(fund, by=request.user, reason=form.told(), version=version)

    return deed_page(
        request, fund, form, act,
        message=_("The fund is open again."), title=_("Reopen a fund"),
        verb=_("Reopen the fund"), about=fund.name,
    )  # fmt: skip
