#!/usr/bin/env bash
# Fails on anything that forge's formatter, forge's linter or solhint says about the contracts.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/node_modules/@foundry-rs/forge-linux-amd64/bin:$PWD/node_modules/.bin:$PATH"
forge fmt --check
FOUNDRY_DENY=notes forge lint
if compgen -G 'src/*.sol' > /dev/null; then solhint --noPoster --max-warnings 0 'src/**/*.sol'; fi
