#!/bin/sh
# One database and one user per service, run by the PostgreSQL image at its first start.
set -eu
for service in intake triage routing crews notify journal; do
    variable="$(echo "$service" | tr '[:lower:]' '[:upper:]')_DB_PASSWORD"
    password="$(printenv "$variable")"
    psql -v ON_ERROR_STOP=1 -v password="$password" --username postgres <<SQL
CREATE USER $service PASSWORD :'password';
CREATE DATABASE $service OWNER $service;
REVOKE CONNECT ON DATABASE $service FROM PUBLIC;
SQL
done
