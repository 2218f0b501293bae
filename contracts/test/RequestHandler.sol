// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {HandlerBase} from "./HandlerBase.sol";
import {AccessRequest, AccessWitness, Auth, RequestFacts, RequestReceiver} from "../src/LedgerTypes.sol";
import {ReputationLib} from "../src/ReputationLib.sol";

/// @title A campaign's requests: for a doctor, in an emergency, for a team, from the question to the rating
abstract contract RequestHandler is HandlerBase {
    uint256 private constant _REVIEWS_AT_ONCE = 3;

    /// @dev The pair's latest request: doctor * PATIENTS + patient.
    mapping(uint256 pair => Live) internal latest;
    mapping(uint256 pair => bool) internal asked;

    // What was accepted for each request, by its id.
    mapping(bytes32 id => uint256) internal approvedBy; // bit per trustee, of the present round
    mapping(bytes32 id => bool) internal consented;
    mapping(bytes32 id => uint256) internal deliveredBy; // bit per seat, of the present use and round
    mapping(bytes32 id => bool) internal ended;
    bytes[] internal usedSignatures; // whole calls with a signature that were accepted

    /// @dev Emergencies that trustees granted; 1 where the review is due, 2 where it was made.
    RequestFacts[] internal grantedEmergencies;
    mapping(bytes32 id => uint256) internal reviews;
    mapping(address doctor => uint256) internal openReviews;

    // ---- what an honest party does ------------------------------------------------------------------------------------------------------------

    /// @dev The next step of a pair's usual story; what is asked next is of a kind.
    function _step(uint256 pair, uint256 kind) internal {
        Live memory r = latest[pair];
        if (!asked[pair] || !_isRunning(r)) return _askAnew(pair, kind);
        uint256 stage = _stage(r);
        if (stage == AWAITING_DRAW) {
            _mine(2);
            return _tryDraw(pair, insurer);
        }
        bytes32 id = r.facts.requestId;
        if (stage == OPEN) {
            uint256 ordinal = _next(_activeOnly(r.policy, ALL_SEATS) & ~approvedBy[id] & ~_denials(r), 5);
            return ordinal == 5 ? _tryEnd(pair, 2, r.doctor, r.doctor) : _tryApprove(pair, ordinal);
        }
        if (vm.getBlockTimestamp() < _when(r)) return _pass(1 hours);
        if (_count(deliveredBy[id]) < 3) {
            uint256 seat = _next(_activeSeats(r) & ~deliveredBy[id], 5);
            if (seat < 5) return _tryDeliver(pair, seat + 1, _seatOracle(r, seat + 1));
        }
        if (_openedMask(r) == 0) _tryOpen(pair);
        if (_openedMask(r) == 0) _pass(20 minutes);
        _trySettle(pair, insurer);
    }

    /// @dev Asks, after what is over was said to be, and once more after the longest wait that a doctor may be made to keep.
    function _askAnew(uint256 pair, uint256 kind) private {
        if (asked[pair]) _tryEnd(pair, 3, agency, agency);
        Person memory asker = doctors[pair / PATIENTS];
        _tryRequest(pair, asker, kind);
        if (asked[pair] && _isRunning(latest[pair])) return;
        _pass(10 minutes);
        _tryRequest(pair, asker, kind);
    }

    function _activeSeats(Live memory r) private view returns (uint256 seats) {
        for (uint256 i = 0; i < 5; ++i) {
            if (_statusOf(_seatOracle(r, i + 1).id) == STATUS_ACTIVE) seats |= 1 << i;
        }
    }

    // ---- the question and the draw ------------------------------------------------------------------------------------------------------------

    function _tryRequest(uint256 pair, Person memory sender, uint256 kind) internal {
        Person memory asker = doctors[pair / PATIENTS];
        Sealed memory b = kind == IN_EMERGENCY ? emergencies[pair % PATIENTS] : bundles[pair % PATIENTS];
        AccessRequest memory q = _askingFor(asker, b);
        AccessWitness memory w = _witnessOf(b);
        if (kind == IN_EMERGENCY) (q.emergencyReason, q.notAfter) = (7, uint64(vm.getBlockTimestamp() + 12 hours));
        if (kind == FOR_TEAM) {
            q.receiver = RequestReceiver(2, team, keyEpoch);
            w.team = _presentTeam();
        }
        bool running = _giveFormer(pair, w);
        (bool ok,) = _do(sender, _encRequest(q, w, asker));
        if (!ok) return;
        if (sender.id != asker.id) _break(7, "a request in another's name");
        if (running) _break(1, "a second live request of one pair");
        _requested(pair, kind, _liveOf(q, b, asker));
    }

    /// @dev Shows the pair's former request, as whoever asks again after a new dealing or key has to.
    function _giveFormer(uint256 pair, AccessWitness memory w) private view returns (bool running) {
        if (!asked[pair]) return false;
        Live memory before = latest[pair];
        if (_isPresent(before)) {
            w.former = new RequestFacts[](1);
            w.former[0] = before.facts;
        }
        return _isRunning(before);
    }

    function _requested(uint256 pair, uint256 kind, Live memory r) private {
        _accept(kind == IN_EMERGENCY ? "emergency" : kind == FOR_TEAM ? "request for a team" : "request");
        if (asked[pair]) ended[latest[pair].facts.requestId] = true;
        if (kind == FOR_TEAM) {
            r.team = _presentTeam();
            if (_statusOf(team) != STATUS_ACTIVE) _break(1, "a request for a team that is not active");
        }
        if (kind == IN_EMERGENCY && openReviews[r.facts.doctor] >= _REVIEWS_AT_ONCE) {
            _break(1, "an emergency although too many are to be reviewed");
        }
        latest[pair] = r;
        asked[pair] = true;
    }

    function _tryDraw(uint256 pair, Person memory by) internal {
        if (!asked[pair]) return;
        Live memory r = latest[pair];
        if (_stage(r) == AWAITING_DRAW) r.seedBlock = _when(r);
        _setSeed(r);
        (bool ok,) = _do(by, _encDraw(r, by));
        if (!ok) return;
        latest[pair] = r;
        if (_stage(r) == OPEN) {
            _accept("draw");
            _checkCommittee(r);
        } else {
            _accept("void");
            _note(r);
        }
    }

    function _checkCommittee(Live memory r) private {
        uint256 word = _committeeWord(r);
        for (uint256 i = 0; i < 5; ++i) {
            uint256 a = (word >> (10 * i)) & 1023;
            if (a == 0 || a > ORACLES) _break(4, "a committee has an empty seat");
            for (uint256 k = 0; k < i; ++k) {
                if (a == (word >> (10 * k)) & 1023) _break(4, "one oracle has two seats");
            }
        }
    }

    // ---- decisions ----------------------------------------------------------------------------------------------------------------------------

    function _tryApprove(uint256 pair, uint256 ordinal) internal {
        Live memory r = latest[pair];
        Person memory by = _trusteeOf(r.policy, ordinal);
        _tryApproveAs(r, ordinal, by, _encApprove(r, ordinal, by), by);
    }

    /// @dev A call that approves in a trustee's name, sent by anybody.
    function _tryApproveAs(Live memory r, uint256 ordinal, Person memory as_, bytes memory call, Person memory sender)
        internal
        returns (bool ok)
    {
        uint256 before = _stage(r);
        bool alive = _isAlive(r);
        (ok,) = _do(sender, call);
        if (!ok) return false;
        _accept("approve");
        bytes32 id = r.facts.requestId;
        if (as_.id != _trusteeOf(r.policy, ordinal).id) _break(2, "an approval in another's name");
        if (!alive) _break(11, "an approval of a request that had ended or whose dealing was replaced");
        if (approvedBy[id] & 1 << ordinal != 0) _break(2, "an approval counted twice");
        approvedBy[id] |= 1 << ordinal;
        if (before != GRANTED) _checkCounted(r);
        _note(r);
    }

    /// @dev After an approval: granted when and only when trustees who are active now meet the policy.
    function _checkCounted(Live memory r) private {
        uint256 approvals = approvedBy[r.facts.requestId];
        bool met = _meets(_activeOnly(r.policy, approvals));
        if (_stage(r) == GRANTED) {
            if (!met) _break(1, "granted without an active quorum");
            _accept(r.facts.team != address(0) ? "grant for a team" : "grant by trustees");
            _checkGrant(r);
            if (_trackOf(r) == 1) _expectReview(r);
        } else if (met) {
            _break(1, "not granted by an active quorum");
        } else if (_meets(approvals)) {
            _accept(
                _hasRemoved(r.policy, approvals) ? "removed approver not counted" : "suspended approver not counted"
            );
        }
    }

    function _hasRemoved(bytes memory policy_, uint256 seats) private view returns (bool) {
        for (uint256 i = 0; i < 5; ++i) {
            if ((seats >> i) & 1 == 1 && _statusOf(_trusteeOf(policy_, i).id) == STATUS_REMOVED) return true;
        }
        return false;
    }

    /// @dev What every grant needs, whoever gave it.
    function _checkGrant(Live memory r) private {
        if (vm.getBlockTimestamp() >= _endOf(r)) _break(1, "granted after its end");
        if (_statusOf(r.facts.doctor) != STATUS_ACTIVE) _break(1, "granted to a doctor who is not active");
        if (r.facts.team == address(0)) return;
        if (_statusOf(r.facts.team) != STATUS_ACTIVE) _break(1, "granted to a team that is not active");
        if (uint24(r.facts.meta >> 112) != keyEpoch) _break(11, "granted to a key that the team gave up");
    }

    function _expectReview(Live memory r) private {
        bytes32 id = r.facts.requestId;
        _accept("emergency granted by trustees");
        if (reviews[id] != 0) return;
        reviews[id] = 1;
        ++openReviews[r.facts.doctor];
        grantedEmergencies.push(r.facts);
    }

    function _tryReview(uint256 i, Person memory by, uint32 finding) internal {
        if (grantedEmergencies.length == 0) return;
        RequestFacts memory f = grantedEmergencies[i % grantedEmergencies.length];
        (bool ok,) = _do(by, abi.encodeCall(ledger.reviewEmergency, (f, finding, DIGEST, _own(by))));
        if (!ok) return;
        _accept("emergency reviewed");
        if (by.id == f.doctor || (by.id != f.patient && !_isAgency(by))) {
            _break(7, "an emergency was reviewed by whoever may not");
        }
        if (reviews[f.requestId] != 1) return _break(2, "an emergency was reviewed twice");
        reviews[f.requestId] = 2;
        --openReviews[f.doctor];
    }

    function _tryConsent(uint256 pair, Person memory by) internal {
        Live memory r = latest[pair];
        bool alive = _isAlive(r);
        bool granted = _stage(r) == GRANTED;
        (bool ok,) = _do(by, _encConsent(r, by));
        if (!ok) return;
        _accept("consent");
        if (by.id != r.facts.patient) _break(1, "a consent in the patient's name");
        if (!alive) _break(3, "a consent to a request that had ended");
        if (consented[r.facts.requestId]) _break(2, "a consent counted twice");
        consented[r.facts.requestId] = true;
        if (!granted) _checkGrant(r);
        _note(r);
    }

    /// @param what Whether to veto, revoke, cancel or expire.
    function _tryEnd(uint256 pair, uint256 what, Person memory by, Person memory mayEnd) internal {
        Live memory r = latest[pair];
        bytes memory call = what == 0
            ? _encVeto(r, by)
            : what == 1 ? _encRevoke(r, by) : what == 2 ? _encCancel(r, by) : _encExpire(r, by);
        (bool ok,) = _do(by, call);
        if (!ok) return;
        _accept(what == 0 ? "veto" : what == 1 ? "revoke" : what == 2 ? "cancel" : "expire");
        if (what < 3 && by.id != mayEnd.id) _break(7, "a request was ended in another's name");
        if (what == 3 && vm.getBlockTimestamp() < _endOf(r)) _break(3, "expired before its time");
        ended[r.facts.requestId] = true;
        _note(r);
    }

    // ---- service ------------------------------------------------------------------------------------------------------------------------------

    function _tryDeliver(uint256 pair, uint256 seat, Person memory by) internal {
        Live memory r = latest[pair];
        bool granted = _stage(r) == GRANTED && _isAlive(r);
        // forge-lint: disable-next-line(unsafe-typecast)
        (bool ok,) = _do(by, _encDeliver(r, uint32(seat), by));
        if (!ok) return;
        _accept("deliver");
        uint256 bit = 1 << (seat - 1);
        if (!granted || vm.getBlockTimestamp() < _when(r)) _break(4, "a delivery without a final grant");
        if (deliveredBy[r.facts.requestId] & bit != 0) _break(4, "a second delivery of one oracle");
        if (by.id != _seatOracle(r, seat).id) _break(4, "a delivery in another's name");
        deliveredBy[r.facts.requestId] |= bit;
    }

    function _tryOpen(uint256 pair) internal {
        if (!asked[pair]) return;
        Live memory r = latest[pair];
        (bool ok,) = _do(r.doctor, _encOpened(r, r.doctor));
        if (ok) _accept("open");
    }

    function _trySettle(uint256 pair, Person memory by) internal {
        if (!asked[pair]) return;
        Live memory r = latest[pair];
        uint256 word = _committeeWord(r);
        uint256[5] memory before = _records(word);
        uint256 levels = _levels(r);
        (uint256 rated, uint256 bad) = _ratings(r);
        (bool ok,) = _do(by, _encSettle(r, by));
        if (!ok) return;
        _accept("settle");
        _checkSettled(word, before, levels, rated, bad);
    }

    /// @dev Invariant 5: what is on time never lowers, what is late, missing or useless never raises, a refusal moves nothing.
    function _checkSettled(uint256 word, uint256[5] memory before, uint256 levels, uint256 rated, uint256 bad) private {
        uint256[5] memory afterwards = _records(word);
        for (uint256 i = 0; i < 5; ++i) {
            uint256 level = (levels >> (4 * i)) & 15;
            uint256 idle = ReputationLib.score(ReputationLib.decayed(before[i], ReputationLib.today()));
            uint256 score = ReputationLib.score(afterwards[i]);
            // Whoever still had time is not observed.
            if (afterwards[i] == before[i]) continue;
            if ((rated >> i) & 1 == 1 && (bad >> i) & 1 == 1) {
                if (score > idle) _break(5, "a useless answer raised a reputation");
            } else if ((rated | bad) >> i & 1 == 0) {
                if (level > 0 && level < 14 && score < idle) _break(5, "an answer in time lowered a reputation");
                if ((level == 0 || level == 14) && score > idle) {
                    _break(5, "a late or missing answer raised a reputation");
                }
                if (level == 15) _break(5, "a refusal moved a reputation");
            }
        }
    }

    function _records(uint256 word) private view returns (uint256[5] memory list) {
        for (uint256 i = 0; i < 5; ++i) {
            list[i] = _oracleRecord((word >> (10 * i)) & 1023);
        }
    }

    function _ratings(Live memory r) private view returns (uint256 rated, uint256 bad) {
        return (_loadField(_slotOf(r), 239, 16), _loadField(_slotOf(r) + 1, 240, 16));
    }

    // ---- what a request is --------------------------------------------------------------------------------------------------------------------

    function _note(Live memory r) internal {
        bytes32 id = r.facts.requestId;
        uint256 stage = _stage(r);
        if (stage == GRANTED && ended[id]) _break(3, "a request that had ended was granted");
        if (stage > GRANTED) ended[id] = true;
    }

    /// @dev The track of dealings that a request belongs to: 1 for an emergency.
    function _trackOf(Live memory r) internal pure returns (uint256) {
        return uint32(r.facts.meta >> 136) == 0 ? 0 : 1;
    }

    /// @dev The pair's slots are this request's and nothing ended it: neither an event nor, before the grant, a new dealing or key, nor its time.
    function _isAlive(Live memory r) internal view returns (bool) {
        uint256 stage = _stage(r);
        if (!_isPresent(r) || stage == 0 || stage > GRANTED) return false;
        if (stage != GRANTED) {
            uint256 epoch = uint24(_storedBundle(r.facts.bundleId) >> (160 + 24 * _trackOf(r)));
            if (epoch != uint24(r.facts.meta >> 40)) return false;
            if (r.facts.team != address(0) && uint24(r.facts.meta >> 112) != keyEpoch) return false;
        }
        return vm.getBlockTimestamp() < _endOf(r);
    }

    /// @dev Alive, and not settled: the pair cannot ask again.
    function _isRunning(Live memory r) internal view returns (bool) {
        return _isAlive(r) && !_isSettled(r);
    }

    /// @dev What was not granted of a bundle's track is void from now on.
    function _supersede(uint256 b, uint256 track) internal {
        for (uint256 d = 0; d < DOCTORS; ++d) {
            uint256 pair = d * PATIENTS + b;
            if (asked[pair] && _trackOf(latest[pair]) == track) _endUndecided(pair);
        }
    }

    function _endUndecided(uint256 pair) internal {
        Live memory r = latest[pair];
        if (!_isPresent(r) || _stage(r) >= GRANTED) return;
        if (!ended[r.facts.requestId]) _accept("undecided request ended without a word");
        ended[r.facts.requestId] = true;
    }

    // ---- signatures ---------------------------------------------------------------------------------------------------------------------------

    /// @param how 1 an old nonce, 2 a later one, 3 signed for another chain, 4 for another ledger; else right.
    function _signedApproval(Live memory r, uint256 ordinal, uint256 how) internal view returns (bytes memory) {
        Person memory t = _trusteeOf(r.policy, ordinal);
        uint64 nonce = _nonceOf(t.id);
        if (how == 1) nonce = nonce == 0 ? 7 : nonce - 1;
        if (how == 2) nonce += 1;
        bytes32 seat = keccak256(abi.encode(keccak256("TrusteeSeat(uint32 group,uint32 member)"), _seat(ordinal)));
        bytes32 command = keccak256(
            abi.encode(
                keccak256(
                    "ApproveRequest(address actor,uint64 nonce,bytes32 requestId,TrusteeSeat seat,bytes32 approvalDigest)TrusteeSeat(uint32 group,uint32 member)"
                ),
                t.id,
                nonce,
                r.facts.requestId,
                seat,
                DIGEST
            )
        );
        (uint8 v, bytes32 x, bytes32 y) =
            vm.sign(t.key, keccak256(abi.encodePacked(hex"1901", _domain(how == 3, how == 4), command)));
        return _encApproval(r, ordinal, Auth(t.id, nonce, abi.encodePacked(x, y, v)));
    }

    function _domain(bool otherChain, bool otherLedger) private view returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Phr"),
                keccak256("1"),
                otherChain ? block.chainid + 1 : block.chainid,
                otherLedger ? address(this) : address(ledger)
            )
        );
    }
}
