// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RequestFixture} from "./RequestFixture.sol";
import {RequestFacts} from "../src/LedgerTypes.sol";
import "../src/LedgerErrors.sol";

/// @title The registry's snapshots, and the draw: what the model of the C# library says
contract DrawTest is RequestFixture {
    function setUp() public {
        _seedStory();
    }

    // ---- snapshots --------------------------------------------------------------------------------------------------------------------------

    function test_takeSnapshot_tooEarly_isRefused() public {
        vm.roll(vm.getBlockNumber() + 299);
        vm.expectRevert(NotYet.selector);
        ledger.takeSnapshot(_by(insurer));
        vm.roll(vm.getBlockNumber() + 1);
        ledger.takeSnapshot(_by(insurer));
        assertEq(_loadField(SLOT_REGISTRY, 32, 32), 2, "number");
        assertEq(_loadField(SLOT_REGISTRY, 64, 64), vm.getBlockNumber(), "block");
    }

    function test_takeSnapshot_byWhoIsNotActive_isRefused() public {
        vm.roll(vm.getBlockNumber() + 300);
        vm.expectRevert(NotRegistered.selector);
        ledger.takeSnapshot(_by(stranger));
        _setStatus(insurer.id, STATUS_SUSPENDED);
        vm.expectRevert(Suspended.selector);
        ledger.takeSnapshot(_by(insurer));
    }

    function test_takeSnapshot_whoCannotServe_isNotListed() public {
        vm.roll(vm.getBlockNumber() + 300);
        // Oracle 2 is suspended, which leaves it no hour; oracle 4's keys end within this hour.
        _storeField(uint256(keccak256(abi.encode(uint256(2), SLOT_ORACLES))), 0, 236, 20);
        _storeField(uint256(keccak256(abi.encode(uint256(4), SLOT_ORACLES))), block.timestamp / 1 hours, 236, 20);
        ledger.takeSnapshot(_by(insurer));
        bytes memory expected;
        for (uint256 i = 1; i <= ORACLES; ++i) {
            if (i != 2 && i != 4) expected = abi.encodePacked(expected, uint16(i << 6 | 16));
        }
        assertEq(ledger.getSnapshot(2), expected, "entries");
        assertEq(_loadField(SLOT_REGISTRY, 192, 16), ORACLES - 2, "count");
        assertEq(ledger.getSnapshot(3), "", "none yet");
    }

    /// Each entry is what the oracle's slot says, however many there are, and the words of a larger snapshot two turns ago do not show through.
    function testFuzz_takeSnapshot_entries_areTheRegistrys(uint256 seed, uint256 count, uint256 later) public {
        count = bound(count, 0, 70);
        later = bound(later, 0, count);
        uint256 hour = block.timestamp / 1 hours;
        for (uint256 turn = 0; turn < 3; ++turn) {
            bytes memory expected;
            _storeField(SLOT_REGISTRY, turn == 2 ? later : count, 0, 16);
            for (uint256 i = 1; i <= (turn == 2 ? later : count); ++i) {
                uint256 random = uint256(keccak256(abi.encode(seed, turn, i)));
                uint256 score = random % 1_000_001;
                uint256 until = random & (1 << 255) == 0 ? hour : hour + 1;
                uint256 record =
                    i | score << 160 | score << 180 | score << 200 | (block.timestamp / 1 days) << 220 | until << 236;
                vm.store(address(ledger), keccak256(abi.encode(i, SLOT_ORACLES)), bytes32(record));
                // All three terms are the same here.
                uint256 weight = score * score * (4_000_000 + score) / 5e12 * 63 / 1_000_000;
                // forge-lint: disable-next-line(unsafe-typecast)
                if (until > hour) expected = abi.encodePacked(expected, uint16(i << 6 | (weight < 16 ? 16 : weight)));
            }
            vm.roll(vm.getBlockNumber() + 300);
            ledger.takeSnapshot(_by(insurer));
            assertEq(ledger.getSnapshot(2 + turn), expected, "entries");
        }
    }

    // ---- the draw ---------------------------------------------------------------------------------------------------------------------------

    function test_drawCommittee_refusals_areNamed() public {
        RequestFacts memory r = _ask();
        vm.expectRevert(NotYet.selector);
        ledger.drawCommittee(r, policy, "", "", _by(insurer));
        vm.roll(vm.getBlockNumber() + 1);
        vm.expectRevert(NotYet.selector);
        ledger.drawCommittee(r, policy, "", "", _by(insurer));
        bytes memory header = _headerOf(vm.getBlockNumber(), keccak256("seed"));
        vm.setBlockhash(vm.getBlockNumber(), keccak256(header));
        vm.roll(vm.getBlockNumber() + 1);
        vm.expectRevert(BadHeader.selector);
        ledger.drawCommittee(r, policy, "", _headerOf(vm.getBlockNumber() - 1, keccak256("another seed")), _by(insurer));
        vm.expectRevert(BadWitness.selector);
        ledger.drawCommittee(r, bytes.concat(policy, hex"00"), "", header, _by(insurer));
        vm.expectRevert(NotRegistered.selector);
        ledger.drawCommittee(r, policy, "", header, _by(stranger));
        RequestFacts memory other = r;
        other.meta += 1;
        vm.expectRevert(NotFound.selector);
        ledger.drawCommittee(other, policy, "", header, _by(insurer));
        other.meta -= 1;
        _setStatus(patient.id, STATUS_REMOVED);
        vm.expectRevert(Removed.selector);
        ledger.drawCommittee(r, policy, "", header, _by(insurer));
        _setStatus(patient.id, STATUS_ACTIVE);
        ledger.drawCommittee(r, policy, "", header, _by(insurer));
        assertEq(_stageOf(r), OPEN, "stage");
        vm.expectRevert(AlreadyExists.selector);
        ledger.drawCommittee(r, policy, "", header, _by(insurer));
    }

    function test_drawCommittee_lastBlockOfTheWindow_draws() public {
        RequestFacts memory r = _ask();
        bytes memory header = _mineSeed(keccak256("seed"));
        uint256 seedBlock = vm.getBlockNumber() - 1;
        vm.roll(seedBlock + 200);
        vm.setBlockhash(seedBlock, keccak256(header));
        ledger.drawCommittee(r, policy, "", header, _by(insurer));
        assertEq(_stageOf(r), OPEN, "stage");
    }

    function test_drawCommittee_windowMissed_voidsAndCountsAsAbandoned() public {
        RequestFacts memory r = _ask();
        vm.roll(vm.getBlockNumber() + 202);
        ledger.drawCommittee(r, "", "", "", _by(insurer));
        assertEq(_stageOf(r), VOIDED, "stage");
        assertEq(_loadField(_actorSlot(doctor.id), 176, 8), 1, "abandoned");
        assertEq(_loadField(_actorSlot(doctor.id), 184, 40), block.timestamp, "when");
        vm.expectRevert(WrongState.selector);
        ledger.drawCommittee(r, "", "", "", _by(insurer));
    }

    function test_drawCommittee_partiesUnits_areNotSeated() public {
        // Oracles 1 to 3 sit for the patient, a trustee and the doctor's licence: four are left for five seats.
        _setUnit(1, patient.id);
        _setUnit(2, trustees[3].id);
        _setUnit(3, hospital.id);
        RequestFacts memory r = _ask();
        _draw(r);
        assertEq(_stageOf(r), VOIDED, "too few");
        assertEq(_loadField(_actorSlot(doctor.id), 176, 8), 0, "no fault of the doctor's");
        _setUnit(1, operators[0].id);
        r = _ask();
        _draw(r);
        assertEq(_stageOf(r), OPEN, "drawn");
        for (uint256 seat = 0; seat < 5; ++seat) {
            uint256 number = (_s2(r) >> (10 * seat)) & 1023;
            assertTrue(number != 2 && number != 3, "a party sits");
        }
    }

    /// The same committees as the model's, over registries of all sizes, in both rounds.
    function test_drawCommittee_vectors_areTheModels() public {
        string memory json = vm.readFile(string.concat(vm.projectRoot(), "/test/vectors/requests.json"));
        bytes[] memory draws = vm.parseJsonBytesArray(json, ".draws");
        bytes[] memory oracleData = vm.parseJsonBytesArray(json, ".oracles");
        uint256 voided;
        for (uint256 i = 0; i < draws.length; ++i) {
            if (_replay(draws[i], oracleData[i])) ++voided;
        }
        assertGe(voided, 5, "draws that gave up");
        assertLe(voided, draws.length - 5, "draws that found all");
    }

    struct Drawing {
        bytes32 seed;
        bytes32 request;
        uint256 round;
        uint256 seats;
        address party;
        uint256 former;
        uint256 failed;
        uint256 members;
        uint256 count;
    }

    function _replay(bytes memory words, bytes memory data) private returns (bool) {
        Drawing memory d = abi.decode(words, (Drawing));
        _storeEntries(data, d.count);
        PolicyTerms memory terms = _usualTerms();
        // forge-lint: disable-next-line(unsafe-typecast)
        (terms.m, terms.n) = (1, uint8(d.seats));
        policy = _policy(terms);
        _storeField(_actorSlot(doctor.id) + 4, uint160(d.party), 0, 160);
        RequestFacts memory r = RequestFacts({
            requestId: d.request,
            doctor: doctor.id,
            patient: patient.id,
            bundleId: BUNDLE,
            meta: uint256(vm.getBlockTimestamp() + 1 days) | EPOCH << 40 | uint256(1) << 64 | uint256(1) << 96
                | uint256(1) << 104,
            team: address(0),
            policyHash: _policyHash(policy)
        });
        uint256 s1 = uint160(uint256(keccak256(abi.encode(r)))) | AWAITING_DRAW << 160 | d.round << 164
            | (vm.getBlockNumber() + 1) << 170;
        uint256 slot = _requestSlotOf(doctor.id);
        vm.store(address(ledger), bytes32(slot), bytes32(s1));
        vm.store(address(ledger), bytes32(slot + 1), bytes32(d.former | d.failed << 160 | uint256(1) << 176));
        bytes memory header = _mineSeed(d.seed);
        ledger.drawCommittee(r, policy, "", header, _by(insurer));
        assertEq(_stageOf(r), d.members == 0 ? VOIDED : OPEN, "stage");
        if (d.members != 0) assertEq(_s2(r), d.members, "members");
        return d.members == 0;
    }

    /// @dev Entries and units as snapshot 1.
    function _storeEntries(bytes memory data, uint256 count) private {
        vm.store(address(ledger), bytes32(SLOT_SNAPSHOTS + 1), bytes32(uint256(1) | count << 32));
        uint256 inner = uint256(keccak256(abi.encode(uint256(1), SLOT_SNAPSHOT_ENTRIES)));
        uint256 word;
        for (uint256 i = 0; i < count; ++i) {
            uint256 entry = uint256(uint8(data[22 * i])) << 8 | uint8(data[22 * i + 1]);
            uint256 unit;
            for (uint256 k = 2; k < 22; ++k) {
                unit = unit << 8 | uint8(data[22 * i + k]);
            }
            vm.store(address(ledger), keccak256(abi.encode(entry >> 6, SLOT_ORACLES)), bytes32(unit));
            word |= entry << (16 * (i % 16));
            if (i % 16 == 15 || i + 1 == count) {
                vm.store(address(ledger), keccak256(abi.encode(i / 16, inner)), bytes32(word));
                word = 0;
            }
        }
    }

    function _setUnit(uint256 number, address unit) private {
        _storeField(uint256(keccak256(abi.encode(number, SLOT_ORACLES))), uint160(unit), 0, 160);
    }
}
