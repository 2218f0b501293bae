// Compiles a standard JSON input with the compiler from npm, which uses one core: the contracts are shared out among threads.
'use strict';
const fs = require('fs');
const os = require('os');
const path = require('path');
const { Worker, isMainThread, parentPort, workerData } = require('worker_threads');

const root = path.join(__dirname, '..', '..');

// Tests are compiled without the optimizer and without the intermediate representation, in seconds: nobody deploys them, and the
// contracts that they deploy are not part of them (dynamic_test_linking in foundry.toml). The tests of libraries hold the library's
// code themselves; they are compiled as the contracts are, so that what they try is what is deployed.
const ofLibraries = new Set(['Points', 'Policy', 'Reputation', 'ReputationDefects', 'UmbralVerifier'].map((name) => `test/${name}.t.sol`));
const isPlainTest = (file) => /^test\//.test(file) && !ofLibraries.has(file);
const PLAIN = { viaIR: false, optimizer: { enabled: false } };

/** How long a file takes, roughly: by what its contract came to when it was last compiled. */
function weightOf(file, source) {
  const artifact = path.join(root, 'artifacts', `${path.basename(file, '.sol')}.json`);
  return fs.existsSync(artifact) ? JSON.parse(fs.readFileSync(artifact, 'utf8')).deployedBytecode.length : source.content.length / 10;
}

/** The inputs of the threads: each knows every source, so that what they number is numbered alike, and is asked for some of the outputs. */
function share(input, threads) {
  const { '*': forAll, ...chosen } = input.settings.outputSelection;
  const selection = forAll ? Object.fromEntries(Object.keys(input.sources).map((file) => [file, forAll])) : chosen;
  const parts = [];
  const add = (files, settings) => {
    if (files.length === 0) return;
    const outputSelection = Object.fromEntries(files.map((file) => [file, selection[file]]));
    parts.push({ ...input, settings: { ...input.settings, ...settings, outputSelection } });
  };
  const known = Object.keys(selection).filter((file) => input.sources[file]);
  const bins = Array.from({ length: threads }, () => ({ weight: 0, files: [] }));
  const heavy = known.filter((file) => !isPlainTest(file)).map((file) => [file, weightOf(file, input.sources[file])]);
  for (const [file, weight] of heavy.sort(([, a], [, b]) => b - a)) {
    const bin = bins.reduce((least, other) => (other.weight < least.weight ? other : least));
    bin.weight += weight;
    bin.files.push(file);
  }
  for (const bin of bins) add(bin.files, {});
  add(known.filter(isPlainTest), PLAIN);
  return parts;
}

function merge(outputs) {
  const merged = { errors: [], sources: {}, contracts: {} };
  const said = new Set();
  for (const output of outputs) {
    for (const error of output.errors ?? []) {
      if (!said.has(error.formattedMessage)) merged.errors.push(error);
      said.add(error.formattedMessage);
    }
    for (const [file, source] of Object.entries(output.sources ?? {})) merged.sources[file] = { ...merged.sources[file], ...source };
    Object.assign(merged.contracts, output.contracts);
  }
  return merged;
}

const inThread = (input) =>
  new Promise((resolve, reject) => {
    const worker = new Worker(__filename, { workerData: JSON.stringify(input) });
    worker.once('message', (text) => resolve(JSON.parse(text)));
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the compiler's thread ended with ${code}`)));
  });

/** @returns {Promise<object>} What the compiler says of the input, as one output. */
async function compile(input, threads = Math.max(1, Math.min(os.availableParallelism(), 4))) {
  const waiting = share(input, threads);
  const outputs = new Array(waiting.length);
  let next = 0;
  const work = async () => {
    while (next < waiting.length) {
      const i = next++;
      outputs[i] = await inThread(waiting[i]);
    }
  };
  await Promise.all(Array.from({ length: threads }, work));
  return merge(outputs);
}

if (isMainThread) module.exports = { compile };
else parentPort.postMessage(require('solc').compile(workerData));
