#!/usr/bin/env bash
# Measures the product against hand-written code, and writes docs/benchmarks.md: the main calls in less than 20 minutes; with --full,
# all calls and growth in less than 90. --quick checks in a minute that every reply is right. Other arguments are passed on (see
# --help), and nothing is written.
set -euo pipefail
exec </dev/null
cd "$(dirname "${BASH_SOURCE[0]}")"

source tests/setup.sh

install_missing() {
  local packages=()
  has wrk || packages+=(wrk)
  { has mariadbd && has mariadb-install-db; } || packages+=(mariadb-server)
  install_packages "The benchmarks need wrk and MariaDB 10.6 or later on the PATH." "${packages[@]}"
}

install_missing

say "Publishing …"
product=tests/Benchmarks/bin/product
quietly dotnet publish src/WebApi -c Release -r linux-x64 -o "$product" -v quiet --tl:off
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
