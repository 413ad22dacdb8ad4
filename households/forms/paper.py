"""Papers of a file: what is written of them, and the scans that are handed in with them."""

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from households.actions.papers import check_title, kind_of_entry, too_much
from households.forms.choices import SuggestingInput
from households.models import DossierItem, DossierKind
from households.models.dossier import STANDARD
from povertyaid.lib.quantities import Kind
from povertyaid.lib.scans import ScanError, read_scan
from povertyaid.programmes.models import Programme, SchemeItem
from povertyaid.web.forms import DateField, StyledForm, dress, office_formfield
from povertyaid.web.templatetags.words import counted

SCANS, PHOTO = _("scans or photographs"), _("take a photograph")
TYPES = "application/pdf,image/jpeg,image/png"
MEGABYTE = 1024**2
FILES_AT_ONCE = 60
HANDED_AT_ONCE = 2000  # households that are handed a paper together
SHOWN_OF_NAME = 40  # characters
# Papers that the articles name, for programmes whose standard does not.
USUAL_TITLES = ["结对帮扶手册", "对接卡", "健康档案", "家庭医生签约", "明白卡", "申请书"]


class ScansInput(forms.FileInput):
    allow_multiple_selected = True

    def __init__(self, **attrs):
        super().__init__({"accept": TYPES, **attrs})

    def value_from_datadict(self, data, files, name):
        return files.getlist(name)


class ScansField(forms.FileField):
    """Several files at once; gives [Scan]. What one of them is refused for names the file."""

    length = 30

    def __init__(self, *, camera=False, **kwargs):
        attrs = {"accept": "image/*", "capture": "environment"} if camera else {}
        super().__init__(required=False, widget=ScansInput(**attrs), **kwargs)

    def clean(self, data, initial=None):
        files, scans, errors = data or (), [], []
        refuse_too_many(files)
        if sum(file.size for file in files) > settings.DOSSIER_PAPER_MAX_BYTES:
            raise too_much()
        for file in files:
            try:
                scans.append(self.read(file))
            except ScanError as refusal:
                said = now("%(file)s: %(why)s") % {
                    "file": str(file.name)[:SHOWN_OF_NAME], "why": refusal,
                }  # fmt: skip
                errors.append(ValidationError(said, code=refusal.code))
        if errors:
            raise ValidationError(errors)
        return scans

    @staticmethod
    def read(file):
        """One uploaded file as it is kept. Raises ScanError; a file too large is not even read."""
        if file.size > settings.DOSSIER_FILE_MAX_BYTES:
            raise ScanError("too_large")
        return read_scan(file.read())


def refuse_too_many(files):
    if len(files) > FILES_AT_ONCE:
        raise ValidationError(
            _("These are too many files for one go. Please bring them in parts."), "many"
        )


def scans_hint():
    return now("PDF, JPEG or PNG, at most %(megabytes)s MB each; several pages at once.") % {
        "megabytes": settings.DOSSIER_FILE_MAX_BYTES // MEGABYTE
    }


class ScansForm(StyledForm, forms.Form):
    """Further scans for a paper that is there."""

    scans = ScansField(label=SCANS)
    photo = ScansField(label=PHOTO, camera=True)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["scans"].help_text = scans_hint()

    def all_scans(self):
        return [*self.cleaned_data["scans"], *self.cleaned_data["photo"]]

    def clean(self):
        cleaned = super().clean()
        if not self.errors and not self.all_scans():
            self.add_error("scans", ValidationError(_("Please choose a file."), "required"))
        return cleaned


class PaperForm(StyledForm, forms.ModelForm):
    """A paper of a household, new or on file. A new one takes its scans along."""

    lengths = {"title": 20, "number": 20, "note": "full", "programme": 30}

    class Meta:
        model = DossierItem
        fields = ["title", "kind", "programme", "number", "issued_on", "note"]
        formfield_callback = office_formfield

    def __init__(self, *args, household, may_check=False, **kwargs):
        super().__init__(*args, **kwargs)
        is_new = not self.instance.pk
        programmes = Programme.objects.filter(enrolments__household=household)
        entries = SchemeItem.objects.filter(programme__in=programmes, list_name=STANDARD)
        self.entries = {item.label: item for item in entries.order_by("seq", "pk")}
        known = [*self.entries, *(t for t in USUAL_TITLES if t not in self.entries)]
        self.fields["title"].widget = SuggestingInput(known, self.fields["title"].widget.attrs)
        self.fields["kind"].required = False
        self.fields["kind"].choices = [("", _("by its title")), *DossierKind.choices]
        self.fields["issued_on"].help_text = _("The day it was issued or handed over.")
        if is_new:
            self.fields["programme"].queryset = programmes
            self.fields["scans"] = ScansField(label=SCANS, help_text=scans_hint())
            self.fields["photo"] = ScansField(label=PHOTO, camera=True)
            for name in ("scans", "photo"):
                dress(self.fields[name])
            if may_check:
                self.fields["complete"] = forms.BooleanField(
                    label=_("I have looked it through: it is complete"), required=False
                )
        else:
            del self.fields["programme"]

    def clean_title(self):
        return title_without_number(self)

    def clean(self):
        """Not the model's clean: the action asks the rest, and fills in what the form cannot."""
        cleaned = self.cleaned_data
        if not cleaned.get("kind") and cleaned.get("title"):
            item = self.entries.get(cleaned["title"]) or SchemeItem(label=cleaned["title"])
            cleaned["kind"] = kind_of_entry(item)
        return cleaned

    def _post_clean(self):
        """The action builds the row and asks its constraints."""

    def written(self):
        return {name: self.cleaned_data[name] for name in self.Meta.fields if name in self.fields}

    def all_scans(self):
        return [*self.cleaned_data["scans"], *self.cleaned_data["photo"]]


