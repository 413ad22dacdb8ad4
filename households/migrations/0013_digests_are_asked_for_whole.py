from django.db import migrations


class Migration(migrations.Migration):
    """Nobody asks for the beginning of a digest; Django makes an index for it all the same."""

    dependencies = [
        ('households', '0012_no_index_within_another'),
    ]

    operations = [
        migrations.RunSQL(
            'DROP INDEX IF EXISTS households_identityclaim_digest_5ce8be56_like',
            'CREATE INDEX households_identityclaim_digest_5ce8be56_like'
            ' ON households_identityclaim (digest varchar_pattern_ops)',
        ),
    ]
