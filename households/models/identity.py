from django.db import models
from django.utils.translation import gettext_lazy as _


class IdentityClaim(models.Model):
    """A living person's place: one identity number, one open household in the whole province.

    A small registry beside the case tables, without a foreign key or trigger, so that it
    can lie elsewhere when bureaus are spread over several servers. Asked and written only
    through `households.actions.identity`.
    """

    digest = models.CharField(max_length=64, unique=True)
    member_id = models.BigIntegerField(unique=True)

    class Meta:
        verbose_name = _("identity claim")
        verbose_name_plural = _("identity claims")

    def __str__(self):
        return str(self.member_id)
