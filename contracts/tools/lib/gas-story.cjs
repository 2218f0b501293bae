// The story that is measured: people register, a patient seals a bundle and names trustees, a doctor asks, oracles serve.
'use strict';
const { ethers } = require('ethers');
const { startNode, headerRlp } = require('./node.cjs');
const { Ledger, policyForms, policyHash } = require('./ledger.cjs');
const { drawn, entriesOf, randomnessAfter, triesAt } = require('./gas-luck.cjs');

const ROLE = { patient: 1, doctor: 2, guardian: 4, hospital: 8, agency: 16, insurer: 32, oracle: 64, operator: 128, team: 256 };
const DAY = 86_400;
const ZERO = ethers.ZeroAddress;

let fresh = 0;
/** A digest that no other call gave: 32 bytes that look random. */
const digest = (name = 'fresh') => ethers.id(`${name} ${fresh++}`);

class Story {
  constructor(ledger) {
    this.ledger = ledger;
    this.rows = new Map();
  }

  /** Notes what a call cost under a key of the page. */
  note(key, title, cost) {
    if (!this.rows.has(key)) this.rows.set(key, { title, costs: [] });
    this.rows.get(key).costs.push(cost);
    return cost;
  }

  /** One call, noted under NAME/own or NAME/signed and a variant. */
  async measure(title, actor, name, values, { variant = '', ...options } = {}) {
    const cost = await this.ledger.call(actor, name, values, options);
    return this.note(`${name}/${options.signed ? 'signed' : 'own'}${variant}`, title, cost);
  }

  async until(days) {
    return (await this.ledger.now()) + days * DAY;
  }

  // ---- identities -----------------------------------------------------------------------------------------------------

  async register(name, roles, { organisation = ZERO, operator = ZERO, days = 3650, title, ...options } = {}) {
    const who = await this.ledger.person(name);
    const values = { roles, keyRecordDigest: digest('key record'), validUntil: await this.until(days), organisation, operator };
    if (title) await this.measure(title, who, 'registerActor', values, options);
    else await this.ledger.call(who, 'registerActor', values, options);
    return who;
  }

  admit(subject, options) {
    return this.ledger.call(this.agency, 'admitActor', { subject: subject.address }, options);
  }

  /** The agency, and everybody the shares need. */
  async people() {
    await this.ledger.call(this.agency, 'registerActor', {
      roles: ROLE.agency, keyRecordDigest: digest('key record'), validUntil: await this.until(3650), organisation: ZERO, operator: ZERO,
    });
    this.hospital = await this.register('hospital', ROLE.hospital);
    await this.admit(this.hospital);
    this.trustees = [];
    this.organisations = new Map();
    for (let i = 0; i < 5; i++) {
      const roles = i < 2 ? ROLE.guardian : i < 4 ? ROLE.hospital : ROLE.insurer;
      const trustee = await this.register(`trustee ${i}`, roles);
      if (roles !== ROLE.guardian) await this.admit(trustee);
      if (roles !== ROLE.guardian) this.organisations.set(trustee.address, trustee.address);
      this.trustees.push(trustee);
    }
    this.operators = [];
    this.oracles = [];
    for (let i = 0; i < 7; i++) {
      const signed = i % 2 === 1;
      const operator = await this.register(`operator ${i}`, ROLE.operator, { title: 'register an operator', variant: '/operator', signed });
      await this.measure('admit an operator', this.agency, 'admitActor', { subject: operator.address }, { variant: '/operator', signed });
      const oracle = await this.register(`oracle ${i}`, ROLE.oracle, { operator: operator.address, days: 30, title: 'register an oracle', variant: '/oracle', signed });
      await this.measure('admit an oracle', this.agency, 'admitActor', { subject: oracle.address }, { variant: '/oracle', signed });
      this.operators.push(operator);
      this.oracles.push(oracle);
    }
  }

