"""The one page a stranger may post to takes whatever is typed into it."""

import pytest
from django.urls import reverse


# Compatibility characters unfold when a name is read: 18 letters out of one.
@pytest.mark.parametrize("name", ["x" * 300, "9" * 5000, "\ufdfa" * 40])
def test_a_name_of_any_length_is_refused_in_the_same_words(client, clerk, name):
    sent = {"username": name, "password": "nonsense-1978"}

    response = client.post(reverse("sign-in"), sent)
    usual = client.post(reverse("sign-in"), sent | {"username": "nobody"})

    assert response.status_code == 200
    refused = usual.context["form"].non_field_errors()[0]
    assert refused in response.content.decode()
