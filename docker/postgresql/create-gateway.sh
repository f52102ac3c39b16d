#!/bin/bash
# Run once by the image of PostgreSQL, on an empty data folder: a role that is no superuser, and its database.
set -euo pipefail
psql -v ON_ERROR_STOP=1 -qX --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
\set password `cat /secrets/gateway`
CREATE ROLE gateway LOGIN PASSWORD :'password';
CREATE DATABASE gateway OWNER gateway;
SQL
