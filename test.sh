#!/usr/bin/env bash
# Installs what the tests need, builds once, runs every test project. The last line is the sum of all of them.
set -euo pipefail
exec </dev/null
cd "$(dirname "${BASH_SOURCE[0]}")"

: "${HOME:=/tmp}"
# The result lines are read below, so they have to be in English; Debian keeps servers outside a user's PATH.
export HOME PATH="$PATH:/usr/sbin" LC_ALL=C.UTF-8 DOTNET_CLI_UI_LANGUAGE=en
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1

log=$(mktemp)
trap 'rm -f "$log"' EXIT

say() { printf '%s\n' "$*" >&2; }

# Runs a command and shows what it printed only if it fails.
quietly() {
  local status=0
  "$@" >"$log" 2>&1 || status=$?
  if ((status != 0)); then cat "$log" >&2; fi
  return "$status"
}

has() { command -v "$1" >/dev/null; }

install_missing() {
  local packages=()
  # With Galera and what its nodes copy themselves by.
  { has mariadbd && has mariadb-install-db && has wsrep_sst_rsync && has rsync && compgen -G '/usr/lib*/galera*/libgalera_smm.so' >/dev/null; } ||
    packages+=(mariadb-server)
  has chromium || has chromium-browser || has google-chrome || packages+=(chromium)
  ((${#packages[@]} > 0)) || return 0

  local root=()
  if ((EUID != 0)); then root=(sudo); fi
  if ! has apt-get || { ((EUID != 0)) && ! has sudo; }; then
    say "The tests need MariaDB 10.6 or later with Galera 4, rsync and lsof, and Chromium, on the PATH."
    say "This script installs them on Debian and Ubuntu, as root or with sudo; here, please install them yourself."
    exit 1
  fi
  say "Installing ${packages[*]} …"
  quietly "${root[@]}" apt-get update -qq
  # The package would start a database on this machine, now and with every boot. Nobody asked for one.
  local policy=/usr/sbin/policy-rc.d status=0
  if [[ -e $policy ]]; then policy=; else printf '#!/bin/sh\nexit 101\n' | "${root[@]}" install -m 755 /dev/stdin "$policy"; fi
  quietly "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" || status=$?
  if [[ -n $policy ]]; then "${root[@]}" rm -f "$policy"; fi
  if [[ ${packages[*]} == *mariadb-server* ]] && has systemctl; then "${root[@]}" systemctl disable --quiet mariadb 2>/dev/null || true; fi
  return "$status"
}

restore() {
  local try
  for try in 1 2 3; do
    if quietly dotnet restore PayRecharge.sln --locked-mode -v quiet; then return 0; fi
    say "The restore failed (try $try of 3)."
  done
  return 1
}

if ! has dotnet; then
  say "The .NET SDK 10 is missing: https://dotnet.microsoft.com/download"
  exit 1
fi
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
