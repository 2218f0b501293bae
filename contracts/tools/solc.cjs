#!/usr/bin/env node
// Speaks the part of the native compiler's command line that forge uses (--version and --standard-json) and answers with
// the compiler from npm, so that building needs no download other than the packages in package-lock.json.
'use strict';
const fs = require('fs');
const path = require('path');
const solc = require('solc');

const args = process.argv.slice(2);
const valuesOf = (name) =>
  args.flatMap((arg, i) =>
    arg === name ? [args[i + 1]] : arg.startsWith(name + '=') ? [arg.slice(name.length + 1)] : []);

if (args.includes('--version')) {
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}`);
} else if (args.includes('--standard-json')) {
  const roots = ['', ...valuesOf('--base-path'), ...valuesOf('--include-path'), process.cwd()];
  const read = (name) => {
    const file = roots.map((root) => path.join(root, name)).find((candidate) => fs.existsSync(candidate));
    return file ? { contents: fs.readFileSync(file, 'utf8') } : { error: `not found: ${name}` };
  };
  fs.writeSync(1, solc.compile(fs.readFileSync(0, 'utf8'), { import: read }));
} else {
  console.error(`unsupported arguments: ${args.join(' ')}`);
  process.exitCode = 1;
}
