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

/** Why a budget is not met, by the first part of a row's key; '*' where nothing special is known. */
const why = {
  '*': 'The probe that the budget was taken from checked less.',
  deploy: 'The probe was 6.6 kB with requests and oracles alone. This is the whole life cycle, in a core and modules. It is paid once, and nothing is deployed for a patient.',
  proposeDealing: 'The ledger reads the whole policy and the state of each of the five trustees before it takes a dealing, and two more slots are written than a hash of trustees needs. The earlier contracts pay more for a single guardian.',
  registerBundle: 'Calldata of 260 bytes, a new slot and the event alone are near the budget; the standing of the patient and the packed authority are read on top.',
  requestAccess: 'Calldata of 1,732 bytes (the request is described in full in the event, policy and access rule are passed as witnesses) costs about 18,000. The first request of a pair writes a new slot.',
  approveRequest: 'Facts of the request and policy, 836 bytes, are passed with every approval instead of being stored: about 8,000 gas. Licence, key records, epochs and the activity of the others are checked when it grants.',
  batch: 'Each signed approval writes its trustee\'s nonce and emits it, which the probe did not: so a signature costs about 10,000; witnesses are passed once.',
  consentToRequest: 'The doctor\'s licence, the receiver and the bundle\'s state are read again when the patient grants, and the patient\'s presence is kept.',
  revokeGrant: 'The facts of the request are passed and hashed.',
  admitActor: 'An oracle is registered by itself and admitted by an agency in two transactions; the admission writes the registry\'s two slots for it.',
  recordDelivery: 'The first delivery costs no more than the next ones: three are below the three budgets together.',
  rateOracle: 'The facts of the request are passed and hashed, and the request\'s slots are read again after they were packed.',
  share: 'The draw alone, which checks a block header and reads each drawn oracle, is over 100,000, and every call passes and hashes what the ledger does not store.',
};

const wholeShares = { first: 678_094, second: 1_706_935 };

module.exports = { earlier, budgets, why, wholeShares };
