# The common setup of test.sh and bench.sh, which source it. They run in the project's root.

: "${HOME:=/tmp}"
# Debian installs servers outside a user's PATH.
export HOME PATH="$PATH:/usr/sbin" LC_ALL=C.UTF-8 DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1

log=$(mktemp)
trap 'rm -f "$log"' EXIT

say() { printf '%s\n' "$*" >&2; }

# Runs a command and shows its output only if it fails.
quietly() {
  local status=0
  "$@" >"$log" 2>&1 || status=$?
  if ((status != 0)); then cat "$log" >&2; fi
  return "$status"
}

has() { command -v "$1" >/dev/null; }

# install_packages NEEDS [PACKAGE…]: uses apt, as root or with sudo; elsewhere prints NEEDS and exits.
install_packages() {
  local needs=$1
  shift
  (($# > 0)) || return 0

  local root=()
  if ((EUID != 0)); then root=(sudo); fi
  if ! has apt-get || { ((EUID != 0)) && ! has sudo; }; then
    say "$needs This script installs them on Debian and Ubuntu, as root or with sudo; here, please install them yourself."
    exit 1
  fi
  say "Installing $* …"
  quietly "${root[@]}" apt-get update -qq
  # Otherwise the package would start a database on this machine, now and at every boot.
  local policy=/usr/sbin/policy-rc.d status=0
  if [[ -e $policy ]]; then policy=; else printf '#!/bin/sh\nexit 101\n' | "${root[@]}" install -m 755 /dev/stdin "$policy"; fi
  quietly "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" || status=$?
  if [[ -n $policy ]]; then "${root[@]}" rm -f "$policy"; fi
  if [[ $* == *mariadb-server* ]] && has systemctl; then "${root[@]}" systemctl disable --quiet mariadb 2>/dev/null || true; fi
  return "$status"
}

if ! has dotnet; then
  say "The .NET SDK 10 is missing: https://dotnet.microsoft.com/download"
  exit 1
fi
