// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LedgerFixture} from "./LedgerFixture.sol";
import {RequestFacts} from "../src/LedgerTypes.sol";
import {ILedger} from "../src/ILedger.sol";

/// @title A granted request in storage, and what follows a grant
abstract contract ServiceFixture is LedgerFixture {
    bytes32 internal constant BUNDLE = keccak256("bundle");
    uint256 internal constant WINDOW = 1 hours;
    uint256 internal constant LEVELS = 160;
    uint256 internal constant OPENED = 224;
    uint256 internal constant BAD = 240;

    ILedger internal service;
    RequestFacts internal facts;
    bytes internal policy;
    bytes32 internal slot;

    /// @dev People, five oracles in the committee (oracle i in seat i), granted without a veto window just now.
    function _seedGrant() internal {
        _deploy();
        service = ledger;
        _seedPeople();
        _takeSnapshot(1, ORACLES);
        _seedBundle(3);
        policy = _usualPolicy();
        facts = RequestFacts({
            requestId: keccak256("request"),
            doctor: doctor.id,
            patient: patient.id,
            bundleId: BUNDLE,
            meta: uint40(START + 2 days) | uint256(3) << 40 | uint256(1) << 64 | uint256(1) << 96 | uint256(1) << 104,
            team: address(0),
            policyHash: _policyHash(policy)
        });
        slot = keccak256(abi.encode(keccak256(abi.encode(doctor.id, BUNDLE)), SLOT_REQUESTS));
        uint256 committee;
        for (uint256 i = 0; i < 5; ++i) {
            committee |= (i + 1) << (10 * i);
        }
        _storeRequest(3, block.timestamp, 1 << 16);
        vm.store(address(ledger), bytes32(uint256(slot) + 1), bytes32(committee));
    }

    /// @dev A bundle whose normal dealing of an epoch is active.
    function _seedBundle(uint256 epoch) internal {
        uint256 b = uint160(uint256(keccak256("tag of the bundle"))) | epoch << 160 | epoch << 208;
        vm.store(address(ledger), keccak256(abi.encode(BUNDLE, SLOT_BUNDLES)), bytes32(b));
    }

    function _takeSnapshot(uint32 number, uint256 count) internal {
        _seedSnapshot(number, count, 31);
        _storeField(SLOT_REGISTRY, count, 192, 16);
    }

    function _closeBundle() internal {
        _storeField(uint256(keccak256(abi.encode(BUNDLE, SLOT_BUNDLES))), 1, 251, 1);
    }

    function _storeRequest(uint256 stage, uint256 when, uint256 approvals) internal {
        uint256 s1 = uint160(uint256(keccak256(abi.encode(facts)))) | stage << 160 | when << 170 | approvals << 206;
        vm.store(address(ledger), slot, bytes32(s1));
    }

    function _setStage(uint256 stage) internal {
        _storeField(uint256(slot), stage, 160, 4);
    }

    function _s1(uint256 shift, uint256 bits) internal view returns (uint256) {
        return _loadField(uint256(slot), shift, bits);
    }

    function _s2(uint256 shift, uint256 bits) internal view returns (uint256) {
        return _loadField(uint256(slot) + 1, shift, bits);
    }

    function _levelOf(uint256 index) internal view returns (uint256) {
        return _s2(LEVELS + 4 * (index - 1), 4);
    }

    function _oracleRecord(uint256 number) internal view returns (uint256) {
        return uint256(vm.load(address(ledger), keccak256(abi.encode(number, SLOT_ORACLES))));
    }

    function _term(uint256 number, uint256 shift) internal view returns (uint256) {
        return (_oracleRecord(number) >> shift) & 0xFFFFF;
    }

    function _deliver(uint256 index) internal {
        bytes32 digest = keccak256(abi.encode("delivery", index));
        bytes32 envelope = keccak256(abi.encode("envelope", index));
        // forge-lint: disable-next-line(unsafe-typecast)
        service.recordDelivery(facts, uint32(index), digest, envelope, _by(oracles[index - 1]));
    }

    function _deliverFirst(uint256 count) internal {
        for (uint256 i = 1; i <= count; ++i) {
            _deliver(i);
        }
    }

    function _open() internal {
        service.confirmOpened(facts, policy, _by(doctor));
    }

    function _rate(uint32 index, uint32 rating) internal {
        service.rateOracle(facts, index, rating, bytes32(0), _by(doctor));
    }
}
