// How many tries a draw takes, told from the snapshot and the randomness before it is made: as DrawPart.sol draws.
'use strict';
const { ethers } = require('ethers');

const SEATS = 5;
const ATTEMPTS = 256;
const SAMPLE = 1024;
const LOW_64 = (1n << 64n) - 1n;

/** The entries of a snapshot, as its event has them: each oracle's number and weight. */
const entriesOf = (bytes) =>
  Array.from({ length: ethers.dataLength(bytes) / 2 }, (_, i) => {
    const entry = Number(ethers.dataSlice(bytes, 2 * i, 2 * i + 2));
    return { number: entry >> 6, weight: entry & 63 };
  });

/** @returns {{tries: number, members: bigint}} what a first draw of five does. No oracle of the story has an operator in common with another, or with a party. */
function drawn(entries, seed, requestId) {
  const input = ethers.getBytes(ethers.concat([ethers.toUtf8Bytes('phr/draw/v2'), seed, requestId, '0x000000']));
  const seats = [];
  for (let t = 0; t < ATTEMPTS; t++) {
    input[input.length - 1] = t;
    const hash = BigInt(ethers.keccak256(input));
    const { number, weight } = entries[Number((hash >> 128n) % BigInt(entries.length))];
    if ((hash & LOW_64) % 63n >= BigInt(weight) || seats.includes(number)) continue;
    seats.push(number);
    if (seats.length === SEATS) return { tries: t + 1, members: seats.reduce((word, n, i) => word | (BigInt(n) << BigInt(10 * i)), 0n) };
  }
  return { tries: ATTEMPTS, members: 0n };
}

/** The randomness that anvil will give the block after one: a hash of that block's hash and of its own number. A draw that comes out otherwise stops the run. */
function randomnessAfter({ blockHash, blockNumber }) {
  const number = new DataView(new ArrayBuffer(8));
  number.setBigUint64(0, BigInt(blockNumber) + 1n, true);
  return ethers.keccak256(ethers.concat([blockHash, new Uint8Array(number.buffer)]));
}

const known = new Map();

/** The number of tries that a share of draws does not exceed: of 1,024 draws, whose seeds are the hashes of "phr gas luck 0", "phr gas luck 1" and so on. */
function triesAt(entries, share) {
  const key = JSON.stringify(entries);
  if (!known.has(key)) {
    const tries = Array.from({ length: SAMPLE }, (_, i) => drawn(entries, ethers.id(`phr gas luck ${i}`), ethers.ZeroHash).tries);
    known.set(key, tries.sort((a, b) => a - b));
  }
  return known.get(key)[Math.ceil(share * SAMPLE) - 1];
}

module.exports = { drawn, entriesOf, randomnessAfter, triesAt };