  /** A doctor with a licence, a patient. */
  async pair(name, options = {}) {
    const doctor = await this.register(`doctor ${name}`, ROLE.doctor, { title: 'register a doctor', variant: '/doctor', ...options });
    await this.measure('admit a doctor', this.agency, 'admitActor', { subject: doctor.address }, { variant: '/doctor', ...options });
    await this.measure('record a licence', this.agency, 'recordLicence', {
      doctor: doctor.address, credentialDigest: digest('credential'), speciality: 'cardiology', organisation: this.hospital.address,
      notAfter: await this.until(365),
    }, options);
    const patient = await this.register(`patient ${name}`, ROLE.patient, { title: 'register a patient', variant: '/patient', ...options });
    return { doctor, patient };
  }

  async identities(round) {
    for (const signed of [false, true]) {
      const name = `${round} ${signed}`;
      const { doctor, patient } = await this.pair(`identity ${name}`, { signed });
      const renewed = async () => ({
        newLedgerAddress: doctor.address, keyRecordDigest: digest('key record'), validUntil: await this.until(3650), possession: '0x',
      });
      // Twice, so that the nonce's word is not new any more.
      await this.ledger.call(doctor, 'replaceKey', await renewed(), { signed: true });
      await this.measure('renew a key record', doctor, 'replaceKey', await renewed(), { signed });
      await this.measure('show presence', patient, 'confirmPresence', {}, { signed });
      await this.measure('withdraw a licence', this.agency, 'withdrawLicence', { doctor: doctor.address, reasonCode: 3 }, { signed });
      for (const [title, name] of [['suspend', 'suspendActor'], ['reinstate', 'reinstateActor'], ['remove', 'removeActor']]) {
        await this.measure(title, this.agency, name, { subject: doctor.address, reasonCode: 3 }, { signed });
      }
      const oracle = this.oracles[round % this.oracles.length];
      await this.measure(signed ? 'post a bond, more' : 'post a bond, first', this.operators[0], 'postBond',
        { oracle: oracle.address, amount: 1_000_000n }, { signed, value: 10n ** 15n, variant: signed ? '/next' : '/first' });
    }
    await this.measure('ask back a bond', this.oracles[round % this.oracles.length], 'releaseBond', { amount: 1_000_000n }, { signed: round % 2 === 1 });
  }

  // ---- bundles, dealings, requests ------------------------------------------------------------------------------------

  /** The usual policy's blob: guardians (2 of 2), hospitals (1 of 2), insurer (1 of 1), two groups, three of five oracles. */
  policy({ trustees = this.trustees, groups = [[2, 2], [1, 2], [1, 1]], threshold = 2, veto = 0, incapacity = 0, rule = '0x', flags = 2 } = {}) {
    const names = ethers.concat(groups.map((_, i) => ethers.concat(['0x06', ethers.toUtf8Bytes(`group${i}`)])));
    const coder = (types, values) => ethers.solidityPacked(types, values);
    const head = coder(['uint8', 'uint8', 'uint8', 'uint8', 'uint8', 'uint8', 'uint32', 'uint32', 'bytes32', 'bytes32'],
      [1, threshold, groups.length, 3, 5, flags, veto, incapacity, ethers.keccak256(names), rule === '0x' ? ethers.ZeroHash : ethers.keccak256(rule)]);
    const members = [...trustees.map((t) => t.address), ...trustees.map((t) => this.organisations.get(t.address) ?? ZERO)];
    return { policy: ethers.concat([head, ...groups.map(([t, n]) => coder(['uint8', 'uint8'], [t, n])), ...members]), names, rule, groups };
  }

  seat(ordinal, groups) {
    let group = 0;
    for (let left = ordinal; ; left -= groups[group][1], group++) {
      if (left < groups[group][1]) return { group: group + 1, member: left + 1 };
    }
  }

