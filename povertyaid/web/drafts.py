"""Nothing typed is lost, nothing is saved twice.

Every form carries two hidden marks ({% form_guard %}). `_draft` says, signed, who was shown
the form and where: a POST that comes after the session has gone is kept for that person
(encrypted) and shown again after sign-in. `_submit` makes a rendered form good for one save.
A form that is sent elsewhere than to the page it stands on says so: {% form_guard address %}.
"""

import hashlib
import secrets
from typing import NamedTuple

from django.core import signing
from django.db import transaction
from django.http import QueryDict
from django.utils import timezone

from povertyaid.lib.secrets import digest
from povertyaid.org.models import Staff
from povertyaid.web.models import DRAFT_LASTS, Draft, Submission

DRAFT, SUBMIT = "_draft", "_submit"
MARKS = {DRAFT, SUBMIT, "csrfmiddlewaretoken"}
LONGEST_BYTES = 512 * 1024  # a family of forty fills some 60 KB
SALT = "povertyaid.web.drafts"
SWEEP = 200  # stale rows taken away with one save


class Shown(NamedTuple):
    """Who was shown a form, and on which page."""

    staff_pk: int
    page: str


def draft_mark(request, sent_to=""):
    """Who is shown this form, and where; signed, so that nobody writes into another's drawer."""
    page = request.get_full_path()
    return signing.dumps([request.user.pk, page, sent_to or page], salt=SALT)


def submit_mark():
    return secrets.token_urlsafe(16)


def shown(request):
    """Who was shown the posted form, and where, or None if the mark is not ours."""
    try:
        staff_pk, page, sent_to = signing.loads(
            request.POST.get(DRAFT, ""), salt=SALT, max_age=DRAFT_LASTS.total_seconds()
        )
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return Shown(staff_pk, page) if sent_to == request.get_full_path() else None


def typed(request, *, with_secrets=True):
    """The posted text without its marks. Files are not kept: they must be chosen again."""
    text = request.POST.copy()
    for name in list(text):
        if name in MARKS or ("password" in name and not with_secrets):
            del text[name]
    return text.urlencode()


def keep(request, shown):
    """Put the posted text by for the person who was shown the form. Says whether it did."""
    staff_pk, path = shown
    text = typed(request, with_secrets=False)
    if len(text) > LONGEST_BYTES or len(path) > Draft._meta.get_field("path").max_length:
        return False
    if not Staff.objects.active().filter(pk=staff_pk).exists():
        return False
    Draft.objects.update_or_create(
        kept_by_id=staff_pk, path=path, defaults={"body": text, "kept_at": timezone.now()}
    )
    return True


def typed_before(request):
    """What this person had typed here when a session was lost, or None; the page then says so."""
    if request.method != "GET":
        return None
    request.draft = Draft.objects.of(request.user).filter(path=request.get_full_path()).first()
    return QueryDict(request.draft.body) if request.draft else None


def discard_of(request):
    """What was kept of the page a form stood on goes once it is done what the form says."""
    if seen := shown(request):
        discard(request.user, seen.page)


def discard(staff, path):
    Draft.objects.filter(kept_by=staff, path=path).delete()


def key_of(request):
    """The keyed digest of one sending of a form, or None if the form bears no mark."""
    mark = request.POST.get(SUBMIT)
    return mark and digest(
        f"{request.user.pk} {request.get_full_path()} {mark} {typed(request)} {files_of(request)}"
    )


def files_of(request):
    """What distinguishes the files of one sending from those of another."""
    told = []
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            content = hashlib.sha256()
            file.seek(0)
            for chunk in file.chunks():
                content.update(chunk)
            file.seek(0)
            told.append(f"{name} {content.hexdigest()}")
    return " ".join(told)


def sent_before(request):
    """Where this very form led when it was saved, or None.

    Ask when a form is not valid: sent a second time, it meets its own row ("this number is in use").
    """
    seen = Submission.objects.filter(key=key_of(request) or "").first()
    return seen.answer if seen else None


def once(request, save):
    """Run `save()` in one transaction, once for one sending of a form.

    `save` answers the address to go to; so does `once`, with True the first time and False
    when the same form was sent again. What `save` raises undoes everything, and the form may
    be sent again. A second press while the first still runs waits for it.
    """
    with transaction.atomic():
        if key := key_of(request):
            seen, first = Submission.objects.get_or_create(
                key=key, defaults={"used_by": request.user}
            )
            if not first:
                return seen.answer, False
        answer = save()
        if key:
            Submission.objects.filter(pk=seen.pk).update(answer=answer)
        discard(request.user, request.get_full_path())
        sweep()
    return answer, True


def sweep():
    """Take away what is stale. Rows another request is taking away are left to it."""
    for stale in (Draft.objects.stale(), Submission.objects.stale()):
        rows = stale.select_for_update(skip_locked=True).values("pk")[:SWEEP]
        stale.model.objects.filter(pk__in=rows).delete()
