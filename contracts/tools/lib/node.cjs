// Starts an anvil of this workspace's own on a free port of this machine, with the rules that foundry.toml names.
'use strict';
const fs = require('fs');
const net = require('net');
const os = require('os');
const path = require('path');
const { spawn } = require('child_process');
const { ethers } = require('ethers');

const root = path.join(__dirname, '..', '..');
const anvil = process.env.PHR_ANVIL ?? path.join(root, 'node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil');

const freePort = () =>
  new Promise((resolve, reject) => {
    const server = net.createServer().on('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** @param traced whether the node keeps every step of every transaction, for debug_traceTransaction
 *  @returns {Promise<{provider: ethers.JsonRpcProvider, stop: () => void}>} */
async function startNode({ timestamp = 1_800_000_000, traced = false } = {}) {
  const port = await freePort();
  const hardfork = /^evm_version\s*=\s*"(\w+)"/m.exec(fs.readFileSync(path.join(root, 'foundry.toml'), 'utf8'))[1];
  // anvil keeps old states on disk, and leaves them there when it is ended.
  const states = fs.mkdtempSync(path.join(os.tmpdir(), 'phr-anvil-'));
  const child = spawn(anvil, ['--cache-path', states, '--host', '127.0.0.1', '-p', String(port), '-q', '--chain-id', '31337', '--hardfork', hardfork,
    '--accounts', '1', '--balance', '1000000', '--timestamp', String(timestamp), '--base-fee', '1', ...(traced ? ['--steps-tracing'] : [])], { stdio: 'ignore' });
  const stop = () => child.kill('SIGTERM');
  process.once('exit', () => {
    stop();
    fs.rmSync(states, { recursive: true, force: true });
  });
  const provider = new ethers.JsonRpcProvider(`http://127.0.0.1:${port}`, 31337, {
    staticNetwork: true, batchMaxCount: 1, cacheTimeout: -1, pollingInterval: 5,
  });
  for (let attempt = 0; ; attempt++) {
    try {
      await provider.send('eth_chainId', []);
      break;
    } catch (error) {
      if (attempt > 200 || child.exitCode !== null) throw new Error(`anvil does not answer: ${error.message}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  // One second per block, whatever the clock of this machine does.
  await provider.send('anvil_setBlockTimestampInterval', [1]);
  return { provider, stop };
}

const hex = (value) => (BigInt(value) === 0n ? '0x' : ethers.toBeHex(value));

/** The RLP of a block's header, as every fork up to Osaka has it. */
async function headerRlp(provider, number) {
  const b = await provider.send('eth_getBlockByNumber', [ethers.toQuantity(number), false]);
  const fields = [b.parentHash, b.sha3Uncles, b.miner, b.stateRoot, b.transactionsRoot, b.receiptsRoot, b.logsBloom, hex(b.difficulty),
    hex(b.number), hex(b.gasLimit), hex(b.gasUsed), hex(b.timestamp), b.extraData, b.mixHash, b.nonce];
  for (const name of ['baseFeePerGas', 'withdrawalsRoot', 'blobGasUsed', 'excessBlobGas', 'parentBeaconBlockRoot', 'requestsHash']) {
    if (b[name] === undefined || b[name] === null) break;
    fields.push(name.endsWith('Root') || name.endsWith('Hash') ? b[name] : hex(b[name]));
  }
  const rlp = ethers.encodeRlp(fields);
  if (ethers.keccak256(rlp) !== b.hash) throw new Error(`the header of block ${number} does not hash to its hash`);
  return { rlp, mixHash: b.mixHash };
}

module.exports = { startNode, headerRlp };
