#!/usr/bin/env node
// Compiles the contracts and keeps ../artifacts in step with the sources.
//
//   node tools/artifacts.cjs           compiles and writes artifacts/NAME.json
//   node tools/artifacts.cjs --check   compiles and fails where the files there differ, and on a warning
//
// The compiler and its settings are those of foundry.toml. There is one file for each contract that can be deployed. The
// interface of PhrLedger there is what is callable and observable at the ledger's one address: its own functions, and the
// errors and events of the modules that it calls by delegatecall. Fails when a contract is over the size limit of public
// chains, or when a module's function cannot be reached through the ledger.
'use strict';
const fs = require('fs');
const path = require('path');
const solc = require('solc');
const { compile: compileInput } = require('./lib/compile.cjs');

const root = path.join(__dirname, '..');
const target = path.join(root, 'artifacts');
const CORE = 'PhrLedger';
const LIMIT = 24576; // EIP-170
const INIT_LIMIT = 49152; // EIP-3860
// Functions of a module that are no part of the ledger: read by the ledger's constructor, or by tests.
const PRIVATE_TO_MODULE = /^(parametersHash|domainSeparator|[A-Z][A-Z0-9_]*)\(/;

/** The [profile.default] table of foundry.toml: only the plain values that decide a contract's bytes. */
function profile() {
  const text = fs.readFileSync(path.join(root, 'foundry.toml'), 'utf8');
  const table = text.slice(text.indexOf('[profile.default]')).split(/^\[(?!profile\.default\])/m)[0];
  const value = (name) => {
    const match = new RegExp(`^${name}\\s*=\\s*(.+?)\\s*$`, 'm').exec(table);
    if (!match) throw new Error(`foundry.toml does not set ${name}`);
    return JSON.parse(match[1]);
  };
  return {
    evmVersion: value('evm_version'),
    optimizer: { enabled: value('optimizer'), runs: value('optimizer_runs') },
    viaIR: value('via_ir'),
    metadata: { bytecodeHash: value('bytecode_hash'), appendCBOR: value('cbor_metadata') },
  };
}

/** Every source below src/, by the name that imports and forge use. */
function sources(folder = path.join(root, 'src'), found = {}) {
  if (!fs.existsSync(folder)) return found;
  for (const entry of fs.readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) sources(file, found);
    else if (entry.name.endsWith('.sol')) {
      found[path.relative(root, file).split(path.sep).join('/')] = { content: fs.readFileSync(file, 'utf8') };
    }
  }
  return found;
}

/** @param {boolean} strict Whether a warning of the compiler is a failure, too. */
async function compile(strict) {
  const input = {
    language: 'Solidity',
    sources: sources(),
    settings: {
      ...profile(),
      outputSelection: {
        '*': {
          '*': ['abi', 'devdoc', 'userdoc', 'storageLayout', 'evm.bytecode.object', 'evm.deployedBytecode.object',
            'evm.deployedBytecode.immutableReferences', 'evm.methodIdentifiers'],
        },
      },
    },
  };
  if (Object.keys(input.sources).length === 0) return {};
  const output = await compileInput(input);
  const faults = (output.errors ?? []).filter((e) => e.severity !== 'info');
  for (const fault of faults) console.error(fault.formattedMessage);
  if (faults.some((e) => strict || e.severity === 'error')) throw new Error(`${faults.length} errors or warnings`);
  return output.contracts;
}

const tupleType = (p) =>
  p.type.startsWith('tuple') ? `(${p.components.map(tupleType).join(',')})${p.type.slice(5)}` : p.type;
const signature = (entry) => `${entry.name ?? ''}(${(entry.inputs ?? []).map(tupleType).join(',')})`;
const text = (value) => (value < 0 ? -1 : value > 0 ? 1 : 0);

