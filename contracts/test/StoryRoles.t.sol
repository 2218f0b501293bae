// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Roles} from "./Roles.sol";
import {LedgerFixture} from "./LedgerFixture.sol";
import {Story} from "./Story.sol";
import {AccessRequest, Approval, Auth, Delivery, Parameters} from "../src/LedgerTypes.sol";
import {PhrLedger} from "../src/PhrLedger.sol";

/// @title Who may call the commands on requests and what follows a grant
contract StoryRolesTest is Roles, Story {
    Sealed private _b;
    Live private _r;

    function _modules(Parameters memory p) internal override(LedgerFixture, Story) returns (PhrLedger.Modules memory) {
        return Story._modules(p);
    }

    function setUp() external {
        _begin();
        _everybody();
        _b = _bundle(patient);
    }

    function _open() private {
        _r = _openRequest(doctor, _b);
    }

    function _grant() private {
        _r = _granted(doctor, _b);
    }

    /// @dev The committee's first oracle joins those who try.
    function _addSeats() private returns (Person memory first) {
        first = _seatOracle(_r, 1);
        _add("the oracle of the seat", first);
    }

    function _p(Auth memory auth) private pure returns (Person memory) {
        return Person(0, auth.actor);
    }

    // ---- requests -------------------------------------------------------------------------------------------------------

    function _callRequest(Auth memory auth) private returns (bytes memory) {
        return _encRequest(_b, _p(auth));
    }

    function test_requestAccess_byLicensedDoctors() external {
        _onlyBy("requestAccess", _callRequest, _who(doctor));
    }

    function _callDraw(Auth memory auth) private view returns (bytes memory) {
        return _encDraw(_r, _p(auth));
    }

    function test_drawCommittee_byAnyoneRegistered() external {
        _r = _request(doctor, _b);
        _mine(2);
        _setSeed(_r);
        _onlyBy("drawCommittee", _callDraw, _anyone());
    }

    function _callSnapshot(Auth memory auth) private view returns (bytes memory) {
        return _encSnapshot(_p(auth));
    }

    function test_takeSnapshot_byAnyoneRegistered() external {
        vm.roll(block.number + 301);
        _onlyBy("takeSnapshot", _callSnapshot, _anyone());
    }

    function _callApprove(Auth memory auth) private view returns (bytes memory) {
        return _encApprove(_r, 0, _p(auth));
    }

    function test_approveRequest_byTheTrusteeOfTheSeat() external {
        _open();
        _onlyBy("approveRequest", _callApprove, _who(trustees[0]));
    }

    function _callDeny(Auth memory auth) private view returns (bytes memory) {
        return _encDeny(_r, 0, _p(auth));
    }

    function test_denyRequest_byTheTrusteeOfTheSeat() external {
        _open();
        _onlyBy("denyRequest", _callDeny, _who(trustees[0]));
    }

    function _callConsent(Auth memory auth) private view returns (bytes memory) {
        return _encConsent(_r, _p(auth));
    }

    function test_consentToRequest_byThePatient() external {
        _open();
        _onlyBy("consentToRequest", _callConsent, _who(patient));
    }

    function _callCancel(Auth memory auth) private view returns (bytes memory) {
        return _encCancel(_r, _p(auth));
    }

    function test_cancelRequest_byTheDoctorWhoAsked() external {
        _open();
        _onlyBy("cancelRequest", _callCancel, _who(doctor));
    }

    function _callVeto(Auth memory auth) private view returns (bytes memory) {
        return _encVeto(_r, _p(auth));
    }

    function test_vetoRequest_byThePatient() external {
        PolicyTerms memory terms = _usualTerms();
        terms.vetoWindow = 1 hours;
        _b = _bundleOf(patient, _policy(terms));
        _grant();
        _onlyBy("vetoRequest", _callVeto, _who(patient));
    }

    function _callRevoke(Auth memory auth) private view returns (bytes memory) {
        return _encRevoke(_r, _p(auth));
    }

    function test_revokeGrant_byThePatient() external {
        _grant();
        _onlyBy("revokeGrant", _callRevoke, _who(patient));
    }

    function _callExpire(Auth memory auth) private view returns (bytes memory) {
        return _encExpire(_r, _p(auth));
    }

    function test_expireRequest_byAnyoneRegistered() external {
        _open();
        vm.warp(_endOf(_r));
        _onlyBy("expireRequest", _callExpire, _anyone());
    }

    function _callAttach(Auth memory auth) private view returns (bytes memory) {
        return _encAttach(_r, _p(auth));
    }

    function test_attachToGrant_byThePatient() external {
        _grant();
        _onlyBy("attachToGrant", _callAttach, _who(patient));
    }

    // ---- service --------------------------------------------------------------------------------------------------------

    function _callDeliver(Auth memory auth) private view returns (bytes memory) {
        return _encDeliver(_r, 1, _p(auth));
    }

    function test_recordDelivery_byTheOracleOfTheSeat() external {
        _grant();
        _onlyBy("recordDelivery", _callDeliver, _who(_addSeats()));
    }

    function _callRefuse(Auth memory auth) private view returns (bytes memory) {
        return _encRefuse(_r, 1, _p(auth));
    }

    function test_refuseDelivery_byTheOracleOfTheSeat() external {
        _grant();
        _onlyBy("refuseDelivery", _callRefuse, _who(_addSeats()));
    }

    function _callOpened(Auth memory auth) private view returns (bytes memory) {
        return _encOpened(_r, _p(auth));
    }

    function test_confirmOpened_byTheDoctorWhoAsked() external {
        _grant();
        _deliver(_r, 3);
        _onlyBy("confirmOpened", _callOpened, _who(doctor));
    }

    function _callSettle(Auth memory auth) private view returns (bytes memory) {
        return _encSettle(_r, _p(auth));
    }

    function test_settleRequest_byAnyoneRegistered() external {
        _grant();
        _deliver(_r, 3);
        _must(doctor, _encOpened(_r, doctor));
        _onlyBy("settleRequest", _callSettle, _anyone());
    }

    function _callRate(Auth memory auth) private view returns (bytes memory) {
        return _encRate(_r, 1, 80, _p(auth));
    }

    function test_rateOracle_byTheDoctorWhoAsked() external {
        _grant();
        _deliver(_r, 3);
        _onlyBy("rateOracle", _callRate, _who(doctor));
    }

    function _callRedraw(Auth memory auth) private view returns (bytes memory) {
        return _encRedraw(_r, _p(auth));
    }

    function test_redrawCommittee_byTheDoctorWhoAskedOrThePatient() external {
        _grant();
        vm.warp(block.timestamp + 2 hours);
        _onlyBy("redrawCommittee", _callRedraw, _who(doctor, patient));
    }

    function _callAgain(Auth memory auth) private view returns (bytes memory) {
        return _encUseAgain(_r, _p(auth));
    }

    function test_useAgain_byTheDoctorWhoAsked() external {
        _grant();
        _pass(2 hours);
        _must(doctor, _encSettle(_r, doctor));
        _onlyBy("useAgain", _callAgain, _who(doctor));
    }

    // ---- several at once --------------------------------------------------------------------------------------------------------------------

    function _callApproveMany(Auth memory auth) private view returns (bytes memory) {
        Approval[] memory approvals = new Approval[](1);
        approvals[0] = Approval(_seat(0), DIGEST, auth);
        return abi.encodeCall(ledger.approveMany, (_r.facts, _r.policy, approvals));
    }

    function test_approveMany_byTheTrusteesOfTheSeats() external {
        _open();
        _onlyBy("approveMany", _callApproveMany, _who(trustees[0]));
    }

    function _callDeliveries(Auth memory auth) private view returns (bytes memory) {
        Delivery[] memory all = new Delivery[](1);
        all[0] = Delivery(1, DIGEST, DIGEST, auth);
        return abi.encodeCall(ledger.recordDeliveries, (_r.facts, all));
    }

    function test_recordDeliveries_byTheOraclesOfTheSeats() external {
        _grant();
        _onlyBy("recordDeliveries", _callDeliveries, _who(_addSeats()));
    }

    function _callBatch(Auth memory auth) private view returns (bytes memory) {
        bytes[] memory calls = new bytes[](1);
        calls[0] = _encRevoke(_r, _p(auth));
        return abi.encodeCall(ledger.batch, (calls, true));
    }

    /// @dev A batch lends nobody a right: each of its commands asks who acts, as if it came alone.
    function test_batch_byWhoeverMayDoWhatIsInIt() external {
        _grant();
        _onlyBy("batch", _callBatch, _who(patient));
    }
}
