#!/usr/bin/env node
// Measures what every function costs as a chain charges it: real transactions on anvil with the rules of foundry.toml, with
// 21,000 for the transaction, calldata and its floor (EIP-7623), execution and refunds. Medians over several rounds.
//
//   node tools/gas.cjs           measures, writes gas-snapshot.json and ../docs/gas.md
//   node tools/gas.cjs --check   measures, and fails where something costs over 3 % more than the committed snapshot says, where the
//                                snapshot and what was measured do not have the same rows, or ../docs/gas.md is stale
//
// Nothing is left to luck: accounts, salts, times and blocks are the same in every run, and every draw that counts is one that takes the
// median number of tries. The same code costs the same to the unit of gas.
'use strict';
const fs = require('fs');
const path = require('path');
const { tell } = require('./lib/gas-story.cjs');
const { render } = require('./lib/gas-page.cjs');
const { budgets } = require('./lib/gas-reference.cjs');

const root = path.join(__dirname, '..');
const snapshotFile = path.join(root, 'gas-snapshot.json');
const pageFile = path.join(root, '..', 'docs', 'gas.md');
const TOLERANCE = 0.03;

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

async function main() {
  const rounds = Number(process.env.PHR_GAS_ROUNDS ?? 3);
  const { rows, contracts } = await tell(rounds);
  const measured = { rows: {}, contracts };
  for (const [key, { title, costs }] of rows) {
    measured.rows[key] = {
      title,
      gas: median(costs.map((c) => c.gas)),
      calldata: median(costs.map((c) => c.calldata)),
      events: median(costs.map((c) => c.eventBytes)),
      rounds: costs.length,
      ...(costs[0].tries && { tries: costs[0].tries }),
    };
  }

  if (!process.argv.includes('--check')) {
    // What the figures that have a budget are made of, from one round whose every step is traced.
    const traced = await tell(1, { traced: true });
    for (const key of Object.keys(budgets)) {
      const parts = traced.rows.get(key)?.costs.at(-1).parts;
      if (parts && Object.keys(parts).length > 0) measured.rows[key].parts = parts;
    }
    fs.writeFileSync(snapshotFile, `${JSON.stringify(measured, null, 1)}\n`);
    fs.writeFileSync(pageFile, render(measured));
    console.log(`${Object.keys(measured.rows).length} rows`);
    return;
  }

  const committed = JSON.parse(fs.readFileSync(snapshotFile, 'utf8'));
  const faults = [];
  for (const key of new Set([...Object.keys(committed.rows), ...Object.keys(measured.rows)])) {
    const was = committed.rows[key]?.gas;
    const is = measured.rows[key]?.gas;
    if (was === undefined || is === undefined) faults.push(`${key}: ${was ?? 'not in the snapshot'} -> ${is ?? 'not measured'}`);
    else if (is > was * (1 + TOLERANCE)) faults.push(`${key}: ${was} -> ${is} (+${((is / was - 1) * 100).toFixed(1)} %)`);
    else if (is < was * (1 - TOLERANCE)) console.log(`cheaper: ${key}: ${was} -> ${is}`);
  }
  if (!fs.existsSync(pageFile) || fs.readFileSync(pageFile, 'utf8') !== render(committed)) faults.push('docs/gas.md is not what the snapshot says');
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) throw new Error('run: node tools/gas.cjs, and say in the commit why it costs more');
  console.log(`${Object.keys(measured.rows).length} rows within ${TOLERANCE * 100} % of the snapshot`);
}

main().then(() => process.exit(0), (error) => {
  console.error(error.stack ?? error);
  process.exit(1);
});
