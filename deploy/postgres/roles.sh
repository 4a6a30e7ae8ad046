#!/usr/bin/env bash
# Runs once, when the database is created: an owner who migrates, and a runtime role that owns nothing.
set -euo pipefail

psql --set=ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres \
    --set=owner_password="$BATON_OWNER_PASSWORD" --set=runtime_password="$BATON_RUNTIME_PASSWORD" <<'SQL'
CREATE ROLE baton_owner LOGIN CREATEDB PASSWORD :'owner_password';
CREATE ROLE baton LOGIN PASSWORD :'runtime_password';
-- A machine that was cut off in the middle of an act holds its locks until the server lets go of them.
ALTER ROLE baton SET idle_in_transaction_session_timeout = '15s';
CREATE DATABASE baton OWNER baton_owner;
REVOKE ALL ON DATABASE baton FROM PUBLIC;
GRANT CONNECT ON DATABASE baton TO baton;
SQL
