// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Story} from "./Story.sol";
import {Vm} from "./Vm.sol";
import {AccessRequest} from "../src/LedgerTypes.sol";
import {LedgerEvents} from "../src/LedgerEvents.sol";
import "../src/LedgerErrors.sol";

/// @title Faults found in earlier contracts of this kind, D1 to D20: each as a test that these do not have it
/// @notice D3 to D5 and D19 concern reputations alone: see ReputationDefects.t.sol.
contract DefectsTest is Story {
    function setUp() external {
        _begin();
    }

    /// @dev There: naming the first guardian overwrote the owner.
    function test_D01_namingTrustees_changesNobodysRightToAdmit() external {
        Sealed memory b = _bundle(patient);
        assertNotEq(b.dealing.policyHash, 0, "trustees are named");
        assertEq(_rolesOf(agency.id), AGENCY, "the agency is what it was");
        _setStatus(trustees[3].id, STATUS_PENDING);
        _must(agency, _encAdmit(trustees[3].id, agency));
        _setStatus(trustees[3].id, STATUS_PENDING);
        _mustNot(trustees[0], _encAdmit(trustees[3].id, trustees[0]), WrongRole.selector);
    }

    /// @dev There: the second guardian could never be verified, so no threshold above one was ever reached.
    function test_D02_everyMemberOfEveryGroup_isVerifiedAndCounts() external {
        Sealed memory b = _bundle(patient);
        // Every pair of groups that is enough, by every member that can stand for its group.
        uint8[3][5] memory sets = [[0, 1, 2], [0, 1, 3], [0, 1, 4], [2, 4, 4], [3, 4, 4]];
        for (uint256 i = 0; i < sets.length; ++i) {
            uint256 state = vm.snapshotState();
            Live memory r = _openRequest(doctor, b);
            for (uint256 k = 0; k < 3 && (k == 0 || sets[i][k] != sets[i][k - 1]); ++k) {
                assertEq(_stage(r), OPEN, "not granted before the policy is met");
                _must(trustees[sets[i][k]], _encApprove(r, sets[i][k], trustees[sets[i][k]]));
            }
            assertEq(_stage(r), GRANTED, "granted");
            vm.revertToState(state);
        }
    }

    /// @dev There: a latency was cut to 16 bits, and 65,556 seconds earned full marks.
    function test_D06_eighteenHoursLate_earnsNothing() external {
        Live memory r = _granted(doctor, _bundle(patient));
        vm.warp(block.timestamp + 65_556);
        Person memory late = _seatOracle(r, 1);
        uint256 number = _committee(r, 1);
        uint256 before = _timeliness(number);
        _must(late, _encDeliver(r, 1, late));
        _must(doctor, _encSettle(r, doctor));
        assertTrue(_timeliness(number) < before, "it sank");
    }

    /// @dev There: anybody could rate, and issue tokens.
    function test_D07_onlyTheDoctorOfTheGrant_rates() external {
        Live memory r = _granted(doctor, _bundle(patient));
        _deliver(r, 3);
        Person[6] memory others = [patient, agency, stranger, trustees[0], _seatOracle(r, 1), _seatOracle(r, 2)];
        for (uint256 i = 0; i < others.length; ++i) {
            (bool ok,) = _do(others[i], _encRate(r, 1, 100, others[i]));
            assertFalse(ok, "somebody else rated");
        }
        _must(doctor, _encRate(r, 1, 100, doctor));
    }

    /// @dev There: a doctor's 90 was averaged with the contract's own numbers.
    function test_D08_doctorsRating_movesTheRatingTermAlone() external {
        Live memory r = _granted(doctor, _bundle(patient));
        _deliver(r, 3);
        _must(doctor, _encOpened(r, doctor));
        _must(doctor, _encSettle(r, doctor));
        uint256 number = _committee(r, 1);
        uint256 before = _oracleRecord(number);
        _must(doctor, _encRate(r, 1, 90, doctor));
        uint256 afterwards = _oracleRecord(number);
        uint256 term = 0xFFFFF << 200;
        assertEq(before & ~term, afterwards & ~term, "everything else");
        uint256 was = (before & term) >> 200;
        assertEq((afterwards & term) >> 200, was + (1_000_000 - was + 7) / 8, "an eighth of the way to the top");
    }

    /// @dev There: an oracle could answer before anybody consented.
    function test_D09_deliveryBeforeTheGrant_isRefused() external {
        Live memory r = _openRequest(doctor, _bundle(patient));
        for (uint32 seat = 1; seat <= 5; ++seat) {
            Person memory oracle = _seatOracle(r, seat);
            _mustNot(oracle, _encDeliver(r, seat, oracle), WrongState.selector);
        }
    }

    /// @dev There: a stranger's request went through.
    function test_D10_requestByWhoeverIsNoLicensedDoctor_isRefused() external {
        Sealed memory b = _bundle(patient);
        _mustNot(stranger, _encRequest(b, stranger), NotRegistered.selector);
        Person[4] memory others = [hospital, agency, oracles[0], trustees[0]];
        for (uint256 i = 0; i < others.length; ++i) {
            _mustNot(others[i], _encRequest(b, others[i]), WrongRole.selector);
        }
        _must(agency, _encWithdrawLicence(doctor.id, agency));
        _mustNot(doctor, _encRequest(b, doctor), LicenceMissing.selector);
    }

    /// @dev There: one authority approved twice and reached the threshold alone.
    function test_D11_sameTrusteeTwice_isRefused() external {
        Live memory r = _openRequest(doctor, _bundle(patient));
        _must(trustees[0], _encApprove(r, 0, trustees[0]));
        _mustNot(trustees[0], _encApprove(r, 0, trustees[0]), AlreadyExists.selector);
        _mustNot(trustees[0], _encApprove(r, 1, trustees[0]), NotATrustee.selector);
        assertEq(_stage(r), OPEN, "one of two guardians");
    }

    /// @dev There: any authority lowered any file's threshold.
    function test_D12_thresholds_areThePatientsAloneAndPinned() external {
        Sealed memory b = _bundle(patient);
        Live memory r = _openRequest(doctor, b);
        PolicyTerms memory terms = _usualTerms();
        terms.groupThreshold = 1;
        bytes memory lower = _policy(terms);
        Person[4] memory others = [trustees[0], doctor, agency, stranger];
        for (uint256 i = 0; i < others.length; ++i) {
            (bool ok,) = _do(others[i], _encPropose(b, lower, others[i]));
            assertFalse(ok, "somebody else proposed a policy");
        }
        // A policy passed as witness is the pinned one or none.
        bytes memory pinned = r.policy;
        r.policy = lower;
        _mustNot(trustees[2], _encApprove(r, 2, trustees[2]), BadWitness.selector);
        r.policy = pinned;
        // The patient may, and what was asked before does not gain by it.
        _must(patient, _encPropose(b, lower, patient));
        _must(trustees[2], _encApprove(r, 2, trustees[2]));
        assertEq(_stage(r), OPEN, "one group is not two");
    }

    /// @dev There: closing took one call more than the last answer.
    function test_D13_theApprovalThatMeetsThePolicy_grantsAndNeedsNoFurtherCall() external {
        Live memory r = _openRequest(doctor, _bundle(patient));
        for (uint256 i = 0; i < 3; ++i) {
            assertEq(_stage(r), OPEN, "before");
            _must(trustees[i], _encApprove(r, i, trustees[i]));
        }
        assertEq(_stage(r), GRANTED, "after");
    }

    /// @dev There: one oracle could answer several times.
    function test_D14_sameOracleTwice_isRefused() external {
        Live memory r = _granted(doctor, _bundle(patient));
        Person memory oracle = _seatOracle(r, 1);
        _must(oracle, _encDeliver(r, 1, oracle));
        _mustNot(oracle, _encDeliver(r, 1, oracle), AlreadyExists.selector);
        _mustNot(oracle, _encDeliver(r, 2, oracle), NotInCommittee.selector);
    }

    /// @dev There: a chosen oracle never had to deliver.
    function test_D15_chosenOracleThatNeverDelivers_losesAndIsReplaced() external {
        Live memory r = _granted(doctor, _bundle(patient));
        uint256[5] memory before;
        for (uint256 i = 0; i < 5; ++i) {
            before[i] = _timeliness(_committee(r, i + 1));
        }
        _pass(1 hours + 1);
        uint256 former = _committeeWord(r);
        _must(doctor, _encRedraw(r, doctor));
        for (uint256 i = 0; i < 5; ++i) {
            assertTrue(_timeliness((former >> (10 * i)) & 1023) < before[i], "whoever did not deliver loses");
        }
        assertEq(_stage(r), AWAITING_DRAW, "another committee is drawn");
    }

    /// @dev There: nothing could be revoked, nothing expired, no key was replaced, nobody removed.
    function test_D16_revocationExpiryRotationAndRemoval_allEndAccess() external {
        Sealed memory b = _bundle(patient);
        Live memory r = _granted(doctor, b);
        Person memory oracle = _seatOracle(r, 1);
        uint256 state = vm.snapshotState();

        _must(patient, _encRevoke(r, patient));
        _mustNot(oracle, _encDeliver(r, 1, oracle), WrongState.selector);
        vm.revertToState(state);

        vm.warp(_endOf(r));
        _mustNot(oracle, _encDeliver(r, 1, oracle), Expired.selector);
        vm.revertToState(state);

        _must(patient, _encClose(b, patient));
        _mustNot(oracle, _encDeliver(r, 1, oracle), WrongState.selector);
        vm.revertToState(state);

        _must(agency, _encRemove(oracle.id, agency));
        _mustNot(oracle, _encDeliver(r, 1, oracle), Removed.selector);
        vm.revertToState(state);

        _must(agency, _encRemove(trustees[3].id, agency));
        _mustNot(trustees[3], _encApprove(r, 3, trustees[3]), Removed.selector);
        vm.revertToState(state);

        // A doctor without licence is served nothing more: no search tokens, no further use, no other request.
        _deliver(r, 3);
        _must(doctor, _encOpened(r, doctor));
        _must(doctor, _encSettle(r, doctor));
        _must(agency, _encWithdrawLicence(doctor.id, agency));
        _mustNot(patient, _encAttach(r, patient), LicenceMissing.selector);
        _mustNot(doctor, _encUseAgain(r, doctor), LicenceMissing.selector);
        _mustNot(doctor, _encRequest(b, doctor), LicenceMissing.selector);
        vm.revertToState(state);

        _must(agency, _encRemove(doctor.id, agency));
        _mustNot(doctor, _encRequest(b, doctor), Removed.selector);
    }

    /// @dev There: the same, before the grant. The approval that would grant does not.
    function test_D16_withdrawnLicence_isNotGranted() external {
        Live memory r = _openRequest(doctor, _bundle(patient));
        _must(trustees[0], _encApprove(r, 0, trustees[0]));
        _must(trustees[1], _encApprove(r, 1, trustees[1]));
        _must(agency, _encWithdrawLicence(doctor.id, agency));
        _mustNot(trustees[2], _encApprove(r, 2, trustees[2]), LicenceMissing.selector);
        _mustNot(patient, _encConsent(r, patient), LicenceMissing.selector);
    }

    /// @dev There: events had no arguments, and the doctor's key was nowhere.
    function test_D17_events_areIndexedAndCarryTheReceivingKey() external {
        Sealed memory b = _bundle(patient);
        vm.recordLogs();
        Live memory r = _request(doctor, b);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] != LedgerEvents.AccessRequested.selector) continue;
            assertEq(logs[i].topics[1], r.facts.requestId, "request");
            assertEq(logs[i].topics[2], bytes32(uint256(uint160(doctor.id))), "doctor");
            assertEq(logs[i].topics[3], b.bundleId, "bundle");
            assertTrue(_contains(logs[i].data, r.receivingKey), "the key is in the event");
            return;
        }
        assertTrue(false, "no event");
    }

    /// @dev There: a doctor's key was never compared with the doctor. Here the request's id is a hash of key and doctor; that the doctor holds the
    /// key is proved by the event's possession, which trustees and oracles check.
    function test_D18_receivingKey_isAPointAndBoundToRequestAndDoctor() external {
        Sealed memory b = _bundle(patient);
        AccessRequest memory q = _askingFor(doctor, b);
        q.receivingKey = hex"020000000000000000000000000000000000000000000000000000000000000005";
        _mustNot(doctor, _encRequest(q, _witnessOf(b), doctor), Malformed.selector);
        q.receivingKey = _key(7);
        bytes32 id = _liveOf(q, b, doctor).facts.requestId;
        q.receivingKey = _key(77);
        Live memory r = _liveOf(q, b, doctor);
        assertNotEq(id, r.facts.requestId, "another key is another request");
        _must(doctor, _encRequest(q, _witnessOf(b), doctor));
        assertTrue(_isPresent(r), "it is the one that was asked");
        // A key in another's name is another's request: its facts are not those of the one that was made.
        r.facts.doctor = stranger.id;
        _mustNot(insurer, _encDraw(r, insurer), NotFound.selector);
    }

    /// @dev There: adding a record again reset its permissions and overwrote its requests.
    function test_D20_secondRegistrationOfABundle_isRefusedAndResetsNothing() external {
        Sealed memory b = _bundle(patient);
        Live memory r = _openRequest(doctor, b);
        _must(trustees[0], _encApprove(r, 0, trustees[0]));
        uint256 slot = _storedBundle(b.bundleId);
        _mustNot(patient, _encRegisterBundle(b, patient), AlreadyExists.selector);
        Person memory thief = _person("another patient");
        _seedActor(thief.id, PATIENT, uint40(START + 3650 days));
        _mustNot(thief, _encRegisterBundle(b, thief), AlreadyExists.selector);
        assertEq(_storedBundle(b.bundleId), slot, "the bundle");
        assertEq(_approvals(r), 1, "the approval");
        // Nor can its doctor ask again while the request runs.
        _mustNot(doctor, _encRequest(b, doctor), OpenRequestExists.selector);
    }

    // ---- helpers ---------------------------------------------------------------------------------------------------

    function _contains(bytes memory data, bytes memory part) private pure returns (bool) {
        for (uint256 i = 0; i + part.length <= data.length; ++i) {
            bytes32 whole;
            bytes32 head;
            assembly ("memory-safe") {
                whole := mload(add(add(data, 32), i))
                head := mload(add(part, 32))
            }
            if (whole == head) return true;
        }
        return false;
    }
}
