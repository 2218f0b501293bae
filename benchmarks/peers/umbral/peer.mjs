// The peer for Umbral: @nucypher/umbral-pre, which is Rust compiled to WebAssembly, under Node; asked line by line.
//
//   npm ci && node peer.mjs
//
// It answers "ready" once, and then each line "OPERATION COUNT" with the nanoseconds that COUNT operations took. What an
// operation returns is freed inside the loop, as a program that runs for long has to do. Verifying uses its object up, so that
// the objects are read before the clock starts.
import { createInterface } from "node:readline";
import umbral from "@nucypher/umbral-pre";

const threshold = 3;
const shares = 5;
const plaintext = new Uint8Array(32).fill(7);
const delegating = umbral.SecretKey.random();
const delegatingKey = delegating.publicKey();
const receiving = umbral.SecretKey.random();
const receivingKey = receiving.publicKey();
const signer = new umbral.Signer(umbral.SecretKey.random());
const verifyingKey = signer.verifyingKey();
const [capsule, ciphertext] = umbral.encrypt(delegatingKey, plaintext);
const makeKfrags = () => umbral.generateKFrags(delegating, receivingKey, signer, threshold, shares, true, true);
const verifiedKfrags = makeKfrags();
const kfragBytes = verifiedKfrags[0].toBytes();
const verifiedCfrags = verifiedKfrags.slice(0, threshold).map((k) => umbral.reencrypt(capsule, k));
const cfragBytes = verifiedCfrags[0].toBytes();

const inputs = {
  verifyKfrag: () => umbral.KeyFrag.fromBytes(kfragBytes),
  verifyCfrag: () => umbral.CapsuleFrag.fromBytes(cfragBytes),
};

const operations = {
  encrypt() {
    const [c] = umbral.encrypt(delegatingKey, plaintext);
    c.free();
  },
  decryptOriginal() {
    umbral.decryptOriginal(delegating, capsule, ciphertext);
  },
  generateKfrags() {
    for (const k of makeKfrags()) k.free();
  },
  verifyKfrag(kfrag) {
    kfrag.verify(verifyingKey, delegatingKey, receivingKey).free();
  },
  reencrypt() {
    umbral.reencrypt(capsule, verifiedKfrags[1]).free();
  },
  verifyCfrag(cfrag) {
    cfrag.verify(capsule, verifyingKey, delegatingKey, receivingKey).free();
  },
  decryptReencrypted() {
    umbral.decryptReencrypted(receiving, delegatingKey, capsule, verifiedCfrags, ciphertext);
  },
};

console.log("ready");
for await (const line of createInterface({ input: process.stdin })) {
  const [name, count] = line.split(" ");
  const run = operations[name];
  if (run === undefined) throw new Error(`unknown operation ${name}`);
  const input = Array.from({ length: Number(count) }, inputs[name] ?? (() => undefined));
  const begin = process.hrtime.bigint();
  for (const value of input) run(value);
  console.log(String(process.hrtime.bigint() - begin));
}
