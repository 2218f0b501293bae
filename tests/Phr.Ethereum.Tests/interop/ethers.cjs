// Computes with ethers what the tests compute with our own code, for the same inputs.
// Usage: node ethers.cjs NODE_MODULES < jobs.json > results.json     (one result for each job, in order)
'use strict';
const path = require('node:path');
const { createRequire } = require('node:module');
const { ethers } = createRequire(path.join(path.resolve(process.argv[2]), 'package.json'))('ethers');

const coder = ethers.AbiCoder.defaultAbiCoder();

const jobs = {
  abi: ({ types, values }) => coder.encode(types, values),
  selector: ({ signature }) => ethers.id(signature).slice(0, 10),
  call: ({ declaration, values }) => new ethers.Interface([declaration]).encodeFunctionData(ethers.FunctionFragment.from(declaration), values),
  error: ({ declaration, values }) => new ethers.Interface([declaration]).encodeErrorResult(ethers.ErrorFragment.from(declaration), values),
  log: ({ declaration, values }) => new ethers.Interface([declaration]).encodeEventLog(ethers.EventFragment.from(declaration), values),
  rlp: ({ item }) => ethers.encodeRlp(item),
  transaction: ({ key, fields }) => {
    const transaction = ethers.Transaction.from({ type: 2, ...fields });
    const unsignedHash = transaction.unsignedHash;
    transaction.signature = new ethers.SigningKey(key).sign(unsignedHash);
    return { unsignedHash, raw: transaction.serialized, hash: transaction.hash, from: transaction.from };
  },
  parse: ({ raw }) => {
    const t = ethers.Transaction.from(raw);
    return {
      chainId: t.chainId.toString(), nonce: t.nonce, from: t.from, to: t.to, value: t.value.toString(), data: t.data, gasLimit: t.gasLimit.toString(),
      maxFeePerGas: t.maxFeePerGas.toString(), maxPriorityFeePerGas: t.maxPriorityFeePerGas.toString(), hash: t.hash,
    };
  },
  typed: ({ key, domain, types, message }) => {
    const digest = ethers.TypedDataEncoder.hash(domain, types, message);
    const encoder = ethers.TypedDataEncoder.from(types);
    return { digest, type: encoder.encodeType(encoder.primaryType), signature: new ethers.SigningKey(key).sign(digest).serialized };
  },
};

let input = '';
process.stdin.setEncoding('utf8').on('data', (chunk) => { input += chunk; }).on('end', () => {
  const results = JSON.parse(input).map((job) => jobs[job.kind](job));
  process.stdout.write(JSON.stringify(results));
});
