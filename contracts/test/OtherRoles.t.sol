// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Roles} from "./Roles.sol";
import {Auth, RequestFacts, TeamPlace, TeamTerms} from "../src/LedgerTypes.sol";
import {ClaimFacts} from "../src/IClaims.sol";
import {DisputedDelivery} from "../src/IDisputes.sol";

/// @title Who may call the commands on teams, claims, disputes and emergencies
contract OtherRolesTest is Roles {
    bytes private constant _KEY = hex"0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
    bytes32 private constant _DIGEST = keccak256("digest");

    address private _team = _person("team").id;
    ClaimFacts private _claim;
    DisputedDelivery[2] private _deliveries;
    RequestFacts private _emergency;

    function setUp() external {
        _deploy();
        _seedPeople();
        _everybody();
        _claim = ClaimFacts({
            patient: patient.id,
            insurer: insurer.id,
            doctor: doctor.id,
            hospital: hospital.id,
            amount: 100,
            currency: "INR",
            relatedTo: 0,
            evidenceCommitment: _DIGEST,
            evidenceDigest: _DIGEST,
            notAfter: uint64(START + 10 days),
            salt: _DIGEST
        });
    }

    function _send(Person memory by, bytes memory data) private {
        vm.prank(by.id, by.id);
        (bool ok,) = address(ledger).call(data);
        assertTrue(ok, "the stage is reached");
    }

    function _as(Person memory by) private pure returns (Auth memory) {
        return Auth(by.id, 0, "");
    }

    // ---- teams ------------------------------------------------------------------------------------------------------------------------------

    function _terms(uint32 epoch, uint256 members) private view returns (TeamTerms memory t) {
        t.charterDigest = keccak256(abi.encode("charter", epoch));
        (t.rosterEpoch, t.keyEpoch, t.publicKey, t.threshold) = (epoch, 1, _KEY, 2);
        t.members = new TeamPlace[](members);
        for (uint256 i = 0; i < members; ++i) {
            t.members[i] = TeamPlace(i == 0 ? doctor.id : trustees[i - 1].id);
        }
    }

    function _callRegisterTeam(Auth memory auth) private view returns (bytes memory) {
        return abi.encodeCall(ledger.registerTeam, (_team, _terms(1, 3), address(0), auth));
    }

    function test_registerTeam_byItsMembers() external {
        _onlyBy("registerTeam", _callRegisterTeam, _who(doctor, trustees[0]));
    }

    function _callChangeTeam(Auth memory auth) private view returns (bytes memory) {
        TeamTerms memory now_ = _terms(1, 3);
        return abi.encodeCall(ledger.changeTeam, (_team, now_.charterDigest, _terms(2, 4), abi.encode(now_), auth));
    }

    function test_changeTeam_byItsMembers() external {
        _send(doctor, _callRegisterTeam(_as(doctor)));
        _onlyBy("changeTeam", _callChangeTeam, _who(doctor, trustees[0]));
    }

    function _callConfirmTeam(Auth memory auth) private view returns (bytes memory) {
        TeamTerms memory next = _terms(2, 4);
        return abi.encodeCall(
            ledger.confirmTeamChange, (_team, next.charterDigest, abi.encode(next), abi.encode(_terms(1, 3)), auth)
        );
    }

    function test_confirmTeamChange_byItsOtherMembers() external {
        _send(doctor, _callRegisterTeam(_as(doctor)));
        _send(trustees[1], _callChangeTeam(_as(trustees[1])));
        _onlyBy("confirmTeamChange", _callConfirmTeam, _who(doctor, trustees[0]));
    }

    // ---- claims -----------------------------------------------------------------------------------------------------------------------------

    function _callThreshold(Auth memory auth) private view returns (bytes memory) {
        return abi.encodeCall(ledger.setReviewThreshold, ("INR", 5, auth));
    }

    function test_setReviewThreshold_byInsurers() external {
        _onlyBy("setReviewThreshold", _callThreshold, _who(insurer));
    }

    function _callFile(Auth memory auth) private view returns (bytes memory) {
        ClaimFacts memory c = _claim;
        return abi.encodeCall(
            ledger.fileClaim,
            (
                c.insurer,
                c.doctor,
                c.hospital,
                c.amount,
                "INR",
                c.relatedTo,
                c.evidenceCommitment,
                c.evidenceDigest,
                c.notAfter,
                c.salt,
                auth
            )
        );
    }

    function test_fileClaim_byPatients() external {
        _onlyBy("fileClaim", _callFile, _who(patient));
    }

    function _callEndorse(Auth memory auth) private view returns (bytes memory) {
        return abi.encodeCall(ledger.endorseClaim, (_claim, _DIGEST, auth));
    }

    /// @dev Filed, and endorsed on the levels of doctor, hospital and agency as far as it says.
    function _endorsed(uint256 levels) private {
        _send(patient, _callFile(_as(patient)));
        Person[3] memory by = [doctor, hospital, agency];
        for (uint256 i = 0; i < levels; ++i) {
            _send(by[i], _callEndorse(_as(by[i])));
        }
    }

    function test_endorseClaim_levelByLevel_byWhoseTurnItIs() external {
        _endorsed(0);
        _onlyBy("endorseClaim", _callEndorse, _who(doctor));
        _send(doctor, _callEndorse(_as(doctor)));
        _onlyBy("endorseClaim", _callEndorse, _who(hospital));
        _send(hospital, _callEndorse(_as(hospital)));
        _onlyBy("endorseClaim", _callEndorse, _who(agency));
    }

    function _callReject(Auth memory auth) private view returns (bytes memory) {
        return abi.encodeCall(ledger.rejectClaim, (_claim, 7, _DIGEST, auth));
    }

    function test_rejectClaim_byWhoseTurnItIs() external {
        _endorsed(0);
        _onlyBy("rejectClaim", _callReject, _who(doctor));
        _send(doctor, _callEndorse(_as(doctor)));
        _onlyBy("rejectClaim", _callReject, _who(hospital));
        _send(hospital, _callEndorse(_as(hospital)));
        _onlyBy("rejectClaim", _callReject, _who(agency));
        _send(agency, _callEndorse(_as(agency)));
        _onlyBy("rejectClaim", _callReject, _who(insurer));
    }

    function _callApproveClaim(Auth memory auth) private view returns (bytes memory) {
        return abi.encodeCall(ledger.approveClaim, (_claim, 90, _DIGEST, auth));
    }

    function test_approveClaim_byItsInsurer() external {
        _endorsed(3);
        _onlyBy("approveClaim", _callApproveClaim, _who(insurer));
    }

    function _callAppeal(Auth memory auth) private view returns (bytes memory) {
        return abi.encodeCall(ledger.appealClaim, (_claim, _DIGEST, auth));
    }

    function test_appealClaim_byItsPatient() external {
        _endorsed(0);
        _send(doctor, _callReject(_as(doctor)));
        _onlyBy("appealClaim", _callAppeal, _who(patient));
    }

    function _callDecide(Auth memory auth) private view returns (bytes memory) {
        return abi.encodeCall(ledger.decideAppeal, (_claim, true, _DIGEST, auth));
    }

    function test_decideAppeal_byAgencies() external {
        _endorsed(0);
        _send(doctor, _callReject(_as(doctor)));
        _send(patient, _callAppeal(_as(patient)));
        _onlyBy("decideAppeal", _callDecide, _who(agency));
    }

    function _callWithdraw(Auth memory auth) private view returns (bytes memory) {
        return abi.encodeCall(ledger.withdrawClaim, (_claim, auth));
    }

    function test_withdrawClaim_byItsPatient() external {
        _endorsed(1);
        _onlyBy("withdrawClaim", _callWithdraw, _who(patient));
    }

    function _callExpireClaim(Auth memory auth) private view returns (bytes memory) {
        return abi.encodeCall(ledger.expireClaim, (_claim, auth));
    }

    function test_expireClaim_byAnyoneRegistered() external {
        _endorsed(1);
        vm.warp(START + 10 days);
        _onlyBy("expireClaim", _callExpireClaim, _anyone());
    }

    // ---- disputes ---------------------------------------------------------------------------------------------------------------------------

    function _statementOf(DisputedDelivery memory d) private view returns (bytes memory) {
        bytes32 digest =
            keccak256(abi.encode(keccak256("phr/delivery-statement/v2"), block.chainid, address(ledger), d));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(oracles[0].key, digest);
        return abi.encodePacked(r, s, v - 27);
    }

    function _callEquivocation(Auth memory auth) private view returns (bytes memory) {
        DisputedDelivery memory one = _deliveries[0];
        DisputedDelivery memory other = _deliveries[1];
        return abi.encodeCall(ledger.disputeEquivocation, (one, _statementOf(one), other, _statementOf(other), auth));
    }

    function test_disputeEquivocation_byAnyoneRegistered() external {
        _deliveries[0] = DisputedDelivery(oracles[0].id, 0, _DIGEST, 0, 0, 1, _DIGEST, _DIGEST, "one");
        _deliveries[1] = DisputedDelivery(oracles[0].id, 0, _DIGEST, 0, 0, 1, _DIGEST, _DIGEST, "other");
        _onlyBy("disputeEquivocation", _callEquivocation, _anyone());
    }

    function _callDispute(Auth memory auth) private view returns (bytes memory) {
        string memory file = vm.readFile("test/vectors/disputes.json");
        bytes[] memory statements = vm.parseJsonBytesArray(file, ".statements");
        bytes[] memory evidence = vm.parseJsonBytesArray(file, ".evidence");
        (bytes32 requestId, bytes32 root, bytes32 evidenceRoot, bytes32 keyHash) =
            abi.decode(statements[6], (bytes32, bytes32, bytes32, bytes32));
        DisputedDelivery memory d = DisputedDelivery(oracles[0].id, 0, requestId, 0, 0, 1, evidenceRoot, keyHash, root);
        return abi.encodeCall(ledger.disputeDelivery, (d, _statementOf(d), evidence[6], auth));
    }

    function test_disputeDelivery_byAnyoneRegistered() external {
        _onlyBy("disputeDelivery", _callDispute, _anyone());
    }

    // ---- emergencies ------------------------------------------------------------------------------------------------------------------------

    function _callReview(Auth memory auth) private view returns (bytes memory) {
        return abi.encodeCall(ledger.reviewEmergency, (_emergency, 1, _DIGEST, auth));
    }

    function test_reviewEmergency_byThePatientOrAnAgency() external {
        _emergency.requestId = keccak256("emergency");
        (_emergency.doctor, _emergency.patient) = (doctor.id, patient.id);
        bytes32 key = keccak256(abi.encode(keccak256("phr/review"), _emergency.requestId, doctor.id, patient.id));
        vm.store(address(ledger), keccak256(abi.encode(key, SLOT_RECORDS)), bytes32(uint256(1) | block.timestamp << 8));
        _storeField(_actorSlot(doctor.id), 1, 224, 8);
        _onlyBy("reviewEmergency", _callReview, _who(patient, agency));
    }
}
