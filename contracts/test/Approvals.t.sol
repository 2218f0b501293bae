// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RequestFixture} from "./RequestFixture.sol";
import {PolicyBuilder} from "./PolicyBuilder.sol";
import {Approval, Auth, RequestFacts, Seat} from "../src/LedgerTypes.sol";
import "../src/LedgerErrors.sol";

/// @title Approvals, denials and the patient's word: who counts, when, and how often
contract ApprovalsTest is RequestFixture {
    function test_decisions_policyInAFormThatHasWhatIsRead_isEnough() external {
        RequestFacts memory r = _ask();
        bytes memory header = _mineSeed(keccak256("seed"));
        bytes memory seats = PolicyBuilder.seatsOf(policy);
        bytes memory terms = PolicyBuilder.termsOf(policy);
        Auth memory auth = _by(insurer);
        vm.expectRevert(BadWitness.selector);
        ledger.drawCommittee(r, seats, "", header, auth);
        ledger.drawCommittee(r, policy, "", header, _by(insurer));
        auth = _by(trustees[0]);
        vm.expectRevert(BadWitness.selector);
        ledger.approveRequest(r, terms, _seat(0), keccak256("a"), auth);
        ledger.approveRequest(r, seats, _seat(0), keccak256("a"), _by(trustees[0]));
        ledger.denyRequest(r, seats, _seat(4), 1, _by(trustees[4]));
        // The facts need not repeat the hash of a policy that goes with them; another policy is then another request's.
        r.policyHash = 0;
        ledger.approveRequest(r, seats, _seat(1), keccak256("a"), _by(trustees[1]));
        seats[1] = 0x01;
        auth = _by(trustees[2]);
        vm.expectRevert(NotFound.selector);
        ledger.approveRequest(r, seats, _seat(2), keccak256("a"), auth);
        auth = _by(trustees[2]);
        vm.expectRevert(NotFound.selector);
        ledger.approveRequest(r, "", _seat(2), keccak256("a"), auth);
        ledger.approveRequest(r, policy, _seat(2), keccak256("a"), _by(trustees[2]));
        assertEq(_stageOf(r), GRANTED, "granted");
    }

    function setUp() public {
        _seedStory();
    }

    function test_approveRequest_refusals_areNamed() public {
        RequestFacts memory r = _ask();
        vm.expectRevert(NotYet.selector);
        ledger.approveRequest(r, policy, _seat(0), keccak256("a"), _by(trustees[0]));
        _draw(r);
        vm.expectRevert(NotATrustee.selector);
        ledger.approveRequest(r, policy, _seat(1), keccak256("a"), _by(trustees[0]));
        Seat[5] memory none = [Seat(0, 0), Seat(0, 1), Seat(1, 0), Seat(1, 3), Seat(4, 1)];
        for (uint256 i = 0; i < none.length; ++i) {
            vm.expectRevert(NotATrustee.selector);
            ledger.approveRequest(r, policy, none[i], keccak256("a"), _by(trustees[0]));
        }
        vm.expectRevert(Malformed.selector);
        ledger.approveRequest(r, policy, _seat(0), bytes32(0), _by(trustees[0]));
        vm.expectRevert(BadWitness.selector);
        ledger.approveRequest(r, bytes.concat(policy, hex"01"), _seat(0), keccak256("a"), _by(trustees[0]));
        _approve(r, 0);
        vm.expectRevert(AlreadyExists.selector);
        ledger.approveRequest(r, policy, _seat(0), keccak256("b"), _by(trustees[0]));
        vm.expectRevert(AlreadyExists.selector);
        ledger.denyRequest(r, policy, _seat(0), 1, _by(trustees[0]));
        _deny(r, 1);
        vm.expectRevert(AlreadyExists.selector);
        ledger.approveRequest(r, policy, _seat(1), keccak256("a"), _by(trustees[1]));
    }

    function test_approveRequest_ofOnesOwn_isRefused() public {
        trustees[4] = doctor;
        _seedPolicy(_usualPolicy());
        RequestFacts memory r = _askAndDraw();
        vm.expectRevert(WrongRole.selector);
        ledger.approveRequest(r, policy, _seat(4), keccak256("a"), _by(doctor));
    }

    function test_approveRequest_policyMet_grantsWithItsVetoWindow() public {
        PolicyTerms memory terms = _usualTerms();
        terms.vetoWindow = 1 hours;
        _seedPolicy(_policy(terms));
        RequestFacts memory r = _askAndApprove();
        assertEq(_stageOf(r), GRANTED, "stage");
        assertEq(_s1(r, 170, 36), vm.getBlockTimestamp() + 1 hours, "veto until");
        uint256 until = _s1(r, 170, 36);
        vm.warp(vm.getBlockTimestamp() + 10 minutes);
        _approve(r, 3);
        assertEq(_s1(r, 170, 36), until, "a further approval changes nothing");
        assertEq(_s1(r, 206, 17), 15, "and is recorded");
    }

    /// An approval counts while its trustee is active: looked at when another one comes.
    function test_approveRequest_suspendedTrustee_doesNotCountUntilReinstated() public {
        RequestFacts memory r = _askAndDraw();
        _approve(r, 0);
        _approve(r, 1);
        _setStatus(trustees[0].id, STATUS_SUSPENDED);
        _approve(r, 2);
        assertEq(_stageOf(r), OPEN, "one guardian does not count");
        _setStatus(trustees[0].id, STATUS_ACTIVE);
        _approve(r, 3);
        assertEq(_stageOf(r), GRANTED, "both do");
    }

    function test_approveRequest_thatWouldGrantWithoutALicence_isRefused() public {
        RequestFacts memory r = _askAndDraw();
        _storeField(_actorSlot(doctor.id), 0, 96, 40);
        _approve(r, 0);
        _approve(r, 1);
        vm.expectRevert(LicenceMissing.selector);
        ledger.approveRequest(r, policy, _seat(2), keccak256("a"), _by(trustees[2]));
        vm.expectRevert(LicenceMissing.selector);
        ledger.consentToRequest(r, keccak256("a"), _by(patient));
    }

    function test_approveRequest_policyThatAsksForSilence_waitsForIt() public {
        PolicyTerms memory terms = _usualTerms();
        terms.incapacityAfter = 1 days;
        _seedPolicy(_policy(terms));
        _storeField(_actorSlot(patient.id), vm.getBlockTimestamp() + 1 hours, 136, 40);
        uint256 from = vm.getBlockTimestamp() + 1 hours + 1 days;
        RequestFacts memory r = _askAndDraw();
        vm.warp(from - 1);
        vm.expectRevert(NotYet.selector);
        ledger.approveRequest(r, policy, _seat(0), keccak256("a"), _by(trustees[0]));
        vm.warp(from);
        _approve(r, 0);
    }

    function test_denyRequest_quorumImpossible_ends() public {
        RequestFacts memory r = _askAndDraw();
        vm.expectRevert(Malformed.selector);
        ledger.denyRequest(r, policy, _seat(0), 65_536, _by(trustees[0]));
        _deny(r, 4);
        assertEq(_stageOf(r), OPEN, "guardians and hospitals are left");
        _deny(r, 2);
        assertEq(_stageOf(r), OPEN, "one hospital is left");
        _deny(r, 3);
        assertEq(_stageOf(r), DENIED, "only guardians are left");
        vm.expectRevert(WrongState.selector);
        ledger.approveRequest(r, policy, _seat(0), keccak256("a"), _by(trustees[0]));
    }

    function test_denyRequest_afterTheGrant_isRefused() public {
        RequestFacts memory r = _askAndApprove();
        vm.expectRevert(WrongState.selector);
        ledger.denyRequest(r, policy, _seat(3), 1, _by(trustees[3]));
    }

    function test_consentToRequest_refusals_areNamed() public {
        RequestFacts memory r = _ask();
        vm.expectRevert(NotYet.selector);
        ledger.consentToRequest(r, keccak256("a"), _by(patient));
        _draw(r);
        vm.expectRevert(NotYours.selector);
        ledger.consentToRequest(r, keccak256("a"), _by(trustees[0]));
        vm.expectRevert(Malformed.selector);
        ledger.consentToRequest(r, bytes32(0), _by(patient));
        ledger.consentToRequest(r, keccak256("a"), _by(patient));
        assertEq(_stageOf(r), GRANTED, "stage");
        assertEq(_s1(r, 170, 36), vm.getBlockTimestamp(), "final at once");
        vm.expectRevert(AlreadyExists.selector);
        ledger.consentToRequest(r, keccak256("a"), _by(patient));
    }

    function test_approveMany_oneThatIsRefused_undoesAll() public {
        RequestFacts memory r = _askAndDraw();
        Approval[] memory approvals = new Approval[](2);
        approvals[0] = Approval(_seat(0), keccak256("a"), Auth(trustees[0].id, 0, ""));
        approvals[1] = Approval(_seat(1), keccak256("b"), Auth(trustees[1].id, 0, ""));
        vm.prank(trustees[0].id, trustees[0].id);
        vm.expectRevert(BadSignature.selector);
        ledger.approveMany(r, policy, approvals);
        assertEq(_s1(r, 206, 17), 0, "nothing stays");
    }

    /// Whatever subset approves in whatever order, with whoever is suspended: the grant comes exactly when those who are active meet the policy.
    function testFuzz_approvals_grantExactlyWhenTheActiveMeetThePolicy(uint256 order, uint256 suspended) public {
        RequestFacts memory r = _askAndDraw();
        uint256 approved;
        for (uint256 turn = 0; turn < 5; ++turn) {
            uint256 i = (order >> (8 * turn)) % 5;
            if ((approved >> i) & 1 == 1) continue;
            _setStatus(trustees[i].id, STATUS_ACTIVE);
            _approve(r, i);
            approved |= 1 << i;
            uint256 counted;
            for (uint256 k = 0; k < 5; ++k) {
                bool active = _loadField(_actorSlot(trustees[k].id), 0, 4) == STATUS_ACTIVE;
                if (active && (approved >> k) & 1 == 1) counted |= 1 << k;
            }
            bool met = _byHand(counted);
            assertEq(_stageOf(r), met ? GRANTED : OPEN, "stage");
            if (met) return;
            uint256 victim = (suspended >> (8 * turn)) % 5;
            _setStatus(trustees[victim].id, STATUS_SUSPENDED);
        }
    }

    function _byHand(uint256 seats) private pure returns (bool) {
        uint256 groups = seats & 3 == 3 ? 1 : 0;
        if (seats & 12 != 0) ++groups;
        if (seats & 16 != 0) ++groups;
        return groups >= 2;
    }
}