  /** A bundle of the patient with an active dealing. */
  async bundle(patient, { measured = false, terms = {}, signed = false } = {}) {
    const policy = this.policy(terms);
    const bundle = { bundleId: digest('bundle'), patient, headerDigest: digest('header'), documentsRoot: digest('documents'), epoch: 1, ...policy };
    bundle.dealing = { dealingDigest: digest('dealing'), headerDigest: bundle.headerDigest, policyHash: policyHash(policy.policy), planDigest: ethers.ZeroHash };
    const none = { dealingDigest: ethers.ZeroHash, headerDigest: ethers.ZeroHash, policyHash: ethers.ZeroHash, planDigest: ethers.ZeroHash };
    bundle.witness = {
      BundleFacts: { patient: patient.address, headerDigest: bundle.headerDigest, documentsRoot: bundle.documentsRoot },
      DealingFacts: bundle.dealing, active: none, policy: policy.policy, names: policy.names, rule: policy.rule,
    };
    const act = (title, actor, name, values, variant = '') =>
      measured ? this.measure(title, actor, name, values, { signed, variant }) : this.ledger.call(actor, name, values, { signed });
    const values = { ...bundle.witness, bundleId: bundle.bundleId, headerDigest: bundle.headerDigest, documentsRoot: bundle.documentsRoot,
      epoch: 1, previousDealingDigest: ethers.ZeroHash, dealingDigest: bundle.dealing.dealingDigest };
    const proposal = { ...values, DealingProposal: {
      headerDigest: bundle.headerDigest, epoch: 1, previousDealingDigest: ethers.ZeroHash, dealingDigest: bundle.dealing.dealingDigest,
      policy: policy.policy, names: policy.names, rule: policy.rule,
    } };
    await act('register a bundle', patient, 'registerBundle', values);
    const trustees = terms.trustees ?? this.trustees;
    for (const trustee of measured ? trustees.slice(0, 1) : []) {
      await act('publish an envelope key', trustee, 'publishEnvelopeKey', { ...values, envelopeKey: this.publicKey(), offerDigest: digest('offer') });
    }
    await act('propose a dealing: trustees and policy', patient, 'proposeDealing', proposal);
    for (const [i, trustee] of trustees.entries()) {
      await act('acknowledge a dealing', trustee, 'acknowledgeDealing', { ...values, seat: this.seat(i, policy.groups) }, i === 0 ? '/first' : '/next');
    }
    await this.ledger.wait({ seconds: 61 });
    await act('activate a dealing', patient, 'activateDealing', { ...values, without: [] });
    bundle.witness.active = bundle.dealing;
    return bundle;
  }

  publicKey() {
    return ethers.SigningKey.computePublicKey(digest('key'), true);
  }

  async snapshot(options = {}) {
    await this.ledger.wait({ blocks: 301 });
    const cost = await this.ledger.call(this.agency, 'takeSnapshot', {}, options);
    this.tookSnapshot(cost);
    return cost;
  }

  tookSnapshot(cost) {
    const { args } = cost.events.find((e) => e.name === 'SnapshotTaken');
    this.snapshotNumber = Number(args.number);
    this.entries = entriesOf(args.getValue('entries'));
    this.medianTries = triesAt(this.entries, 0.5);
  }

