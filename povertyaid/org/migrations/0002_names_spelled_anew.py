from django.db import migrations

from povertyaid.lib import pinyin


def spell_anew(apps, schema_editor):
    """Staff are some dozens: each is spelled as a name is spelled now."""
    rows = apps.get_model("org", "Staff").objects.using(schema_editor.connection.alias)
    for pk, name in rows.order_by().values_list("pk", "full_name"):
        now = pinyin.full(name)[:200]
        rows.filter(pk=pk).exclude(name_pinyin=now).update(name_pinyin=now)


class Migration(migrations.Migration):

    dependencies = [
        ('org', '0001_initial'),
    ]

    operations = [
        migrations.RunPython(spell_anew, migrations.RunPython.noop),
    ]
