"""A number of a person typed into a list's search goes no further: addresses end up in histories and logs."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from households.filters import is_number_of_a_person


class NumbersStayOut:
    """A list page that takes such a number out of its address and says where it is looked for."""

    def get(self, request, *args, **kwargs):
        if not is_number_of_a_person(request.GET.get("q", ""), request.user):
            return super().get(request, *args, **kwargs)
        kept = request.GET.copy()
        del kept["q"]
        messages.warning(
            request,
            _(
                "Numbers of persons are looked for in the list of households only, where they "
                "stay out of addresses."
            ),
        )
        return redirect(f"{request.path}?{kept.urlencode()}" if kept else request.path)
