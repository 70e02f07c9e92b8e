"""Checks queries as Trino, and runs them over a local mirror of a trail.

usage: run.py MIRROR QUERIES, where QUERIES is a JSON file: {"name": {"sql": "...", "run": true}, ...}
prints {"name": ["event id", ...], ...}; a query that is only checked gives null.

DuckDB stands in for Athena: sqlglot translates, and the view is the table of `sources athena-ddl`, with the partition
columns taken from the paths.
"""
import json
import sys

import duckdb
import sqlglot
import trino_sql_validator

mirror, queries = sys.argv[1], json.load(open(sys.argv[2]))

ISSUER = 'STRUCT("type" VARCHAR, principalId VARCHAR, arn VARCHAR, accountId VARCHAR, userName VARCHAR)'
IDENTITY = (
    'STRUCT("type" VARCHAR, principalId VARCHAR, arn VARCHAR, accountId VARCHAR, accessKeyId VARCHAR, '
    f"userName VARCHAR, invokedBy VARCHAR, sessionContext STRUCT(sessionIssuer {ISSUER}))"
)
FIELDS = [
    "eventVersion", "eventTime", "eventSource", "eventName", "awsRegion", "sourceIPAddress", "userAgent", "errorCode",
    "errorMessage", "requestParameters", "responseElements", "requestID", "eventID", "readOnly", "recipientAccountId",
]
RECORD = f"STRUCT(userIdentity {IDENTITY}, " + ", ".join(f"{field} VARCHAR" for field in FIELDS) + ")"
COLUMNS = ", ".join(f"r.{field} AS {field.lower()}" for field in [*FIELDS, "userIdentity"])

database = duckdb.connect()
database.execute("CREATE SCHEMA \"default\"")
database.execute(
    f"""CREATE VIEW "default".cloudtrail_logs AS SELECT {COLUMNS},
    regexp_extract(filename, 'AWSLogs/(?:o-[a-z0-9]+/)?([0-9]{{12}})/', 1) AS account,
    regexp_extract(filename, '/CloudTrail/([a-z0-9-]+)/', 1) AS region,
    regexp_extract(filename, '/([0-9]{{4}}/[0-9]{{2}}/[0-9]{{2}})/', 1) AS "timestamp"
    FROM (SELECT unnest(Records) r, filename FROM read_json('{mirror}/AWSLogs/**/*.json.gz', filename=true,
    columns={{Records: '{RECORD}[]'}}))"""
)

found = {}
for name, query in queries.items():
    checked = trino_sql_validator.validate(query["sql"])
    if not checked.valid:
        sys.exit(f"{name} is no Trino: {checked}\n{query['sql']}")
    found[name] = None
    if query["run"]:
        translated = sqlglot.transpile(query["sql"], read="athena", write="duckdb")[0]
        rows = database.execute(f"SELECT eventid FROM ({translated})").fetchall()
        found[name] = [row[0] for row in rows]
print(json.dumps(found))
