// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice The rules of one ledger, fixed when it is made. Times in seconds, delays of the draw in blocks, bonds in gwei.
struct Parameters {
    address foundingAgency;
    uint32 drawDelay;
    uint32 drawWindow;
    uint32 snapshotInterval;
    uint40 maxRequestLifetime;
    uint40 trusteeChangeDelay;
    uint40 recoveryDelay;
    uint40 deliveryWindow;
    uint40 cooldown;
    uint40 maxCooldown;
    uint40 maxOracleKeyLifetime;
    uint40 agencyDelay;
    uint40 bondDelay;
    uint64 minBond;
    uint40 maxEmergencyLifetime;
    uint40 reviewPeriod;
}

/// @notice Who acts, and the proof of it. An empty signature says that the transaction's sender is the actor's ledger address; else it is the
/// EIP-712 signature (65 bytes r || s || v, or what an ERC-1271 account takes) over the command with the actor's next nonce.
struct Auth {
    address actor;
    uint64 nonce;
    bytes signature;
}

/// @notice A trustee's place in a policy: group and member, both counted from 1. (0, 0) is the patient.
struct Seat {
    uint32 group;
    uint32 member;
}

/// @notice Who receives what a request asks for.
struct RequestReceiver {
    uint32 kind;
    address id;
    uint32 keyEpoch;
}

/// @notice What a doctor asks: the fields of RequestAccess in the order in which they are signed.
struct AccessRequest {
    bytes32 bundleId;
    bytes32 headerDigest;
    bytes32 dealingDigest;
    uint32 epoch;
    bytes32 documentsCommitment;
    uint32 documentCount;
    bytes32 bodyCommitment;
    bytes32 bodyDigest;
    bytes32 purposeDigest;
    bytes receivingKey;
    uint64 notAfter;
    bytes32 requestNonce;
    RequestReceiver receiver;
    uint32 snapshot;
    uint32 uses;
    uint32 emergencyReason;
    bytes32 evidenceRoot;
    bytes possession;
}

/// @notice What the ledger has of the bundle, its active dealing and the doctor's former request only as hashes.
/// @dev dealtHeaderDigest is the header that the dealing was made for; zero says that it is the present one. policy: its terms at least, see PolicyLib.
/// receivingKeyY is the y of the request's receiving key, which has its x and the parity. rule is empty where anyone may ask, team
/// where a person receives. former holds the pair's former request where a new dealing or a new team key ended it without a word; else nothing.
struct AccessWitness {
    address patient;
    bytes32 documentsRoot;
    bytes32 dealtHeaderDigest;
    bytes32 planDigest;
    uint256 receivingKeyY;
    bytes policy;
    bytes rule;
    bytes team;
    RequestFacts[] former;
}

/// @notice One trustee's approval among several of the same request.
struct Approval {
    Seat seat;
    bytes32 approvalDigest;
    Auth auth;
}

/// @notice One oracle's delivery among several of the same request.
struct Delivery {
    uint32 index;
    bytes32 deliveryDigest;
    bytes32 envelopeDigest;
    Auth auth;
}

/// @notice What is known of a request and never changes: passed with every call and checked against 160 bits of its hash.
/// @dev policyHash may be zero where the policy is passed, too. meta = notAfter (40 bits) | epoch (24) << 40 | snapshot (32) << 64 | uses (8) << 96 | receiver kind (8) << 104 | key epoch of the team (24) << 112 | emergency reason (32) << 136 | number of documents (16) << 168.
struct RequestFacts {
    bytes32 requestId;
    address doctor;
    address patient;
    bytes32 bundleId;
    uint256 meta;
    address team;
    bytes32 policyHash;
}

/// @notice What a bundle is now; its 160-bit hash is stored.
struct BundleFacts {
    address patient;
    bytes32 headerDigest;
    bytes32 documentsRoot;
}

/// @notice What a patient proposes for a bundle's keys.
/// @dev headerDigest: the header that the ledger has now; epoch: the bundle's last epoch plus 1; previousDealingDigest: the active dealing of the
/// policy's track, zero for its first; policy: see PolicyLib; names: the groups' names, each with its length in a byte before it; rule: the access
/// rule, empty when anyone may ask.
struct DealingProposal {
    bytes32 headerDigest;
    uint32 epoch;
    bytes32 previousDealingDigest;
    bytes32 dealingDigest;
    bytes policy;
    bytes names;
    bytes rule;
}

