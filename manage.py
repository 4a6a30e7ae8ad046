#!/usr/bin/env python
"""Django's command line. What changes the schema connects as the database's owner, all else as the runtime role."""

import os
import sys

OWNER_COMMANDS = {"migrate", "makemigrations", "sqlmigrate", "showmigrations", "pgtrigger"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mes.settings")
    if len(sys.argv) > 1 and sys.argv[1] in OWNER_COMMANDS:
        os.environ["BATON_AS_OWNER"] = "1"
        from mes.quick_migrations import render_only_what_changed

        render_only_what_changed()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
