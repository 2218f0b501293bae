#!/usr/bin/env node
// Speaks the part of the native compiler's command line that forge uses (--version and --standard-json) and answers with
// the compiler from npm, so that building needs no download other than the packages in package-lock.json.
'use strict';
const fs = require('fs');
const { compile } = require('./lib/compile.cjs');

const args = process.argv.slice(2);

if (args.includes('--version')) {
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${require('solc').version()}`);
} else if (args.includes('--standard-json')) {
  compile(JSON.parse(fs.readFileSync(0, 'utf8'))).then((output) => process.stdout.write(JSON.stringify(output)), (error) => {
    console.error(error.stack ?? error);
    process.exitCode = 1;
  });
} else {
  console.error(`unsupported arguments: ${args.join(' ')}`);
  process.exitCode = 1;
}
