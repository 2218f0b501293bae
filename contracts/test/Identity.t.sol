// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LedgerFixture} from "./LedgerFixture.sol";
import {Account} from "./Accounts.sol";
import {Auth, ActorView, OracleView, Parameters} from "../src/LedgerTypes.sol";
import {LedgerEvents} from "../src/LedgerEvents.sol";
import {PhrLedger} from "../src/PhrLedger.sol";
import {ILedger} from "../src/ILedger.sol";
import {IdentityModule} from "../src/modules/IdentityModule.sol";
import "../src/LedgerErrors.sol";

/// @title Identities, roles, licences and ledger keys
contract IdentityTest is LedgerFixture, LedgerEvents {
    uint256 private constant _ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
    uint64 private constant _UNTIL = uint64(START + 365 days);
    bytes32 private constant _RECORD = keccak256("key record");

    Person private _second = _person("second agency");

    function setUp() external {
        _deploy();
    }

    // ---- registering ----------------------------------------------------------------------------------------------------------------------

    function test_registerActor_refusals() external {
        _register(patient, PATIENT);
        _refused(AlreadyExists.selector);
        ledger.registerActor(uint32(PATIENT), _RECORD, _UNTIL, address(0), address(0), _by(patient));
        _refused(Malformed.selector);
        ledger.registerActor(256, _RECORD, _UNTIL, address(0), address(0), _by(stranger));
        _refused(Malformed.selector);
        ledger.registerActor(uint32(GUARDIAN), 0, _UNTIL, address(0), address(0), _by(stranger));
        _refused(Malformed.selector);
        ledger.registerActor(uint32(GUARDIAN), _RECORD, _UNTIL, address(0), patient.id, _by(stranger));
        _refused(Expired.selector);
        ledger.registerActor(uint32(GUARDIAN), _RECORD, uint64(START), address(0), address(0), _by(stranger));
        _refused(Malformed.selector);
        ledger.registerActor(uint32(GUARDIAN), _RECORD, 253_402_300_800, address(0), address(0), _by(stranger));
        _refused(BadSignature.selector);
        ledger.registerActor(
            uint32(GUARDIAN), _RECORD, _UNTIL, address(0), address(0), Auth(stranger.id, 0, new bytes(0))
        );
    }

    /// @dev The model's rule, said another way.
    function testFuzz_registerActor_rolesThatGoTogether(uint32 roles) external {
        roles = uint32(bound(roles, 0, 255));
        bool person = roles & (PATIENT | DOCTOR | GUARDIAN) != 0;
        bool organisation = roles & (HOSPITAL | INSURER) != 0;
        uint256 single = roles & (AGENCY | ORACLE | OPERATOR);
        bool sound = single == 0 ? person != organisation : roles == single && single & (single - 1) == 0;
        if (roles == ORACLE) _admitted(operators[0], OPERATOR);
        if (!sound) _refused(WrongRole.selector);
        ledger.registerActor(
            roles,
            _RECORD,
            roles == ORACLE ? uint64(block.timestamp + 30 days) : _UNTIL,
            address(0),
            roles == ORACLE ? operators[0].id : address(0),
            _by(stranger)
        );
        if (!sound) return;
        bool waits = roles & ~uint32(PATIENT | GUARDIAN) != 0;
        assertEq(ledger.getActor(stranger.id).status, waits ? STATUS_PENDING : STATUS_ACTIVE, "status");
        assertEq(ledger.getActor(stranger.id).roles, roles, "roles");
    }

    function test_registerActor_emitsWhatTheModelNeeds() external {
        vm.expectEmit();
        emit ActorRegistered(stranger.id, uint32(DOCTOR | PATIENT), false, _RECORD, _UNTIL, hospital.id, address(0));
        ledger.registerActor(uint32(DOCTOR | PATIENT), _RECORD, _UNTIL, hospital.id, address(0), _by(stranger));
        ActorView memory a = ledger.getActor(stranger.id);
        assertEq(a.organisation, hospital.id, "organisation");
        assertEq(a.ledgerAddress, stranger.id, "ledger address");
        assertEq(a.validUntil, _UNTIL, "valid until");
    }

    function test_registerActor_oracle_refusals() external {
        uint64 soon = uint64(START + 30 days);
        _refused(Malformed.selector);
        ledger.registerActor(uint32(ORACLE), _RECORD, soon, address(0), address(0), _by(oracles[0]));
        _refused(NotFound.selector);
        ledger.registerActor(uint32(ORACLE), _RECORD, soon, address(0), operators[0].id, _by(oracles[0]));
        _register(operators[0], OPERATOR);
        _refused(NotAdmitted.selector);
        ledger.registerActor(uint32(ORACLE), _RECORD, soon, address(0), operators[0].id, _by(oracles[0]));
        _admit(operators[0]);
        _refused(Malformed.selector);
        ledger.registerActor(uint32(ORACLE), _RECORD, soon + 1, address(0), operators[0].id, _by(oracles[0]));
        _refused(Malformed.selector);
        ledger.registerActor(uint32(ORACLE), _RECORD, soon, hospital.id, operators[0].id, _by(oracles[0]));
        ledger.registerActor(uint32(ORACLE), _RECORD, soon, operators[0].id, operators[0].id, _by(oracles[0]));
    }

    function test_foundingAgency_registersOnce() external {
        ActorView memory a = ledger.getActor(agency.id);
        assertEq(a.status, STATUS_ACTIVE, "active from the start");
        _refused(AlreadyExists.selector);
        ledger.registerActor(uint32(PATIENT), _RECORD, _UNTIL, address(0), address(0), _by(agency));
        _register(agency, AGENCY);
        assertEq(ledger.getActor(agency.id).validUntil, _UNTIL, "valid until");
        _refused(AlreadyExists.selector);
        ledger.registerActor(uint32(AGENCY), _RECORD, _UNTIL, address(0), address(0), _by(agency));
    }

    /// @dev A founding agency that never recorded its keys does not come back by recording them.
    function test_foundingAgency_suspendedOrRemoved_doesNotReturnByRegistering() external {
        _newAgency(_second);
        ledger.suspendActor(agency.id, 1, _by(_second));
        _refused(AlreadyExists.selector);
        ledger.registerActor(uint32(AGENCY), _RECORD, _UNTIL, address(0), address(0), _by(agency));
        ledger.removeActor(agency.id, 1, _by(_second));
        _refused(Removed.selector);
        ledger.registerActor(uint32(AGENCY), _RECORD, _UNTIL, address(0), address(0), _by(agency));
    }

    function test_foundingAgency_thatReplacedItsKeyFirst_doesNotRegister() external {
        ledger.replaceKey(agency.id, _RECORD, _UNTIL, "", _by(agency));
        _refused(AlreadyExists.selector);
        ledger.registerActor(uint32(AGENCY), _RECORD, _UNTIL, address(0), address(0), _by(agency));
    }

    // ---- admission ------------------------------------------------------------------------------------------------------------------------

    function test_admitActor_refusals() external {
        _register(doctor, DOCTOR);
        _register(patient, PATIENT);
        _refused(WrongRole.selector);
        ledger.admitActor(doctor.id, _by(patient));
        _refused(NotAdmitted.selector);
        ledger.admitActor(doctor.id, _by(doctor));
        _refused(NotRegistered.selector);
        ledger.admitActor(doctor.id, _by(stranger));
        _refused(NotFound.selector);
        ledger.admitActor(stranger.id, _by(agency));
        _refused(WrongState.selector);
        ledger.admitActor(patient.id, _by(agency));
        _admit(doctor);
        _refused(WrongState.selector);
        ledger.admitActor(doctor.id, _by(agency));
    }

    function test_agency_comesInTwoStepsBehindADelay() external {
        _register(_second, AGENCY);
        _refused(NotAdmitted.selector);
        ledger.acceptAdmission(_by(_second));
        vm.expectEmit();
        emit ActorAdmitted(_second.id, agency.id, uint64(START + 2 days), 0);
        ledger.admitActor(_second.id, _by(agency));
        _refused(WrongState.selector);
        ledger.admitActor(_second.id, _by(agency));
        assertEq(ledger.getActor(_second.id).status, STATUS_PENDING, "waits");
        _refused(NotAdmitted.selector);
        ledger.suspendActor(agency.id, 1, _by(_second));
        vm.warp(START + 2 days - 1);
        _refused(NotYet.selector);
        ledger.acceptAdmission(_by(_second));
        vm.warp(START + 2 days);
        vm.expectEmit();
        emit AdmissionAccepted(_second.id);
        ledger.acceptAdmission(_by(_second));
        assertEq(ledger.getActor(_second.id).status, STATUS_ACTIVE, "active");
        assertEq(_loadField(SLOT_REGISTRY, 16, 16), 2, "agencies");
        _refused(WrongState.selector);
        ledger.acceptAdmission(_by(_second));
        _refused(NotRegistered.selector);
        ledger.acceptAdmission(_by(stranger));
    }

    function test_agency_candidate_isStoppedBySuspensionOrRemoval() external {
        _register(_second, AGENCY);
        ledger.admitActor(_second.id, _by(agency));
        ledger.suspendActor(_second.id, 7, _by(agency));
        vm.warp(START + 3 days);
        _refused(Suspended.selector);
        ledger.acceptAdmission(_by(_second));
        // Reinstated, it waits for the whole delay again.
        ledger.reinstateActor(_second.id, 7, _by(agency));
        assertEq(ledger.getActor(_second.id).status, STATUS_PENDING, "waits again");
        _refused(NotYet.selector);
        ledger.acceptAdmission(_by(_second));
        ledger.removeActor(_second.id, 7, _by(agency));
        vm.warp(START + 30 days);
        _refused(Removed.selector);
        ledger.acceptAdmission(_by(_second));
        assertEq(_loadField(SLOT_REGISTRY, 16, 16), 1, "agencies");
    }

    function test_agency_whoseKeysEndedWhileItWaited_doesNotBegin() external {
        ledger.registerActor(uint32(AGENCY), _RECORD, uint64(START + 2 days), address(0), address(0), _by(_second));
        ledger.admitActor(_second.id, _by(agency));
        vm.warp(START + 2 days);
        _refused(KeyExpired.selector);
        ledger.acceptAdmission(_by(_second));
        ledger.replaceKey(_second.id, _RECORD, _UNTIL, "", _by(_second));
        ledger.acceptAdmission(_by(_second));
    }

    function test_admitActor_oracle_getsNumberUnitAndPrior() external {
        ledger.registerActor(uint32(OPERATOR), _RECORD, _UNTIL, hospital.id, address(0), _by(operators[0]));
        _admit(operators[0]);
        uint64 until = uint64(START + 20 days + 1234);
        ledger.registerActor(uint32(ORACLE), _RECORD, until, address(0), operators[0].id, _by(oracles[0]));
        vm.expectEmit();
        emit ActorAdmitted(oracles[0].id, agency.id, uint64(START), 1);
        ledger.admitActor(oracles[0].id, _by(agency));
        _newOracle(1);
        OracleView memory o = ledger.getOracle(oracles[0].id);
        assertEq(o.oracle, oracles[0].id, "oracle");
        assertEq(o.unit, hospital.id, "the operator's organisation");
        assertEq(o.correctness + o.timeliness + o.rating, 1_500_000, "terms");
        assertEq(o.sinceDay, START / 1 days, "since");
        assertEq(o.eligibleUntil, until / 1 hours * 1 hours, "whole hours");
        assertEq(ledger.getOracle(oracles[1].id).unit, operators[1].id, "the operator itself");
        assertEq(ledger.getActor(oracles[1].id).oracleIndex, 2, "number");
    }

    function test_admitActor_oracle_ofASuspendedOperator_isRefused() external {
        _admitted(operators[0], OPERATOR);
        ledger.registerActor(
            uint32(ORACLE), _RECORD, uint64(START + 9 days), address(0), operators[0].id, _by(oracles[0])
        );
        ledger.suspendActor(operators[0].id, 1, _by(agency));
        _refused(Suspended.selector);
        ledger.admitActor(oracles[0].id, _by(agency));
    }

    function test_admitActor_fullRegistry_isRefused() external {
        _admitted(operators[0], OPERATOR);
        ledger.registerActor(
            uint32(ORACLE), _RECORD, uint64(START + 9 days), address(0), operators[0].id, _by(oracles[0])
        );
        _storeField(SLOT_REGISTRY, 1023, 0, 16);
        _refused(TooMany.selector);
        ledger.admitActor(oracles[0].id, _by(agency));
        _storeField(SLOT_REGISTRY, 1022, 0, 16);
        ledger.admitActor(oracles[0].id, _by(agency));
        assertEq(ledger.getActor(oracles[0].id).oracleIndex, 1023, "the last number");
        assertEq(ledger.getOracle(oracles[0].id).unit, operators[0].id, "its record");
        assertEq(ledger.getOracle(oracles[1].id).unit, address(0), "no oracle");
    }

    function test_oracle_isEligibleWhileActiveAndItsKeysLast() external {
        _newOracle(0);
        uint256 until = (START + 30 days) / 1 hours * 1 hours;
        assertEq(ledger.getOracle(oracles[0].id).eligibleUntil, until, "admitted");
        ledger.suspendActor(oracles[0].id, 1, _by(agency));
        assertEq(ledger.getOracle(oracles[0].id).eligibleUntil, 0, "suspended");
        ledger.reinstateActor(oracles[0].id, 1, _by(agency));
        assertEq(ledger.getOracle(oracles[0].id).eligibleUntil, until, "reinstated");
        vm.warp(START + 10 days);
        ledger.replaceKey(oracles[0].id, _RECORD, uint64(START + 40 days), "", _by(oracles[0]));
        assertEq(ledger.getOracle(oracles[0].id).eligibleUntil, until + 10 days, "new keys");
        ledger.removeActor(oracles[0].id, 1, _by(oracles[0]));
        assertEq(ledger.getOracle(oracles[0].id).eligibleUntil, 0, "removed");
        assertEq(ledger.getOracle(oracles[0].id).oracle, oracles[0].id, "keeps its number");
    }

    // ---- licences -------------------------------------------------------------------------------------------------------------------------

    function test_recordLicence_refusals() external {
        _register(doctor, DOCTOR);
        _register(patient, PATIENT);
        _refused(WrongRole.selector);
        ledger.recordLicence(doctor.id, 0, "cardiology", hospital.id, _UNTIL, _by(patient));
        _refused(NotFound.selector);
        ledger.recordLicence(stranger.id, 0, "cardiology", hospital.id, _UNTIL, _by(agency));
        _refused(WrongRole.selector);
        ledger.recordLicence(patient.id, 0, "cardiology", hospital.id, _UNTIL, _by(agency));
        _refused(Expired.selector);
        ledger.recordLicence(doctor.id, 0, "cardiology", hospital.id, uint64(START), _by(agency));
        _refused(Malformed.selector);
        ledger.recordLicence(doctor.id, 0, "", hospital.id, _UNTIL, _by(agency));
        _refused(Malformed.selector);
        ledger.recordLicence(doctor.id, 0, "two words", hospital.id, _UNTIL, _by(agency));
        _refused(Malformed.selector);
        ledger.recordLicence(doctor.id, 0, string(new bytes(65)), hospital.id, _UNTIL, _by(agency));
        _refused(LicenceMissing.selector);
        ledger.withdrawLicence(doctor.id, 1, _by(agency));
        ledger.removeActor(doctor.id, 1, _by(doctor));
        _refused(Removed.selector);
        ledger.recordLicence(doctor.id, 0, "cardiology", hospital.id, _UNTIL, _by(agency));
    }

    function test_licence_isRecordedRenewedAndWithdrawn() external {
        _register(doctor, DOCTOR);
        vm.expectEmit();
        emit LicenceRecorded(doctor.id, agency.id, _RECORD, "cardiology", hospital.id, _UNTIL);
        ledger.recordLicence(doctor.id, _RECORD, "cardiology", hospital.id, _UNTIL, _by(agency));
        ledger.recordLicence(doctor.id, _RECORD, "oncology", address(0), _UNTIL + 1, _by(agency));
        ActorView memory a = ledger.getActor(doctor.id);
        assertEq(a.specialityHash, keccak256("oncology"), "speciality");
        assertEq(a.licenceOrganisation, address(0), "organisation");
        assertEq(a.licenceNotAfter, _UNTIL + 1, "end");
        _refused(Malformed.selector);
        ledger.withdrawLicence(doctor.id, 65_536, _by(agency));
        _register(stranger, GUARDIAN);
        _refused(WrongRole.selector);
        ledger.withdrawLicence(doctor.id, 1, _by(stranger));
        vm.expectEmit();
        emit LicenceWithdrawn(doctor.id, agency.id, 65_535);
        ledger.withdrawLicence(doctor.id, 65_535, _by(agency));
        assertEq(ledger.getActor(doctor.id).licenceNotAfter, 0, "withdrawn");
    }

    // ---- keys -----------------------------------------------------------------------------------------------------------------------------

    function test_replaceKey_refusals() external {
        _register(patient, PATIENT);
        _register(stranger, GUARDIAN);
        Person memory next = _person("next");
        bytes memory possession = _possession(next, patient.id, next.id);
        bytes memory forAnother = _possession(next, stranger.id, next.id);
        bytes memory byAnother = _possession(stranger, patient.id, next.id);
        _refused(Malformed.selector);
        ledger.replaceKey(next.id, 0, _UNTIL, possession, _by(patient));
        _refused(AddressInUse.selector);
        ledger.replaceKey(address(0), _RECORD, _UNTIL, possession, _by(patient));
        _refused(AddressInUse.selector);
        ledger.replaceKey(stranger.id, _RECORD, _UNTIL, possession, _by(patient));
        _refused(AddressInUse.selector);
        ledger.replaceKey(agency.id, _RECORD, _UNTIL, possession, _by(patient));
        _refused(BadPossession.selector);
        ledger.replaceKey(next.id, _RECORD, _UNTIL, "", _by(patient));
        _refused(BadPossession.selector);
        ledger.replaceKey(next.id, _RECORD, _UNTIL, forAnother, _by(patient));
        _refused(BadPossession.selector);
        ledger.replaceKey(next.id, _RECORD, _UNTIL, byAnother, _by(patient));
        _refused(Expired.selector);
        ledger.replaceKey(next.id, _RECORD, uint64(START), possession, _by(patient));
    }

    function test_replaceKey_oldKeySignsNothingAnyMore_andNoAddressServesTwice() external {
        _register(patient, PATIENT);
        Person memory next = _person("next");
        bytes memory possession = _possession(next, patient.id, next.id);
        vm.expectEmit();
        emit KeyReplaced(patient.id, next.id, _RECORD, _UNTIL);
        ledger.replaceKey(next.id, _RECORD, _UNTIL, possession, _by(patient));
        assertEq(ledger.getActor(patient.id).ledgerAddress, next.id, "ledger address");
        _refused(BadSignature.selector);
        ledger.confirmPresence(_by(patient));
        vm.prank(next.id);
        ledger.confirmPresence(Auth(patient.id, 0, ""));
        _refused(AddressInUse.selector);
        ledger.registerActor(uint32(PATIENT), _RECORD, _UNTIL, address(0), address(0), _by(next));
        // Not even back to the first address.
        possession = _possession(patient, patient.id, patient.id);
        vm.prank(next.id);
        vm.expectRevert(AddressInUse.selector);
        ledger.replaceKey(patient.id, _RECORD, _UNTIL, possession, Auth(patient.id, 0, ""));
    }

    function test_keyRecord_afterItsEnd_canBeReplaced() external {
        _register(patient, PATIENT);
        vm.warp(_UNTIL);
        _refused(KeyExpired.selector);
        ledger.confirmPresence(_by(patient));
        ledger.replaceKey(patient.id, _RECORD, _UNTIL + 1 days, "", _by(patient));
        ledger.confirmPresence(_by(patient));
    }

    // ---- contract accounts ----------------------------------------------------------------------------------------------------------------

    function test_account_honest_registersSignsAndTakesOverAKey() external {
        Account account = new Account(stranger.id, Account.Manner.Honest);
        bytes32 hash = _hashRegistration(address(account), 0, PATIENT);
        ledger.registerActor(
            uint32(PATIENT), _RECORD, _UNTIL, address(0), address(0), Auth(address(account), 0, _sign(stranger, hash))
        );
        vm.prank(stranger.id);
        account.run(address(ledger), abi.encodeCall(ledger.confirmPresence, (Auth(address(account), 0, ""))));

        _register(patient, PATIENT);
        Account next = new Account(stranger.id, Account.Manner.Honest);
        bytes memory possession = _possession(stranger, patient.id, address(next));
        ledger.replaceKey(address(next), _RECORD, _UNTIL, possession, _by(patient));
        bytes32 presence = _hashPresence(patient.id, 0);
        ledger.confirmPresence(Auth(patient.id, 0, _sign(stranger, presence)));
    }

    function test_account_hostile_hasNotSigned() external {
        for (uint256 i = uint256(Account.Manner.Reverting); i <= uint256(Account.Manner.Burning); ++i) {
            Account account = new Account(stranger.id, Account.Manner(i));
            bytes memory signature = _sign(stranger, _hashRegistration(address(account), 0, PATIENT));
            _refused(BadSignature.selector);
            ledger.registerActor(
                uint32(PATIENT), _RECORD, _UNTIL, address(0), address(0), Auth(address(account), 0, signature)
            );
        }
    }

    function test_account_honest_anothersSignature_isRefused() external {
        Account account = new Account(stranger.id, Account.Manner.Honest);
        bytes memory signature = _sign(patient, _hashRegistration(address(account), 0, PATIENT));
        _refused(BadSignature.selector);
        ledger.registerActor(
            uint32(PATIENT), _RECORD, _UNTIL, address(0), address(0), Auth(address(account), 0, signature)
        );
    }

    // ---- signatures -----------------------------------------------------------------------------------------------------------------------

    function test_signature_isGoodOnce() external {
        Auth memory auth = _signedBy(patient, 0, _hashRegistration(patient.id, 0, PATIENT));
        ledger.registerActor(uint32(PATIENT), _RECORD, _UNTIL, address(0), address(0), auth);
        _refused(WrongNonce.selector);
        ledger.registerActor(uint32(PATIENT), _RECORD, _UNTIL, address(0), address(0), auth);
        auth = _signedBy(patient, 1, _hashPresence(patient.id, 1));
        vm.expectEmit();
        emit NonceUsed(patient.id, 1);
        vm.expectEmit();
        emit PresenceConfirmed(patient.id);
        ledger.confirmPresence(auth);
        auth = _signedBy(patient, 3, _hashPresence(patient.id, 3));
        _refused(WrongNonce.selector);
        ledger.confirmPresence(auth);
    }

    function test_signature_ofAnotherKindFieldChainOrLedger_isRefused() external {
        bytes32 hash = _hashRegistration(patient.id, 0, PATIENT);
        Auth memory auth = _signedBy(patient, 0, hash);
        _refused(BadSignature.selector);
        ledger.registerActor(uint32(PATIENT), _RECORD, _UNTIL + 1, address(0), address(0), auth);
        _refused(BadSignature.selector);
        ledger.registerActor(uint32(GUARDIAN), _RECORD, _UNTIL, address(0), address(0), auth);
        _refused(BadSignature.selector);
        ledger.confirmPresence(auth);
        vm.chainId(5);
        _refused(BadSignature.selector);
        ledger.registerActor(uint32(PATIENT), _RECORD, _UNTIL, address(0), address(0), auth);
        vm.chainId(31_337);
        Parameters memory p = _parameters();
        ILedger other = _newLedger(p, _modules(p));
        vm.expectRevert(BadSignature.selector);
        other.registerActor(uint32(PATIENT), _RECORD, _UNTIL, address(0), address(0), auth);
        ledger.registerActor(uint32(PATIENT), _RECORD, _UNTIL, address(0), address(0), auth);
    }

    function testFuzz_signature_malleatedOrCut_isRefused(uint256 seed) external {
        bytes memory good = _sign(patient, _hashRegistration(patient.id, 0, PATIENT));
        bytes memory bad;
        uint256 way = seed % 5;
        (bytes32 r, uint256 s, uint8 v) = (bytes32(_word(good, 0)), uint256(_word(good, 32)), uint8(good[64]));
        if (way == 0) bad = abi.encodePacked(r, _ORDER - s, v == 27 ? uint8(28) : uint8(27));
        else if (way == 1) bad = abi.encodePacked(r, s, v - 27);
        else if (way == 2) bad = abi.encodePacked(r, s);
        else if (way == 3) bad = abi.encodePacked(good, uint8(0));
        else bad = abi.encodePacked(r, s ^ (1 << (seed % 250)), v);
        _refused(BadSignature.selector);
        ledger.registerActor(uint32(PATIENT), _RECORD, _UNTIL, address(0), address(0), Auth(patient.id, 0, bad));
    }

    function test_ownTransaction_usesNoNonce() external {
        _register(patient, PATIENT);
        assertEq(_nonceOf(patient.id), 0, "nonce");
        ledger.confirmPresence(_signedBy(patient, 0, _hashPresence(patient.id, 0)));
        assertEq(_nonceOf(patient.id), 1, "nonce");
    }

    // ---- suspension and removal -----------------------------------------------------------------------------------------------------------

    function test_suspendActor_refusals() external {
        _register(patient, PATIENT);
        _register(doctor, DOCTOR);
        _refused(WrongRole.selector);
        ledger.suspendActor(patient.id, 1, _by(patient));
        _refused(NotFound.selector);
        ledger.suspendActor(stranger.id, 1, _by(agency));
        _refused(WrongState.selector);
        ledger.suspendActor(doctor.id, 1, _by(agency));
        _refused(Malformed.selector);
        ledger.suspendActor(patient.id, 65_536, _by(agency));
        _refused(WrongState.selector);
        ledger.reinstateActor(patient.id, 1, _by(agency));
        _refused(NotFound.selector);
        ledger.reinstateActor(stranger.id, 1, _by(agency));
        ledger.suspendActor(patient.id, 1, _by(agency));
        _refused(WrongState.selector);
        ledger.suspendActor(patient.id, 1, _by(agency));
        _refused(Suspended.selector);
        ledger.confirmPresence(_by(patient));
        _refused(Suspended.selector);
        ledger.replaceKey(patient.id, _RECORD, _UNTIL, "", _by(patient));
        ledger.reinstateActor(patient.id, 1, _by(agency));
        ledger.confirmPresence(_by(patient));
    }

    function test_removeActor_isForGood() external {
        _register(patient, PATIENT);
        _register(stranger, GUARDIAN);
        _refused(WrongRole.selector);
        ledger.removeActor(patient.id, 1, _by(stranger));
        ledger.suspendActor(patient.id, 1, _by(agency));
        ledger.removeActor(patient.id, 1, _by(patient));
        _refused(Removed.selector);
        ledger.registerActor(uint32(PATIENT), _RECORD, _UNTIL, address(0), address(0), _by(patient));
        _refused(Removed.selector);
        ledger.replaceKey(patient.id, _RECORD, _UNTIL, "", _by(patient));
        _refused(WrongState.selector);
        ledger.reinstateActor(patient.id, 1, _by(agency));
        _refused(WrongState.selector);
        ledger.removeActor(patient.id, 1, _by(agency));
    }

    function test_lastAgency_stays() external {
        _refused(LastAgency.selector);
        ledger.suspendActor(agency.id, 1, _by(agency));
        _refused(LastAgency.selector);
        ledger.removeActor(agency.id, 1, _by(agency));
        _newAgency(_second);
        ledger.suspendActor(agency.id, 1, _by(_second));
        _refused(LastAgency.selector);
        ledger.removeActor(_second.id, 1, _by(_second));
        ledger.reinstateActor(agency.id, 1, _by(_second));
        ledger.removeActor(_second.id, 1, _by(_second));
        assertEq(_loadField(SLOT_REGISTRY, 16, 16), 1, "agencies");
    }

    // ---- presence -------------------------------------------------------------------------------------------------------------------------

    function test_presence_isKeptInDays() external {
        _register(patient, PATIENT);
        uint256 day = (START / 1 days + 1) * 1 days;
        assertEq(ledger.getActor(patient.id).lastSeen, day, "registered");
        vm.warp(day);
        vm.recordLogs();
        ledger.confirmPresence(_by(patient));
        assertEq(vm.getRecordedLogs().length, 1, "said once");
        assertEq(ledger.getActor(patient.id).lastSeen, day + 1 days, "the next day");
        ledger.confirmPresence(_by(patient));
        assertEq(vm.getRecordedLogs().length, 1, "said again");
        vm.warp(day + 5 days);
        // Whatever a patient does shows that it is there.
        vm.expectEmit();
        emit PresenceConfirmed(patient.id);
        ledger.replaceKey(patient.id, _RECORD, _UNTIL, "", _by(patient));
        assertEq(ledger.getActor(patient.id).lastSeen, day + 6 days, "another command");
        vm.warp(day + 9 days);
        ledger.confirmPresence(_signedBy(patient, 0, _hashPresence(patient.id, 0)));
        assertEq(ledger.getActor(patient.id).lastSeen, day + 10 days, "signed");
        _register(stranger, GUARDIAN);
        _refused(WrongRole.selector);
        ledger.confirmPresence(_by(stranger));
    }

    // ---- who may call what ----------------------------------------------------------------------------------------------------------------

    /// @dev Every role against every function: the refusal is WrongRole exactly where the role is not one of those that may.
    function test_roles_mayCallTheirFunctionsOnly() external {
        _seedPeople();
        Person[9] memory cast =
            [patient, doctor, trustees[0], hospital, agency, insurer, oracles[0], operators[0], stranger];
        uint256[9] memory roles = [PATIENT, DOCTOR, GUARDIAN, HOSPITAL, AGENCY, INSURER, ORACLE, OPERATOR, TEAM];
        _seedActor(stranger.id, TEAM, uint40(START + 1 days));
        for (uint256 i = 0; i < cast.length; ++i) {
            Auth memory auth = Auth(cast[i].id, 0, "");
            _expectRole(cast[i], roles[i], AGENCY, abi.encodeCall(ledger.admitActor, (patient.id, auth)));
            _expectRole(
                cast[i],
                roles[i],
                AGENCY,
                abi.encodeCall(ledger.recordLicence, (doctor.id, _RECORD, "x", hospital.id, _UNTIL, auth))
            );
            _expectRole(cast[i], roles[i], AGENCY, abi.encodeCall(ledger.withdrawLicence, (doctor.id, 1, auth)));
            _expectRole(cast[i], roles[i], AGENCY, abi.encodeCall(ledger.suspendActor, (insurer.id, 1, auth)));
            _expectRole(cast[i], roles[i], AGENCY, abi.encodeCall(ledger.reinstateActor, (insurer.id, 1, auth)));
            _expectRole(cast[i], roles[i], AGENCY, abi.encodeCall(ledger.removeActor, (operators[3].id, 1, auth)));
            _expectRole(cast[i], roles[i], PATIENT, abi.encodeCall(ledger.confirmPresence, (auth)));
            _expectRole(cast[i], roles[i], ORACLE, abi.encodeCall(ledger.releaseBond, (1, auth)));
            _expectRole(cast[i], roles[i], ORACLE, abi.encodeCall(ledger.withdrawBond, (auth)));
            _expectRole(
                cast[i], roles[i], 255, abi.encodeCall(ledger.replaceKey, (cast[i].id, _RECORD, _UNTIL, "", auth))
            );
        }
    }

    function test_module_calledByItself_isRefused() external {
        IdentityModule module = _newIdentityModule(_parameters());
        vm.expectRevert(NotDelegated.selector);
        module.admitActor(doctor.id, _by(agency));
        vm.expectRevert(NotDelegated.selector);
        module.getActor(doctor.id);
    }

    function test_constructor_parametersThatDoNotFit_areRefused() external {
        for (uint256 i = 0; i < 6; ++i) {
            Parameters memory p = _parameters();
            if (i == 0) p.foundingAgency = address(0);
            else if (i == 1) p.drawWindow = 201;
            else if (i == 2) p.snapshotInterval = 201;
            else if (i == 3) p.cooldown = p.maxCooldown + 1;
            else if (i == 4) p.drawDelay = 0;
            else p.reviewPeriod = 0;
            PhrLedger.Modules memory m = _modules(p);
            vm.expectRevert(Malformed.selector);
            _newLedger(p, m);
        }
    }

    function test_batch_registersAndAdmitsInOneTransaction() external {
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(
            ledger.registerActor,
            (
                uint32(HOSPITAL),
                _RECORD,
                _UNTIL,
                address(0),
                address(0),
                _signedBy(hospital, 0, _hashRegistration(hospital.id, 0, HOSPITAL))
            )
        );
        calls[1] = abi.encodeCall(ledger.admitActor, (hospital.id, Auth(agency.id, 0, "")));
        vm.prank(agency.id);
        ledger.batch(calls, true);
        assertEq(ledger.getActor(hospital.id).status, STATUS_ACTIVE, "status");
    }

    // ---- the hand work --------------------------------------------------------------------------------------------------------------------

    function _expectRole(Person memory person, uint256 role, uint256 allowed, bytes memory call) private {
        uint256 state = vm.snapshotState();
        vm.prank(person.id);
        (bool ok, bytes memory answer) = address(ledger).call(call);
        bool wrongRole = !ok && bytes4(answer) == WrongRole.selector;
        assertEq(wrongRole, role & allowed == 0, string.concat("role ", vm.toString(role)));
        assertTrue(vm.revertToState(state), "state");
    }

    function _refused(bytes4 error_) private {
        vm.expectRevert(error_);
    }

    function _register(Person memory person, uint256 roles) private {
        ledger.registerActor(uint32(roles), _RECORD, _UNTIL, address(0), address(0), _by(person));
    }

    function _admit(Person memory person) private {
        ledger.admitActor(person.id, _by(agency));
    }

    function _admitted(Person memory person, uint256 roles) private {
        _register(person, roles);
        _admit(person);
    }

    function _newAgency(Person memory person) private {
        _admitted(person, AGENCY);
        vm.warp(block.timestamp + 2 days);
        ledger.acceptAdmission(_by(person));
    }

    function _newOracle(uint256 i) private {
        _admitted(operators[i], OPERATOR);
        ledger.registerActor(
            uint32(ORACLE), _RECORD, uint64(block.timestamp + 30 days), address(0), operators[i].id, _by(oracles[i])
        );
        _admit(oracles[i]);
    }

    function _hashRegistration(address actor, uint64 nonce, uint256 roles) private pure returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256(
                    "RegisterActor(address actor,uint64 nonce,uint32 roles,bytes32 keyRecordDigest,uint64 validUntil,address organisation,address operator)"
                ),
                actor,
                nonce,
                roles,
                _RECORD,
                _UNTIL,
                address(0),
                address(0)
            )
        );
    }

    function _hashPresence(address actor, uint64 nonce) private pure returns (bytes32) {
        return keccak256(abi.encode(keccak256("ConfirmPresence(address actor,uint64 nonce)"), actor, nonce));
    }

    function _possession(Person memory signer, address actor, address newAddress) private view returns (bytes memory) {
        return _sign(
            signer,
            keccak256(abi.encode(keccak256("LedgerKey(address actor,address newLedgerAddress)"), actor, newAddress))
        );
    }

    function _word(bytes memory data, uint256 offset) private pure returns (bytes32 word) {
        assembly ("memory-safe") {
            word := mload(add(add(data, 32), offset))
        }
    }
}
