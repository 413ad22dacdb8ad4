from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from povertyaid.lib import pinyin
from povertyaid.org.scoping import ScopedQuerySet


def paths_above(path):
    """The paths of a unit and of all above it, the root's first."""
    parts = path.strip("/").split("/")
    return ["/" + "/".join(parts[: depth + 1]) + "/" for depth in range(len(parts))]


class OrgUnitQuerySet(ScopedQuerySet):
    def open(self):
        """Units that still exist: closed ones keep their files but take no new ones."""
        return self.filter(closed_on=None)

    def below(self, unit):
        """The unit itself and everything under it."""
        return self.filter(path__startswith=unit.path)

    def called(self, word):
        """Units of this name, code, pinyin or initials, or with a name or code that begins so."""
        word = word.replace("\x00", "").strip()
        key = pinyin.search_key(word)
        found = models.Q(name__contains=word) | models.Q(code__istartswith=word)
        if key.isascii() and key.isalnum():
            # name_pinyin keeps its gaps, "lin jiang nong chang"; people type without them.
            spelled = models.functions.Replace("name_pinyin", models.Value(" "), models.Value(""))
            found |= models.Q(name_initials__startswith=key) | models.Q(spelled__startswith=key)
            return self.annotate(spelled=spelled).filter(found)
        return self.filter(found)

    def line_above(self, unit):
        """The units above one, from the root down to its parent."""
        return self.filter(path__in=paths_above(unit.path)[:-1]).order_by("path")

    def ever_in_difficulty(self):
        """Enterprises in difficulty and poor villages, also those that have left it."""
        return self.filter(in_difficulty=True)

    def in_difficulty(self):
        return self.ever_in_difficulty().filter(out_of_difficulty_on=None)

    def out_of_difficulty(self):
        return self.filter(out_of_difficulty_on__isnull=False)

    def keeping_files(self):
        """Units a household's file may be kept in (a workshop or a shop keeps none)."""
        return self.open().filter(keeps_files=True)


