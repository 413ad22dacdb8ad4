"""File numbers are typed by every farm and must be unique in the whole office."""

from django.db import transaction
from django.urls import reverse

from households.actions.codes import next_codes
from households.models import Household
from tests.factories import HouseholdFactory, id_number
from tests.households.page import fields_of

CREATE = reverse("households:create")


def test_no_file_number_of_a_neighbour_stops_the_numbering(client, clerk, neighbour, hillside):
    HouseholdFactory(unit=hillside, code="B-HIL-000001")
    client.force_login(clerk)
    data = fields_of(client.get(CREATE)) | {
        "household-unit": "B-RIV",
        "household-code": "B-HIL-999999999",
        "members-0-name": "王建国",
        "members-0-relation": "户主",
        "members-0-id_number": id_number(1),
    }
    client.post(CREATE, data)
    assert Household.objects.filter(code="B-HIL-999999999").exists()

    with transaction.atomic():
        codes = next_codes(hillside, 2)
    assert codes == ["B-HIL-000002", "B-HIL-000003"]
    client.force_login(neighbour)
    for n in (2, 3):
        data = fields_of(client.get(CREATE)) | {
            "household-unit": "B-HIL",
            "members-0-name": "孟小山",
            "members-0-relation": "户主",
            "members-0-id_number": id_number(n),
        }
        client.post(CREATE, data)
        assert Household.objects.filter(code=f"B-HIL-00000{n}").exists()
