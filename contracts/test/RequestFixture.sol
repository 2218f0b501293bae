// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LedgerFixture} from "./LedgerFixture.sol";
import {AccessRequest, AccessWitness, RequestFacts, RequestReceiver} from "../src/LedgerTypes.sol";

/// @title A bundle with an active dealing, and a request in every stage
/// @notice The bundle's and the dealing's slots are written by hand, in the layout of LedgerBase: these tests are about requests.
abstract contract RequestFixture is LedgerFixture {
    bytes32 internal constant BUNDLE = keccak256("bundle");
    bytes32 internal constant HEADER = keccak256("header");
    bytes32 internal constant ROOT = keccak256("documents");
    bytes32 internal constant DEALING = keccak256("dealing");
    uint256 internal constant EPOCH = 3;
    /// @dev Of the generator, which is the receiving key of `_asking`.
    uint256 internal constant GENERATOR_Y = 0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8;

    uint256 internal constant AWAITING_DRAW = 1;
    uint256 internal constant OPEN = 2;
    uint256 internal constant GRANTED = 3;
    uint256 internal constant DENIED = 4;
    uint256 internal constant VETOED = 5;
    uint256 internal constant REVOKED = 6;
    uint256 internal constant EXPIRED = 7;
    uint256 internal constant CANCELLED = 8;
    uint256 internal constant VOIDED = 9;

    bytes internal policy;
    uint256 private _asked;

    /// @dev People, a snapshot of the seven oracles, and a bundle whose dealing of epoch 3 has the usual policy.
    function _seedStory() internal {
        _deploy();
        _seedPeople();
        _seedSnapshot(1, ORACLES, 31);
        _seedPolicy(_usualPolicy());
    }

    function _seedPolicy(bytes memory p) internal {
        policy = p;
        _seedBundle(EPOCH);
        _seedDealing(0, DEALING, HEADER, p);
    }

    /// @dev The bundle, with the normal dealing of an epoch active in slot 0.
    function _seedBundle(uint256 epoch) internal {
        uint256 tag = uint160(uint256(keccak256(abi.encode(patient.id, HEADER, ROOT))));
        vm.store(address(ledger), bytes32(_bundleSlot()), bytes32(tag | epoch << 160 | epoch << 208));
    }

    function _seedDealing(uint256 which, bytes32 digest, bytes32 header, bytes memory p) internal {
        uint256 tag = uint160(uint256(keccak256(abi.encode(digest, header, _policyHash(p), bytes32(0)))));
        bytes32 key = keccak256(abi.encode(BUNDLE, uint256(0), which));
        vm.store(address(ledger), keccak256(abi.encode(key, SLOT_DEALINGS)), bytes32(tag));
    }

    function _bundleSlot() internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(BUNDLE, SLOT_BUNDLES)));
    }

    function _requestSlotOf(address asker) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(keccak256(abi.encode(asker, BUNDLE)), SLOT_REQUESTS)));
    }

    /// @dev A request as the doctor would make it now; each has another nonce.
    function _asking(Person memory asker) internal returns (AccessRequest memory request) {
        request.bundleId = BUNDLE;
        request.headerDigest = HEADER;
        request.dealingDigest = DEALING;
        request.epoch = uint32(EPOCH);
        request.documentsCommitment = keccak256("list of documents");
        request.documentCount = 2;
        request.bodyCommitment = keccak256("body");
        request.bodyDigest = keccak256("sealed body");
        request.purposeDigest = keccak256("purpose");
        request.receivingKey = hex"0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
        request.notAfter = uint64(vm.getBlockTimestamp() + 2 days);
        request.requestNonce = keccak256(abi.encode("nonce", ++_asked));
        request.receiver = RequestReceiver(1, asker.id, 0);
        request.snapshot = 1;
        request.uses = 1;
        request.evidenceRoot = keccak256("evidence");
        request.possession = abi.encodePacked(keccak256("r"), keccak256("s") >> 2);
    }

    function _witness() internal view returns (AccessWitness memory witness) {
        witness.patient = patient.id;
        witness.documentsRoot = ROOT;
        witness.receivingKeyY = GENERATOR_Y;
        witness.policy = policy;
    }

    /// @dev The y of a compressed point: a root is one power away, since the field's prime is 3 modulo 4.
    function _otherCoordinate(bytes memory key) internal pure returns (uint256 y) {
        uint256 field = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFC2F;
        uint256 x;
        assembly ("memory-safe") {
            x := mload(add(key, 33))
        }
        uint256 base = addmod(mulmod(mulmod(x, x, field), x, field), 7, field);
        y = 1;
        for (uint256 exponent = (field + 1) / 4; exponent != 0; exponent >>= 1) {
            if (exponent & 1 == 1) y = mulmod(y, base, field);
            base = mulmod(base, base, field);
        }
        if (y & 1 != uint8(key[0]) & 1) y = field - y;
    }

    /// @dev The facts of a request of this ledger, by the rule of the id that the documents state.
    function _factsOf(AccessRequest memory q, address asker) internal view returns (RequestFacts memory r) {
        bytes memory first = abi.encode(
            keccak256("phr/request/v2"),
            block.chainid,
            address(ledger),
            asker,
            q.bundleId,
            q.headerDigest,
            q.dealingDigest,
            q.epoch,
            q.documentsCommitment,
            q.documentCount,
            q.bodyCommitment
        );
        bytes memory second = abi.encode(
            q.bodyDigest,
            q.purposeDigest,
            keccak256(q.receivingKey),
            q.notAfter,
            q.requestNonce,
            q.receiver.kind,
            q.receiver.id,
            q.receiver.keyEpoch,
            q.snapshot,
            q.uses,
            q.emergencyReason,
            q.evidenceRoot
        );
        r.requestId = keccak256(bytes.concat(first, second));
        r.doctor = asker;
        r.patient = patient.id;
        r.bundleId = q.bundleId;
        r.meta = uint256(q.notAfter) | uint256(q.epoch) << 40 | uint256(q.snapshot) << 64 | uint256(q.uses) << 96
            | uint256(q.receiver.kind) << 104 | uint256(q.receiver.keyEpoch) << 112 | uint256(q.emergencyReason) << 136
            | uint256(q.documentCount) << 168;
        r.team = q.receiver.kind == 2 ? q.receiver.id : address(0);
        r.policyHash = _policyHash(policy);
    }

    function _ask() internal returns (RequestFacts memory) {
        return _ask(doctor);
    }

    function _ask(Person memory asker) internal returns (RequestFacts memory r) {
        AccessRequest memory q = _asking(asker);
        r = _factsOf(q, asker.id);
        ledger.requestAccess(q, _witness(), _by(asker));
    }

    /// @dev Mines the seed block and one more; the seed is the mix hash of the former.
    function _mineSeed(bytes32 seed) internal returns (bytes memory header) {
        // Not block.number: the compiler reads that once in a function, and these tests move it.
        uint256 seedBlock = vm.getBlockNumber() + 1;
        header = _headerOf(seedBlock, seed);
        vm.roll(seedBlock + 1);
        vm.warp(vm.getBlockTimestamp() + 24);
        vm.setBlockhash(seedBlock, keccak256(header));
    }

    /// @dev RLP of a header as mainnet's blocks have it, with this number and mix hash.
    function _headerOf(uint256 number, bytes32 mixHash) internal pure returns (bytes memory) {
        bytes memory digest = abi.encodePacked(hex"a0", keccak256("some root"));
        bytes memory start = bytes.concat(digest, digest, hex"94", bytes20(uint160(7)), digest, digest, digest);
        bytes memory middle = abi.encodePacked(
            hex"b90100",
            new bytes(256),
            hex"80",
            hex"84",
            uint32(number),
            hex"8402255100",
            hex"83989680",
            hex"846553f100"
        );
        bytes memory end = abi.encodePacked(
            hex"86706872646576",
            hex"a0",
            mixHash,
            hex"88",
            uint64(0),
            hex"843b9aca00",
            digest,
            hex"80",
            hex"80",
            digest,
            digest
        );
        bytes memory fields = bytes.concat(start, middle, end);
        return abi.encodePacked(hex"f9", uint16(fields.length), fields);
    }

    function _draw(RequestFacts memory r) internal {
        bytes memory header = _mineSeed(keccak256("seed"));
        ledger.drawCommittee(r, policy, "", header, _by(_anybody()));
    }

    /// @dev Anybody who is active: the insurer.
    function _anybody() internal view returns (Person memory) {
        return insurer;
    }

    function _askAndDraw() internal returns (RequestFacts memory r) {
        r = _ask();
        _draw(r);
    }

    function _approve(RequestFacts memory r, uint256 ordinal) internal {
        ledger.approveRequest(
            r, policy, _seat(ordinal), keccak256(abi.encode("approval", ordinal)), _by(trustees[ordinal])
        );
    }

    function _deny(RequestFacts memory r, uint256 ordinal) internal {
        ledger.denyRequest(r, policy, _seat(ordinal), 7, _by(trustees[ordinal]));
    }

    /// @dev Granted by two guardians and a hospital.
    function _askAndApprove() internal returns (RequestFacts memory r) {
        r = _askAndDraw();
        _approve(r, 0);
        _approve(r, 1);
        _approve(r, 2);
    }

    function _stageOf(RequestFacts memory r) internal view returns (uint256) {
        return _s1(r, 160, 4);
    }

    function _s1(RequestFacts memory r, uint256 shift, uint256 bits) internal view returns (uint256) {
        return _loadField(_requestSlotOf(r.doctor), shift, bits);
    }

    function _s2(RequestFacts memory r) internal view returns (uint256) {
        return uint256(vm.load(address(ledger), bytes32(_requestSlotOf(r.doctor) + 1)));
    }
}