/// @notice What trustees propose for a bundle's keys without the patient.
/// @dev As a DealingProposal; headerDigest: the header that the active dealing serves; notAfter: until when the plan may be contributed to and
/// confirmed; activePolicy: the policy of the active dealing.
struct ReshareProposal {
    bytes32 headerDigest;
    uint32 epoch;
    bytes32 previousDealingDigest;
    bytes32 planDigest;
    bytes policy;
    uint64 notAfter;
    bytes names;
    bytes rule;
    bytes activePolicy;
}

/// @notice What a reshare by the trustees is; its 160-bit hash is stored.
struct ReshareFacts {
    bytes32 planDigest;
    bytes32 policyHash;
    address patient;
    address proposer;
    uint64 proposedAt;
    uint64 notAfter;
}

/// @notice What a recovery of a patient's ledger key is; its 160-bit hash is stored.
struct RecoveryFacts {
    bytes32 bundleId;
    uint32 epoch;
    bytes32 policyHash;
    address newLedgerAddress;
    bytes32 keyRecordDigest;
    uint64 keyValidUntil;
}

/// @notice What is stored of a bundle. The epochs are those of the active dealings; which: the slot of a track's active dealing.
struct BundleView {
    bytes20 tag;
    uint32 epoch;
    uint32 emergencyEpoch;
    uint32 lastEpoch;
    uint32 revision;
    bool resharing;
    bool closed;
    bool pending;
    uint8 pendingTrack;
    uint8 which;
    uint8 emergencyWhich;
}

/// @notice What is stored in a dealing's slot. state: 0 nothing, 1 waits, 2 serves, 3 neither any more.
struct DealingView {
    bytes20 tag;
    uint40 notBefore;
    uint16 acknowledged;
    uint16 complained;
    bool reshared;
    uint8 state;
}

/// @notice What is stored of a bundle's last reshare: the dealers' seats by ordinal of the active policy. round counts the bundle's reshares.
struct ReshareView {
    bytes20 tag;
    uint16 contributed;
    uint16 leftOut;
    bool completed;
    uint8 track;
    uint32 round;
}

/// @notice What is stored of a patient's recovery. effectiveAt is zero before the quorum.
struct RecoveryView {
    bytes20 tag;
    uint16 supporters;
    uint40 proposedAt;
    uint40 effectiveAt;
}

/// @notice What a dealing is; its 160-bit hash is stored. planDigest is zero for a dealing by the patient.
struct DealingFacts {
    bytes32 dealingDigest;
    bytes32 headerDigest;
    bytes32 policyHash;
    bytes32 planDigest;
}

/// @notice A member in a team's roster.
struct TeamPlace {
    address member;
}

/// @notice What the ledger knows of a team's charter; its 160-bit hash is stored, the rest of it passed with calls.
struct TeamTerms {
    bytes32 charterDigest;
    uint32 rosterEpoch;
    uint32 keyEpoch;
    bytes publicKey;
    uint32 threshold;
    TeamPlace[] members;
}

/// @notice What is stored of an actor. Times in seconds, bonds in gwei.
/// @dev status: 0 unknown, 1 waits for admission, 2 active, 3 suspended, 4 removed.
struct ActorView {
    uint8 status;
    uint16 roles;
    uint40 validUntil;
    uint40 nonce;
    address ledgerAddress;
    address organisation;
    address operator;
    uint40 acceptableFrom;
    uint40 lastSeen;
    uint40 licenceNotAfter;
    address licenceOrganisation;
    bytes32 specialityHash;
    uint8 abandonedRequests;
    uint40 lastAbandonedAt;
    uint8 openReviews;
    uint16 oracleIndex;
    uint64 bond;
    uint64 releasingBond;
    uint40 bondPayableAt;
    uint32 slashes;
    uint64 credit;
}

/// @notice What is stored of an oracle. The three terms in parts per million, as last changed.
struct OracleView {
    address oracle;
    address unit;
    uint32 correctness;
    uint32 timeliness;
    uint32 rating;
    uint16 sinceDay;
    uint40 eligibleUntil;
}

/// @notice What is stored of a team: 160 bits of keccak256(abi.encode(terms)), and the terms' two epochs.
struct TeamView {
    bytes20 termsTag;
    uint24 keyEpoch;
    uint24 rosterEpoch;
}