  /**
   * A doctor's request for a bundle whose draw will take so many tries, the median number where nothing else is asked for: it is made a second
   * later each time, on the same state of the chain, until the randomness to come is such a one. The result has what later calls need.
   */
  async request(doctor, bundle, { variant, tries = this.medianTries, signed = false, former, uses = 1 } = {}) {
    const { ledger } = this;
    const notAfter = await this.until(2);
    const meta = BigInt(notAfter) | (BigInt(bundle.epoch) << 40n) | (BigInt(this.snapshotNumber) << 64n) | (BigInt(uses) << 96n) | (1n << 104n) | (3n << 168n);
    const receivingKey = ethers.SigningKey.computePublicKey(digest('key'), false);
    const values = {
      ...bundle.witness, bundleId: bundle.bundleId, headerDigest: bundle.headerDigest, documentsRoot: bundle.documentsRoot,
      dealingDigest: bundle.dealing.dealingDigest, epoch: bundle.epoch, documentsCommitment: digest('documents'), documentCount: 3,
      bodyCommitment: digest('body'), bodyDigest: digest('sealed body'), purposeDigest: digest('purpose'), receivingKey: ethers.SigningKey.computePublicKey(receivingKey, true),
      notAfter, requestNonce: digest('nonce'), receiver: { kind: 1, id: doctor.address, keyEpoch: 0 }, snapshot: this.snapshotNumber, uses,
      emergencyReason: 0, evidenceRoot: digest('evidence'), possession: ethers.concat([digest('r'), `0x3f${digest('s').slice(4)}`]), team: '0x',
    };
    values.AccessRequest = values;
    values.AccessWitness = {
      patient: bundle.patient.address, documentsRoot: bundle.documentsRoot, planDigest: bundle.dealing.planDigest, receivingKeyY: ethers.dataSlice(receivingKey, 33),
      dealtHeaderDigest: bundle.dealing.headerDigest === bundle.headerDigest ? ethers.ZeroHash : bundle.dealing.headerDigest,
      policy: policyForms.terms(bundle.witness.policy), rule: bundle.witness.rule, team: '0x', former: former ? [former] : [],
    };
    const data = await ledger.calldata(doctor, 'requestAccess', values, signed);
    const transaction = await ledger.sign(signed ? ledger.funder : doctor, data);
    const now = await ledger.now();
    let luck = {};
    let receipt;
    for (let attempt = 1; luck.tries !== tries; attempt++) {
      if (attempt > 10_000) throw new Error(`no request whose draw takes ${tries} tries`);
      const { chain } = await ledger.save();
      await ledger.provider.send('evm_setNextBlockTimestamp', [now + attempt]);
      receipt = await ledger.sendSigned(transaction);
      const { requestId } = ledger.cost('requestAccess', data, receipt).events.find((e) => e.name === 'AccessRequested').args;
      luck = drawn(this.entries, randomnessAfter(receipt), requestId);
      if (luck.tries !== tries) await ledger.provider.send('evm_revert', [chain]);
    }
    const cost = await ledger.parts(ledger.cost('requestAccess', data, receipt));
    const title = variant === '/next' ? 'request, the pair\'s next' : 'request, the pair\'s first';
    if (variant) this.note(`requestAccess/${signed ? 'signed' : 'own'}${variant}`, title, cost);
    await ledger.wait({ blocks: 2 });
    const { rlp } = await headerRlp(ledger.provider, receipt.blockNumber + 1);
    const event = cost.events.find((e) => e.name === 'AccessRequested');
    const facts = { requestId: event.args.requestId, doctor: doctor.address, patient: bundle.patient.address, bundleId: bundle.bundleId,
      meta: event.args.meta ?? meta, team: ZERO, policyHash: bundle.dealing.policyHash };
    return { facts, bundle, doctor, cost, header: rlp, expected: luck.members, values: { RequestFacts: facts, ...bundle.witness, requestId: facts.requestId } };
  }

  async draw(request, { variant, signed = false } = {}) {
    const values = { ...request.values, team: '0x', header: request.header };
    const cost = variant === undefined ? await this.ledger.call(request.doctor, 'drawCommittee', values, { signed })
      : await this.measure('draw five of seven', request.doctor, 'drawCommittee', values, { signed, variant });
    const members = BigInt(cost.events.find((e) => e.name === 'CommitteeDrawn').args.members);
    if (members !== request.expected) throw new Error('the draw is not the one that was foreseen');
    request.committee = [0, 1, 2, 3, 4].map((i) => this.oracles[Number((members >> BigInt(10 * i)) & 1023n) - 1]);
    return cost;
  }

  // ---- whole shares -------------------------------------------------------------------------------------------------

  /** Approvals by these trustees, one transaction each. */
  async approveSeparately(request, ordinals, note) {
    for (const [i, ordinal] of ordinals.entries()) {
      const values = { ...request.values, seat: this.seat(ordinal, request.bundle.groups), approvalDigest: digest('approval') };
      note(i, await this.ledger.call(this.trustees[ordinal], 'approveRequest', values));
    }
  }

  /** The same in one transaction, sent by anybody. */
  async approveTogether(request, ordinals) {
    const approvals = [];
    for (const ordinal of ordinals) {
      const values = { requestId: request.facts.requestId, seat: this.seat(ordinal, request.bundle.groups), approvalDigest: digest('approval') };
      approvals.push({ ...values, auth: await this.ledger.authorize(this.trustees[ordinal], 'ApproveRequest', values, true) });
    }
    return this.ledger.call(this.ledger.funder, 'approveMany', { ...request.values, approvals });
  }

