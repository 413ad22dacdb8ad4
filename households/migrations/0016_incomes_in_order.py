from django.db import migrations, models


class Migration(migrations.Migration):
    """A list by income walks down this index until its page is full."""

    dependencies = [
        ('households', '0015_lists_that_are_no_rosters'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='incomesnapshot',
            index=models.Index(fields=['per_capita'], name='income_by_per_capita'),
        ),
    ]
