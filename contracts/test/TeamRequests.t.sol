// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Story} from "./Story.sol";
import {
    AccessRequest,
    AccessWitness,
    RequestFacts,
    RequestReceiver,
    TeamPlace,
    TeamTerms
} from "../src/LedgerTypes.sol";
import "../src/LedgerErrors.sol";

/// @title Requests that a member makes for a team: who may ask, who may serve, and what ends when the team has a new key
contract TeamRequestsTest is Story {
    // Generator and its double: two keys.
    bytes private constant _FIRST = hex"0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
    bytes private constant _SECOND = hex"02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5";

    address private _team = _person("team").id;
    Person private _colleague = _person("colleague");
    Sealed private _b;

    /// @dev A team of the doctor, a colleague whose organisation runs the first oracle, and the insurer; and a bundle whose policy lets teams receive.
    function setUp() external {
        _begin();
        _seedDoctor(_colleague.id, uint40(START + 3650 days), operators[0].id, "oncology", hospital.id);
        _must(doctor, abi.encodeCall(ledger.registerTeam, (_team, _terms(1, 1), hospital.id, _own(doctor))));
        _must(hospital, _encAdmit(_team, hospital));
        PolicyTerms memory terms = _usualTerms();
        terms.flags = 2 + 4;
        _b = _bundleOf(patient, _policy(terms));
    }

    function test_requestAccess_forATeam_refusals() external {
        AccessRequest memory q = _askingForTeam(doctor, 1);
        AccessWitness memory w = _teamWitness(_terms(1, 1));
        _mustNot(agency, _encRequest(q, w, agency), WrongRole.selector);
        q.receiver.id = stranger.id;
        _mustNot(doctor, _encRequest(q, w, doctor), NotFound.selector);
        q = _askingForTeam(doctor, 2);
        _mustNot(doctor, _encRequest(q, w, doctor), StaleEpoch.selector);
        q = _askingForTeam(doctor, 1);
        w.team = abi.encode(_terms(2, 2));
        _mustNot(doctor, _encRequest(q, w, doctor), BadWitness.selector);
        w.team = "";
        _mustNot(doctor, _encRequest(q, w, doctor), BadWitness.selector);
        w = _teamWitness(_terms(1, 1));
        q.receiver.kind = 3;
        _mustNot(doctor, _encRequest(q, w, doctor), Malformed.selector);

        Person memory outsider = _person("outsider");
        _seedDoctor(outsider.id, uint40(START + 3650 days), address(0), "surgery", hospital.id);
        _mustNot(outsider, _encRequest(_askingForTeam(outsider, 1), w, outsider), NotAMember.selector);

        Sealed memory personsOnly = _bundle(patient);
        q = _askingFor(doctor, personsOnly);
        q.receiver = RequestReceiver(2, _team, 1);
        AccessWitness memory other = _witnessOf(personsOnly);
        other.team = abi.encode(_terms(1, 1));
        _mustNot(doctor, _encRequest(q, other, doctor), ReceiverNotPermitted.selector);

        _must(agency, _encSuspend(_team, agency));
        _mustNot(doctor, _encRequest(_askingForTeam(doctor, 1), w, doctor), Suspended.selector);
        _must(agency, _encRemove(_team, agency));
        _mustNot(doctor, _encRequest(_askingForTeam(doctor, 1), w, doctor), Removed.selector);
    }

    function test_drawCommittee_forATeam_wrongRoster_isRefused() external {
        Live memory r = _requestForTeam();
        _mine(2);
        _setSeed(r);
        r.team = abi.encode(_terms(2, 2));
        _mustNot(insurer, _encDraw(r, insurer), BadWitness.selector);
        r.team = "";
        _mustNot(insurer, _encDraw(r, insurer), BadWitness.selector);
        // The facts of a request for a person are those of another request.
        r.facts.team = address(0);
        _mustNot(insurer, _encDraw(r, insurer), NotFound.selector);
    }

    /// @dev Whoever a member works for does not serve: the colleague's organisation runs the first oracle.
    function testFuzz_drawCommittee_forATeam_leavesOutItsMembersOrganisations(uint256 blocks) external {
        _mine(bound(blocks, 0, 200));
        Live memory r = _requestForTeam();
        _mine(2);
        _setSeed(r);
        _must(insurer, _encDraw(r, insurer));
        assertEq(_stage(r), OPEN, "drawn");
        for (uint256 seat = 1; seat <= SEATS; ++seat) {
            assertNotEq(_committee(r, seat), 1, "the oracle of a member's organisation");
        }
    }

    function test_newKey_endsWhatIsUndecided_andNotTheGrant() external {
        Live memory open = _openForTeam();
        uint256 state = vm.snapshotState();
        _changeKey();
        _mustNot(trustees[0], _encApprove(open, 0, trustees[0]), WrongState.selector);
        _mustNot(patient, _encConsent(open, patient), WrongState.selector);
        _mustNot(doctor, _encCancel(open, doctor), WrongState.selector);
        // Its place is free again, for whoever shows what was in it.
        AccessRequest memory q = _askingForTeam(doctor, 2);
        AccessWitness memory w = _teamWitness(_terms(2, 2));
        _mustNot(doctor, _encRequest(q, w, doctor), OpenRequestExists.selector);
        w.former = _list(open);
        _must(doctor, _encRequest(q, w, doctor));
        vm.revertToState(state);

        _must(patient, _encConsent(open, patient));
        _changeKey();
        assertEq(_stage(open), GRANTED, "the grant stands");
        // But no further use of it begins: that would be served to a key that the team has given up.
        _deliver(open, 3);
        _must(doctor, _encOpened(open, doctor));
        _must(doctor, _encSettle(open, doctor));
        _mustNot(doctor, _encUseAgain(open, doctor), StaleEpoch.selector);
        _must(patient, _encRevoke(open, patient));
    }

    function test_suspendedTeam_isNotGranted() external {
        Live memory r = _openForTeam();
        _must(trustees[0], _encApprove(r, 0, trustees[0]));
        _must(trustees[1], _encApprove(r, 1, trustees[1]));
        _must(agency, _encSuspend(_team, agency));
        _mustNot(trustees[2], _encApprove(r, 2, trustees[2]), Suspended.selector);
        _mustNot(patient, _encConsent(r, patient), Suspended.selector);
        _must(agency, _encReinstate(_team, agency));
        _must(trustees[2], _encApprove(r, 2, trustees[2]));
        assertEq(_stage(r), GRANTED, "granted");
    }

    function _list(Live memory r) private pure returns (RequestFacts[] memory list) {
        list = new RequestFacts[](1);
        list[0] = r.facts;
    }

    function _terms(uint32 rosterEpoch, uint32 keyEpoch) private view returns (TeamTerms memory t) {
        t.charterDigest = keccak256(abi.encode("charter", rosterEpoch));
        (t.rosterEpoch, t.keyEpoch, t.threshold) = (rosterEpoch, keyEpoch, 2);
        t.publicKey = keyEpoch == 1 ? _FIRST : _SECOND;
        t.members = new TeamPlace[](3);
        (t.members[0], t.members[1], t.members[2]) =
        (TeamPlace(doctor.id), TeamPlace(_colleague.id), TeamPlace(insurer.id));
    }

    function _changeKey() private {
        TeamTerms memory now_ = _terms(1, 1);
        TeamTerms memory next = _terms(2, 2);
        bytes memory present = abi.encode(now_);
        _must(doctor, abi.encodeCall(ledger.changeTeam, (_team, now_.charterDigest, next, present, _own(doctor))));
        _must(
            insurer,
            abi.encodeCall(
                ledger.confirmTeamChange, (_team, next.charterDigest, abi.encode(next), present, _own(insurer))
            )
        );
    }

    function _teamWitness(TeamTerms memory terms) private view returns (AccessWitness memory w) {
        w = _witnessOf(_b);
        w.team = abi.encode(terms);
    }

    function _askingForTeam(Person memory asker, uint32 keyEpoch) private returns (AccessRequest memory q) {
        q = _askingFor(asker, _b);
        q.receiver = RequestReceiver(2, _team, keyEpoch);
    }

    function _requestForTeam() private returns (Live memory r) {
        AccessRequest memory q = _askingForTeam(doctor, 1);
        _must(doctor, _encRequest(q, _teamWitness(_terms(1, 1)), doctor));
        r = _liveOf(q, _b, doctor);
        r.team = abi.encode(_terms(1, 1));
    }

    function _openForTeam() private returns (Live memory r) {
        r = _requestForTeam();
        _mine(2);
        _setSeed(r);
        _must(insurer, _encDraw(r, insurer));
    }
}