  async deliverTogether(request, count) {
    const deliveries = [];
    for (let i = 0; i < count; i++) {
      const values = { requestId: request.facts.requestId, index: i + 1, deliveryDigest: digest('delivery'), envelopeDigest: digest('envelope') };
      deliveries.push({ ...values, auth: await this.ledger.authorize(request.committee[i], 'RecordDelivery', values, true) });
    }
    return this.ledger.call(this.ledger.funder, 'recordDeliveries', { ...request.values, deliveries });
  }

  /** One share from request to rating. how: separate, batched, patient, or opened (as separate, and the doctor confirms). */
  async share(how, age, doctor, bundle) {
    const total = { gas: 0, calldata: 0, eventBytes: 0, parts: {} };
    const step = (name, title, cost) => {
      total.gas += cost.gas;
      total.calldata += cost.calldata;
      total.eventBytes += cost.eventBytes;
      for (const [part, gas] of Object.entries(cost.parts ?? {})) total.parts[part] = (total.parts[part] ?? 0) + gas;
      if (how === 'separate' || name === 'drawCommittee' || (how === 'opened' && name === 'confirmOpened')) this.note(`step/${name}/${age}`, title, cost);
      return cost;
    };
    const request = await this.request(doctor, bundle);
    step('requestAccess', 'request', request.cost);
    step('drawCommittee', 'draw', await this.draw(request));
    if (how === 'patient') {
      step('consentToRequest', 'the patient grants', await this.ledger.call(bundle.patient, 'consentToRequest', { ...request.values, approvalDigest: digest('approval') }));
    } else if (how === 'batched') {
      step('approveMany', 'three approvals', this.note('batch/approvals/3', 'three signed approvals, the last of which grants', await this.approveTogether(request, [0, 1, 2])));
    } else {
      await this.approveSeparately(request, [0, 1, 2], (i, cost) => step(`approveRequest-${i + 1}`, ['1st approval', '2nd approval', '3rd approval and grant'][i], cost));
    }
    if (how === 'batched') {
      step('recordDeliveries', 'three deliveries', this.note('batch/deliveries/3', 'three signed deliveries', await this.deliverTogether(request, 3)));
    } else {
      for (let i = 0; i < 3; i++) {
        const values = { ...request.values, index: i + 1, deliveryDigest: digest('delivery'), envelopeDigest: digest('envelope') };
        step(`recordDelivery-${i + 1}`, ['1st delivery', '2nd delivery', '3rd delivery'][i], await this.ledger.call(request.committee[i], 'recordDelivery', values));
      }
    }
    if (how === 'opened') step('confirmOpened', 'the doctor confirms the opening', await this.ledger.call(doctor, 'confirmOpened', request.values));
    else await this.ledger.wait({ seconds: 3601 });
    step('settleRequest', 'settlement', await this.ledger.call(doctor, 'settleRequest', request.values));
    step('rateOracle', 'rating', await this.ledger.call(doctor, 'rateOracle', { ...request.values, index: 1, rating: 100, evidenceDigest: ethers.ZeroHash }));
    const titles = { separate: 'separate transactions', batched: 'approvals and deliveries batched', patient: 'the patient grants', opened: 'separate, and the doctor confirms the opening' };
    this.note(`share/${how}/${age}`, `${titles[how]}, ${age === 'first' ? 'first time' : 'next time'}`, total);
    return request;
  }

