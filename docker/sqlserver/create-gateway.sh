#!/bin/bash
# Makes login and database of the gateway when they are not there; started again until the server answers.
set -euo pipefail
SQLCMDPASSWORD=$(cat /secrets/administrator)
export SQLCMDPASSWORD
# The password comes by standard input, not by an argument that every process can read.
/opt/mssql-tools18/bin/sqlcmd -S sqlserver -U sa -C -b -x <<SQL
IF SUSER_ID('gateway') IS NULL CREATE LOGIN gateway WITH PASSWORD = '$(cat /secrets/gateway)';
IF DB_ID('gateway') IS NULL CREATE DATABASE gateway;
GO
USE gateway;
IF USER_ID('gateway') IS NULL CREATE USER gateway FOR LOGIN gateway;
ALTER ROLE db_owner ADD MEMBER gateway;
GO
SQL
