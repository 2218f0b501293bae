// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RequestFixture} from "./RequestFixture.sol";
import {Vm} from "./Vm.sol";
import {PhrLedger} from "../src/PhrLedger.sol";
import {ILedger} from "../src/ILedger.sol";
import {AccessRequest, AccessWitness, Approval, Auth, Parameters, RequestFacts} from "../src/LedgerTypes.sol";
import "../src/LedgerErrors.sol";

/// @title Commands on requests that the C# library signed, and signatures that are none
contract SignaturesTest is RequestFixture {
    address private constant _HERE = 0x5068720000000000000000000000000000000001;

    bytes[] private _commands;
    RequestFacts private _facts;

    /// @dev The ledger at the address for which the vectors are signed.
    function setUp() public {
        _deploy();
        Parameters memory p = _parameters();
        vm.etch(_HERE, address(new PhrLedger(p, _modules(p))).code);
        ledger = ILedger(_HERE);
        _seedPeople();
        _seedSnapshot(1, ORACLES, 31);
        _seedPolicy(_usualPolicy());
        string memory json = vm.readFile(string.concat(vm.projectRoot(), "/test/vectors/requests.json"));
        _commands = vm.parseJsonBytesArray(json, ".commands");
        _facts = RequestFacts({
            requestId: keccak256("request"),
            doctor: doctor.id,
            patient: patient.id,
            bundleId: BUNDLE,
            meta: uint256(block.timestamp + 1 days) | EPOCH << 40 | uint256(1) << 64 | uint256(1) << 96 | uint256(1)
                << 104,
            team: address(0),
            policyHash: _policyHash(policy)
        });
    }

    function test_requestAccess_signedByTheLibrary_isTakenUnderTheLibrarysId() public {
        string memory json = vm.readFile(string.concat(vm.projectRoot(), "/test/vectors/requests.json"));
        bytes[] memory asks = vm.parseJsonBytesArray(json, ".asks");
        bytes[] memory keys = vm.parseJsonBytesArray(json, ".askKeys");
        bytes[] memory possessions = vm.parseJsonBytesArray(json, ".askPossessions");
        bytes[] memory signatures = vm.parseJsonBytesArray(json, ".askSignatures");
        for (uint256 i = 0; i < asks.length; ++i) {
            (AccessRequest memory q, bytes32 id) = _read(asks[i]);
            q.receivingKey = keys[i];
            q.possession = possessions[i];
            assertEq(_factsOf(q, doctor.id).requestId, id, "id");
            uint256 state = vm.snapshotState();
            vm.recordLogs();
            AccessWitness memory w = _witness();
            w.receivingKeyY = _otherCoordinate(keys[i]);
            ledger.requestAccess(q, w, Auth(doctor.id, 0, signatures[i]));
            Vm.Log[] memory logs = vm.getRecordedLogs();
            assertEq(logs[1].topics[1], id, "the event's id");
            assertEq(_nonceOf(doctor.id), 1, "nonce");
            vm.expectRevert(BadSignature.selector);
            ledger.requestAccess(q, _witness(), Auth(doctor.id, 1, signatures[i]));
            vm.revertToState(state);
            // Any other word is another request, which nobody signed.
            q.uses ^= 1;
            vm.expectRevert(BadSignature.selector);
            ledger.requestAccess(q, _witness(), Auth(doctor.id, 0, signatures[i]));
        }
    }

    function test_takeSnapshot_signedByTheLibrary_isTaken() public {
        vm.roll(vm.getBlockNumber() + 300);
        ledger.takeSnapshot(Auth(insurer.id, 0, _commands[0]));
        vm.expectRevert(WrongNonce.selector);
        ledger.takeSnapshot(Auth(insurer.id, 0, _commands[0]));
    }

    function test_drawCommittee_signedByTheLibrary_isTaken() public {
        _store(AWAITING_DRAW, vm.getBlockNumber() + 1);
        bytes memory header = _mineSeed(keccak256("seed"));
        ledger.drawCommittee(_facts, policy, "", header, Auth(insurer.id, 0, _commands[1]));
        assertEq(_stageOf(_facts), OPEN, "stage");
    }

    function test_approveRequest_signedByTheLibrary_isTaken() public {
        _store(OPEN, 0);
        uint256 state = vm.snapshotState();
        ledger.approveRequest(_facts, policy, _seat(0), keccak256("approval"), Auth(trustees[0].id, 0, _commands[2]));
        assertEq(_s1(_facts, 206, 17), 1, "approvals");
        vm.revertToState(state);
        Approval[] memory approvals = new Approval[](1);
        approvals[0] = Approval(_seat(0), keccak256("approval"), Auth(trustees[0].id, 0, _commands[2]));
        ledger.approveMany(_facts, policy, approvals);
        assertEq(_s1(_facts, 206, 17), 1, "approvals, in a batch");
        vm.revertToState(state);
        vm.expectRevert(BadSignature.selector);
        ledger.approveRequest(_facts, policy, _seat(1), keccak256("approval"), Auth(trustees[0].id, 0, _commands[2]));
    }

    function test_denyRequest_signedByTheLibrary_isTaken() public {
        _store(OPEN, 0);
        ledger.denyRequest(_facts, policy, _seat(0), 7, Auth(trustees[0].id, 0, _commands[3]));
        assertEq(_s1(_facts, 223, 16), 1, "denials");
    }

    function test_patientsCommands_signedByTheLibrary_areTaken() public {
        _store(OPEN, 0);
        uint256 state = vm.snapshotState();
        ledger.consentToRequest(_facts, keccak256("approval"), Auth(patient.id, 0, _commands[4]));
        assertEq(_stageOf(_facts), GRANTED, "consent");
        vm.revertToState(state);
        ledger.vetoRequest(_facts, Auth(patient.id, 0, _commands[5]));
        assertEq(_stageOf(_facts), VETOED, "veto");
        vm.revertToState(state);
        _store(GRANTED, block.timestamp);
        ledger.revokeGrant(_facts, 7, Auth(patient.id, 0, _commands[7]));
        assertEq(_stageOf(_facts), REVOKED, "revoke");
        vm.revertToState(state);
        _store(GRANTED, block.timestamp);
        ledger.attachToGrant(_facts, 1, keccak256("attachment"), Auth(patient.id, 0, _commands[8]));
    }

    function test_cancelAndExpire_signedByTheLibrary_areTaken() public {
        _store(OPEN, 0);
        uint256 state = vm.snapshotState();
        ledger.cancelRequest(_facts, Auth(doctor.id, 0, _commands[6]));
        assertEq(_stageOf(_facts), CANCELLED, "cancel");
        vm.revertToState(state);
        vm.warp(block.timestamp + 1 days);
        ledger.expireRequest(_facts, Auth(insurer.id, 0, _commands[9]));
        assertEq(_stageOf(_facts), EXPIRED, "expire");
    }

    function test_signature_ofAnotherChainLedgerOrNonce_isRefused() public {
        _store(OPEN, 0);
        _storeField(_actorSlot(patient.id), 1, 56, 40);
        vm.expectRevert(WrongNonce.selector);
        ledger.vetoRequest(_facts, Auth(patient.id, 0, _commands[5]));
        _storeField(_actorSlot(patient.id), 0, 56, 40);
        vm.chainId(1);
        vm.expectRevert(BadSignature.selector);
        ledger.vetoRequest(_facts, Auth(patient.id, 0, _commands[5]));
        vm.chainId(31_337);
        Parameters memory p = _parameters();
        address elsewhere = address(new PhrLedger(p, _modules(p)));
        vm.etch(address(uint160(uint256(uint160(_HERE)) + 1)), elsewhere.code);
        vm.expectRevert(BadSignature.selector);
        ILedger(address(uint160(uint256(uint160(_HERE)) + 1))).vetoRequest(_facts, Auth(patient.id, 0, _commands[5]));
        ledger.vetoRequest(_facts, Auth(patient.id, 0, _commands[5]));
    }

    function test_signature_malleated_isRefused() public {
        _store(OPEN, 0);
        bytes memory good = _commands[5];
        bytes32 r;
        uint256 s;
        assembly ("memory-safe") {
            r := mload(add(good, 32))
            s := mload(add(good, 64))
        }
        uint256 order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        uint8 v = uint8(good[64]);
        _refused(abi.encodePacked(r, order - s, v ^ 7));
        _refused(abi.encodePacked(r, s, v ^ 7));
        _refused(abi.encodePacked(r, s, v - 27));
        _refused(abi.encodePacked(r, s));
        _refused(abi.encodePacked(r, s, v, uint8(0)));
        _refused(abi.encodePacked(bytes32(0), s, v));
        ledger.vetoRequest(_facts, Auth(patient.id, 0, good));
    }

    function testFuzz_signature_ofAnotherKey_isRefused(uint256 key) public {
        key = bound(key, 1, type(uint128).max);
        _store(OPEN, 0);
        bytes32 hash = keccak256(
            abi.encode(
                keccak256("VetoRequest(address actor,uint64 nonce,bytes32 requestId)"),
                patient.id,
                uint64(0),
                _facts.requestId
            )
        );
        _refused(_sign(Person(key, vm.addr(key)), hash));
        ledger.vetoRequest(_facts, Auth(patient.id, 0, _sign(patient, hash)));
    }

    function test_ownTransaction_ofAnotherSender_isRefused() public {
        _store(OPEN, 0);
        vm.prank(doctor.id, doctor.id);
        vm.expectRevert(BadSignature.selector);
        ledger.vetoRequest(_facts, Auth(patient.id, 0, ""));
    }

    function _refused(bytes memory signature) private {
        vm.expectRevert(BadSignature.selector);
        ledger.vetoRequest(_facts, Auth(patient.id, 0, signature));
    }

    function _store(uint256 stage, uint256 when) private {
        uint256 s1 = uint160(uint256(keccak256(abi.encode(_facts)))) | stage << 160 | when << 170;
        vm.store(address(ledger), bytes32(_requestSlotOf(doctor.id)), bytes32(s1));
    }

    function _read(bytes memory words) private view returns (AccessRequest memory q, bytes32 id) {
        q.bundleId = BUNDLE;
        q.headerDigest = HEADER;
        q.dealingDigest = DEALING;
        q.epoch = uint32(EPOCH);
        q.snapshot = 1;
        q.receiver.kind = 1;
        q.receiver.id = doctor.id;
        bytes32[10] memory w = abi.decode(words, (bytes32[10]));
        (q.documentsCommitment, q.documentCount, q.bodyCommitment) = (w[0], uint32(uint256(w[1])), w[2]);
        (q.bodyDigest, q.purposeDigest, q.notAfter) = (w[3], w[4], uint64(uint256(w[5])));
        (q.requestNonce, q.uses, q.evidenceRoot, id) = (w[6], uint32(uint256(w[7])), w[8], w[9]);
    }
}