  /** Every function of a request once by its actor and once signed. */
  async functions(round) {
    for (const signed of [false, true]) {
      const { doctor, patient } = await this.pair(`functions ${round} ${signed}`);
      const bundle = await this.bundle(patient, { terms: { veto: 600 } });
      const act = (title, actor, name, request, values = {}, variant = '') =>
        this.measure(title, actor, name, { ...request.values, ...values }, { signed, variant });
      const approve = (request, ordinal, title, variant) => act(title, this.trustees[ordinal], 'approveRequest', request,
        { seat: this.seat(ordinal, bundle.groups), approvalDigest: digest('approval') }, variant);
      // Signed once before, so that no nonce's word is new.
      let request = await this.request(doctor, bundle, { signed, variant: '/first' });
      await act('cancel a request', doctor, 'cancelRequest', request);
      await this.ledger.wait({ seconds: 3 * DAY });
      await this.snapshot();
      request = await this.request(doctor, bundle, { signed, variant: '/next', former: request.facts });
      await this.draw(request, { signed, variant: '' });
      await act('deny a request', this.trustees[4], 'denyRequest', request, { seat: this.seat(4, bundle.groups), reasonCode: 5 });
      await approve(request, 0, 'approve, 1st', '/1');
      await approve(request, 1, 'approve, 2nd', '/2');
      await approve(request, 2, 'approve, 3rd and grant', '/grant');
      await act('veto', patient, 'vetoRequest', request);
      request = await this.request(doctor, bundle, { uses: 2, former: request.facts });
      await this.draw(request);
      await act('consent, and grant', patient, 'consentToRequest', request, { approvalDigest: digest('approval') });
      await this.ledger.wait({ seconds: 601 });
      await act('attach to a grant', patient, 'attachToGrant', request, { attachmentKind: 1, attachmentDigest: digest('attachment') });
      const deliver = (seat, variant, title) => act(title, request.committee[seat - 1], 'recordDelivery', request,
        { index: seat, deliveryDigest: digest('delivery'), envelopeDigest: digest('envelope') }, variant);
      await deliver(1, '/first', 'deliver, 1st');
      await deliver(2, '/next', 'deliver, next');
      await deliver(3, '/next', 'deliver, next');
      await act('refuse to deliver', request.committee[3], 'refuseDelivery', request, { index: 4, reasonCode: 3 });
      await act('confirm the opening', doctor, 'confirmOpened', request);
      await act('rate', doctor, 'rateOracle', request, { index: 1, rating: 100, evidenceDigest: ethers.ZeroHash });
      await act('settle, three served', doctor, 'settleRequest', request, {}, '/first');
      await act('rate after settlement', doctor, 'rateOracle', request, { index: 2, rating: 60, evidenceDigest: ethers.ZeroHash }, '/settled');
      await act('use again', doctor, 'useAgain', request);
      for (const seat of [1, 2, 3]) await deliver(seat, seat === 1 ? '/first' : '/next', 'deliver');
      await this.ledger.wait({ seconds: 3601 });
      await act('settle, three served and two missed', doctor, 'settleRequest', request, {}, '/next');
      await act('revoke a grant', patient, 'revokeGrant', request, { reasonCode: 2 });
      request = await this.request(doctor, bundle, { former: request.facts });
      await this.draw(request);
      await this.ledger.call(patient, 'consentToRequest', { ...request.values, approvalDigest: digest('approval') });
      await this.ledger.wait({ seconds: 601 + 3601 });
      await act('draw again', doctor, 'redrawCommittee', request);
      await this.ledger.wait({ seconds: 2 * DAY });
      await act('expire a request', doctor, 'expireRequest', request);
      await this.measure('revise a bundle', patient, 'reviseBundle', { ...bundle.witness, bundleId: bundle.bundleId, previousHeaderDigest: bundle.headerDigest,
        headerDigest: digest('header'), documentsRoot: digest('documents') }, { signed });
    }
  }

  /** What single rules cost: pairs of calls that differ in nothing else. */
  async rules(round) {
    const difference = (key, title, more, less) => this.note(`rule/${key}`, title, { gas: more.gas - less.gas, calldata: more.calldata - less.calldata, eventBytes: 0 });
    const first = async (name, terms) => {
      const { doctor, patient } = await this.pair(`rule ${name} ${round}`);
      const bundle = await this.bundle(patient, { terms });
      const request = await this.request(doctor, bundle);
      await this.draw(request);
      const [seat] = [this.seat(0, bundle.groups)];
      const trustee = (terms.trustees ?? this.trustees)[0];
      const approve = await this.ledger.call(trustee, 'approveRequest', { ...request.values, seat, approvalDigest: digest('approval') });
      return { ask: request.cost, approve };
    };
    const five = await first('five', {});
    const two = await first('two', { trustees: [this.trustees[0], this.trustees[1]], groups: [[2, 2]], threshold: 1 });
    difference('groups', 'thresholds of three groups and five trustees, for each approval (against one group of two)', five.approve, two.approve);
    const silent = await first('incapacity', { incapacity: 0 });
    const ruled = await first('access', { rule: ethers.concat(['0x04', '0x0a', ethers.toUtf8Bytes('cardiology')]) });
    difference('access', 'who may ask at all, a rule of one leaf, for each request', ruled.ask, silent.ask);
  }

