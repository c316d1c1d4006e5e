"""``python -m services.triage.commands``"""

import sys

from services.triage.commands.line import main

if __name__ == "__main__":
    sys.exit(main())
