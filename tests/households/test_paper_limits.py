"""What papers and their scans are refused for before anything of them is read."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from households.forms import paper as forms
from households.models import DossierItem
from households.views.scans import plain
from tests import factories
from tests.households.papers import photo, told
from tests.web.test_sizes import Unread


class Sent(Unread):
    """An uploaded file of which nothing may be read."""

    def __init__(self, size):
        super().__init__()
        self.size, self.name = size, "1.pdf"


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ([Sent(1) for _nth in range(forms.FILES_AT_ONCE + 1)], "many"),
        ([Sent(60), Sent(60)], "too_much"),
    ],
    ids=["too many", "too much together"],
)
def test_scans_are_counted_and_weighed_before_one_is_read(settings, files, code):
    settings.DOSSIER_PAPER_MAX_BYTES = 100

    with pytest.raises(ValidationError) as refusal:
        forms.ScansField().clean(files)

    assert refusal.value.code == code


def test_scans_within_measure_are_read():
    assert [scan.type for scan in forms.ScansField().clean([photo()])] == ["jpeg"]


def test_a_paper_is_handed_to_no_more_than_the_list_offers(client, clerk, monkeypatch):
    monkeypatch.setattr(forms, "HANDED_AT_ONCE", 1)
    programme = factories.ProgrammeFactory()
    client.force_login(clerk)

    answer = client.post(
        reverse("households:papers-issue"),
        {
            "_submit": "1", "programme": programme.pk, "title": "对接卡", "keys": "1,2",
            "issued_on": timezone.localdate().isoformat(),
        },
    )  # fmt: skip

    assert [text for text in told(answer) if "请先选择单位，分批办理" in text]
    assert not DossierItem.objects.exists()


@pytest.mark.parametrize("start", "=+-@＝＋－＠\t\r")
def test_no_cell_of_the_list_runs_as_a_formula(start):
    assert plain(f"{start}1+1") == f"'{start}1+1"
    assert plain(f"1{start}1") == f"1{start}1"
