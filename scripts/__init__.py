"""Tools shared by people and CI: set-up, private servers, the local suite, the command line."""
