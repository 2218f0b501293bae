// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LedgerFixture} from "./LedgerFixture.sol";
import {Roles} from "./Roles.sol";
import {Story} from "./Story.sol";
import {
    Auth,
    DealingFacts,
    Parameters,
    RecoveryFacts,
    ReshareFacts,
    ReshareProposal,
    Seat
} from "../src/LedgerTypes.sol";
import {PhrLedger} from "../src/PhrLedger.sol";
import {NotFound} from "../src/LedgerErrors.sol";

/// @title Who may call the commands on bundles, dealings, reshares and recoveries
contract DealingRolesTest is Roles, Story {
    Sealed private _b;
    ReshareFacts private _reshare;
    RecoveryFacts private _recovery;
    RecoveryFacts private _none;

    function _modules(Parameters memory p) internal override(LedgerFixture, Story) returns (PhrLedger.Modules memory) {
        return Story._modules(p);
    }

    function setUp() external {
        _begin();
        _everybody();
        _b = _bundle(patient);
        _recovery = RecoveryFacts(
            _b.bundleId, _b.epoch, _policyHash(_b.policy), _person("next key").id, DIGEST, uint64(START + 365 days)
        );
    }

    function _p(Auth memory auth) private pure returns (Person memory) {
        return Person(0, auth.actor);
    }

    // ---- bundles ----------------------------------------------------------------------------------------------------------------------------

    function _callRegister(Auth memory auth) private view returns (bytes memory) {
        Sealed memory other = _b;
        other.bundleId = keccak256("another bundle");
        return _encRegisterBundle(other, _p(auth));
    }

    function test_registerBundle_byPatients() external {
        _onlyBy("registerBundle", _callRegister, _who(patient));
    }

    function _callRevise(Auth memory auth) private view returns (bytes memory) {
        return abi.encodeCall(ledger.reviseBundle, (_b.bundleId, _b.facts.headerDigest, DIGEST, DIGEST, _b.facts, auth));
    }

    function test_reviseBundle_byItsPatient() external {
        _onlyBy("reviseBundle", _callRevise, _who(patient));
    }

    function _callClose(Auth memory auth) private view returns (bytes memory) {
        return _encClose(_b, _p(auth));
    }

    function test_revokeBundle_byItsPatient() external {
        _onlyBy("revokeBundle", _callClose, _who(patient));
    }

    function _callPublish(Auth memory auth) private returns (bytes memory) {
        return abi.encodeCall(ledger.publishEnvelopeKey, (_b.bundleId, _b.epoch + 1, _key(3), DIGEST, auth));
    }

    /// @dev Whoever may be a trustee offers a key; that it is taken is the patient's choice.
    function test_publishEnvelopeKey_byWhoeverMayBeATrustee() external {
        address[] memory may = new address[](7);
        (may[0], may[1], may[2], may[3]) = (agency.id, patient.id, doctor.id, hospital.id);
        (may[4], may[5], may[6]) = (insurer.id, trustees[0].id, trustees[2].id);
        _onlyBy("publishEnvelopeKey", _callPublish, may);
    }

    // ---- dealings ---------------------------------------------------------------------------------------------------------------------------

    function _callPropose(Auth memory auth) private view returns (bytes memory) {
        return _encPropose(_b, _b.policy, _p(auth));
    }

    function test_proposeDealing_byThePatient() external {
        _onlyBy("proposeDealing", _callPropose, _who(patient));
    }

    function _callAcknowledge(Auth memory auth) private view returns (bytes memory) {
        return _encAcknowledge(_b, 0, _p(auth));
    }

    function test_acknowledgeDealing_byTheTrusteeOfTheSeat() external {
        _must(patient, _encPropose(_b, _b.policy, patient));
        _onlyBy("acknowledgeDealing", _callAcknowledge, _who(trustees[0]));
    }

    function _callComplain(Auth memory auth) private view returns (bytes memory) {
        DealingFacts memory d = _proposed(_b, _b.policy);
        return
            abi.encodeCall(
                ledger.complainOfDealing, (_b.bundleId, d.dealingDigest, _seat(0), DIGEST, d, _b.policy, auth)
            );
    }

    function test_complainOfDealing_byTheTrusteeOfTheSeat() external {
        _must(patient, _encPropose(_b, _b.policy, patient));
        _onlyBy("complainOfDealing", _callComplain, _who(trustees[0]));
    }

    function _callCancelDealing(Auth memory auth) private view returns (bytes memory) {
        DealingFacts memory d = _proposed(_b, _b.policy);
        return abi.encodeCall(ledger.cancelDealing, (_b.bundleId, d.dealingDigest, _b.facts, d, auth));
    }

    function test_cancelDealing_byThePatient() external {
        _must(patient, _encPropose(_b, _b.policy, patient));
        _onlyBy("cancelDealing", _callCancelDealing, _who(patient));
    }

    function _callActivate(Auth memory auth) private view returns (bytes memory) {
        return _encActivate(_b, _p(auth));
    }

    function test_activateDealing_acknowledgedByAll_byAnyoneRegistered() external {
        _must(patient, _encPropose(_b, _b.policy, patient));
        for (uint256 i = 0; i < trustees.length; ++i) {
            _must(trustees[i], _encAcknowledge(_b, i, trustees[i]));
        }
        _onlyBy("activateDealing", _callActivate, _anyone());
    }

    // ---- reshares ---------------------------------------------------------------------------------------------------------------------------

    function _plan() private view returns (ReshareProposal memory) {
        return ReshareProposal({
            headerDigest: _b.facts.headerDigest,
            epoch: _b.epoch + 1,
            previousDealingDigest: _b.dealing.dealingDigest,
            planDigest: keccak256("plan"),
            policy: _b.policy,
            notAfter: uint64(START + 5 days),
            names: _usualNames(),
            rule: "",
            activePolicy: _b.policy
        });
    }

    function _callPlan(Auth memory auth) private view returns (bytes memory) {
        return abi.encodeCall(ledger.proposeReshare, (_b.bundleId, _plan(), _b.facts, _b.dealing, auth));
    }

    function test_proposeReshare_byTrustees() external {
        _onlyBy("proposeReshare", _callPlan, _who(trustees[0], trustees[2]));
    }

    function _proposeReshare() private {
        _must(trustees[0], _callPlan(_own(trustees[0])));
        _reshare = ReshareFacts(
            keccak256("plan"),
            _policyHash(_b.policy),
            patient.id,
            trustees[0].id,
            uint64(block.timestamp),
            uint64(START + 5 days)
        );
    }

    function _contributions() private {
        _proposeReshare();
        _pass(3 days);
        for (uint256 i = 0; i < 3; ++i) {
            _must(trustees[i], _encContribute(i, _own(trustees[i])));
        }
    }

    function _callCancelReshare(Auth memory auth) private view returns (bytes memory) {
        return abi.encodeCall(ledger.cancelReshare, (_b.bundleId, _reshare.planDigest, _b.facts, _reshare, auth));
    }

    function test_cancelReshare_byThePatient() external {
        _proposeReshare();
        _onlyBy("cancelReshare", _callCancelReshare, _who(patient));
    }

    function _encContribute(uint256 ordinal, Auth memory auth) private view returns (bytes memory) {
        return abi.encodeCall(
            ledger.contributeToReshare,
            (_b.bundleId, _reshare.planDigest, _seat(ordinal), DIGEST, _reshare, _b.dealing, _b.policy, auth)
        );
    }

    function _callContribute(Auth memory auth) private view returns (bytes memory) {
        return _encContribute(0, auth);
    }

    function test_contributeToReshare_byTheTrusteeOfTheSeat() external {
        _proposeReshare();
        _pass(3 days);
        _onlyBy("contributeToReshare", _callContribute, _who(trustees[0]));
    }

    function _callComplainOfReshare(Auth memory auth) private view returns (bytes memory) {
        return abi.encodeCall(
            ledger.complainOfReshare,
            (
                _b.bundleId,
                _reshare.planDigest,
                _seat(0),
                _seat(1),
                DIGEST,
                _reshare,
                _b.dealing,
                [_b.policy, _b.policy],
                auth
            )
        );
    }

    function test_complainOfReshare_byTheNewTrusteeOfTheSeat() external {
        _contributions();
        _onlyBy("complainOfReshare", _callComplainOfReshare, _who(trustees[0]));
    }

    function _callConfirm(Auth memory auth) private view returns (bytes memory) {
        Seat[] memory dealers = new Seat[](3);
        (dealers[0], dealers[1], dealers[2]) = (_seat(0), _seat(1), _seat(2));
        return abi.encodeCall(
            ledger.confirmReshare,
            (
                _b.bundleId,
                _reshare.planDigest,
                _seat(0),
                keccak256("reshared"),
                dealers,
                DIGEST,
                _reshare,
                _b.dealing,
                [_b.policy, _b.policy],
                auth
            )
        );
    }

    function test_confirmReshare_byTheDealerOfTheSeat() external {
        _contributions();
        _onlyBy("confirmReshare", _callConfirm, _who(trustees[0]));
    }

    function _callExpireReshare(Auth memory auth) private view returns (bytes memory) {
        return abi.encodeCall(ledger.expireReshare, (_b.bundleId, _reshare.planDigest, _reshare, auth));
    }

    function test_expireReshare_byAnyoneRegistered() external {
        _proposeReshare();
        _pass(6 days);
        _onlyBy("expireReshare", _callExpireReshare, _anyone());
    }

    // ---- recovery of a patient's key --------------------------------------------------------------------------------------------------------

    function _callRecovery(Auth memory auth) private view returns (bytes memory) {
        return
            abi.encodeCall(
                ledger.proposeRecovery, (patient.id, _recovery, _b.facts, _b.dealing, _b.policy, _none, auth)
            );
    }

    function test_proposeRecovery_byTrustees() external {
        _onlyBy("proposeRecovery", _callRecovery, _who(trustees[0], trustees[2]));
    }

    function _encSupport(uint256 ordinal, Auth memory auth) private view returns (bytes memory) {
        return abi.encodeCall(
            ledger.supportRecovery, (patient.id, _recovery.newLedgerAddress, _seat(ordinal), _recovery, _b.policy, auth)
        );
    }

    function _callSupport(Auth memory auth) private view returns (bytes memory) {
        return _encSupport(0, auth);
    }

    function test_supportRecovery_byTheTrusteeOfTheSeat() external {
        _must(trustees[0], _callRecovery(_own(trustees[0])));
        _onlyBy("supportRecovery", _callSupport, _who(trustees[0]));
    }

    function _callCancelRecovery(Auth memory auth) private view returns (bytes memory) {
        return abi.encodeCall(ledger.cancelRecovery, (auth));
    }

    function test_cancelRecovery_byThePatient() external {
        _must(trustees[0], _callRecovery(_own(trustees[0])));
        // Whoever has no recovery under way has none to cancel.
        _onlyBy("cancelRecovery", _callCancelRecovery, _who(patient), 0, NotFound.selector);
    }

    function _callComplete(Auth memory auth) private view returns (bytes memory) {
        return abi.encodeCall(ledger.completeRecovery, (patient.id, _recovery, auth));
    }

    function test_completeRecovery_afterTheDelay_byAnyoneRegistered() external {
        _must(trustees[0], _callRecovery(_own(trustees[0])));
        for (uint256 i = 0; i < 3; ++i) {
            _must(trustees[i], _encSupport(i, _own(trustees[i])));
        }
        _pass(7 days);
        _onlyBy("completeRecovery", _callComplete, _anyone());
    }
}
