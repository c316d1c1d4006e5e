"""``python -m shared.migrate SERVICE...|all``: bring databases to their newest shape."""

import argparse
import sys

from shared import migrations
from shared.config import SERVICES, Misconfigured, Settings


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m shared.migrate", description=__doc__)
    parser.add_argument("services", nargs="+", choices=[*SERVICES, "all"], metavar="SERVICE|all")
    names = parser.parse_args().services
    for service in SERVICES if "all" in names else names:
        try:
            migrations.upgrade(service, Settings.load(service).database_url)
        except Misconfigured as mistake:
            sys.exit(f"{service}: {mistake}")
        print(f"migrated {service}")  # noqa: T201 - a command line speaks on stdout


if __name__ == "__main__":
    main()
