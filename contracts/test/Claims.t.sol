// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LedgerFixture} from "./LedgerFixture.sol";
import {StubModule} from "./StubModule.sol";
import {Parameters, Auth} from "../src/LedgerTypes.sol";
import {ClaimFacts} from "../src/IClaims.sol";
import {ClaimModule} from "../src/modules/ClaimModule.sol";
import {PhrLedger} from "../src/PhrLedger.sol";
import "../src/LedgerErrors.sol";

/// @title Insurance claims: levels, who may decide, appeal, end, and what is stored
contract ClaimsTest is LedgerFixture {
    uint256 private constant DOCTORS_TURN = 1;
    uint256 private constant HOSPITALS_TURN = 2;
    uint256 private constant AGENCYS_TURN = 3;
    uint256 private constant INSURERS_TURN = 4;
    uint256 private constant APPEAL = 5;
    uint256 private constant APPROVED = 6;
    uint256 private constant REJECTED = 7;
    uint256 private constant WITHDRAWN = 8;
    uint256 private constant EXPIRED = 9;
    uint256 private constant REVIEWED = 1 << 4;
    uint256 private constant APPEALED = 1 << 5;

    address private module;

    function setUp() external {
        _deploy();
        _seedPeople();
    }

    function _modules(Parameters memory p) internal override returns (PhrLedger.Modules memory m) {
        m = super._modules(p);
        module = address(new ClaimModule(p));
        m.claims = module;
    }

    // ---- the way up -----------------------------------------------------------------------------------------------------------------------

    function test_claim_throughEveryLevel_isApproved() external {
        ClaimFacts memory c = _file(50_000, 1);
        _expectSlot(c, DOCTORS_TURN | REVIEWED);
        ledger.endorseClaim(c, bytes32(uint256(1)), _by(doctor));
        _expectSlot(c, HOSPITALS_TURN | REVIEWED);
        ledger.endorseClaim(c, 0, _by(hospital));
        _expectSlot(c, AGENCYS_TURN | REVIEWED);
        ledger.endorseClaim(c, 0, _by(agency));
        _expectSlot(c, INSURERS_TURN | REVIEWED);
        ledger.approveClaim(c, 49_999, 0, _by(insurer));
        _expectSlot(c, APPROVED | REVIEWED | 49_999 << 8);
    }

    function test_setReviewThreshold_decidesAtFilingWhetherAnAgencyReviews() external {
        ledger.setReviewThreshold("INR", 100, _by(insurer));
        assertEq(uint256(ledger.reviewThresholdOf(insurer.id, "INR")), 100, "threshold");
        assertEq(uint256(ledger.reviewThresholdOf(insurer.id, "EUR")), 0, "another currency's");
        ClaimFacts memory small = _file(99, 1);
        ClaimFacts memory large = _file(100, 2);
        ledger.setReviewThreshold("INR", 1, _by(insurer));
        _expectSlot(small, DOCTORS_TURN);
        _expectSlot(large, DOCTORS_TURN | REVIEWED);
        ledger.endorseClaim(small, 0, _by(doctor));
        ledger.endorseClaim(small, 0, _by(hospital));
        _expectSlot(small, INSURERS_TURN);
    }

    function test_setReviewThreshold_byOthersOrInNoCurrency_isRefused() external {
        Auth memory a = _by(agency);
        vm.expectRevert(WrongRole.selector);
        ledger.setReviewThreshold("INR", 1, a);
        string[4] memory bad = ["inr", "IN", "INRS", "I R"];
        for (uint256 i = 0; i < bad.length; ++i) {
            a = Auth(insurer.id, 0, "");
            vm.expectRevert(Malformed.selector);
            ledger.setReviewThreshold(bad[i], 1, a);
        }
    }

    /// @dev The same facts as in the C# test of the same name, which expects the same id.
    function test_claimId_ofTheSharedVector() external pure {
        ClaimFacts memory c = ClaimFacts({
            patient: address(1),
            insurer: address(2),
            doctor: address(3),
            hospital: address(4),
            amount: 123_456_789,
            currency: "INR",
            relatedTo: bytes32(uint256(5)),
            evidenceCommitment: bytes32(uint256(6)),
            evidenceDigest: bytes32(uint256(7)),
            notAfter: 1_900_000_000,
            salt: bytes32(uint256(8))
        });
        bytes32 id = keccak256(abi.encode(keccak256("phr/claim/v1"), uint256(31_337), address(9), c));
        assertEq(id, SHARED_ID, "id");
    }

    bytes32 private constant SHARED_ID = 0xb04b6fa22f67e954f3bef97d6dea79a0f1b6aa90500777dca0ab1587b28eaa07;

    // ---- refusals -------------------------------------------------------------------------------------------------------------------------

    function test_fileClaim_withPartiesThatAreNone_isRefused() external {
        ClaimFacts memory c = _draft(10, 1);
        c.amount = 0;
        _refuseFiling(c, Malformed.selector);
        c = _draft(10, 1);
        c.evidenceDigest = 0;
        _refuseFiling(c, Malformed.selector);
        c = _draft(10, 1);
        c.insurer = stranger.id;
        _refuseFiling(c, NotFound.selector);
        c.insurer = hospital.id;
        _refuseFiling(c, WrongRole.selector);
        c.insurer = patient.id;
        _refuseFiling(c, WrongRole.selector);
        c = _draft(10, 1);
        c.doctor = hospital.id;
        _refuseFiling(c, WrongRole.selector);
        c = _draft(10, 1);
        c.hospital = stranger.id;
        _refuseFiling(c, NotFound.selector);
        c = _draft(10, 1);
        c.notAfter = uint64(block.timestamp);
        _refuseFiling(c, Expired.selector);
        c.notAfter = uint64(block.timestamp + 366 days + 1);
        _refuseFiling(c, Malformed.selector);
        _setStatus(insurer.id, STATUS_SUSPENDED);
        _refuseFiling(_draft(10, 1), Suspended.selector);
        _setStatus(insurer.id, STATUS_ACTIVE);
        c = _file(10, 1);
        _refuseFiling(c, AlreadyExists.selector);
        c.patient = doctor.id;
        vm.prank(doctor.id);
        vm.expectRevert(WrongRole.selector);
        _callFile(c, Auth(doctor.id, 0, ""));
    }

    function test_endorseClaim_outOfTurn_isRefused() external {
        ClaimFacts memory c = _file(10, 1);
        Person[4] memory others = [patient, hospital, agency, insurer];
        for (uint256 i = 0; i < others.length; ++i) {
            _refuseEndorsing(c, others[i], NotYours.selector);
        }
        _setStatus(doctor.id, STATUS_SUSPENDED);
        _refuseEndorsing(c, doctor, Suspended.selector);
        _setStatus(doctor.id, STATUS_ACTIVE);
        _storeField(_actorSlot(doctor.id), 0, 96, 40);
        _refuseEndorsing(c, doctor, LicenceMissing.selector);
        _storeField(_actorSlot(doctor.id), block.timestamp, 96, 40);
        _refuseEndorsing(c, doctor, LicenceExpired.selector);
        _storeField(_actorSlot(doctor.id), block.timestamp + 1, 96, 40);
        ledger.endorseClaim(c, 0, _by(doctor));
        ledger.endorseClaim(c, 0, _by(hospital));
        _refuseEndorsing(c, insurer, WrongRole.selector);
        ledger.endorseClaim(c, 0, _by(trustees[4]));
        _refuseEndorsing(c, insurer, WrongState.selector);
        _refuseApproving(c, 0, Malformed.selector);
        _refuseApproving(c, 11, Malformed.selector);
        c.amount = 11;
        _refuseApproving(c, 11, NotFound.selector);
    }

    function test_claim_timeOver_canOnlyExpire() external {
        ClaimFacts memory c = _file(10, 1);
        vm.prank(doctor.id);
        vm.expectRevert(NotYet.selector);
        ledger.expireClaim(c, Auth(doctor.id, 0, ""));
        vm.warp(c.notAfter);
        _refuseEndorsing(c, doctor, Expired.selector);
        ledger.expireClaim(c, _by(doctor));
        _expectSlot(c, EXPIRED | REVIEWED);
        _refuseEndorsing(c, doctor, WrongState.selector);
    }

    function test_withdrawClaim_byAPatientWhoIsSuspended_isPossible() external {
        ClaimFacts memory c = _file(10, 1);
        vm.prank(doctor.id);
        vm.expectRevert(NotYours.selector);
        ledger.withdrawClaim(c, Auth(doctor.id, 0, ""));
        _setStatus(patient.id, STATUS_SUSPENDED);
        ledger.withdrawClaim(c, _by(patient));
        _expectSlot(c, WITHDRAWN | REVIEWED);
        vm.prank(patient.id);
        vm.expectRevert(WrongState.selector);
        ledger.withdrawClaim(c, Auth(patient.id, 0, ""));
    }

    // ---- appeals --------------------------------------------------------------------------------------------------------------------------

    function test_appeal_afterARejection_goesBackToTheInsurerOnce() external {
        ClaimFacts memory c = _file(10, 1);
        ledger.rejectClaim(c, 7, 0, _by(doctor));
        _expectSlot(c, REJECTED | REVIEWED);
        vm.prank(doctor.id);
        vm.expectRevert(NotYours.selector);
        ledger.appealClaim(c, 0, Auth(doctor.id, 0, ""));
        ledger.appealClaim(c, bytes32(uint256(1)), _by(patient));
        _expectSlot(c, APPEAL | REVIEWED | APPEALED);
        vm.prank(insurer.id);
        vm.expectRevert(WrongRole.selector);
        ledger.decideAppeal(c, true, 0, Auth(insurer.id, 0, ""));
        ledger.decideAppeal(c, true, 0, _by(agency));
        _expectSlot(c, INSURERS_TURN | REVIEWED | APPEALED);
        ledger.rejectClaim(c, 8, 0, _by(insurer));
        vm.prank(patient.id);
        vm.expectRevert(AlreadyExists.selector);
        ledger.appealClaim(c, 0, Auth(patient.id, 0, ""));
    }

    function test_appeal_againstAPartialApproval_takesNothingAway() external {
        ClaimFacts memory c = _approve(_file(10, 1), 6);
        ledger.appealClaim(c, 0, _by(patient));
        ledger.decideAppeal(c, true, 0, _by(agency));
        vm.prank(insurer.id);
        vm.expectRevert(WrongState.selector);
        ledger.rejectClaim(c, 1, 0, Auth(insurer.id, 0, ""));
        _refuseApproving(c, 5, Malformed.selector);
        ledger.approveClaim(c, 7, 0, _by(insurer));
        _expectSlot(c, APPROVED | REVIEWED | APPEALED | 7 << 8);

        ClaimFacts memory upheld = _approve(_file(10, 2), 6);
        ledger.appealClaim(upheld, 0, _by(patient));
        ledger.decideAppeal(upheld, false, 0, _by(agency));
        _expectSlot(upheld, APPROVED | REVIEWED | APPEALED | 6 << 8);

        ClaimFacts memory expired = _approve(_file(10, 3), 6);
        ledger.appealClaim(expired, 0, _by(patient));
        vm.warp(expired.notAfter);
        ledger.expireClaim(expired, _by(stranger_()));
        _expectSlot(expired, APPROVED | REVIEWED | APPEALED | 6 << 8);

        ClaimFacts memory whole = _file(10, 4);
        _approve(whole, 10);
        vm.prank(patient.id);
        vm.expectRevert(WrongState.selector);
        ledger.appealClaim(whole, 0, Auth(patient.id, 0, ""));
    }

    // ---- authority ------------------------------------------------------------------------------------------------------------------------

    function test_claim_signedCommands_areRelayedByAnybodyOnce() external {
        ClaimFacts memory c = _file(10, 1);
        bytes32 id = _idOf(c);
        bytes32 endorse = keccak256(
            abi.encode(ClaimModule(module).ENDORSE_CLAIM_TYPEHASH(), doctor.id, uint64(0), id, bytes32(uint256(9)))
        );
        Auth memory auth = _signedBy(doctor, 0, endorse);
        vm.expectRevert(BadSignature.selector);
        ledger.endorseClaim(c, bytes32(uint256(8)), auth);
        ledger.endorseClaim(c, bytes32(uint256(9)), auth);
        _expectSlot(c, HOSPITALS_TURN | REVIEWED);
        vm.expectRevert(WrongNonce.selector);
        ledger.endorseClaim(c, bytes32(uint256(9)), auth);
    }

    function test_module_calledByItself_isRefused() external {
        vm.expectRevert(NotDelegated.selector);
        ClaimModule(module).expireClaim(_draft(10, 1), Auth(patient.id, 0, ""));
    }

    /// @dev No sequence of calls lowers what is approved, or decides without the insurer.
    function testFuzz_claim_anyCalls_loseNothing(uint256[24] memory script) external {
        ClaimFacts memory c = _file(10, 1);
        Person[5] memory people = [patient, doctor, hospital, agency, insurer];
        for (uint256 i = 0; i < script.length; ++i) {
            uint256 before = ledger.claimOf(_idOf(c));
            Person memory person = people[script[i] % 5];
            vm.prank(person.id);
            (bool ok,) = address(ledger).call(_call(c, script[i] / 5, Auth(person.id, 0, "")));
            uint256 later = ledger.claimOf(_idOf(c));
            if (!ok) assertEq(later, before, "a refusal changed the claim");
            assertGe(later >> 8, before >> 8, "approved amount");
            assertLe(later >> 8, 10, "approved amount");
            assertEq(later & REVIEWED, before & REVIEWED, "review flag");
            if (before & 15 > APPEAL) {
                assertTrue(
                    later == before || (before & APPEALED == 0 && later & 15 == APPEAL), "only an appeal reopens"
                );
            }
            if (later >> 8 != before >> 8) assertEq(person.id, insurer.id, "who approved");
        }
    }

    function _call(ClaimFacts memory c, uint256 choice, Auth memory auth) private view returns (bytes memory) {
        uint256 kind = choice % 8;
        if (kind < 2) return abi.encodeCall(ledger.endorseClaim, (c, 0, auth));
        if (kind == 2) return abi.encodeCall(ledger.rejectClaim, (c, 1, 0, auth));
        // forge-lint: disable-next-line(unsafe-typecast)
        if (kind < 5) return abi.encodeCall(ledger.approveClaim, (c, uint64(choice / 8 % 12), 0, auth));
        if (kind == 5) return abi.encodeCall(ledger.appealClaim, (c, 0, auth));
        if (kind == 6) return abi.encodeCall(ledger.decideAppeal, (c, choice / 8 % 2 == 0, 0, auth));
        return abi.encodeCall(ledger.withdrawClaim, (c, auth));
    }

    // ---- helpers --------------------------------------------------------------------------------------------------------------------------

    function stranger_() private returns (Person memory) {
        _seedActor(stranger.id, GUARDIAN, type(uint40).max);
        return stranger;
    }

    function _draft(uint64 amount, uint256 salt) private view returns (ClaimFacts memory) {
        return ClaimFacts({
            patient: patient.id,
            insurer: insurer.id,
            doctor: doctor.id,
            hospital: hospital.id,
            amount: amount,
            currency: "INR",
            relatedTo: 0,
            evidenceCommitment: bytes32(uint256(1)),
            evidenceDigest: bytes32(uint256(2)),
            notAfter: uint64(START + 30 days),
            salt: bytes32(salt)
        });
    }

    function _file(uint64 amount, uint256 salt) private returns (ClaimFacts memory c) {
        c = _draft(amount, salt);
        if (block.timestamp >= c.notAfter) c.notAfter = uint64(block.timestamp + 1);
        _callFile(c, _by(patient));
    }

    function _callFile(ClaimFacts memory c, Auth memory auth) private {
        ledger.fileClaim(
            c.insurer,
            c.doctor,
            c.hospital,
            c.amount,
            string(abi.encodePacked(c.currency)),
            c.relatedTo,
            c.evidenceCommitment,
            c.evidenceDigest,
            c.notAfter,
            c.salt,
            auth
        );
    }

    function _approve(ClaimFacts memory c, uint64 amount) private returns (ClaimFacts memory) {
        ledger.endorseClaim(c, 0, _by(doctor));
        ledger.endorseClaim(c, 0, _by(hospital));
        ledger.endorseClaim(c, 0, _by(agency));
        ledger.approveClaim(c, amount, 0, _by(insurer));
        return c;
    }

    function _refuseFiling(ClaimFacts memory c, bytes4 reason) private {
        vm.prank(patient.id);
        vm.expectRevert(reason);
        _callFile(c, Auth(patient.id, 0, ""));
    }

    function _refuseEndorsing(ClaimFacts memory c, Person memory person, bytes4 reason) private {
        vm.prank(person.id);
        vm.expectRevert(reason);
        ledger.endorseClaim(c, 0, Auth(person.id, 0, ""));
    }

    function _refuseApproving(ClaimFacts memory c, uint64 amount, bytes4 reason) private {
        vm.prank(insurer.id);
        vm.expectRevert(reason);
        ledger.approveClaim(c, amount, 0, Auth(insurer.id, 0, ""));
    }

    function _idOf(ClaimFacts memory c) private view returns (bytes32) {
        return keccak256(abi.encode(keccak256("phr/claim/v1"), block.chainid, address(ledger), c));
    }

    function _expectSlot(ClaimFacts memory c, uint256 slot) private view {
        assertEq(ledger.claimOf(_idOf(c)), slot, "what is stored");
    }
}