/** Functions in alphabetical order, then events, then errors: independent of the order in the sources. */
function sorted(abi) {
  const rank = { constructor: 0, function: 1, receive: 2, fallback: 3, event: 4, error: 5 };
  const key = (e) => `${rank[e.type]} ${signature(e)}`;
  return [...abi].sort((a, b) => text(key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}

/**
 * Joins to the core's interface what its modules can be called for, emit and refuse with, and the documentation of all of it.
 * @param interfaces the contracts that only describe: functions of modules are documented there
 */
function merge(core, modules, interfaces) {
  const abi = [...core.abi];
  const have = new Map(abi.map((e) => [`${e.type} ${signature(e)}`, e]));
  const faults = [];
  const routes = fs.readFileSync(path.join(root, 'src', 'Routes.sol'), 'utf8');
  for (const [name, module] of modules) {
    for (const entry of module.abi) {
      if (entry.type === 'constructor' || PRIVATE_TO_MODULE.test(signature(entry))) continue;
      const key = `${entry.type} ${signature(entry)}`;
      const present = have.get(key);
      if (entry.type === 'function') {
        const selector = module.evm.methodIdentifiers[signature(entry)];
        if (present) faults.push(`${name}.${signature(entry)} is in the ledger or another module, too`);
        else if (!routes.includes(`.${entry.name}.selector`)) faults.push(`${name}.${signature(entry)} is not in Routes.sol`);
        core.evm.methodIdentifiers[signature(entry)] = selector;
      } else if (present && JSON.stringify(present.inputs) !== JSON.stringify(entry.inputs)) {
        faults.push(`${name}: ${key} differs from the ledger's`);
      }
      if (!present) {
        abi.push(entry);
        have.set(key, entry);
      }
    }
  }
  for (const [, source] of [...modules, ...interfaces]) {
    for (const doc of ['devdoc', 'userdoc']) {
      for (const part of ['events', 'errors', 'methods']) {
        for (const [key, value] of Object.entries(source[doc]?.[part] ?? {})) {
          if (part === 'methods' && core.evm.methodIdentifiers[key] === undefined) continue;
          core[doc][part] ??= {};
          if (core[doc][part][key] === undefined || /^See \w+\.$/.test(core[doc][part][key].notice ?? '')) core[doc][part][key] = value;
        }
      }
    }
  }
  const all = interfaces.find(([name]) => name === 'ILedger')?.[1].evm.methodIdentifiers ?? {};
  const own = core.evm.methodIdentifiers;
  for (const name of Object.keys(own)) if (all[name] === undefined && !/^[A-Z][A-Z0-9_]*\(/.test(name)) faults.push(`ILedger lacks ${name}`);
  for (const name of Object.keys(all)) if (own[name] === undefined) faults.push(`nothing answers ILedger.${name}`);
  if (faults.length > 0) throw new Error(`the ledger's interface is not whole:\n  ${faults.join('\n  ')}`);
  core.abi = abi;
}

const ordered = (object) =>
  Object.fromEntries(Object.entries(object ?? {}).sort(([a], [b]) => text(a < b ? -1 : a > b ? 1 : 0)));

/** Documentation in an order of its own: that of the contracts depends on which thread compiled them. */
const documented = (doc) =>
  ordered(Object.fromEntries(Object.entries(doc ?? {}).map(([part, value]) => [part, ['methods', 'events', 'errors'].includes(part) ? ordered(value) : value])));

/** The storage layout without the compiler's own numbers, which change whenever anything in the sources does. */
function layout(storageLayout) {
  const rename = (id) => id?.replace(/\)\d+(?=_storage|,|\)|$)/g, ')').replace(/(t_(?:contract|enum|userDefinedValueType)\([^)]*\))\d+/g, '$1');
  const types = {};
  for (const [id, type] of Object.entries(storageLayout.types ?? {})) {
    const copy = { ...type };
    for (const field of ['key', 'value', 'base']) if (copy[field]) copy[field] = rename(copy[field]);
    if (copy.members) copy.members = copy.members.map(({ astId, ...m }) => ({ ...m, type: rename(m.type) }));
    types[rename(id)] = copy;
  }
  return {
    storage: storageLayout.storage.map(({ astId, ...variable }) => ({ ...variable, type: rename(variable.type) })),
    types: ordered(types),
  };
}

async function main() {
  const check = process.argv.includes('--check');
  const contracts = await compile(check);
  const deployable = [];
  for (const [source, byName] of Object.entries(contracts)) {
    for (const [name, contract] of Object.entries(byName)) {
      if (contract.evm.bytecode.object !== '' && contract.abi.length > 0) deployable.push([name, source, contract]);
    }
  }
  const core = deployable.find(([name]) => name === CORE);
  const modules = deployable.filter(([name]) => name.endsWith('Module')).map(([name, , contract]) => [name, contract]);
  const interfaces = Object.values(contracts).flatMap((byName) => Object.entries(byName)).filter(([name]) => /^I[A-Z]/.test(name) && name !== 'IERC1271');
  if (core) merge(core[2], modules, interfaces);

  let failed = false;
  const files = new Map();
  console.log('runtime   left   creation  contract');
  for (const [name, source, contract] of deployable.sort(([a], [b]) => text(a < b ? -1 : 1))) {
    const size = contract.evm.deployedBytecode.object.length / 2;
    const creation = contract.evm.bytecode.object.length / 2;
    const over = size > LIMIT || creation > INIT_LIMIT;
    failed ||= over;
    console.log(`${String(size).padStart(7)} ${String(LIMIT - size).padStart(6)} ${String(creation).padStart(10)}  ${name}${over ? '  OVER THE LIMIT' : ''}`);
    const artifact = {
      contractName: name,
      sourceName: source,
      compiler: solc.version().split('.Emscripten')[0],
      settings: profile(),
      abi: sorted(contract.abi),
      methodIdentifiers: ordered(contract.evm.methodIdentifiers),
      bytecode: `0x${contract.evm.bytecode.object}`,
      deployedBytecode: `0x${contract.evm.deployedBytecode.object}`,
      // Where the constructor writes immutables into the runtime code: a deployment is compared with these bytes left out.
      immutableRanges: Object.values(contract.evm.deployedBytecode.immutableReferences ?? {}).flat()
        .map(({ start, length }) => ({ start, length })).sort((a, b) => a.start - b.start),
      devdoc: documented(contract.devdoc),
      userdoc: documented(contract.userdoc),
      storageLayout: layout(contract.storageLayout),
    };
    files.set(`${name}.json`, `${JSON.stringify(artifact, null, 1)}\n`);
  }
  if (failed) console.error(`a contract is over ${LIMIT} bytes (or ${INIT_LIMIT} with its constructor): no public chain takes it`);

  const present = fs.existsSync(target) ? fs.readdirSync(target).filter((name) => name.endsWith('.json')) : [];
  if (check) {
    for (const name of new Set([...present, ...files.keys()])) {
      const file = path.join(target, name);
      if (!files.has(name) || !fs.existsSync(file) || fs.readFileSync(file, 'utf8') !== files.get(name)) {
        console.error(`stale: artifacts/${name}`);
        failed = true;
      }
    }
    if (failed) console.error('run: node tools/artifacts.cjs');
  } else {
    fs.mkdirSync(target, { recursive: true });
    for (const name of present) if (!files.has(name)) fs.unlinkSync(path.join(target, name));
    for (const [name, content] of files) fs.writeFileSync(path.join(target, name), content);
  }
  if (failed) process.exitCode = 1;
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