def title_without_number(form):
    title = form.cleaned_data["title"]
    check_title(title)
    return title


class ReasonForm(StyledForm, forms.Form):
    reason = forms.CharField(label=_("reason"), max_length=200)
    lengths = {"reason": "full"}


class IssueForm(StyledForm, forms.Form):
    """One paper handed to several households on one day; they come along as keys."""

    programme = forms.ModelChoiceField(Programme.objects.none(), label=_("programme"))
    title = forms.CharField(label=_("title"), max_length=120)
    kind = forms.ChoiceField(label=_("kind of paper"), required=False)
    issued_on = DateField(label=_("issued on"))
    keys = forms.CharField(widget=forms.HiddenInput)
    lengths = {"programme": 30, "title": 20, "kind": 12}

    def __init__(self, *args, programmes, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["programme"].queryset = programmes
        entries = SchemeItem.objects.filter(programme__in=programmes, list_name=STANDARD)
        known = list(dict.fromkeys(entries.order_by("seq", "pk").values_list("label", flat=True)))
        known += [title for title in USUAL_TITLES if title not in known]
        self.fields["title"].widget = SuggestingInput(known, self.fields["title"].widget.attrs)
        self.fields["kind"].choices = [("", _("by its title")), *DossierKind.choices]

    def clean_title(self):
        return title_without_number(self)

    def clean_keys(self):
        return [int(key) for key in self.cleaned_data["keys"].split(",") if is_key(key)]

    def clean(self):
        cleaned = super().clean()
        if len(cleaned.get("keys", ())) > HANDED_AT_ONCE:
            raise ValidationError(too_many_households(), "many")  # the keys are nowhere to be seen
        programme, title = cleaned.get("programme"), cleaned.get("title")
        if programme and title and not cleaned.get("kind"):
            item = programme.scheme_items.filter(list_name=STANDARD, label=title).first()
            cleaned["kind"] = kind_of_entry(item or SchemeItem(label=title))
        return cleaned


def too_many_households():
    return now("These are more than %(most)s. Please choose a unit, and do it in parts.") % {
        "most": counted(HANDED_AT_ONCE, Kind.HOUSEHOLDS)
    }


def is_key(text):
    return text.isdecimal() and len(text) < 19


class FilesField(forms.FileField):
    """Several files, unread: each is looked at by itself, so that one bad one does not stop the others."""

    def __init__(self, **kwargs):
        super().__init__(widget=ScansInput(), **kwargs)

    def clean(self, data, initial=None):
        if not data:
            raise ValidationError(_("Please choose the files."), "required")
        refuse_too_many(data)
        return list(data)


class BringForm(StyledForm, forms.Form):
    """Many scans at once, told apart by the names of their files."""

    programme = forms.ModelChoiceField(Programme.objects.none(), label=_("programme"))
    title = forms.CharField(
        label=_("title, where the file's name says none"), max_length=120, required=False
    )
    scans = FilesField(label=_("scans"))
    lengths = {"programme": 30, "title": 20, "scans": 30}

    def __init__(self, *args, programmes, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["programme"].queryset = programmes
        titles = self.fields["title"]
        titles.widget = SuggestingInput(USUAL_TITLES, titles.widget.attrs)
        self.fields["scans"].help_text = now(
            "Each name begins with the file number: HB000123_对接卡.pdf; further pages are called "
            "HB000123_对接卡_2.jpg. At most %(n)s files at once, %(megabytes)s MB each and "
            "%(together)s MB together."
        ) % {
            "n": FILES_AT_ONCE,
            "megabytes": settings.DOSSIER_FILE_MAX_BYTES // MEGABYTE,
            "together": settings.FILES_AT_ONCE_BYTES // MEGABYTE,
        }
