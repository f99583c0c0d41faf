"""The examples and exit codes that `--help` of each command ends with."""

from __future__ import annotations

PROGRAM = """\b
Start here:
  sessionaudit demo                                 # needs no database
  export DATABASE_URL=postgresql://app@db.internal/shop
  sessionaudit snapshot --output expected_schema.yaml
  sessionaudit check
  sessionaudit help check

\b
Exit codes: 0 clean or done, 1 findings, 2 the call or a file is wrong, 3 the
database could not be reached or a part could not be checked, 4 the database
changed since a plan was saved, 5 a repair failed, 130 interrupted.
"""

HELP = """\b
Examples:
  sessionaudit help
  sessionaudit help repair
"""

CHECK = """\b
Examples:
  sessionaudit check -d postgresql://app@db.internal/shop
  sessionaudit check --format json --output report.json
  sessionaudit check --format table --format sarif=report.sarif
  sessionaudit check --format html=report.html    # a page for a browser
  sessionaudit check --only public.session_requests --fail-on warning
  sessionaudit check --ignore unexpected-index --ignore 'auth.*'
  sessionaudit check --only data --explain
  sessionaudit check --format checklist     # is each sentence of it true?
  sessionaudit check --write-baseline baseline.yaml    # accept what is there
  sessionaudit check --baseline baseline.yaml
  sessionaudit check -d "$STAGING_URL" --against "$PRODUCTION_URL"

\b
Exit codes: 0 clean, 1 findings, 2 the options or the contract are wrong,
3 the database could not be reached, or there are no findings and a part could
not be checked, 130 interrupted. With --format checklist: 1 also if a sentence
is not true, 3 also if one could not be checked.
"""

REPAIR = """\b
Examples:
  sessionaudit repair                       # prints the SQL, changes nothing
  sessionaudit repair --transactional --output repairs/fix.sql
  sessionaudit repair --apply
  sessionaudit repair --apply --yes --allow rewrite --log repair.log
  sessionaudit repair --save-plan plan.json # review it, then:
  sessionaudit repair --apply --plan plan.json

\b
Exit codes: 0 done (or printed), 1 findings at or above --fail-on remain that
were held back or have no cure, 2 the options or the contract are wrong,
3 the database could not be reached or a part could not be checked,
4 the database changed since a plan was saved, 5 the plan cannot be applied,
a step failed, or a finding that should be repaired remains, 130 interrupted.
"""

TRACE = """\b
Examples:
  sessionaudit trace 62e91166-c36b-4bd5-bc51-5b168f1bd176
  sessionaudit trace maria.petrov@example.com   # see “by” in the contract
  sessionaudit trace --format json 62e91166-c36b-4bd5-bc51-5b168f1bd176

\b
Exit codes: 0 nothing is missing, 1 a link is missing, 2 an id matches no row
or several, or the contract is wrong, 3 a link could not be checked,
130 interrupted. With several ids, 2 takes precedence, then 1, then 3.
"""

BACKFILL = """\b
Examples:
  sessionaudit backfill 62e91166-c36b-4bd5-bc51-5b168f1bd176
  sessionaudit backfill --dry-run 62e91166-c36b-4bd5-bc51-5b168f1bd176
  cat ids.txt | sessionaudit backfill -
  sessionaudit backfill --all --dry-run
  sessionaudit backfill --all --journal backfill.jsonl
  sessionaudit undo backfill.jsonl          # undoes it
  sessionaudit backfill --list              # all rows that break an invariant
  sessionaudit backfill --list --format csv --output waiting.csv

\b
All changes are written to a journal: FILE, or one in
$XDG_STATE_HOME/sessionaudit or ~/.local/state/sessionaudit.

\b
Exit codes: 0 every row is fine now, 1 some rows could not be repaired or the
schema differs from the contract, 2 an id matches no row or several, or the
options are wrong, 3 the database failed or a result could not be verified,
5 the journal could not be written, 130 interrupted.
With --list, which only reads: 0 no row is broken, 1 some are, 3 an invariant
could not be listed completely.
"""

UNDO = """\b
Examples:
  sessionaudit undo --dry-run backfill.jsonl
  sessionaudit undo backfill.jsonl
  sessionaudit undo --yes --invariant session_has_request backfill.jsonl
  sessionaudit undo --yes --format json backfill.jsonl
  sessionaudit undo --yes --undone later.jsonl backfill.jsonl

\b
Exit codes: 0 everything was undone, 1 some rows were refused, or a line of
the journal is damaged, 2 the options are wrong or the journal is that of
another database, 3 the database failed, 5 the journal could not be written,
130 interrupted. What was committed is reported.
"""

MIGRATIONS = """\b
Examples:
  sessionaudit migrations
  sessionaudit migrations --folder supabase/migrations  # without a contract
  sessionaudit migrations --only 20251028000000 --fail-on warning
  sessionaudit migrations --files-only                  # without a database
  sessionaudit migrations --files-only --changed-since origin/main
  sessionaudit migrations --files-only --file 20251006000000_sessions.sql
  sessionaudit migrations --sql 20251028000000 --output missing.sql
  sessionaudit migrations --allow ledger                # asks first
  sessionaudit migrations --format json --output migrations.json

\b
Exit codes: 0 clean, 1 findings, 2 the options or the contract are wrong,
3 the database could not be reached, there are no findings and a part could
not be checked, or --sql lacks a part of the migration, 4 the ledger changed
meanwhile, 5 it could not be corrected, 130 interrupted.
"""