class OrgUnit(models.Model):
    """A body of the office tree: bureau, farm, zone, county, township, village, union, enterprise.

    `path` is made of codes, "/S0/S0-HQ/", with a slash at both ends: "this unit and all
    below" is then a prefix, which an index serves and a county office can read. A unit is
    closed, not deleted: the files it once kept stay under its name.
    """

    class Kind(models.TextChoices):
        PARTY_COMMITTEE = "party_committee", _("Party committee")
        GOVERNMENT = "government", _("government")
        UNION = "union", _("trade union")
        LEADING_GROUP = "leading_group", _("leading group")
        POVERTY_OFFICE = "poverty_office", _("poverty relief office")
        BUREAU = "bureau", _("bureau")
        CITY = "city", _("city")
        COUNTY = "county", _("county")
        TOWNSHIP = "township", _("township")
        VILLAGE = "village", _("village")
        FARM = "farm", _("farm")
        ZONE = "zone", _("management zone")
        COMMUNITY = "community", _("community")
        COMPANY = "company", _("company")
        BRANCH = "branch", _("branch company")
        UNIT = "unit", _("unit")
        ENTERPRISE = "enterprise", _("enterprise")
        COOPERATIVE = "cooperative", _("co-operative")
        EMPLOYER = "employer", _("employer")
        BANK = "bank", _("bank")
        INSURER = "insurer", _("insurer")
        HOSPITAL = "hospital", _("hospital")
        SCHOOL = "school", _("school")
        RESEARCH_INSTITUTE = "research_institute", _("research institute")
        PARTY_BRANCH = "party_branch", _("Party branch")
        AID_CENTRE = "aid_centre", _("help centre")
        AID_BASE = "aid_base", _("aid base")
        TRAINING_BASE = "training_base", _("training base")
        WORKSHOP = "workshop", _("poverty relief workshop")
        QIAOXIFU_WORKSHOP = "qiaoxifu_workshop", _("Qiaoxifu workshop")
        VOLUNTEER_TEAM = "volunteer_team", _("volunteer team")
        CHARITY_SHOP = "charity_shop", _("charity shop")

    class Level(models.TextChoices):
        NONE = "", _("none")
        PROVINCE = "province", _("province level")
        CITY = "city", _("city level")
        COUNTY = "county", _("county level")
        BUREAU = "bureau", _("bureau level")
        FARM = "farm", _("farm level")
        ZONE = "zone", _("zone level")
        COMPANY = "company", _("company level")
        BRANCH = "branch", _("branch level")
        UNIT = "unit", _("unit level")
        TOWNSHIP = "township", _("township level")
        VILLAGE = "village", _("village level")

    # Which facts make sense for which kind; a form asks for no other.
    STAFFED_FULL_TIME = (Kind.AID_CENTRE,)
    CAN_BE_IN_DIFFICULTY = (
        Kind.ENTERPRISE,
        Kind.COMPANY,
        Kind.BRANCH,
        Kind.COOPERATIVE,
        Kind.EMPLOYER,
        Kind.UNIT,
        Kind.VILLAGE,
    )
    CAN_BE_MODEL_WORKER_RUN = (
        Kind.ENTERPRISE,
        Kind.COMPANY,
        Kind.COOPERATIVE,
        Kind.EMPLOYER,
        Kind.AID_BASE,
        Kind.TRAINING_BASE,
        Kind.WORKSHOP,
        Kind.QIAOXIFU_WORKSHOP,
    )
    # Places where help is given, and groups that lead it, counted as such.
    FACILITIES = (
        Kind.LEADING_GROUP,
        Kind.AID_CENTRE,
        Kind.AID_BASE,
        Kind.TRAINING_BASE,
        Kind.WORKSHOP,
        Kind.QIAOXIFU_WORKSHOP,
        Kind.VOLUNTEER_TEAM,
        Kind.CHARITY_SHOP,
    )

    code = models.CharField(
        _("unit code"),
        max_length=40,
        unique=True,
        validators=[
            RegexValidator(
                r"^[0-9A-Za-z][0-9A-Za-z.-]*$",
                _("A unit code has letters, digits, points and dashes only."),
            )
        ],
        help_text=_("Letters, digits, points and dashes; never changed once files use it."),
    )
    name = models.CharField(_("unit name"), max_length=120)
    name_pinyin = models.CharField(max_length=300, editable=False, db_collation="C", default="")
    name_initials = models.CharField(max_length=60, editable=False, db_collation="C", default="")
    kind = models.CharField(_("kind of unit"), max_length=20, choices=Kind)
    level = models.CharField(_("level"), max_length=10, choices=Level, default="", blank=True)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("parent unit"),
    )
    path = models.CharField(max_length=400, unique=True, editable=False, db_collation="C")
    keeps_files = models.BooleanField(
        _("keeps household files"), default=True, help_text=_("Households may be filed here.")
    )
    head = models.CharField(_("person in charge"), max_length=120, blank=True, default="")
    phone = models.CharField(_("office phone"), max_length=40, blank=True, default="")
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    full_time_staff = models.PositiveIntegerField(
        _("full-time staff, 人"), null=True, blank=True, help_text=_("Of a help centre: 3 to 5.")
    )
    model_worker_run = models.BooleanField(_("founded by a model worker"), default=False)
    honour = models.CharField(_("collective honour"), max_length=120, blank=True, default="")
    in_difficulty = models.BooleanField(
        _("in difficulty"),
        default=False,
        help_text=_("An enterprise in difficulty or a poor village, which can itself be helped."),
    )
    out_of_difficulty_on = models.DateField(_("left difficulty on"), null=True, blank=True)

    objects = OrgUnitQuerySet.as_manager()
    scope_path = "path"

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        ordering = ["path"]
        constraints = [
            models.CheckConstraint(
                name="orgunit_path_ends_in_its_code",
                condition=Q(
                    path__endswith=models.functions.Concat(
                        models.Value("/"), "code", models.Value("/")
                    )
                ),
                violation_error_message=_("The unit's path must end in its code."),
            ),
            models.CheckConstraint(
                name="orgunit_kind_is_known",
                condition=Q(
                    kind__in=[
                        "party_committee",
                        "government",
                        "union",
                        "leading_group",
                        "poverty_office",
                        "bureau",
                        "city",
                        "county",
                        "township",
                        "village",
                        "farm",
                        "zone",
                        "community",
                        "company",
                        "branch",
                        "unit",
                        "enterprise",
                        "cooperative",
                        "employer",
                        "bank",
                        "insurer",
                        "hospital",
                        "school",
                        "research_institute",
                        "party_branch",
                        "aid_centre",
                        "aid_base",
                        "training_base",
                        "workshop",
                        "qiaoxifu_workshop",
                        "volunteer_team",
                        "charity_shop",
                    ]
                ),
                violation_error_message=_("Please choose a kind of unit from the list."),
            ),
            models.CheckConstraint(
                name="orgunit_level_is_known",
                condition=Q(
                    level__in=[
                        "",
                        "province",
                        "city",
                        "county",
                        "bureau",
                        "farm",
                        "zone",
                        "company",
                        "branch",
                        "unit",
                        "township",
                        "village",
                    ]
                ),
                violation_error_message=_("Please choose a level from the list."),
            ),
            models.CheckConstraint(
                name="orgunit_only_who_was_in_difficulty_leaves_it",
                condition=Q(out_of_difficulty_on=None) | Q(in_difficulty=True),
                violation_error_message=_(
                    "Only a unit that is or was in difficulty has a day on which it left it."
                ),
            ),
        ]
        indexes = [models.Index(fields=["name_initials"], name="orgunit_by_initials")]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        self.name_pinyin = pinyin.full(self.name)[:300]
        self.name_initials = pinyin.initials(self.name)[:60]
        self.path = f"{self.parent.path if self.parent else '/'}{self.code}/"
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        return reverse("unit-detail", args=[self.pk])

    @property
    def is_open(self):
        return self.closed_on is None

    @property
    def is_in_difficulty(self):
        return self.in_difficulty and self.out_of_difficulty_on is None

    @property
    def depth(self):
        """0 for a root; used to indent the tree."""
        return self.path.count("/") - 2