  async shares(round) {
    for (const how of ['separate', 'batched', 'patient', 'opened']) {
      const { doctor, patient } = await this.pair(`${how} ${round}`);
      const bundle = await this.bundle(patient, { measured: true, signed: round % 2 === 1 });
      await this.share(how, 'first', doctor, bundle);
      await this.share(how, 'next', doctor, bundle);
    }
  }

  /** New key records for the oracles, whose keys last 30 days, and a snapshot. */
  async renew() {
    for (const oracle of this.oracles) {
      await this.ledger.call(oracle, 'replaceKey', { newLedgerAddress: oracle.address, keyRecordDigest: digest('key record'), validUntil: await this.until(29), possession: '0x' });
    }
    await this.ledger.wait({ blocks: 301 });
    this.tookSnapshot(await this.measure(`take a snapshot of ${this.oracles.length} oracles`, this.agency, 'takeSnapshot', {}));
  }

  /** The same draw with less and with more luck: by how many tries the lucky, the usual and the unlucky need. */
  async luck() {
    const { doctor, patient } = await this.pair('luck');
    const bundle = await this.bundle(patient);
    for (const share of [0.05, 0.25, 0.5, 0.75, 0.95]) {
      const tries = triesAt(this.entries, share);
      const state = await this.ledger.save();
      const request = await this.request(doctor, bundle, { tries });
      const cost = await this.draw(request);
      this.note(`luck/${Math.round(100 * share)}`, `${Math.round(100 * share)} % of draws need no more than ${tries} tries`, { ...cost, tries });
      await this.ledger.restore(state);
    }
  }

  // ---- claims ---------------------------------------------------------------------------------------------------------

  async claims(round) {
    const insurer = this.trustees[4];
    for (const signed of [false, true]) {
      const { doctor, patient } = await this.pair(`claim ${round} ${signed}`, { signed });
      const facts = {
        patient: patient.address, insurer: insurer.address, doctor: doctor.address, hospital: this.hospital.address, amount: 125_000n,
        currency: ethers.hexlify(ethers.toUtf8Bytes('EUR')), relatedTo: digest('request'), evidenceCommitment: digest('evidence'),
        evidenceDigest: digest('sealed evidence'), notAfter: await this.until(90), salt: digest('salt'),
      };
      const file = (claim) => ({ ...claim, currency: 'EUR' });
      const act = (title, actor, name, values, claim, variant = '') =>
        this.measure(title, actor, name, { ClaimFacts: claim, ...values, claimId: this.ledger.claimId(claim) }, { signed, variant });
      await this.measure('set the amount from which an agency looks', insurer, 'setReviewThreshold', { currency: 'EUR', threshold: BigInt(1000 + round) }, { signed });
      await this.measure('file a claim', patient, 'fileClaim', file(facts), { signed });
      await act('endorse a claim, doctor', doctor, 'endorseClaim', { opinionDigest: digest('opinion') }, facts, '/doctor');
      await act('endorse a claim, hospital', this.hospital, 'endorseClaim', { opinionDigest: digest('opinion') }, facts, '/hospital');
      await act('endorse a claim, agency', this.agency, 'endorseClaim', { opinionDigest: digest('opinion') }, facts, '/agency');
      await act('approve a claim', insurer, 'approveClaim', { amount: 100_000n, opinionDigest: digest('opinion') }, facts);
      await act('appeal', patient, 'appealClaim', { groundsDigest: digest('grounds') }, facts);
      await act('decide on an appeal', this.agency, 'decideAppeal', { sendBack: true, findingDigest: digest('finding') }, facts);
      await act('approve a claim after an appeal', insurer, 'approveClaim', { amount: 125_000n, opinionDigest: digest('opinion') }, facts, '/appeal');
      const second = { ...facts, salt: digest('salt') };
      await this.ledger.call(patient, 'fileClaim', file(second), { signed: true });
      await act('reject a claim', doctor, 'rejectClaim', { reasonCode: 4, opinionDigest: digest('opinion') }, second);
      const third = { ...facts, salt: digest('salt') };
      await this.ledger.call(patient, 'fileClaim', file(third), { signed: true });
      await act('withdraw a claim', patient, 'withdrawClaim', {}, third);
    }
  }
}