REPORT = """\b
Examples:
  sessionaudit check --format json --output report.json
  sessionaudit report report.json
  sessionaudit report report.json --format table --format sarif=report.sarif
  sessionaudit report diff yesterday.json report.json
  sessionaudit help report diff

\b
Exit codes are those that check had: 0 clean, 1 findings, 3 a part was not
checked; 2 the file is no report, or the options are wrong.
"""

REPORT_DIFF = """\b
Examples:
  sessionaudit report diff yesterday.json report.json
  sessionaudit report diff yesterday.json report.json --verbose
  sessionaudit report diff yesterday.json report.json --format markdown
  sessionaudit report diff yesterday.json report.json --fail-on warning

\b
Exit codes: 0 nothing is new, worse or changed, and everything was looked for,
1 a finding at or above --fail-on is, 2 a file is no report, or the options are
wrong, 3 it is not known what became of a finding, or a part was not checked in
NEWER.
"""

LINT = """\b
Examples:
  sessionaudit lint                      # the contract of this folder
  sessionaudit lint contract/expected_schema.yaml --fail-on warning
  sessionaudit lint --embedded           # PostgreSQL judges the SQL, too
  sessionaudit lint --format github --format sarif=lint.sarif

\b
Exit codes: 0 nothing found, 1 findings, also where a contract cannot be read,
2 the options are wrong or there is no such file, 3 with --embedded: there is
no private server, or it could not judge a part.
"""

RULE = """\b
Examples:
  sessionaudit rule
  sessionaudit rule SA304
  sessionaudit rule foreign-key-target blocking-column
  sessionaudit rule migrations                  # the rules of an audit
  sessionaudit rule SA5                         # those whose codes begin so
"""

SCAN = """\b
Examples:
  sessionaudit scan                      # what the contract names
  sessionaudit scan src supabase/functions -d "$DATABASE_URL"
  sessionaudit scan --against contract   # without a database
  sessionaudit scan --against migrations
  sessionaudit scan --only silent-certain-failure
  sessionaudit scan --format json --output scan.json

\b
Exit codes: 0 nothing found, 1 findings, 2 the options or the contract are
wrong, 3 the database failed or a part could not be read. Calls of which
something is computed are counted as not known, and are no findings.
"""

ACCESS = """\b
Examples:
  sessionaudit access
  sessionaudit access public.session_requests --verbose
  sessionaudit access --as anon --as authenticated
  sessionaudit access --only excess-access --fail-on warning
  sessionaudit access --format json --output access.json
  sessionaudit access --format table --format junit=access.xml

\b
Exit codes: 0 nothing found, 1 findings, 2 the options or the contract are
wrong, 3 the database could not be reached, or there are no findings and a
role or an object is not there.
"""

PROBE = """\b
Examples:
  sessionaudit probe                     # explains, executes nothing
  sessionaudit probe --embedded          # in a private server; for CI
  sessionaudit probe --embedded --from migrations
  sessionaudit probe --execute customer_asks_for_help  # asks; rolls back
  sessionaudit probe --format json --output probe.json
  sessionaudit probe --format table --format junit=probe.xml

\b
Exit codes: 0 everything is as expected, or nothing speaks against it,
1 findings, 2 the options or the contract are wrong, or the journeys cannot be
executed here, 3 the database failed or a step could not be looked at,
130 interrupted. Whatever ends it, nothing stays in the database.
"""

DOCTOR = """\b
Examples:
  sessionaudit doctor
  sessionaudit doctor check trace        # only what these need
  sessionaudit doctor --role auditor --verbose
  sessionaudit doctor --format json --output doctor.json

\b
Exit codes: 0 all well, 1 a command needs what is not there, 2 the options or
the contract are wrong, 3 the database could not be reached, and the page says
how far it came. Nothing is written, and no rows are counted.
"""

DEMO = """\b
Examples:
  sessionaudit demo
  sessionaudit demo --reports .          # leaves its HTML reports here
  sessionaudit demo --broken broken     # to try it; see broken/README.md
  sessionaudit demo --stop broken
"""

SNAPSHOT = """\b
Examples:
  sessionaudit snapshot --output expected_schema.yaml
  sessionaudit snapshot --schema public --schema billing
  sessionaudit snapshot --only 'public.session*'
  sessionaudit snapshot --migrations supabase/migrations --platform supabase
  sessionaudit snapshot --sql dump.sql
  sessionaudit snapshot --split contract
  sessionaudit snapshot --used-by src --output expected_schema.yaml
  sessionaudit snapshot --update expected_schema.yaml --dry-run
  sessionaudit snapshot --update expected_schema.yaml --only sessions

\b
Exit codes: 0 done, 1 --check found a change, 2 the call is wrong or a file
cannot be run, 3 the database could not be reached or a part could not be
read, 130 interrupted.
"""
