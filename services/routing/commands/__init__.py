"""What is done at the command line: load competences, zones and roads, check them."""
