#!/usr/bin/env bash
# Measures the product against what could be done by hand, and writes docs/benchmarks.md: in less than 20 minutes, or with --full,
# which adds growth, in less than 90. --quick, in a minute: is every answer right? Anything else is handed on (--help tells what),
# and nothing is written.
set -euo pipefail
exec </dev/null
cd "$(dirname "${BASH_SOURCE[0]}")"

: "${HOME:=/tmp}"
# Debian keeps servers outside a user's PATH.
export HOME PATH="$PATH:/usr/sbin" LC_ALL=C.UTF-8 DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1

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
  has wrk || packages+=(wrk)
  { has mariadbd && has mariadb-install-db; } || packages+=(mariadb-server)
  ((${#packages[@]} > 0)) || return 0

  local root=()
  if ((EUID != 0)); then root=(sudo); fi
  if ! has apt-get || { ((EUID != 0)) && ! has sudo; }; then
    say "The benchmarks need wrk and MariaDB 10.6 or later on the PATH. This script installs them on Debian and Ubuntu, as root or with sudo."
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

if ! has dotnet; then
  say "The .NET SDK 10 is missing: https://dotnet.microsoft.com/download"
  exit 1
fi
install_missing

say "Publishing …"
product=tests/Benchmarks/bin/product
# For one kind of machine the dependencies differ a little, so this has a lock file of its own, apart from those that are committed.
quietly dotnet publish src/WebApi -c Release -r linux-x64 --self-contained false -p:PublishReadyToRun=true \
  -p:NuGetLockFilePath=obj/linux-x64.lock.json -o "$product" -v quiet --tl:off
say "Building …"
quietly dotnet restore tests/Benchmarks --locked-mode -v quiet
quietly dotnet build tests/Benchmarks -c Release --no-restore -v quiet --tl:off

benchmarks() { dotnet tests/Benchmarks/bin/Release/net10.0/PayRecharge.Benchmarks.dll "$@"; }
case "${1:-}" in
  '' | --full) benchmarks --server "$product" --docs docs "$@" ;;
  --quick) benchmarks --server "$product" --rounds 0 --seconds 1 --orders 2000 ;;
  --pure) benchmarks pure ;;
  *) benchmarks --server "$product" "$@" ;;
esac
