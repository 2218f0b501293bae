// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LedgerFixture} from "./LedgerFixture.sol";
import {Auth, TeamTerms, TeamPlace, TeamView, Parameters} from "../src/LedgerTypes.sol";
import {LedgerEvents} from "../src/LedgerEvents.sol";
import {LedgerBase} from "../src/LedgerBase.sol";
import {TeamBase} from "../src/TeamBase.sol";
import "../src/LedgerErrors.sol";

/// @title What requests ask of a team, for tests to ask it
contract Asker is TeamBase {
    constructor(Parameters memory p) LedgerBase(p) {}

    function check(uint256 kind, address team, uint256 keyEpoch, address doctor, bytes calldata witness)
        external
        view
        onlyDelegated
    {
        _checkReceiver(kind, team, keyEpoch, doctor, witness);
    }

    function checkKey(uint256 kind, address team, uint256 keyEpoch) external view onlyDelegated returns (bool) {
        _checkTeamKey(kind, team, keyEpoch);
        return _hasTeamKey(kind, team, keyEpoch);
    }
}

/// @title Teams
contract TeamsTest is LedgerFixture, LedgerEvents {
    // Generator and its double: two keys.
    bytes private constant _KEY = hex"0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
    bytes private constant _NEXT_KEY = hex"02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5";

    address private _team = _person("team").id;
    /// @dev abi.encode of the team's present terms.
    bytes private _present;
    Asker private _asker;

    function setUp() external {
        _deploy();
        _seedPeople();
        _asker = new Asker(_parameters());
    }

    function test_registerTeam_refusals() external {
        TeamTerms memory t = _terms(1, 1, 3);
        _refused(Malformed.selector);
        ledger.registerTeam(address(0), t, address(0), _by(doctor));
        _refused(AlreadyExists.selector);
        ledger.registerTeam(patient.id, t, address(0), _by(doctor));
        _refused(NotAMember.selector);
        ledger.registerTeam(_team, t, address(0), _by(patient));
        _refused(NotFound.selector);
        ledger.registerTeam(_team, t, insurer.id, _by(doctor));
        _setStatus(trustees[0].id, STATUS_SUSPENDED);
        _refused(Suspended.selector);
        ledger.registerTeam(_team, t, address(0), _by(doctor));
        _setStatus(trustees[0].id, 0);
        _refused(NotFound.selector);
        ledger.registerTeam(_team, t, address(0), _by(doctor));
    }

    function test_registerTeam_termsThatMakeNoSense_areRefused() external {
        for (uint256 i = 0; i < 13; ++i) {
            TeamTerms memory t = _terms(1, 1, 3);
            if (i == 0) t.charterDigest = 0;
            else if (i == 1) t.rosterEpoch = 2;
            else if (i == 2) t.keyEpoch = 0;
            else if (i == 3) t.keyEpoch = 2;
            else if (i == 4) t.threshold = 1;
            else if (i == 5) t.threshold = 4;
            else if (i == 6) t.members[1] = t.members[0];
            else if (i == 7) t.members[2] = TeamPlace(address(0));
            else if (i == 8) t.publicKey = "";
            else if (i == 9) t.publicKey = abi.encodePacked(uint8(4), bytes32(uint256(1)));
            else if (i == 10) t.members = new TeamPlace[](17);
            else if (i == 11) t.rosterEpoch = 1_000_001;
            else t.publicKey = abi.encodePacked(_KEY, uint8(0));
            _refused(Malformed.selector);
            ledger.registerTeam(_team, t, address(0), _by(doctor));
        }
    }

    function test_team_isAdmittedByItsHospitalOrAnAgency() external {
        _found(hospital.id);
        vm.expectRevert(AlreadyExists.selector);
        ledger.registerTeam(_team, _now(), hospital.id, _by(doctor));
        _refused(WrongRole.selector);
        ledger.admitActor(_team, _by(trustees[2]));
        ledger.admitActor(_team, _by(hospital));
        assertEq(ledger.getActor(_team).status, STATUS_ACTIVE, "status");
        TeamView memory v = ledger.getTeam(_team);
        assertEq(bytes32(v.termsTag) >> 96, bytes32(uint256(uint160(uint256(keccak256(_witness()))))), "tag");
        assertEq(v.keyEpoch + v.rosterEpoch, 2, "epochs");
    }

    function test_team_signsNothing() external {
        _found(hospital.id);
        ledger.admitActor(_team, _by(hospital));
        _refused(WrongRole.selector);
        ledger.replaceKey(_team, "record", uint64(START + 1 days), "", _by(_person("team")));
    }

    function test_changeTeam_refusals() external {
        _found(address(0));
        bytes memory w = _witness();
        TeamTerms memory next = _terms(2, 1, 4);
        bytes32 digest = _now().charterDigest;
        _refused(NotFound.selector);
        ledger.changeTeam(stranger.id, digest, next, w, _by(doctor));
        _refused(NotAMember.selector);
        ledger.changeTeam(_team, digest, next, w, _by(patient));
        _refused(BadWitness.selector);
        ledger.changeTeam(_team, digest, next, abi.encode(next), _by(doctor));
        _refused(BadWitness.selector);
        ledger.changeTeam(_team, digest, next, "", _by(doctor));
        _refused(StaleDigest.selector);
        ledger.changeTeam(_team, "other", next, w, _by(doctor));
        _refused(AlreadyExists.selector);
        ledger.changeTeam(_team, digest, _now(), w, _by(doctor));
        next.rosterEpoch = 3;
        _refused(StaleEpoch.selector);
        ledger.changeTeam(_team, digest, next, w, _by(doctor));
        next = _terms(2, 2, 4);
        next.keyEpoch = 3;
        next.rosterEpoch = 2;
        _refused(StaleEpoch.selector);
        ledger.changeTeam(_team, digest, next, w, _by(doctor));
        next.keyEpoch = 2;
        next.publicKey = _KEY;
        _refused(Malformed.selector);
        ledger.changeTeam(_team, digest, next, w, _by(doctor));
        // Who leaves takes the key along.
        next = _terms(2, 1, 2);
        _refused(Malformed.selector);
        ledger.changeTeam(_team, digest, next, w, _by(doctor));
        next = _terms(2, 1, 4);
        ledger.changeTeam(_team, digest, next, w, _by(doctor));
        _refused(AlreadyExists.selector);
        ledger.changeTeam(_team, digest, next, w, _by(doctor));
        _setStatus(_team, STATUS_REMOVED);
        _refused(Removed.selector);
        ledger.changeTeam(_team, digest, next, w, _by(doctor));
    }

    function test_confirmTeamChange_refusals() external {
        _found(address(0));
        bytes memory w = _witness();
        TeamTerms memory next = _terms(2, 1, 4);
        bytes memory proposed = abi.encode(next);
        _refused(WrongState.selector);
        ledger.confirmTeamChange(_team, next.charterDigest, proposed, w, _by(trustees[0]));
        ledger.changeTeam(_team, _now().charterDigest, next, w, _by(doctor));
        _refused(StaleDigest.selector);
        ledger.confirmTeamChange(_team, "other", proposed, w, _by(trustees[0]));
        _refused(BadWitness.selector);
        ledger.confirmTeamChange(_team, next.charterDigest, w, w, _by(trustees[0]));
        _refused(AlreadyExists.selector);
        ledger.confirmTeamChange(_team, next.charterDigest, proposed, w, _by(doctor));
        _refused(NotAMember.selector);
        ledger.confirmTeamChange(_team, next.charterDigest, proposed, w, _by(patient));
        // Another member says something else of the same charter: nobody can confirm by its digest alone.
        next.threshold = 3;
        ledger.changeTeam(_team, _now().charterDigest, next, w, _by(trustees[0]));
        _refused(StaleDigest.selector);
        ledger.confirmTeamChange(_team, next.charterDigest, proposed, w, _by(trustees[1]));
    }

    function test_change_holdsWithTheThresholdOfActiveMembers() external {
        _found(address(0));
        bytes memory w = _witness();
        TeamTerms memory next = _terms(2, 2, 2);
        ledger.changeTeam(_team, _now().charterDigest, next, w, _by(trustees[1]));
        // The proposer's word does not count while it is suspended.
        _setStatus(trustees[1].id, STATUS_SUSPENDED);
        vm.recordLogs();
        ledger.confirmTeamChange(_team, next.charterDigest, abi.encode(next), w, _by(trustees[0]));
        assertEq(ledger.getTeam(_team).rosterEpoch, 1, "one active member of two");
        vm.expectEmit();
        emit TeamChanged(_team, next.charterDigest);
        ledger.confirmTeamChange(_team, next.charterDigest, abi.encode(next), w, _by(doctor));
        TeamView memory v = ledger.getTeam(_team);
        assertEq(v.rosterEpoch, 2, "roster epoch");
        assertEq(v.keyEpoch, 2, "key epoch");
        // The old terms, and votes for the old roster, are over.
        _refused(BadWitness.selector);
        ledger.changeTeam(_team, _now().charterDigest, _terms(3, 2, 3), w, _by(doctor));
        _present = abi.encode(next);
        _refused(WrongState.selector);
        ledger.confirmTeamChange(_team, next.charterDigest, abi.encode(next), _witness(), _by(doctor));
    }

    function test_receiver_isCheckedAsTheModelDoes() external {
        _asked(abi.encodeCall(Asker.check, (1, address(0), 0, doctor.id, "")));
        _checkRefused(NotFound.selector, abi.encodeCall(Asker.check, (2, _team, 1, doctor.id, "")));
        _found(hospital.id);
        bytes memory w = _witness();
        _checkRefused(NotAdmitted.selector, abi.encodeCall(Asker.check, (2, _team, 1, doctor.id, w)));
        ledger.admitActor(_team, _by(hospital));
        _checkRefused(StaleEpoch.selector, abi.encodeCall(Asker.check, (2, _team, 2, doctor.id, "")));
        _checkRefused(BadWitness.selector, abi.encodeCall(Asker.check, (2, _team, 1, doctor.id, "")));
        _checkRefused(NotAMember.selector, abi.encodeCall(Asker.check, (2, _team, 1, patient.id, w)));
        _asked(abi.encodeCall(Asker.check, (2, _team, 1, doctor.id, w)));
        assertTrue(_checkKey(2, _team, 1), "present key");
        TeamTerms memory next = _terms(2, 2, 2);
        ledger.changeTeam(_team, _now().charterDigest, next, w, _by(doctor));
        ledger.confirmTeamChange(_team, next.charterDigest, abi.encode(next), w, _by(trustees[0]));
        _checkRefused(StaleEpoch.selector, abi.encodeCall(Asker.checkKey, (2, _team, 1)));
        assertTrue(_checkKey(1, _team, 9), "a person has no team's key");
        ledger.suspendActor(_team, 1, _by(agency));
        _checkRefused(Suspended.selector, abi.encodeCall(Asker.checkKey, (2, _team, 2)));
    }

    function _now() private view returns (TeamTerms memory) {
        return abi.decode(_present, (TeamTerms));
    }

    function _checkKey(uint256 kind, address team, uint256 keyEpoch) private returns (bool) {
        return abi.decode(_asked(abi.encodeCall(Asker.checkKey, (kind, team, keyEpoch))), (bool));
    }

    function _asked(bytes memory call) private returns (bytes memory answer) {
        bool ok;
        (ok, answer) = _onLedger(address(_asker), call);
        assertTrue(ok, "the check lets it pass");
    }

    function _checkRefused(bytes4 reason, bytes memory call) private {
        (bool ok, bytes memory answer) = _onLedger(address(_asker), call);
        assertFalse(ok, "the check refuses");
        assertEq(bytes32(bytes4(answer)), bytes32(reason), "refusal");
    }

    /// @dev Each member's latest vote counts once; a change holds exactly when the threshold of active members wants the same terms.
    function testFuzz_votes_countLatestAndOnce(uint256 seed) external {
        _found(address(0));
        bytes memory w = _witness();
        TeamTerms[2] memory options = [_terms(2, 1, 4), _terms(2, 1, 4)];
        options[1].threshold = 3;
        options[1].charterDigest = "charter B";
        uint256[3] memory votes;
        Person[3] memory members = [doctor, trustees[0], trustees[1]];
        for (uint256 step = 0; step < 6; ++step) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 who = seed % 3;
            uint256 what = (seed >> 8) % 2;
            bool again = votes[who] == what + 1;
            if (again) _refused(AlreadyExists.selector);
            ledger.changeTeam(_team, _now().charterDigest, options[what], w, _by(members[who]));
            votes[who] = what + 1;
            uint256 same = 0;
            for (uint256 i = 0; i < 3; ++i) {
                if (votes[i] == what + 1) ++same;
            }
            bool holds = ledger.getTeam(_team).rosterEpoch == 2;
            assertEq(holds, same >= 2, "holds");
            if (holds) return;
        }
    }

    function test_signedChange_hashesTheTermsAsTypedData() external {
        TeamTerms memory t = _terms(1, 1, 3);
        bytes32[] memory places = new bytes32[](t.members.length);
        for (uint256 i = 0; i < places.length; ++i) {
            places[i] = keccak256(abi.encode(keccak256("TeamPlace(address member)"), t.members[i].member));
        }
        bytes32 terms = keccak256(
            abi.encode(
                keccak256(
                    "TeamTerms(bytes32 charterDigest,uint32 rosterEpoch,uint32 keyEpoch,bytes publicKey,uint32 threshold,TeamPlace[] members)TeamPlace(address member)"
                ),
                t.charterDigest,
                t.rosterEpoch,
                t.keyEpoch,
                keccak256(t.publicKey),
                t.threshold,
                keccak256(abi.encodePacked(places))
            )
        );
        bytes32 hash = keccak256(
            abi.encode(
                keccak256(
                    "RegisterTeam(address actor,uint64 nonce,address team,TeamTerms terms,address organisation)TeamPlace(address member)TeamTerms(bytes32 charterDigest,uint32 rosterEpoch,uint32 keyEpoch,bytes publicKey,uint32 threshold,TeamPlace[] members)"
                ),
                doctor.id,
                uint64(0),
                _team,
                terms,
                hospital.id
            )
        );
        Auth memory auth = _signedBy(doctor, 0, hash);
        vm.expectEmit();
        emit TeamRegistered(_team, doctor.id, t, hospital.id);
        ledger.registerTeam(_team, t, hospital.id, auth);
    }

    function _found(address organisation) private {
        _present = abi.encode(_terms(1, 1, 3));
        ledger.registerTeam(_team, _now(), organisation, _by(doctor));
    }

    function _witness() private view returns (bytes memory) {
        return _present;
    }

    /// @dev The doctor and the first trustees, two of whom open.
    function _terms(uint32 rosterEpoch, uint32 keyEpoch, uint256 members) private view returns (TeamTerms memory t) {
        t.charterDigest = keccak256(abi.encode("charter", rosterEpoch, keyEpoch, members));
        t.rosterEpoch = rosterEpoch;
        t.keyEpoch = keyEpoch;
        t.publicKey = keyEpoch == 1 ? _KEY : _NEXT_KEY;
        t.threshold = 2;
        t.members = new TeamPlace[](members);
        for (uint256 i = 0; i < members; ++i) {
            t.members[i] = TeamPlace(i == 0 ? doctor.id : trustees[i - 1].id);
        }
    }

    function _refused(bytes4 error_) private {
        vm.expectRevert(error_);
    }
}
