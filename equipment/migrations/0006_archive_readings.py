"""How a month of readings that lies in the archive is let go."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"
UNDO = "DROP FUNCTION equipment_drop_reading_partition;"


class Migration(migrations.Migration):
    dependencies = [("equipment", "0005_reading_summaries")]
    operations = [migrations.RunSQL((SQL / "archive.sql").read_text(), UNDO)]
