// What the earlier contracts of this kind cost, measured with today's rules (Osaka) and the optimizer at 200 runs, and the
// budgets that ours were given. First: requests by one doctor with an answer of the patient. Second: the multi-party contract.
// Sibling: files with several authorities.
'use strict';

/** key of a row in the snapshot: [what the earlier contracts call it, gas in the first, the second, the sibling] */
const earlier = {
  'registerActor/own': ['register a patient, doctor, hospital', '50,247 – 53,099', '110,878 – 120,170', '52,634 – 114,794'],
  'admitActor/own': ['verify by the second member of the agency', null, '87,863 – 92,923', null],
  'recordLicence/own': ['claims about a requester', null, null, '114,794'],
  'registerBundle/own': ['add a record', '76,615 – 93,715', '143,973 – 161,073', '94,639'],
  'proposeDealing/own': ['name guardians: each, and each verifies', null, '(259,435 – 326,435) + 134,100 each', '55,643'],
  'requestAccess/own/first': ['request', '131,329', '383,862 – 463,978', '114,383'],
  'requestAccess/own/next': ['request', '131,329', '383,862 – 463,978', '114,383'],
  'approveRequest/own/1': ['approve, 1st', '35,698 (patient)', '123,681', '43,611'],
  'approveRequest/own/2': ['approve, 2nd', null, '91,983', '51,416'],
  'approveRequest/own/grant': ['approve and grant', null, '152,078 + 67,620', null],
  'consentToRequest/own': ["the patient's answer", '35,698', '42,283', null],
  'recordDelivery/own/first': ["an oracle's answer, 1st", '106,314', '164,485', '106,408'],
  'recordDelivery/own/next': ["an oracle's answer, next", '89,339', '149,630 – 151,958', '89,433'],
  'settleRequest/own/first': ['evaluate three oracles', 'about 193,000 of 282,421', '303,421', 'about 195,000 of 284,485'],
  'settleRequest/own/next': ['evaluate three oracles', 'about 193,000 of 282,421', '303,421', 'about 195,000 of 284,485'],
  'rateOracle/own': ['rate', '32,993', '38,101', null],
};

/** key of a row: gas */
const budgets = {
  'deploy/all': 2_500_000,
  'proposeDealing/own': 60_000,
  'registerBundle/own': 50_000,
  'requestAccess/own/first': 60_000,
  'approveRequest/own/1': 42_000,
  'approveRequest/own/2': 42_000,
  'approveRequest/own/grant': 42_000,
  'batch/approvals/3': 65_000,
  'consentToRequest/own': 35_000,
  'revokeGrant/own': 35_000,
  'admitActor/own/oracle': 80_000,
  'recordDelivery/own/first': 55_000,
  'recordDelivery/own/next': 38_000,
  'settleRequest/own/first': 70_000,
  'settleRequest/own/next': 70_000,
  'rateOracle/own': 32_000,
  'disputeDelivery/honest': 90_000,
  'disputeDelivery/false': 90_000,
  'share/separate/first': 450_000,
  'share/separate/next': 450_000,
  'share/batched/first': 360_000,
  'share/batched/next': 360_000,
  'share/patient/first': 330_000,
  'share/patient/next': 330_000,
};

/** Why a budget is not met, by the first part of a row's key; '*' where nothing special is known. The page prints what each is made of below. */
const why = {
  '*': 'The probe that the budget was taken from checked less.',
  deploy: 'The probe was 6.6 kB with requests and oracles alone. This is the whole life cycle, in a core and eight modules. It is paid once, and nothing is deployed for a patient.',
  proposeDealing: 'A new slot for the dealing (22,100), the bundle\'s slot, the state of the patient and of each of five trustees (12,600 together), and an event with the whole policy, so that the state can be rebuilt from events. The rest is the policy\'s own rules: names, thresholds, members, and whether one organisation could act alone. The earlier contracts pay more for a single guardian.',
  registerBundle: 'Everything but deciding comes to 300 below the budget: a new slot (22,100), the patient\'s standing (2,100), the event, and the calldata.',
  requestAccess: 'A new slot for the pair (22,100; the next request pays 5,000), four words read (the doctor\'s standing and licence, bundle, dealing, registry), an event that describes the request in full, and 1,604 bytes of calldata: what is asked, and what the ledger has only as hashes. The probe had none of the dealing, the licence, the registry\'s snapshot, or the receiving key\'s check.',
  approveRequest: 'The facts of the request and the seats of the policy are passed with every approval instead of being stored (6,800 of calldata); trustee, request and bundle are read, since a new dealing ends a request without a word; two thresholds are counted. The one that grants reads the doctor\'s licence and the others\' standing on top (6,300): an approval counts only while its trustee is active.',
  batch: 'Each signature costs its trustee\'s slot read and written for the nonce (5,000), recovery (3,100), the event of the nonce that followers need (1,381), and about 1,500 of calldata, beside the approval\'s own event (2,268). The probe kept no nonces.',
  consentToRequest: 'Four words are read: the patient\'s standing, the request, the bundle, and the doctor\'s licence, which must hold when it is granted. Two events, the patient\'s word and the grant.',
  revokeGrant: 'Everything but deciding is 300 above the budget: patient, request and bundle read, the request written, the event, the facts of the request in the calldata.',
  recordDelivery: 'Oracle, both slots of the request and the bundle are read: nobody is paid attention to after a revocation, a new dealing or a closed bundle. The first delivery costs no more than the next ones: three are below the three budgets together.',
  rateOracle: 'Everything but deciding is 4,100 above the budget: the facts of the request in the calldata, doctor and both slots of the request read, one written, the event.',
  share: 'Ten transactions cost 210,000 before anything is done. The draw alone, which the probe did not have, costs over 100,000 with the usual luck: it checks a block\'s header, reads who may not sit and every oracle that is drawn, and stores the committee.',
};

const wholeShares = { first: 678_094, second: 1_706_935 };

module.exports = { earlier, budgets, why, wholeShares };
