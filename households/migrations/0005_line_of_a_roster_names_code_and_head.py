from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("households", "0004_found_by_spelling_and_characters"),
    ]

    operations = [
        migrations.RemoveField(model_name="rosterline", name="household"),
        migrations.AddField(
            model_name="rosterline",
            name="code",
            field=models.CharField(blank=True, default="", max_length=255),
        ),
        migrations.AddField(
            model_name="rosterline",
            name="head",
            field=models.CharField(blank=True, default="", max_length=255),
        ),
    ]