/** Tells the whole story on a node of its own. traced: each cost then has its parts. */
async function tell(rounds, { traced = false } = {}) {
  const { provider, stop } = await startNode({ traced });
  try {
    const agency = new ethers.Wallet(ethers.id('phr gas agency'), provider);
    const ledger = await Ledger.deploy(provider, {
      foundingAgency: agency.address, drawDelay: 1, drawWindow: 200, snapshotInterval: 300, maxRequestLifetime: 30 * DAY,
      trusteeChangeDelay: 60, recoveryDelay: 7 * DAY, deliveryWindow: 3600, cooldown: 600, maxCooldown: 7 * DAY,
      maxOracleKeyLifetime: 30 * DAY, agencyDelay: 2 * DAY, bondDelay: 14 * DAY, minBond: 0, maxEmergencyLifetime: DAY, reviewPeriod: 7 * DAY,
    });
    ledger.traced = traced;
    const story = new Story(ledger);
    story.agency = await ledger.person('agency');
    await story.people();
    await story.snapshot();
    await story.luck();
    for (let round = 0; round < rounds; round++) {
      await story.identities(round);
      await story.claims(round);
      await story.renew();
      await story.shares(round);
      await story.functions(round);
      await story.rules(round);
    }
    for (const [how, of] of [['signed', 'own']]) {
      const rows = [...story.rows.keys()].filter((key) => key.split('/')[1] === how && story.rows.has(key.replace(`/${how}`, `/${of}`)));
      const extra = rows.map((key) => story.rows.get(key).costs.at(-1).gas - story.rows.get(key.replace(`/${how}`, `/${of}`)).costs.at(-1).gas).sort((a, b) => a - b);
      story.note('rule/signature', 'a signature instead of an own transaction, nonce and event included (median)', { gas: extra[extra.length >> 1], calldata: 0, eventBytes: 0 });
    }
    // Functions that are there for a rule: what they cost whoever keeps to it.
    for (const [rule, title, of] of [
      ['draw', 'a committee that nobody chooses: the draw', 'drawCommittee/own'],
      ['snapshot', 'oracles drawn by their reputation: a snapshot of seven, shared by all requests of its time', 'takeSnapshot/own'],
      ['licence', 'only doctors with a licence that holds ask: recording it', 'recordLicence/own'],
      ['acknowledge', 'no dealing that a trustee could not open: the acknowledgement of each', 'acknowledgeDealing/own/next'],
      ['activate', 'a dealing takes effect by a command of its own, after a delay', 'activateDealing/own'],
      ['opening', 'correctness counts when the doctor opened what was delivered: the confirmation', 'confirmOpened/own'],
      ['veto', 'the patient may veto what trustees granted', 'vetoRequest/own'],
      ['presence', 'trustees decide alone only when the patient is silent: showing presence, in a day without another transaction', 'confirmPresence/own'],
    ]) {
      for (const cost of story.rows.get(of)?.costs ?? []) story.note(`rule/${rule}`, title, cost);
    }
    const all = ledger.deployments;
    story.note('deploy/all', 'deploy everything', { gas: all.reduce((n, d) => n + d.gas, 0), calldata: 0, eventBytes: 0 });
    return { rows: story.rows, contracts: all };
  } finally {
    stop();
  }
}

module.exports = { tell };
