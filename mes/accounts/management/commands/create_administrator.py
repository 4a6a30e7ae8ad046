"""`manage.py create_administrator`: the first site and its first person on a new installation."""

from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mes.accounts import services
from mes.accounts.models import Site
from mes.accounts.queries import system_user
from mes.accounts.rights import Role
from mes.errors import MesError


class Command(BaseCommand):
    help = "Open a site, if it is new, and make an administrator for it. The password must be changed at first use."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--username", required=True)
        parser.add_argument("--name", required=True, help="printed name, as on signatures")
        parser.add_argument("--site", required=True, help="site code, e.g. GRAZ")
        parser.add_argument("--site-name", default="")
        parser.add_argument("--facility-code", default="", help="ISBT 128 facility code, for a new site")
        parser.add_argument("--time-zone", default="UTC")

    def handle(self, *args: Any, **options: Any) -> None:
        password = getpass("Password for the first sign-in: ")
        try:
            self._make(options, password)
        except MesError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{options['name']} administers {options['site']}.")

    def _make(self, options: dict[str, Any], password: str) -> None:
        installer = system_user("installer")
        site = Site.objects.filter(code=options["site"]).first() or services.create_site(
            actor=installer,
            code=options["site"],
            name=options["site_name"] or options["site"],
            facility_code=options["facility_code"],
            time_zone=options["time_zone"],
        )
        user = services.create_user(
            actor=installer, username=options["username"], printed_name=options["name"], password=password
        )
        services.grant_role(actor=installer, user=user, site=site, role=Role.ADMINISTRATOR)
