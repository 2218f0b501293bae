// Writes docs/gas.md from the snapshot alone, so that the page can be checked without measuring again.
'use strict';
const { earlier, budgets, why, wholeShares } = require('./gas-reference.cjs');

const number = (n) => String(n).replace(/\B(?=(\d{3})+(?!\d))/g, ',');

function render({ rows, contracts }) {
  const gas = (key) => rows[key]?.gas;
  const lines = [];
  const line = (...text) => lines.push(...text, '');
  const table = (head, body) => {
    lines.push(`| ${head.join(' | ')} |`, `|${head.map((h, i) => (i === 0 ? ' --- ' : ' ---: ')).join('|')}|`);
    for (const cells of body) lines.push(`| ${cells.join(' | ')} |`);
    lines.push('');
  };
  const verdict = (key) => {
    if (budgets[key] === undefined || gas(key) === undefined) return '';
    return gas(key) <= budgets[key] ? 'met' : `**over by ${number(gas(key) - budgets[key])}**`;
  };

  line('# Gas');
  line('Written by `contracts/tools/gas.cjs` from `contracts/gas-snapshot.json`; `./test.sh` measures again and fails above 3 % over it. Everything is',
    'what a chain with the Osaka rules charges for a whole transaction, measured on anvil: 21,000 for the transaction, its calldata or the floor of',
    'EIP-7623, execution, refunds. Medians. The policy of the story: five trustees in three groups, two groups must agree, three of five oracles.');

  const over = Object.keys(budgets).filter((key) => gas(key) !== undefined && gas(key) > budgets[key]);
  const missing = Object.keys(budgets).filter((key) => gas(key) === undefined);
  line('## Budgets');
  table(['What', 'Gas', 'Budget', ''], Object.keys(budgets).filter((key) => gas(key) !== undefined)
    .map((key) => [rows[key].title, number(gas(key)), number(budgets[key]), verdict(key)]));
  line(over.length === 0 ? 'Every budget is met.' : `${Object.keys(budgets).length - missing.length - over.length} budgets are met, ${over.length} ${over.length === 1 ? 'is' : 'are'} not:`);
  const reasons = new Map();
  for (const key of over) {
    const reason = why[key.split('/')[0]] ?? why['*'];
    reasons.set(reason, [...(reasons.get(reason) ?? []), rows[key].title]);
  }
  for (const [reason, titles] of reasons) lines.push(`- **${titles.join('; ')}.** ${reason}`);
  if (over.length > 0) lines.push('');

  const made = over.filter((key) => rows[key].parts);
  if (made.length > 0) {
    line('What they are made of, traced step by step in one run: the transaction itself, its calldata, storage read and written, events, hashing,',
      'calls (recovery of signatures and keys, the way into a module, less refunds), and everything else: decoding, comparing, packing, jumping. To',
      'have the first five for less, less would have to be passed, checked, stored or told.');
    table(['', 'Transaction', 'Calldata', 'Reads', 'Writes', 'Events', 'Hashes', 'Calls', 'The rest', 'The first five', 'Budget'], made.map((key) => {
      const p = rows[key].parts;
      const fixed = p.transaction + p.calldata + p.reads + p.writes + p.events;
      return [rows[key].title, ...[p.transaction, p.calldata, p.reads, p.writes, p.events, p.hashes, p.calls, p.instructions, fixed, budgets[key]].map(number)];
    }));
  }

  line('## A whole share, beside the earlier contracts');
  line('Request, draw, three approvals of which the last one grants, three deliveries, opening, settlement, rating. *Next*: the same doctor, bundle and',
    'oracles again, whose slots are not new any more.');
  table(['', 'Gas', 'of paper 1', 'of paper 2'], Object.keys(rows).filter((key) => key.startsWith('share/'))
    .map((key) => [rows[key].title, number(gas(key)), `${Math.round((gas(key) / wholeShares.first) * 100)} %`, `${Math.round((gas(key) / wholeShares.second) * 100)} %`]));
  line(`The earlier contracts: ${number(wholeShares.first)} (first, the patient decides) and ${number(wholeShares.second)} (second, several parties), measured with the same rules and`,
    'the optimizer. Their own deployment for each patient is not in that.');

  const luck = Object.keys(rows).filter((key) => key.startsWith('luck/'));
  if (luck.length > 1) {
    const [first, last] = [rows[luck[0]], rows[luck.at(-1)]];
    line('### What luck costs');
    line('A draw tries oracles until every seat is filled, so its cost depends on a block\'s randomness. Accounts, salts, times and blocks of a run are',
      'always the same, and wherever a draw counts on this page, alone or in a share, it is one that takes the median number of tries under its snapshot',
      `(${rows['luck/50'].tries} under the first): the same request is made one second later and one second later again, until the randomness to come is such. So the same code`,
      'costs the same to the unit in every run. How many tries are the median is counted over 1,024 draws from the same snapshot, whose seeds are the hashes',
      'of "phr gas luck 0" to "phr gas luck 1023". A share costs more or less than this page says by what its own draw does; here is one draw, five of seven',
      'oracles with the weights of newcomers, with other luck:');
    table(['Draws', 'Tries', 'Gas', 'against the median'], luck.map((key) =>
      [`${key.split('/')[1]} % need no more`, rows[key].tries, number(gas(key)), key === 'luck/50' ? '' : `${gas(key) >= gas('luck/50') ? '+' : '−'}${number(Math.abs(gas(key) - gas('luck/50')))}`]));
    line(`A further try costs about ${number(Math.round((last.gas - first.gas) / (last.tries - first.tries)))}. More oracles, or a better reputation of those there are, make tries fewer; after 256 a request is void.`);
  }

  line('### Step by step');
  table(['Step of a share with separate transactions', 'First time', 'Next time', 'Calldata', 'Events'],
    Object.keys(rows).filter((key) => key.startsWith('step/') && key.endsWith('/first')).map((key) => [
      rows[key].title, number(gas(key)), gas(key.replace('/first', '/next')) === undefined ? '' : number(gas(key.replace('/first', '/next'))), number(rows[key].calldata), number(rows[key].events)]));

  line('## Each function');
  line('*Own*: the actor sends it. *Signed*: somebody else sends it with the actor\'s signature, the nonce being used for the second time or later.',
    'Calldata and events in bytes, of the own transaction. The earlier contracts\' figures are for what comes nearest.');
  const functions = new Map();
  for (const key of Object.keys(rows)) {
    const [name, how, variant = ''] = key.split('/');
    if (how !== 'own' && how !== 'signed') continue;
    const id = `${name}/${variant}`;
    if (!functions.has(id)) functions.set(id, {});
    functions.get(id)[how] = key;
  }
  table(['Function', 'Own', 'Signed', 'Calldata', 'Events', 'Paper 1', 'Paper 2', 'Sibling'], [...functions.values()].map(({ own, signed }) => {
    const key = own ?? signed;
    const [, first, second, sibling] = earlier[own] ?? [];
    return [rows[key].title, own ? number(gas(own)) : '', signed ? number(gas(signed)) : '', number(rows[key].calldata), number(rows[key].events), first ?? '', second ?? '', sibling ?? ''];
  }));

  const batches = Object.keys(rows).filter((key) => key.startsWith('batch/'));
  if (batches.length > 0) {
    line('## In batches');
    table(['Batch', 'Gas', 'Each', 'Calldata', 'Events'], batches.map((key) => {
      const count = Number(key.split('/').at(-1));
      return [rows[key].title, number(gas(key)), count > 0 ? number(Math.round(gas(key) / count)) : '', number(rows[key].calldata), number(rows[key].events)];
    }));
  }

  const rules = Object.keys(rows).filter((key) => key.startsWith('rule/'));
  if (rules.length > 0) {
    line('## What the rules cost that the earlier contracts lack');
    line('Each is the difference between two transactions that differ in this alone, or the cost of a function that exists for the rule.');
    table(['Rule', 'Gas'], rules.map((key) => [rows[key].title, number(gas(key))]));
    line('Expiry, purpose, the number of uses, the pinned epoch and the binding of an approval to all of it cost nothing of their own: they lie in words',
      'that are hashed or stored anyway.');
  }

  line('## Deployment');
  line('Once for everybody; nothing is deployed for a patient.');
  table(['Contract', 'Bytes', 'of the limit', 'Gas'], [
    ...contracts.map(({ name, size, gas: cost }) => [name, number(size), `${Math.round((size / 24576) * 100)} %`, number(cost)]),
    ['all', number(contracts.reduce((n, c) => n + c.size, 0)), '', number(contracts.reduce((n, c) => n + c.gas, 0))]]);

  line('## Money');
  line('    price = gas × gas price in gwei × 10⁻⁹ × price of one ether');
  line('Take both prices from the day on which you ask and write the day beside the result; none is printed here, since a printed one is wrong the next',
    'week. On a rollup the same gas is charged at the rollup\'s own price, and the data at the price of blobs on the base chain:');
  line('    price on a rollup = (gas × rollup gas price in gwei + compressed bytes × 16 × blob or base fee share in gwei) × 10⁻⁹ × price of one ether');
  table(['A whole share', 'Gas', 'Base chain: ether at G gwei', 'Rollup: ether at g gwei, without data'], ['share/separate/first', 'share/batched/first', 'share/patient/first']
    .filter((key) => gas(key) !== undefined).map((key) => [rows[key].title, number(gas(key)), `${(gas(key) / 1e9).toFixed(9)} × G`, `${(gas(key) / 1e9).toFixed(9)} × g`]));
  return `${lines.join('\n').replace(/\n+$/, '')}\n`;
}

module.exports = { render };
