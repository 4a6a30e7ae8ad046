from django.db import migrations

FOREIGN_KEY = (
    "ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_is_a_user FOREIGN KEY ({column})"
    " REFERENCES accounts_user (id) DEFERRABLE INITIALLY DEFERRED"
)
DROP = "ALTER TABLE {table} DROP CONSTRAINT {table}_{column}_is_a_user"
WHO = [("records_event", "actor_id"), ("records_signature", "signer_id")]


class Migration(migrations.Migration):
    """Events and signatures name users; `records` is below `accounts`, so the foreign keys are added from here."""

    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.RunSQL(
            [FOREIGN_KEY.format(table=table, column=column) for table, column in WHO],
            [DROP.format(table=table, column=column) for table, column in WHO],
        )
    ]
