"""What crews, dispatchers' logins and administrators want of this service: one verb function each."""
