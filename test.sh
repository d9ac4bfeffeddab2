#!/usr/bin/env bash
# Installs what the tests need, builds once, runs every test project. The last line is the total of all projects.
set -euo pipefail
exec </dev/null
cd "$(dirname "${BASH_SOURCE[0]}")"

# The result lines are parsed below, so they must be in English.
export DOTNET_CLI_UI_LANGUAGE=en
source tests/setup.sh

install_missing() {
  local packages=()
  # With Galera and the tools that copy its nodes.
  { has mariadbd && has mariadb-install-db && has wsrep_sst_rsync && has rsync && compgen -G '/usr/lib*/galera*/libgalera_smm.so' >/dev/null; } ||
    packages+=(mariadb-server)
  has chromium || has chromium-browser || has google-chrome || packages+=(chromium)
  compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' >/dev/null || packages+=(faketime)
  has nginx || packages+=(nginx)
  install_packages "The tests need MariaDB 10.6 or later with Galera 4, rsync and lsof, nginx, Chromium, on the PATH, and libfaketime." "${packages[@]}"
}

restore() {
  local try
  for try in 1 2 3; do
    if quietly dotnet restore PayRecharge.sln --locked-mode -v quiet; then return 0; fi
    say "The restore failed (try $try of 3)."
  done
  return 1
}

install_missing
say "Restoring …"
restore
say "Building …"
quietly dotnet build PayRecharge.sln --no-restore -v quiet --tl:off

say "Testing …"
status=0
dotnet test PayRecharge.sln --no-build --nologo --tl:off -m:1 2>&1 | tee "$log" || status=$?

# Passed!  - Failed:     0, Passed:     4, Skipped:     0, Total:     4, Duration: 9 s - …
read -r passed failed skipped < <(sed -nE \
  's/^(Passed|Failed|Skipped)! +- Failed: +([0-9]+), Passed: +([0-9]+), Skipped: +([0-9]+),.*/\3 \2 \4/p' "$log" |
  awk '{ passed += $1; failed += $2; skipped += $3 } END { print passed + 0, failed + 0, skipped + 0 }')

if ((status != 0 && failed == 0)); then
  say "A test run broke off (exit code $status) without naming a failed test; it is counted as one."
  failed=1
fi
if ((passed + failed == 0)); then
  say "No test ran."
  status=1
fi
closing="$passed passed, $failed failed"
if ((skipped > 0)); then closing+=", $skipped skipped"; fi
printf '%s\n' "$closing"
if ((failed > 0)); then status=1; fi
exit "$status"
