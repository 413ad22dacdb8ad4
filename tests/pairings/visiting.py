"""What the tests of visits have in common: families with a helper, pictures, and what a page asks."""

import datetime
import io

from django.urls import reverse
from PIL import Image, ImageDraw

from pairings.actions import visits
from pairings.models import Visit, VisitItem
from povertyaid.lib import pictures

ON = datetime.date(2012, 6, 5)
LIST = reverse("pairings:visit-list")
CHOOSE = reverse("pairings:visit-choose")
NEW = reverse("pairings:visit-create")
COUNT = reverse("pairings:visit-count")
PROBLEMS = reverse("pairings:problem-list")
FRAGMENT = {"HX-Request": "true"}


def new_for(enrolment):
    return f"{NEW}?enrolment={enrolment.pk}"


def jpeg(*, size=(120, 90), colour="teal", exif=None):
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "JPEG", **({"exif": exif} if exif else {}))
    return file.getvalue()


def drawn(*, empty=False):
    image = Image.new("RGB", (300, 120), "white")
    if not empty:
        ImageDraw.Draw(image).line([(20, 20), (200, 90)], fill="black", width=6)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def upload(data, name="photo.jpg"):
    file = io.BytesIO(data)
    file.name = name
    return file


def photo(colour="teal"):
    return pictures.photograph(jpeg(colour=colour), most_bytes=10**6)


def visited(enrolment, helper=None, *, by, on=ON, items=(), photos=(), signature=None, **facts):
    """A visit that was recorded as the desk does it."""
    household = enrolment.household
    visit = Visit(
        programme=enrolment.programme, household=household, unit=household.unit, helper=helper,
        visited_on=on, **facts,
    )  # fmt: skip
    rows = [VisitItem(**item) for item in items]
    return visits.record_visit(visit, items=rows, photos=photos, signature=signature, by=by)


def counted(programme, unit, headcount, *, by, on=ON, items=(), **facts):
    visit = Visit(programme=programme, unit=unit, headcount=headcount, visited_on=on, **facts)
    return visits.record_visit(visit, items=[VisitItem(**item) for item in items], by=by)


def with_item(data, nth=0, **values):
    """What a row of things done says."""
    return data | {f"items-{nth}-{name}": value for name, value in values.items()}


def named_on(response):
    return [row.target_name for row in response.context["object_list"]]
