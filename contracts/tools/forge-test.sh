#!/usr/bin/env bash
# Runs forge's tests and ends with "N passed, N failed, N skipped": tools/forge-test.sh [ARGUMENT OF forge test…]
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/node_modules/@foundry-rs/forge-linux-amd64/bin:$PATH"
status=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
forge test "$@" 2>&1 | tee "$log" || status=$?
sed -nE 's/^Ran [0-9]+ test suites? .*: ([0-9]+) tests passed, ([0-9]+) failed, ([0-9]+) skipped .*/\1 passed, \2 failed, \3 skipped/p' "$log" | tail -1
exit $status
