"""The command line of intake: ``python -m services.intake.commands --help``."""
