// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RequestHandler} from "./RequestHandler.sol";
import {
    DealingFacts,
    DealingProposal,
    RecoveryFacts,
    RecoveryView,
    ReshareFacts,
    ReshareProposal,
    ReshareView,
    Seat,
    TeamTerms
} from "../src/LedgerTypes.sol";

/// @title A campaign's dealings, reshares and recoveries, and its team
abstract contract TrusteeHandler is RequestHandler {
    uint256 internal constant RESHARING = 250;
    uint256 internal constant PENDING = 252;
    uint256 private constant _CLOSED_TO_OTHERS = 7; // the invariant that nobody changes what is another's

    /// @dev A bundle's latest reshare.
    struct Plan {
        ReshareFacts facts;
        bytes policy;
        uint256 contributed;
        uint256 leftOut;
        bool underWay;
        DealingFacts made; // once it is completed
    }

    /// @dev A patient's latest recovery.
    struct Recovering {
        RecoveryFacts facts;
        bytes policy;
        uint256 supporters;
        uint256 proposedAt;
        bool underWay;
    }

    mapping(uint256 b => Plan) internal plans;
    mapping(bytes32 plan => mapping(uint256 ordinal => bytes32)) internal confirmations;
    mapping(uint256 p => Recovering) internal recoveries;
    mapping(uint256 member => uint256) internal wishes; // 1 a new roster, 2 a new key too
    uint256 private _fresh;

    // ---- dealings by the patient --------------------------------------------------------------------------------------------------------------

    /// @dev Everybody acknowledges what is proposed, and it is activated.
    function _tryDeal(uint256 b, uint256 track, Person memory by) internal {
        for (uint256 i = 0; i < trustees.length; ++i) {
            if (_statusOf(trustees[i].id) != STATUS_ACTIVE) return;
        }
        Sealed memory s = track == 0 ? bundles[b] : emergencies[b];
        DealingProposal memory d = _proposalFor(s, _policyOf(track));
        (bool ok,) = _do(by, abi.encodeCall(ledger.proposeDealing, (s.bundleId, d, s.facts, s.dealing, _own(by))));
        if (!ok) return;
        _accept("deal");
        if (by.id != s.owner.id) _break(_CLOSED_TO_OTHERS, "somebody else changed a bundle's trustees");
        plans[b].underWay = false;
        DealingFacts memory f = DealingFacts(d.dealingDigest, d.headerDigest, _policyHash(d.policy), 0);
        for (uint256 i = 0; i < trustees.length; ++i) {
            _must(trustees[i], _encAcknowledgement(s.bundleId, f, d.policy, i, trustees[i]));
        }
        if (f.policyHash != s.dealing.policyHash && s.epoch != 0) _pass(5 minutes);
        _must(by, _encActivation(s, f, d.policy, by));
        _dealt(b, track, f, d.policy);
    }

    function _proposalFor(Sealed memory s, bytes memory p) private returns (DealingProposal memory) {
        return DealingProposal({
            headerDigest: s.facts.headerDigest,
            epoch: _lastEpoch(s.bundleId) + 1,
            previousDealingDigest: s.dealing.dealingDigest,
            dealingDigest: keccak256(abi.encode("dealing", ++_fresh)),
            policy: p,
            names: _usualNames(),
            rule: ""
        });
    }

    function _lastEpoch(bytes32 bundleId) internal view returns (uint32) {
        return uint32(uint24(_storedBundle(bundleId) >> 208));
    }

    function _encAcknowledgement(
        bytes32 bundleId,
        DealingFacts memory d,
        bytes memory p,
        uint256 ordinal,
        Person memory by
    ) private view returns (bytes memory) {
        return abi.encodeCall(ledger.acknowledgeDealing, (bundleId, d.dealingDigest, _seat(ordinal), d, p, _own(by)));
    }

    function _encActivation(Sealed memory s, DealingFacts memory d, bytes memory p, Person memory by)
        private
        view
        returns (bytes memory)
    {
        return abi.encodeCall(
            ledger.activateDealing, (s.bundleId, d.dealingDigest, new Seat[](0), s.facts, d, p, _own(by))
        );
    }

    /// @dev A dealing became active: what it is, and what it ended.
    function _dealt(uint256 b, uint256 track, DealingFacts memory f, bytes memory p) private {
        Sealed storage s = track == 0 ? bundles[b] : emergencies[b];
        s.dealing = f;
        s.policy = p;
        s.epoch = _lastEpoch(s.bundleId);
        _supersede(b, track);
    }

    // ---- reshares -----------------------------------------------------------------------------------------------------------------------------

    /// @dev The next steps of a reshare, or its beginning.
    function _reshareStep(uint256 b) internal {
        Plan memory plan = plans[b];
        bytes memory deciding = bundles[b].policy;
        if (!_bundleBit(b, RESHARING)) {
            for (uint256 i = 0; i < 5 && !_bundleBit(b, RESHARING); ++i) {
                _tryProposeReshare(b, _trusteeOf(deciding, i), _policyOf(0));
            }
            return;
        }
        if (_bundleBit(b, PENDING)) return _finishReshare(b);
        // Who was removed cannot be dealt to any more: the patient makes room for another plan.
        if (_activeOnly(plan.policy, ALL_SEATS) != ALL_SEATS) return _tryCancelReshare(b, patients[b]);
        if (vm.getBlockTimestamp() >= plan.facts.notAfter) return _tryExpireReshare(b, agency);
        if (vm.getBlockTimestamp() < plan.facts.proposedAt + 5 minutes) _pass(5 minutes);
        uint256 active = _activeOnly(deciding, ALL_SEATS);
        uint256 set = _dealers(plan.contributed & ~plan.leftOut & active);
        // A set that meets the policy confirms; until there is one, those contribute who did not.
        for (uint256 i = 0; i < 5; ++i) {
            if (set >> i & 1 == 1) {
                _tryConfirm(b, i, set, _trusteeOf(deciding, i));
            } else if (set == 0 && (active & ~plan.contributed) >> i & 1 == 1) {
                _tryContribute(b, i, _trusteeOf(deciding, i));
            }
        }
        // Too many were left out: it ends by itself.
        if (set == 0 && active & ~plan.contributed == 0) _pass(plan.facts.notAfter - vm.getBlockTimestamp());
    }

    function _finishReshare(uint256 b) internal {
        Plan memory plan = plans[b];
        for (uint256 i = 0; i < 5; ++i) {
            Person memory t = _trusteeOf(plan.policy, i);
            _do(t, _encAcknowledgement(bundles[b].bundleId, plan.made, plan.policy, i, t));
        }
        _tryActivate(b, agency);
    }

    /// @dev The first set of dealers that meets the policy within some seats; none where there is no such one.
    function _dealers(uint256 seats) private pure returns (uint256) {
        uint256[5] memory sets = [uint256(7), 11, 19, 20, 24];
        for (uint256 i = 0; i < 5; ++i) {
            if (seats & sets[i] == sets[i]) return sets[i];
        }
        return 0;
    }

    function _tryProposeReshare(uint256 b, Person memory by, bytes memory next) internal {
        Sealed memory s = bundles[b];
        ReshareProposal memory q = ReshareProposal({
            headerDigest: s.dealing.headerDigest,
            epoch: _lastEpoch(s.bundleId) + 1,
            previousDealingDigest: s.dealing.dealingDigest,
            planDigest: keccak256(abi.encode("plan", ++_fresh)),
            policy: next,
            notAfter: uint64(vm.getBlockTimestamp() + 2 days),
            names: _usualNames(),
            rule: "",
            activePolicy: s.policy
        });
        bool underWay = plans[b].underWay;
        (bool ok,) = _do(by, abi.encodeCall(ledger.proposeReshare, (s.bundleId, q, s.facts, s.dealing, _own(by))));
        if (!ok) return;
        _accept("reshare proposed");
        if (underWay) _break(_CLOSED_TO_OTHERS, "a second reshare of one bundle");
        if (!_isTrustee(s.policy, by)) _break(_CLOSED_TO_OTHERS, "a reshare by whoever is no trustee");
        if (uint8(next[1]) < 2) _break(_CLOSED_TO_OTHERS, "a reshare to a policy that asks for less");
        Plan storage plan = plans[b];
        plan.facts = ReshareFacts(
            q.planDigest, _policyHash(next), s.owner.id, by.id, uint64(vm.getBlockTimestamp()), q.notAfter
        );
        plan.policy = next;
        (plan.contributed, plan.leftOut, plan.underWay) = (0, 0, true);
    }

    function _tryContribute(uint256 b, uint256 ordinal, Person memory by) internal {
        Sealed memory s = bundles[b];
        Plan storage plan = plans[b];
        (bool ok,) = _do(
            by,
            abi.encodeCall(
                ledger.contributeToReshare,
                (s.bundleId, plan.facts.planDigest, _seat(ordinal), DIGEST, plan.facts, s.dealing, s.policy, _own(by))
            )
        );
        if (!ok) return;
        _accept("reshare contributed");
        _checkDealer(b, ordinal, by);
        if (vm.getBlockTimestamp() < plan.facts.proposedAt + 5 minutes) {
            _break(_CLOSED_TO_OTHERS, "a reshare before the patient could stop it");
        }
        if (plan.contributed >> ordinal & 1 == 1) _break(2, "a contribution counted twice");
        plan.contributed |= 1 << ordinal;
    }

    /// @dev Whoever took part in a reshare has the seat, and the reshare was going on.
    function _checkDealer(uint256 b, uint256 ordinal, Person memory by) private {
        if (by.id != _trusteeOf(bundles[b].policy, ordinal).id) _break(2, "a part in a reshare in another's name");
        if (!plans[b].underWay || vm.getBlockTimestamp() >= plans[b].facts.notAfter) {
            _break(3, "a reshare that had ended went on");
        }
    }

    function _tryComplain(uint256 b, uint256 ordinal, uint256 accused, Person memory by) internal {
        Sealed memory s = bundles[b];
        Plan storage plan = plans[b];
        bytes memory call = abi.encodeCall(
            ledger.complainOfReshare,
            (
                s.bundleId,
                plan.facts.planDigest,
                _seat(ordinal),
                _seat(accused),
                DIGEST,
                plan.facts,
                s.dealing,
                [s.policy, plan.policy],
                _own(by)
            )
        );
        (bool ok,) = _do(by, call);
        if (!ok) return;
        _accept("dealer left out");
        if (by.id != _trusteeOf(plan.policy, ordinal).id) _break(2, "a complaint in another's name");
        if (plan.contributed >> accused & 1 == 0) _break(_CLOSED_TO_OTHERS, "a complaint of whoever dealt nothing");
        plan.leftOut |= 1 << accused;
    }

    function _tryConfirm(uint256 b, uint256 ordinal, uint256 set, Person memory by) internal {
        bool before = ledger.getReshare(bundles[b].bundleId).completed;
        bytes32 dealing = keccak256(abi.encode("reshared", plans[b].facts.planDigest));
        (bool ok,) = _do(by, _encConfirm(b, ordinal, dealing, set, by));
        if (!ok) return;
        _accept("reshare confirmed");
        _checkDealer(b, ordinal, by);
        Plan storage plan = plans[b];
        if (before) _break(3, "a reshare that was completed went on");
        if (set & ~plan.contributed != 0 || set & plan.leftOut != 0 || !_meets(set) || set >> ordinal & 1 == 0) {
            _break(_CLOSED_TO_OTHERS, "a set of dealers that may not make a dealing");
        }
        confirmations[plan.facts.planDigest][ordinal] = keccak256(abi.encode(dealing, set));
        bool agreed = _agree(b, set, keccak256(abi.encode(dealing, set)));
        if (agreed != ledger.getReshare(bundles[b].bundleId).completed) {
            _break(_CLOSED_TO_OTHERS, "a reshare is completed by all of its dealers, active, and by nothing else");
        }
        if (!agreed) return;
        _accept("reshare completed");
        plan.made = DealingFacts(dealing, bundles[b].dealing.headerDigest, plan.facts.policyHash, plan.facts.planDigest);
    }

    function _agree(uint256 b, uint256 set, bytes32 word) private view returns (bool) {
        for (uint256 i = 0; i < 5; ++i) {
            if (set >> i & 1 == 1 && confirmations[plans[b].facts.planDigest][i] != word) return false;
        }
        return _activeOnly(bundles[b].policy, set) == set;
    }

    function _encConfirm(uint256 b, uint256 ordinal, bytes32 dealing, uint256 set, Person memory by)
        private
        view
        returns (bytes memory)
    {
        Plan memory plan = plans[b];
        Sealed memory s = bundles[b];
        return abi.encodeCall(
            ledger.confirmReshare,
            (
                s.bundleId,
                plan.facts.planDigest,
                _seat(ordinal),
                dealing,
                _seats(set),
                DIGEST,
                plan.facts,
                s.dealing,
                [s.policy, plan.policy],
                _own(by)
            )
        );
    }

    function _seats(uint256 set) private pure returns (Seat[] memory dealers) {
        dealers = new Seat[](_count(set));
        uint256 n;
        for (uint256 i = 0; i < 5; ++i) {
            if (set >> i & 1 == 1) dealers[n++] = _seat(i);
        }
    }

    function _tryCancelReshare(uint256 b, Person memory by) internal {
        Sealed memory s = bundles[b];
        ReshareFacts memory f = plans[b].facts;
        (bool ok,) = _do(by, abi.encodeCall(ledger.cancelReshare, (s.bundleId, f.planDigest, s.facts, f, _own(by))));
        if (!ok) return;
        _accept("reshare cancelled");
        if (by.id != s.owner.id) _break(_CLOSED_TO_OTHERS, "somebody else stopped a reshare");
        if (!plans[b].underWay) _break(3, "a reshare ended twice");
        plans[b].underWay = false;
    }

    function _tryExpireReshare(uint256 b, Person memory by) internal {
        ReshareFacts memory f = plans[b].facts;
        (bool ok,) = _do(by, abi.encodeCall(ledger.expireReshare, (bundles[b].bundleId, f.planDigest, f, _own(by))));
        if (!ok) return;
        _accept("reshare expired");
        if (!plans[b].underWay || vm.getBlockTimestamp() < f.notAfter) _break(3, "a reshare expired before its time");
        plans[b].underWay = false;
    }

    function _tryActivate(uint256 b, Person memory by) internal {
        Plan memory plan = plans[b];
        Sealed memory s = bundles[b];
        (bool ok,) = _do(by, _encActivation(s, plan.made, plan.policy, by));
        if (!ok) return;
        _accept("reshare activated");
        if (!plan.underWay) _break(3, "what a reshare made became active after its end");
        plans[b].underWay = false;
        _dealt(b, 0, plan.made, plan.policy);
    }

    // ---- recoveries ---------------------------------------------------------------------------------------------------------------------------

    function _recoveryStep(uint256 p) internal {
        Recovering memory rec = recoveries[p];
        RecoveryView memory v = ledger.getRecovery(patients[p].id);
        if (!rec.underWay || _hasLapsed(p, v)) {
            _tryProposeRecovery(p, _trusteeOf(bundles[p].policy, _next(_activeOnly(bundles[p].policy, ALL_SEATS), 4)));
        } else if (v.effectiveAt == 0) {
            for (uint256 i = 0; i < 5 && ledger.getRecovery(patients[p].id).effectiveAt == 0; ++i) {
                if (rec.supporters >> i & 1 == 0) _trySupport(p, i, _trusteeOf(rec.policy, i));
            }
        } else {
            if (vm.getBlockTimestamp() < v.effectiveAt) _pass(v.effectiveAt - vm.getBlockTimestamp());
            _tryComplete(p, agency);
        }
    }

    /// @dev Without a quorum in its time, or by a dealing that serves no more.
    function _hasLapsed(uint256 p, RecoveryView memory v) private view returns (bool) {
        if (bundles[p].epoch != recoveries[p].facts.epoch) return true;
        return v.effectiveAt == 0 && vm.getBlockTimestamp() >= uint256(v.proposedAt) + 30 minutes;
    }

    function _tryProposeRecovery(uint256 p, Person memory by) internal {
        Sealed memory s = bundles[p];
        address next = _person(string.concat("next key ", vm.toString(++_fresh))).id;
        RecoveryFacts memory f = RecoveryFacts(
            s.bundleId, s.epoch, s.dealing.policyHash, next, DIGEST, uint64(vm.getBlockTimestamp() + 3650 days)
        );
        bool free = !recoveries[p].underWay || _hasLapsed(p, ledger.getRecovery(s.owner.id));
        (bool ok,) = _do(by, _encProposeRecovery(s, f, recoveries[p].facts, by));
        if (!ok) return;
        _accept("recovery proposed");
        if (!free) _break(_CLOSED_TO_OTHERS, "a recovery took the place of another");
        if (!_isTrustee(s.policy, by)) _break(_CLOSED_TO_OTHERS, "a recovery by whoever is no trustee");
        Recovering storage rec = recoveries[p];
        rec.facts = f;
        rec.policy = s.policy;
        (rec.supporters, rec.proposedAt, rec.underWay) = (0, vm.getBlockTimestamp(), true);
    }

    function _encProposeRecovery(Sealed memory s, RecoveryFacts memory f, RecoveryFacts memory former, Person memory by)
        private
        view
        returns (bytes memory)
    {
        return abi.encodeCall(ledger.proposeRecovery, (s.owner.id, f, s.facts, s.dealing, s.policy, former, _own(by)));
    }

    function _trySupport(uint256 p, uint256 ordinal, Person memory by) internal {
        Recovering storage rec = recoveries[p];
        address subject = patients[p].id;
        bool decides = bundles[p].epoch == rec.facts.epoch;
        (bool ok,) = _do(
            by,
            abi.encodeCall(
                ledger.supportRecovery,
                (subject, rec.facts.newLedgerAddress, _seat(ordinal), rec.facts, rec.policy, _own(by))
            )
        );
        if (!ok) return;
        _accept("recovery supported");
        if (by.id != _trusteeOf(rec.policy, ordinal).id) _break(2, "a recovery supported in another's name");
        if (!rec.underWay || !decides) _break(3, "a recovery that had ended was supported");
        if (rec.supporters >> ordinal & 1 == 1) _break(2, "a supporter counted twice");
        rec.supporters |= 1 << ordinal;
        bool scheduled = ledger.getRecovery(subject).effectiveAt != 0;
        if (scheduled != _meets(_activeOnly(rec.policy, rec.supporters))) {
            _break(_CLOSED_TO_OTHERS, "a recovery is scheduled by an active quorum and by nothing else");
        }
    }

    function _tryComplete(uint256 p, Person memory by) internal {
        Recovering storage rec = recoveries[p];
        address subject = patients[p].id;
        uint256 effectiveAt = ledger.getRecovery(subject).effectiveAt;
        (bool ok,) = _do(by, abi.encodeCall(ledger.completeRecovery, (subject, rec.facts, _own(by))));
        if (!ok) return;
        _accept("recovery completed");
        if (!rec.underWay || bundles[p].epoch != rec.facts.epoch) _break(3, "a recovery that had ended was completed");
        if (
            effectiveAt == 0 || vm.getBlockTimestamp() < effectiveAt
                || vm.getBlockTimestamp() < rec.proposedAt + 30 minutes
        ) {
            _break(_CLOSED_TO_OTHERS, "a recovery before the patient could stop it");
        }
        rec.underWay = false;
        formerKeys[subject] = _senderOf(patients[p]);
        presentKey[subject] = rec.facts.newLedgerAddress;
    }

    function _tryCancelRecovery(Person memory by) internal {
        (bool ok,) = _do(by, abi.encodeCall(ledger.cancelRecovery, (_own(by))));
        if (!ok) return;
        _accept("recovery cancelled");
        uint256 p = by.id == patients[0].id ? 0 : 1;
        if (by.id != patients[p].id) _break(_CLOSED_TO_OTHERS, "somebody else stopped a recovery");
        if (!recoveries[p].underWay) _break(3, "a recovery ended twice");
        recoveries[p].underWay = false;
    }

    /// @dev A key that a recovery replaced says that the patient is here.
    function _tryFormerKey(uint256 p) internal {
        address former = formerKeys[patients[p].id];
        if (former == address(0)) return;
        vm.prank(former, former);
        (bool ok,) = address(ledger).call(abi.encodeCall(ledger.confirmPresence, (_own(patients[p]))));
        if (ok) _break(_CLOSED_TO_OTHERS, "a key that was replaced still acts");
    }

    // ---- the team -----------------------------------------------------------------------------------------------------------------------------

    function _member(uint256 i) internal view returns (Person memory) {
        return i % 3 == 2 ? insurer : doctors[i % 3];
    }

    function _wanted(uint256 wish) private view returns (TeamTerms memory) {
        return _termsOfTeam(rosterEpoch + 1, wish == 2 ? keyEpoch + 1 : keyEpoch);
    }

    /// @param wish 1 for another charter, 2 for a new key too.
    function _tryChangeTeam(uint256 wish, Person memory by) internal {
        bytes32 charter = _termsOfTeam(rosterEpoch, keyEpoch).charterDigest;
        (bool ok,) =
            _do(by, abi.encodeCall(ledger.changeTeam, (team, charter, _wanted(wish), _presentTeam(), _own(by))));
        if (ok) _wish(wish, by);
    }

    function _tryConfirmTeam(uint256 wish, Person memory by) internal {
        TeamTerms memory next = _wanted(wish);
        (bool ok,) = _do(
            by,
            abi.encodeCall(
                ledger.confirmTeamChange, (team, next.charterDigest, abi.encode(next), _presentTeam(), _own(by))
            )
        );
        if (ok) _wish(wish, by);
    }

    /// @dev A member said what it wants: the team changes when two active members want the same, and only then.
    function _wish(uint256 wish, Person memory by) private {
        _accept("team change wanted");
        uint256 votes;
        bool isMember;
        for (uint256 i = 0; i < 3; ++i) {
            if (_member(i).id == by.id) {
                isMember = true;
                if (wishes[i] == wish) _break(2, "a member's word counted twice");
                wishes[i] = wish;
            }
            if (wishes[i] == wish && _statusOf(_member(i).id) == STATUS_ACTIVE) ++votes;
        }
        if (!isMember) _break(_CLOSED_TO_OTHERS, "a team was changed by whoever is no member");
        bool changed = ledger.getTeam(team).rosterEpoch != rosterEpoch;
        if (changed != (votes >= 2)) {
            _break(_CLOSED_TO_OTHERS, "a team changes when two members want it, and only then");
        }
        if (!changed) return;
        _accept("team changed");
        for (uint256 i = 0; i < 3; ++i) {
            wishes[i] = 0;
        }
        ++rosterEpoch;
        if (wish == 1) return;
        ++keyEpoch;
        for (uint256 pair = 0; pair < PAIRS; ++pair) {
            if (asked[pair] && latest[pair].facts.team != address(0)) _endUndecided(pair);
        }
    }

    // ---- what is stored -----------------------------------------------------------------------------------------------------------------------

    /// @dev Invariants 7 and 12: reshares, recoveries and the team are what their people and the events made them.
    function _checkTrustees() internal view {
        for (uint256 b = 0; b < PATIENTS; ++b) {
            bytes32 id = bundles[b].bundleId;
            ReshareView memory r = ledger.getReshare(id);
            assertEq(r.contributed, toldByTrustees[id].done, "contributions as the events tell them");
            assertEq(r.leftOut, toldByTrustees[id].leftOut, "dealers left out as the events tell them");
            assertEq(r.completed ? 1 : 0, toldByTrustees[id].completed, "completed as the events tell it");
            assertEq(_bundleBit(b, RESHARING), plans[b].underWay, "a reshare is under way");
            RecoveryView memory v = ledger.getRecovery(patients[b].id);
            ToldByTrustees memory t = toldByTrustees[bytes32(uint256(uint160(patients[b].id)))];
            assertEq(v.supporters, t.done, "supporters as the events tell them");
            assertEq(v.effectiveAt, t.completed, "a recovery's time as the events tell it");
            assertEq(
                ledger.getActor(patients[b].id).ledgerAddress, _senderOf(patients[b]), "the key of who it belongs to"
            );
        }
        assertEq(
            bytes32(ledger.getTeam(team).termsTag),
            bytes32(bytes20(uint160(uint256(keccak256(_presentTeam()))))),
            "the team is what its members made it"
        );
        if (rosterEpoch > 1) {
            assertEq(toldCharter, _termsOfTeam(rosterEpoch, keyEpoch).charterDigest, "charter as the events tell it");
        }
    }
}
