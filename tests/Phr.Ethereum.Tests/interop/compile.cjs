// Compiles Contracts/*.sol with solc and writes a JSON file beside each. The compiler is the one that contracts/package.json pins.
// Usage: node compile.cjs NODE_MODULES [--check]
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { createRequire } = require('node:module');
const solc = createRequire(path.join(path.resolve(process.argv[2]), 'package.json'))('solc');

const folder = path.join(__dirname, '..', 'Contracts');
const check = process.argv.includes('--check');
let stale = 0;
for (const file of fs.readdirSync(folder).filter((f) => f.endsWith('.sol')).sort()) {
  const output = JSON.parse(solc.compile(JSON.stringify({
    language: 'Solidity',
    sources: { [file]: { content: fs.readFileSync(path.join(folder, file), 'utf8') } },
    settings: {
      viaIR: true,
      optimizer: { enabled: true, runs: 200 },
      evmVersion: 'cancun',
      metadata: { bytecodeHash: 'none', appendCBOR: false },
      outputSelection: { '*': { '*': ['abi', 'devdoc', 'userdoc', 'evm.bytecode.object', 'evm.methodIdentifiers'] } },
    },
  })));
  const errors = (output.errors ?? []).filter((e) => e.severity === 'error');
  if (errors.length > 0) throw new Error(errors.map((e) => e.formattedMessage).join('\n'));
  for (const [contractName, c] of Object.entries(output.contracts[file])) {
    const { events, errors: errorNotes, methods } = c.userdoc;
    const text = JSON.stringify({
      contractName, abi: c.abi, bytecode: '0x' + c.evm.bytecode.object, methodIdentifiers: c.evm.methodIdentifiers, devdoc: c.devdoc, userdoc: { events, errors: errorNotes, methods },
    }, null, 1) + '\n';
    const target = path.join(folder, contractName + '.json');
    if (fs.existsSync(target) && fs.readFileSync(target, 'utf8') === text) continue;
    stale++;
    if (!check) fs.writeFileSync(target, text);
    console.log((check ? 'stale: ' : 'wrote: ') + path.basename(target));
  }
}
process.exitCode = check && stale > 0 ? 1 : 0;
