from django.db import migrations
from django.db.models import F

from povertyaid.lib import pinyin

# Characters whose reading changed: only names that hold one are looked at.
READ_OTHERWISE = "[长曾珩琢似泊薄还率都靓了朝重乜贠]"


def spell_anew(apps, schema_editor):
    """A roster finds a family by the stored spelling: one left behind would be entered twice."""
    for model, name, sound, letters in (
        ("Household", "head_name", "head_pinyin", "head_initials"),
        ("Member", "name", "name_pinyin", "name_initials"),
    ):
        rows = apps.get_model("households", model).objects.using(schema_editor.connection.alias)
        found = rows.filter(**{f"{name}__regex": READ_OTHERWISE}).order_by()
        for text in found.values_list(F(name), flat=True).distinct():
            now = {sound: pinyin.full(text)[:200], letters: pinyin.initials(text)[:30]}
            rows.filter(**{name: text}).exclude(**now).update(**now)


class Migration(migrations.Migration):

    dependencies = [
        ('households', '0008_roster_work'),
    ]

    operations = [
        migrations.RunPython(spell_anew, migrations.RunPython.noop),
    ]
