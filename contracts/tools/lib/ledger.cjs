// Deploys the ledger from ../artifacts and sends commands to it: as the actor's own transaction, or signed and relayed.
'use strict';
const fs = require('fs');
const path = require('path');
const { ethers } = require('ethers');

const root = path.join(__dirname, '..', '..');
const artifact = (name) => JSON.parse(fs.readFileSync(path.join(root, 'artifacts', `${name}.json`), 'utf8'));

/** Every EIP-712 type string that the contracts check signatures against, by the command's name: read from the sources. */
function typeStrings(folder = path.join(root, 'src'), found = new Map()) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) typeStrings(file, found);
    else if (entry.name.endsWith('.sol')) {
      for (const match of fs.readFileSync(file, 'utf8').matchAll(/keccak256\(\s*((?:"[^"]*"\s*)+)\)/g)) {
        const text = [...match[1].matchAll(/"([^"]*)"/g)].map((part) => part[1]).join('');
        const name = /^([A-Z]\w*)\(address actor,uint64 nonce/.exec(text)?.[1];
        if (name) found.set(name, text);
      }
    }
  }
  return found;
}

/** "A(T x,B b)B(U y)" as ethers takes it: { A: [{type, name}, …], B: […] }. */
const typesOf = (text) =>
  Object.fromEntries([...text.matchAll(/(\w+)\(([^)]*)\)/g)].map(([, name, members]) =>
    [name, members.split(',').filter(Boolean).map((member) => {
      const [type, field] = member.split(' ');
      return { type, name: field };
    })]));

/** The value of an input: by its name, or for a witness by its type. Members of the signed struct come from the same values. */
function valueOf(input, values, name) {
  const byType = /^struct (?:\w+\.)?(\w+)$/.exec(input._internal ?? '')?.[1];
  const value = values[input.name] ?? (byType ? values[byType] : undefined);
  if (value === undefined) throw new Error(`${name}: no value for ${input.name} (${input.type})`);
  return value;
}

/** What a command's members are looked up in: the values, and the members of the witnesses among them. */
const flatten = (values) => {
  const flat = {};
  for (const value of Object.values(values)) {
    if (value !== values && value !== null && typeof value === 'object' && !Array.isArray(value)) Object.assign(flat, value);
  }
  return { ...flat, ...values };
};

/** A policy's forms, as PolicyLib has them: whole, its seats, its terms. */
const HEAD = 78;
const seatsEnd = (policy) => {
  const bytes = ethers.getBytes(policy);
  const groups = HEAD + 2 * bytes[2];
  return groups + (bytes.length - groups) / 2;
};
const policyForms = {
  whole: (policy) => policy,
  seats: (policy) => ethers.concat(['0x02', ethers.dataSlice(policy, 1, 14),
    ethers.keccak256(ethers.concat([ethers.dataSlice(policy, 14, 46), ethers.dataSlice(policy, seatsEnd(policy))])), ethers.dataSlice(policy, 46, seatsEnd(policy))]),
  terms: (policy) => {
    const seats = policyForms.seats(policy);
    return ethers.concat(['0x03', ethers.dataSlice(seats, 1, HEAD), ethers.keccak256(ethers.dataSlice(seats, HEAD))]);
  },
};
const policyHash = (policy) => ethers.keccak256(ethers.concat(['0x01', ethers.dataSlice(policyForms.terms(policy), 1)]));

/** The shortest form of the policy that has what a function reads. */
const policyFormOf = {
  approveRequest: 'seats', approveMany: 'seats', denyRequest: 'seats', acknowledgeDealing: 'seats', complainOfDealing: 'seats', activateDealing: 'seats',
  confirmOpened: 'terms', redrawCommittee: 'terms',
};

/** What each instruction of a transaction's gas is for; whatever is not named here is arithmetic, stack, memory and jumps. */
const PART_OF = { SLOAD: 'reads', SSTORE: 'writes', KECCAK256: 'hashes', DELEGATECALL: 'calls', STATICCALL: 'calls', CALL: 'calls' };

class Ledger {
  constructor(provider, iface, address, funder) {
    Object.assign(this, { provider, iface, address, funder, types: typeStrings(), traced: false });
    this.domain = { name: 'Phr', version: '1', chainId: 31337, verifyingContract: address };
    this.nonces = new Map();
    this.internalTypes = new Map(artifact('PhrLedger').abi.filter((entry) => entry.type === 'function')
      .map((entry) => [entry.name, Object.fromEntries(entry.inputs.map((input) => [input.name, input.internalType]))]));
  }

  /** Deploys the modules and the ledger. The result has the gas and the size of each. */
  static async deploy(provider, parameters) {
    const funder = new ethers.Wallet('0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80', provider);
    const core = artifact('PhrLedger');
    const deployments = [];
    const create = async (name, args) => {
      const { abi, bytecode, deployedBytecode } = artifact(name);
      const contract = await new ethers.ContractFactory(abi, bytecode, funder).deploy(...args);
      const receipt = await contract.deploymentTransaction().wait();
      deployments.push({ name, gas: Number(receipt.gasUsed), size: (deployedBytecode.length - 2) / 2 });
      return receipt.contractAddress;
    };
    const modules = {};
    const components = core.abi.find((entry) => entry.type === 'constructor').inputs[1].components;
    for (const { name } of components) {
      // A ledger can be made without a part that nobody calls: any module of the same parameters fills its place.
      const there = fs.existsSync(path.join(root, 'artifacts', `${Ledger.moduleFor(name)}.json`));
      modules[name] = there ? await create(Ledger.moduleFor(name), [parameters]) : modules.identity;
    }
    const address = await create('PhrLedger', [parameters, modules]);
    const ledger = new Ledger(provider, new ethers.Interface(core.abi), address, funder);
    return Object.assign(ledger, { deployments, modules });
  }

  /** The contract behind a member of PhrLedger.Modules: "identity" is IdentityModule, "dealings" DealingModule. */
  static moduleFor(member) {
    const stem = member.endsWith('ies') ? `${member.slice(0, -3)}y` : member.replace(/s$/, '');
    const file = `${stem[0].toUpperCase()}${stem.slice(1)}Module`;
    return fs.existsSync(path.join(root, 'artifacts', `${file}.json`)) ? file : `${member[0].toUpperCase()}${member.slice(1)}Module`;
  }

  /** A person with ether for its own transactions; its name gives its key. */
  async person(name) {
    const wallet = new ethers.Wallet(ethers.id(`phr gas ${name}`), this.provider);
    await this.provider.send('anvil_setBalance', [wallet.address, '0x3635c9adc5dea00000']);
    return wallet;
  }

  nonceOf(actor) {
    return this.nonces.get(actor.address) ?? 0n;
  }

  /** The id of a claim: a hash of what it says and of this ledger. */
  claimId(facts) {
    const struct = this.iface.getFunction('endorseClaim').inputs[0];
    const coder = ethers.AbiCoder.defaultAbiCoder();
    return ethers.keccak256(coder.encode(['bytes32', 'uint256', 'address', struct], [ethers.id('phr/claim/v1'), 31337n, this.address, facts]));
  }

  /** The authority of a command: none but the sender's, or the actor's signature with its next nonce, which is then used up. */
  async authorize(actor, command, message, signed) {
    if (!signed) return { actor: actor.address, nonce: 0n, signature: '0x' };
    const text = this.types.get(command);
    if (!text) throw new Error(`no EIP-712 type for ${command}`);
    const types = typesOf(text);
    const nonce = this.nonceOf(actor);
    const pool = { ...message, actor: actor.address, nonce };
    // Of a policy's blob the command signs the hash.
    for (const { type, name } of types[command]) {
      if (type === 'bytes32' && name === 'policy' && ethers.dataLength(pool[name] ?? '0x') > 32) pool[name] = policyHash(pool[name]);
    }
    const missing = types[command].filter((member) => pool[member.name] === undefined);
    if (missing.length > 0) throw new Error(`${command}: no value for ${missing.map((m) => m.name).join(', ')}`);
    const signature = await actor.signTypedData(this.domain, types, Object.fromEntries(types[command].map((m) => [m.name, pool[m.name]])));
    this.nonces.set(actor.address, nonce + 1n);
    return { actor: actor.address, nonce, signature };
  }

  /** The calldata of a function: arguments and members of the signed struct are found in `values` by name. */
  async calldata(actor, name, values, signed) {
    const fragment = this.iface.getFunction(name);
    if (!fragment) throw new Error(`the ledger has no function ${name}`);
    const types = this.internalTypes.get(name);
    const inputs = fragment.inputs.filter((input) => input.name !== 'auth');
    const whole = values;
    if (inputs.some((input) => input.name === 'policy' && input.type === 'bytes')) {
      // Facts need not repeat the hash of a policy that goes with them.
      values = { ...values, policy: policyForms[policyFormOf[name] ?? 'whole'](values.policy) };
      if (values.RequestFacts) values.RequestFacts = { ...values.RequestFacts, policyHash: ethers.ZeroHash };
    }
    const args = inputs.map((input) => valueOf({ name: input.name, type: input.type, _internal: types[input.name] }, values, name));
    if (inputs.length === fragment.inputs.length) return this.iface.encodeFunctionData(fragment, args);
    const auth = await this.authorize(actor, name[0].toUpperCase() + name.slice(1), flatten(whole), signed);
    return this.iface.encodeFunctionData(fragment, [...args, auth]);
  }

  /** Sends calldata and waits; a refusal throws with the error's name. */
  async send(sender, data, value = 0n) {
    return this.sendSigned(await this.sign(sender, data, value));
  }

  /** A transaction to the ledger that only has to be sent. */
  async sign(sender, data, value = 0n) {
    const request = { to: this.address, data, value, gasLimit: 16_000_000n, maxFeePerGas: 10_000_000_000n, maxPriorityFeePerGas: 1n };
    const nonce = Number(await this.provider.send('eth_getTransactionCount', [sender.address, 'latest']));
    return { request: { ...request, from: sender.address }, raw: await sender.signTransaction({ ...request, type: 2, chainId: 31337, nonce }) };
  }

  async sendSigned({ request, raw }) {
    const hash = await this.imported(raw);
    let answer = null;
    // The node mines at once: this asks again only when the machine is busy.
    for (let attempt = 0; answer === null; attempt++) {
      if (attempt > 1000) throw new Error(`no receipt of ${hash}`);
      answer = await this.provider.send('eth_getTransactionReceipt', [hash]);
    }
    const receipt = { ...answer, status: Number(answer.status), gasUsed: BigInt(answer.gasUsed), blockNumber: Number(answer.blockNumber) };
    if (receipt.status !== 1) throw new Error(await this.refusal(request));
    return receipt;
  }

  /** Hands a transaction in. One that was mined and undone waits until the node's pool has let go of it. */
  async imported(raw) {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.provider.send('eth_sendRawTransaction', [raw]);
      } catch (error) {
        if (attempt > 1000 || !String(error.error?.message).includes('already imported')) throw error;
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    }
  }

  async refusal(request) {
    try {
      await this.provider.call(request);
      return 'refused, but a repeated call is not';
    } catch (error) {
      const parsed = error.data ? this.iface.parseError(error.data) : null;
      return parsed ? `${parsed.name}(${parsed.args.join(', ')})` : (error.data ?? error.message);
    }
  }

  /** Calls a function and returns what it cost. `options.signed`: relayed by somebody else. */
  async call(actor, name, values = {}, { signed = false, value = 0n } = {}) {
    const data = await this.calldata(actor, name, values, signed);
    let receipt;
    try {
      receipt = await this.send(signed ? this.funder : actor, data, value);
    } catch (error) {
      throw new Error(`${name}: ${error.message}`);
    }
    return this.parts(this.cost(name, data, receipt));
  }

  /** What a traced transaction paid for what. A call's own price is what is left of it after what the called code spends. */
  async parts(cost) {
    if (!this.traced) return cost;
    const { structLogs } = await this.provider.send('debug_traceTransaction', [cost.receipt.transactionHash,
      { disableStorage: true, disableMemory: true, disableStack: true }]);
    const parts = { transaction: 21_000, calldata: cost.intrinsic - 21_000, reads: 0, writes: 0, events: 0, hashes: 0, calls: 0, instructions: 0 };
    for (const { op, gasCost } of structLogs) {
      const part = op.startsWith('LOG') ? 'events' : (PART_OF[op] ?? 'instructions');
      if (part !== 'calls') parts[part] += gasCost;
    }
    // What no step says: cold accounts and precompiles, less what is refunded.
    parts.calls = cost.gas - Object.values(parts).reduce((sum, value) => sum + value, 0);
    return { ...cost, parts };
  }

  /** What a transaction cost, and its events by name. */
  cost(name, data, receipt) {
    const bytes = ethers.getBytes(data);
    const events = receipt.logs.map((log) => this.iface.parseLog(log)).filter(Boolean);
    const zeros = bytes.reduce((n, b) => n + (b === 0 ? 1 : 0), 0);
    const tokens = zeros + 4 * (bytes.length - zeros);
    return {
      name, gas: Number(receipt.gasUsed), calldata: bytes.length, events, receipt,
      intrinsic: 21_000 + 4 * tokens, floor: 21_000 + 10 * tokens,
      eventBytes: receipt.logs.reduce((n, log) => n + ethers.dataLength(log.data) + 32 * log.topics.length, 0),
    };
  }

  /** Several commands in one transaction, sent by anybody. */
  async batch(calls, atomic = true) {
    const parts = [];
    for (const [actor, name, values] of calls) {
      parts.push(await this.calldata(actor, name, values, true));
    }
    const data = this.iface.encodeFunctionData('batch', [parts, atomic]);
    return this.parts(this.cost('batch', data, await this.send(this.funder, data)));
  }

  /** Moves the chain on: seconds, or blocks. */
  async wait({ seconds = 0, blocks = 0 }) {
    if (seconds > 0) await this.provider.send('evm_setNextBlockTimestamp', [(await this.now()) + seconds]);
    await this.provider.send('anvil_mine', [ethers.toQuantity(Math.max(1, blocks))]);
  }

  /** What `restore` needs to make everything since undone: the chain's state, and the nonces that signatures used. */
  async save() {
    return { chain: await this.provider.send('evm_snapshot', []), nonces: new Map(this.nonces) };
  }

  async restore({ chain, nonces }) {
    if (!(await this.provider.send('evm_revert', [chain]))) throw new Error('the node does not go back');
    this.nonces = new Map(nonces);
  }

  async now() {
    return (await this.provider.getBlock('latest')).timestamp;
  }
}

module.exports = { Ledger, typesOf, typeStrings, policyForms, policyHash };
