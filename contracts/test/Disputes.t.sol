// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LedgerFixture} from "./LedgerFixture.sol";
import {Auth, Parameters} from "../src/LedgerTypes.sol";
import {DisputedDelivery} from "../src/IDisputes.sol";
import {LedgerEvents} from "../src/LedgerEvents.sol";
import {DisputeModule} from "../src/modules/DisputeModule.sol";
import {PhrLedger} from "../src/PhrLedger.sol";
import "../src/LedgerErrors.sol";

/// @title Disputes: what an oracle loses by a false delivery that it signed, and that nobody else loses anything
contract DisputesTest is LedgerFixture, LedgerEvents {
    uint64 private constant BOND = 32e9;
    uint256 private constant HONEST = 6;
    uint256 private constant E1_WRONG = 6;
    uint256 private constant FALSE_VERDICT = 2;

    bytes[] private evidence;
    bytes[] private statements;
    bytes private verdicts;
    address private module;

    function setUp() external {
        _deploy();
        _seedPeople();
        string memory file = vm.readFile("test/vectors/disputes.json");
        evidence = vm.parseJsonBytesArray(file, ".evidence");
        statements = vm.parseJsonBytesArray(file, ".statements");
        verdicts = vm.parseJsonBytes(file, ".verdicts");
        vm.deal(operators[0].id, 100 ether);
        _storeField(_actorSlot(oracles[0].id) + 3, BOND, 160, 64);
        vm.deal(address(ledger), uint256(BOND) * 1 gwei);
    }

    function _modules(Parameters memory p) internal override returns (PhrLedger.Modules memory m) {
        m = super._modules(p);
        module = m.disputes;
    }

    function test_disputeDelivery_falseDelivery_takesBondAndGoodName() external {
        DisputedDelivery memory d = _delivery(E1_WRONG);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit BondSlashed(oracles[0].id, BOND, doctor.id, BOND / 4);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit DeliveryDisputed(d.requestId, oracles[0].id, doctor.id, 0, 0, 1, 3);
        ledger.disputeDelivery(d, _statementSignature(d, oracles[0]), evidence[E1_WRONG], _by(doctor));
        assertEq(_loadField(_actorSlot(oracles[0].id) + 3, 160, 64), 0, "bond");
        assertEq(_loadField(_actorSlot(oracles[0].id) + 3, 224, 32), 1, "slashes");
        assertEq(_loadField(uint256(keccak256(abi.encode(doctor.id, SLOT_CREDITS))), 0, 64), BOND / 4, "credit");
        uint256 record = uint256(vm.load(address(ledger), keccak256(abi.encode(uint256(1), SLOT_ORACLES))));
        assertEq((record >> 160) & 0xFFFFF, 0, "correctness");
        assertEq((record >> 180) & 0xFFFFF, 500_000, "timeliness");
        assertEq((record >> 200) & 0xFFFFF, 500_000, "rating");

        // The same evidence, and any other for a delivery of before, is spent.
        bytes memory signature = _statementSignature(d, oracles[0]);
        vm.prank(doctor.id);
        vm.expectRevert(StaleEpoch.selector);
        ledger.disputeDelivery(d, signature, evidence[E1_WRONG], Auth(doctor.id, 0, ""));
    }

    /// @dev Invariant 14 over the committed evidence: a verdict of false slashes, every other one is refused and changes nothing.
    function test_disputeDelivery_committedEvidence_slashesIfAndOnlyIfFalse() external {
        for (uint256 i = 0; i < evidence.length; ++i) {
            uint256 state = vm.snapshotState();
            DisputedDelivery memory d = _delivery(i);
            bytes memory signature = _statementSignature(d, oracles[0]);
            vm.prank(doctor.id);
            (bool ok, bytes memory answer) = address(ledger)
                .call(abi.encodeCall(ledger.disputeDelivery, (d, signature, evidence[i], Auth(doctor.id, 0, ""))));
            uint256 verdict = uint8(verdicts[i]);
            assertEq(ok, verdict == FALSE_VERDICT, string.concat("case ", vm.toString(i)));
            if (!ok) {
                assertEq(
                    bytes32(answer),
                    bytes32(verdict == 0 ? BadEvidence.selector : DeliveryHolds.selector),
                    string.concat("error of case ", vm.toString(i))
                );
                assertEq(_loadField(_actorSlot(oracles[0].id) + 3, 160, 64), BOND, "bond");
            }
            vm.revertToState(state);
        }
    }

    function test_disputeDelivery_notSignedByTheOracle_isRefused() external {
        DisputedDelivery memory d = _delivery(E1_WRONG);
        _refuse(d, _statementSignature(d, oracles[1]), evidence[E1_WRONG], BadEvidence.selector);
        bytes memory good = _statementSignature(d, oracles[0]);
        bytes memory changed = bytes.concat(good);
        changed[64] = bytes1(uint8(good[64]) ^ 1);
        _refuse(d, changed, evidence[E1_WRONG], BadEvidence.selector);
        changed[64] = bytes1(uint8(good[64]) + 27);
        _refuse(d, changed, evidence[E1_WRONG], BadEvidence.selector);
        _refuse(d, hex"", evidence[E1_WRONG], BadEvidence.selector);
        _refuse(d, _highS(good), evidence[E1_WRONG], BadEvidence.selector);

        // Signed for another chain or ledger, or with any field changed afterwards.
        d.index = 2;
        _refuse(d, good, evidence[E1_WRONG], BadEvidence.selector);
        d = _delivery(E1_WRONG);
        d.slashes = 1;
        _refuse(d, good, evidence[E1_WRONG], StaleEpoch.selector);
        d.slashes = 0;
        d.oracle = doctor.id;
        _refuse(d, good, evidence[E1_WRONG], NotFound.selector);
    }

    function test_disputeDelivery_replacedLedgerKey_countsOn() external {
        DisputedDelivery memory d = _delivery(E1_WRONG);
        bytes memory signature = _statementSignature(d, stranger);
        _refuse(d, signature, evidence[E1_WRONG], BadEvidence.selector);
        vm.store(
            address(ledger),
            keccak256(abi.encode(stranger.id, SLOT_ADDRESSES)),
            bytes32(uint256(uint160(oracles[0].id)))
        );
        ledger.disputeDelivery(d, signature, evidence[E1_WRONG], _by(doctor));
    }

    function test_disputeDelivery_byOneWhoIsNotActive_isRefused() external {
        DisputedDelivery memory d = _delivery(E1_WRONG);
        bytes memory signature = _statementSignature(d, oracles[0]);
        _setStatus(doctor.id, STATUS_SUSPENDED);
        _refuse(d, signature, evidence[E1_WRONG], Suspended.selector);
        vm.prank(stranger.id);
        vm.expectRevert(NotRegistered.selector);
        ledger.disputeDelivery(d, signature, evidence[E1_WRONG], Auth(stranger.id, 0, ""));
    }

    function test_disputeDelivery_signedByTheChallenger_isRelayed() external {
        DisputedDelivery memory d = _delivery(E1_WRONG);
        bytes memory signature = _statementSignature(d, oracles[0]);
        DisputeModule m = DisputeModule(module);
        bytes32 structHash = keccak256(
            abi.encode(
                m.DISPUTE_DELIVERY_TYPEHASH(),
                doctor.id,
                uint64(0),
                keccak256(abi.encode(m.DISPUTED_DELIVERY_TYPEHASH(), d)),
                keccak256(signature),
                keccak256(evidence[E1_WRONG])
            )
        );
        ledger.disputeDelivery(d, signature, evidence[E1_WRONG], _signedBy(doctor, 0, structHash));
        assertEq(_loadField(uint256(keccak256(abi.encode(doctor.id, SLOT_CREDITS))), 0, 64), BOND / 4, "credit");
    }

    function test_disputeEquivocation_twoDeliveriesForOneJob_takeTheBond() external {
        DisputedDelivery memory first = _delivery(0);
        DisputedDelivery memory second = _delivery(E1_WRONG);
        second.requestId = first.requestId;
        bytes memory one = _statementSignature(first, oracles[0]);
        bytes memory other = _statementSignature(second, oracles[0]);
        _refuseEquivocation(first, one, first, one, DeliveryHolds.selector);
        _refuseEquivocation(first, one, second, _statementSignature(second, oracles[1]), BadEvidence.selector);
        DisputedDelivery memory later = _delivery(E1_WRONG);
        later.requestId = first.requestId;
        later.use = 1;
        _refuseEquivocation(first, one, later, _statementSignature(later, oracles[0]), BadEvidence.selector);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit DeliveryDisputed(first.requestId, oracles[0].id, doctor.id, 0, 0, 1, 9);
        ledger.disputeEquivocation(first, one, second, other, _by(doctor));
        assertEq(_loadField(_actorSlot(oracles[0].id) + 3, 160, 64), 0, "bond");
    }

    /// @dev Whoever changes anything in the evidence about an honest delivery changes nothing on the ledger.
    function testFuzz_disputeDelivery_honestDelivery_losesNothing(uint256 which, uint256 place, uint8 value) external {
        which = which % HONEST;
        DisputedDelivery memory d = _delivery(which);
        bytes memory changed = evidence[which];
        changed[place & 1 == 0 ? (place / 2) % 7 : (place / 2) % changed.length] = bytes1(value);
        bytes memory signature = _statementSignature(d, oracles[0]);
        vm.prank(doctor.id);
        (bool ok,) = address(ledger)
            .call(abi.encodeCall(ledger.disputeDelivery, (d, signature, changed, Auth(doctor.id, 0, ""))));
        assertFalse(ok, "an honest delivery was judged false");
        assertEq(_loadField(_actorSlot(oracles[0].id) + 3, 160, 64), BOND, "bond");
    }

    function test_statement_ofTheSharedVector() external view {
        string memory file = vm.readFile("test/vectors/disputes.json");
        DisputedDelivery memory d = DisputedDelivery({
            oracle: vm.parseJsonAddress(file, ".statement.oracle"),
            slashes: 3,
            requestId: vm.parseJsonBytes32(file, ".statement.requestId"),
            round: 1,
            use: 2,
            index: 4,
            evidenceRoot: vm.parseJsonBytes32(file, ".statement.evidenceRoot"),
            receivingKeyHash: vm.parseJsonBytes32(file, ".statement.receivingKeyHash"),
            root: vm.parseJsonBytes32(file, ".statement.root")
        });
        bytes32 digest = keccak256(
            abi.encode(
                keccak256("phr/delivery-statement/v2"),
                uint256(31_337),
                vm.parseJsonAddress(file, ".statement.ledger"),
                d
            )
        );
        assertEq(digest, vm.parseJsonBytes32(file, ".statement.digest"), "digest");
    }

    // ---- helpers --------------------------------------------------------------------------------------------------------------------------

    function _delivery(uint256 i) private view returns (DisputedDelivery memory d) {
        bytes memory s = statements[i];
        (bytes32 requestId, bytes32 root, bytes32 evidenceRoot, bytes32 keyHash) =
            abi.decode(s, (bytes32, bytes32, bytes32, bytes32));
        d = DisputedDelivery(oracles[0].id, 0, requestId, 0, 0, 1, evidenceRoot, keyHash, root);
    }

    function _statementSignature(DisputedDelivery memory d, Person memory signer) private view returns (bytes memory) {
        bytes32 digest =
            keccak256(abi.encode(keccak256("phr/delivery-statement/v2"), block.chainid, address(ledger), d));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(signer.key, digest);
        return abi.encodePacked(r, s, v - 27);
    }

    function _highS(bytes memory signature) private pure returns (bytes memory) {
        (bytes32 r, bytes32 s) = abi.decode(bytes.concat(signature, new bytes(31)), (bytes32, bytes32));
        uint256 order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        return abi.encodePacked(r, bytes32(order - uint256(s)), uint8(signature[64]) ^ 1);
    }

    function _refuse(DisputedDelivery memory d, bytes memory signature, bytes memory shown, bytes4 reason) private {
        vm.prank(doctor.id);
        vm.expectRevert(reason);
        ledger.disputeDelivery(d, signature, shown, Auth(doctor.id, 0, ""));
    }

    function _refuseEquivocation(
        DisputedDelivery memory first,
        bytes memory one,
        DisputedDelivery memory second,
        bytes memory other,
        bytes4 reason
    ) private {
        vm.prank(doctor.id);
        vm.expectRevert(reason);
        ledger.disputeEquivocation(first, one, second, other, Auth(doctor.id, 0, ""));
    }
}
