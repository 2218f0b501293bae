// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ClaimHandler} from "./ClaimHandler.sol";
import {DisputedDelivery} from "../src/IDisputes.sol";
import {ReputationLib} from "../src/ReputationLib.sol";

/// @title Everybody at once, honest and not, in any order: what the invariants are checked after
/// @notice Every function tries a command with parties and arguments that forge chooses. After each, somebody honest takes a step of a story that
/// the campaign has not told yet, whichever it be, so that every run of a campaign gets to all of them: `untold` names the first that it did not.
contract Handler is ClaimHandler {
    uint256 private constant _STORIES = 7;

    uint256 internal bonded; // gwei paid in
    uint256 internal paidOut; // gwei
    bytes[] internal evidence;
    bytes[] internal statements;
    bytes internal verdicts;
    bytes32 internal rules;
    bytes32 internal codeOfLedger;
    uint256 private _calls;
    bool private _allTold;

    constructor() {
        _begin();
        _seedEverybody();
        _must(
            doctors[0], abi.encodeCall(ledger.registerTeam, (team, _termsOfTeam(1, 1), hospital.id, _own(doctors[0])))
        );
        _must(hospital, _encAdmit(team, hospital));
        for (uint256 i = 0; i < PATIENTS; ++i) {
            bundles[i] = _bundleOf(patients[i], _policyOf(0));
            emergencies[i].bundleId = bundles[i].bundleId;
            emergencies[i].owner = bundles[i].owner;
            emergencies[i].facts = bundles[i].facts;
            _tryDeal(i, 1, patients[i]);
        }
        _beginClaims();
        string memory file = vm.readFile("test/vectors/disputes.json");
        evidence = vm.parseJsonBytesArray(file, ".evidence");
        statements = vm.parseJsonBytesArray(file, ".statements");
        verdicts = vm.parseJsonBytes(file, ".verdicts");
        rules = ledger.parametersHash();
        codeOfLedger = address(ledger).codehash;
        (time, height) = (vm.getBlockTimestamp(), vm.getBlockNumber());
    }

    /// @dev Puts the chain where the last call left it, lets somebody honest do something meanwhile, and follows the events of both.
    modifier onChain() {
        vm.warp(time);
        vm.roll(height);
        vm.recordLogs();
        _;
        _meanwhile(uint256(keccak256(msg.data)));
        _follow();
        (time, height) = (vm.getBlockTimestamp(), vm.getBlockNumber());
    }

    // ---- what honest parties do ---------------------------------------------------------------------------------------------------------------

    /// @dev A step of a story that was not told yet; of any now and then, when all were.
    function _meanwhile(uint256 seed) private {
        ++_calls;
        if (_allTold && _calls % 4 != 0) return;
        for (uint256 i = 0; i < _STORIES; ++i) {
            uint256 story = (seed + i) % _STORIES;
            if (_allTold || bytes(_untoldOf(story)).length != 0) return _tellOn(story);
        }
        _allTold = true;
    }

    function _tellOn(uint256 story) private {
        // Trustees endorse claims, too.
        _reinstateTrustees();
        if (story == 0) return _claimSteps();
        if (story == 1) return _reshareStep(1);
        if (story == 2) return _recoveryStep(0);
        if (story == 3) return _teamStep(3);
        if (story == 4) return _emergencyStep(1);
        if (story == 5) return _suspendStep(0);
        _removeStep(2);
    }

    function _reinstateTrustees() private {
        for (uint256 i = 0; i < trustees.length; ++i) {
            if (_statusOf(trustees[i].id) == STATUS_SUSPENDED) _tryPolice(trustees[i].id, false, agency);
        }
    }

    /// @dev A grant to the team, and then another key of the team's while something is undecided.
    function _teamStep(uint256 pair) private {
        if (_statusOf(team) == STATUS_SUSPENDED) _tryPolice(team, false, agency);
        bool granted = _has("grant for a team");
        for (uint256 i = 0; i < 6 && _has("grant for a team") == granted; ++i) {
            if (granted && asked[pair] && _isForTeam(latest[pair])) {
                _tryChangeTeam(2, doctors[0]);
                return _tryConfirmTeam(2, doctors[1]);
            }
            _step(pair, FOR_TEAM);
        }
    }

    /// @dev Whether it is for the team, and nobody decided on it yet.
    function _isForTeam(Live memory r) private view returns (bool) {
        return r.facts.team != address(0) && _isAlive(r) && _stage(r) < GRANTED;
    }

    function _emergencyStep(uint256 pair) private {
        if (grantedEmergencies.length != 0) _tryReview(grantedEmergencies.length - 1, agency, 1);
        uint256 before = accepted["emergency granted by trustees"];
        for (uint256 i = 0; i < 5 && accepted["emergency granted by trustees"] == before; ++i) {
            _step(pair, IN_EMERGENCY);
        }
    }

    /// @dev Goes on with a pair until it has a request that nobody has decided on and that some seats can decide on; says whether it has.
    function _bringToDecision(uint256 pair, uint256 seats) private returns (bool) {
        for (uint256 i = 0; i < 6; ++i) {
            if (asked[pair] && _isRunning(latest[pair]) && _stage(latest[pair]) == OPEN) {
                Live memory r = latest[pair];
                if (_approvals(r) | _denials(r) == 0 && _activeOnly(r.policy, seats) == seats) return true;
            }
            _step(pair, FOR_DOCTOR);
        }
        return false;
    }

    /// @dev An approver is suspended before the others approve, and reinstated later.
    function _suspendStep(uint256 pair) private {
        if (!_bringToDecision(pair, 7)) return;
        address approver = _trusteeOf(latest[pair].policy, 0).id;
        _tryApprove(pair, 0);
        _tryPolice(approver, false, agency);
        _tryApprove(pair, 1);
        _tryApprove(pair, 2);
        _tryPolice(approver, false, agency);
        _tryApprove(pair, 4);
    }

    /// @dev An approver is removed before the others approve; the spare trustee follows in later dealings.
    function _removeStep(uint256 pair) private {
        if (!_bringToDecision(pair, 15)) return;
        Person memory approver = _trusteeOf(latest[pair].policy, REPLACEABLE);
        if (approver.id == spare.id) return;
        _tryApprove(pair, REPLACEABLE);
        _tryPolice(approver.id, true, agency);
        _tryApprove(pair, 0);
        _tryApprove(pair, 1);
        _tryApprove(pair, 2);
    }

    /// @notice Goes one step on with a story that this run has not told to its end; tells it anew now and then, when all are told.
    function goOn(uint256) external onChain {}

    /// @notice The first thing that this run should have reached and did not; nothing when it reached all.
    function untold() external view returns (string memory what) {
        if (!_has("draw")) return "draw";
        if (!_has("deliver")) return "deliver";
        for (uint256 i = 0; i < _STORIES; ++i) {
            what = _untoldOf(i);
            if (bytes(what).length != 0) return what;
        }
    }

    function _untoldOf(uint256 story) private view returns (string memory) {
        string[9] memory names;
        if (story == 0) {
            names[0] = "claim filed";
            names[1] = "claim endorsed by the doctor";
            names[2] = "claim endorsed by the hospital";
            names[3] = "claim endorsed by an agency";
            names[4] = "claim approved";
            names[5] = "claim rejected";
            names[6] = "claim appealed";
            names[7] = "appeal decided";
            names[8] = "claim withdrawn";
        } else if (story == 1) {
            names[0] = "reshare proposed";
            names[1] = "reshare contributed";
            names[2] = "reshare confirmed";
            names[3] = "reshare completed";
            names[4] = "reshare activated";
        } else if (story == 2) {
            names[0] = "recovery proposed";
            names[1] = "recovery supported";
            names[2] = "recovery completed";
        } else if (story == 3) {
            names[0] = "request for a team";
            names[1] = "grant for a team";
            names[2] = "team changed";
        } else if (story == 4) {
            names[0] = "emergency";
            names[1] = "emergency granted by trustees";
            names[2] = "emergency reviewed";
        } else if (story == 5) {
            names[0] = "approver suspended";
            names[1] = "suspended approver not counted";
            names[2] = "grant by trustees";
        } else {
            names[0] = "approver removed";
            names[1] = "removed approver not counted";
        }
        for (uint256 i = 0; i < 9; ++i) {
            if (bytes(names[i]).length != 0 && !_has(names[i])) return names[i];
        }
        return "";
    }

    // One function for each pair, so that forge, which calls every function equally often, gets far enough.

    function advanceFirst(uint256 steps) external onChain {
        _advance(0, steps);
    }

    function advanceSecond(uint256 steps) external onChain {
        _advance(1, steps);
    }

    function advanceThird(uint256 steps) external onChain {
        _advance(2, steps);
    }

    function advanceFourth(uint256 steps) external onChain {
        _advance(3, steps);
    }

    /// @dev Some steps of the usual story of one pair.
    function _advance(uint256 pair, uint256 steps) private {
        uint256 kind = steps >> 8 & 3;
        steps = bound(steps, 1, 8);
        for (uint256 i = 0; i < steps; ++i) {
            _step(pair, kind == 3 ? FOR_DOCTOR : kind);
        }
    }

    // ---- requests -----------------------------------------------------------------------------------------------------------------------------

    function request(uint256 pair, uint256 who) external onChain {
        pair = pair % PAIRS;
        uint256 kind = who >> 4 & 3;
        _tryRequest(pair, who % 4 == 0 ? _anybody(who >> 8) : doctors[pair / PATIENTS], kind == 3 ? FOR_DOCTOR : kind);
    }

    function draw(uint256 pair, uint256 blocks) external onChain {
        _mine(bound(blocks, 0, blocks % 16 == 0 ? 300 : 5));
        _tryDraw(pair % PAIRS, _anybody(blocks));
    }

    function approve(uint256 pair, uint256 ordinal, uint256 who) external onChain {
        pair = pair % PAIRS;
        if (!asked[pair]) return;
        ordinal = ordinal % 5;
        Live memory r = latest[pair];
        Person memory by = who % 4 == 0 ? _anybody(who >> 8) : _trusteeOf(r.policy, ordinal);
        _tryApproveAs(r, ordinal, by, _encApprove(r, ordinal, by), by);
    }

    /// @param how 1 an old nonce, 2 a later one, 3 signed for another chain, 4 for another ledger; else right.
    function approveSigned(uint256 pair, uint256 ordinal, uint256 how) external onChain {
        pair = pair % PAIRS;
        if (!asked[pair]) return;
        ordinal = ordinal % 5;
        how = how % 8;
        Live memory r = latest[pair];
        bytes memory call = _signedApproval(r, ordinal, how);
        if (!_tryApproveAs(r, ordinal, _trusteeOf(r.policy, ordinal), call, stranger)) return;
        _accept("signed approval");
        if (how > 0 && how < 5) _break(9, "a signature for something else was taken");
        usedSignatures.push(call);
    }

    function replay(uint256 index) external onChain {
        if (usedSignatures.length == 0) return;
        (bool ok,) = _do(stranger, usedSignatures[index % usedSignatures.length]);
        if (ok) _break(9, "a signature was used twice");
    }

    function deny(uint256 pair, uint256 ordinal, uint256 who) external onChain {
        pair = pair % PAIRS;
        if (!asked[pair]) return;
        ordinal = ordinal % 5;
        Live memory r = latest[pair];
        Person memory rightful = _trusteeOf(r.policy, ordinal);
        Person memory by = who % 2 == 0 ? _anybody(who >> 8) : rightful;
        (bool ok,) = _do(by, _encDeny(r, ordinal, by));
        if (!ok) return;
        _accept("deny");
        if (by.id != rightful.id) _break(7, "a denial in another's name");
        _note(r);
    }

    function consent(uint256 pair, uint256 who) external onChain {
        pair = pair % PAIRS;
        if (asked[pair]) _tryConsent(pair, who % 4 == 0 ? _anybody(who >> 8) : patients[pair % PATIENTS]);
    }

    /// @param what Whether to veto, revoke, cancel or expire.
    function end(uint256 pair, uint256 what, uint256 who) external onChain {
        pair = pair % PAIRS;
        if (!asked[pair]) return;
        what = what % 4;
        Person memory mayEnd = what == 2 ? latest[pair].doctor : what == 3 ? insurer : patients[pair % PATIENTS];
        _tryEnd(pair, what, who % 2 == 0 ? _anybody(who >> 8) : mayEnd, mayEnd);
    }

    function review(uint256 i, uint256 who, uint256 finding) external onChain {
        if (grantedEmergencies.length == 0) return;
        Person memory rightful = people[grantedEmergencies[i % grantedEmergencies.length].patient];
        _tryReview(i, who % 2 == 0 ? _anybody(who >> 8) : rightful, finding % 8 == 0 ? 2 : 1);
    }

    // ---- service ------------------------------------------------------------------------------------------------------------------------------

    function deliver(uint256 pair, uint256 seat, uint256 who) external onChain {
        pair = pair % PAIRS;
        if (!asked[pair]) return;
        seat = seat % 5 + 1;
        _tryDeliver(pair, seat, who % 4 == 0 ? _anybody(who >> 8) : _seatOracle(latest[pair], seat));
    }

    function refuse(uint256 pair, uint256 seat) external onChain {
        pair = pair % PAIRS;
        if (!asked[pair]) return;
        Live memory r = latest[pair];
        seat = seat % 5 + 1;
        Person memory by = _seatOracle(r, seat);
        // forge-lint: disable-next-line(unsafe-typecast)
        (bool ok,) = _do(by, _encRefuse(r, uint32(seat), by));
        if (!ok) return;
        _accept("refuse");
        if (deliveredBy[r.facts.requestId] & (1 << (seat - 1)) != 0) _break(4, "a refusal after a delivery");
        deliveredBy[r.facts.requestId] |= 1 << (seat - 1);
    }

    function open(uint256 pair) external onChain {
        _tryOpen(pair % PAIRS);
    }

    function settle(uint256 pair, uint256 who) external onChain {
        _trySettle(pair % PAIRS, _anybody(who));
    }

    function rate(uint256 pair, uint256 seat, uint256 rating, uint256 who) external onChain {
        pair = pair % PAIRS;
        if (!asked[pair]) return;
        Live memory r = latest[pair];
        Person memory by = who % 4 == 0 ? _anybody(who >> 8) : r.doctor;
        // forge-lint: disable-next-line(unsafe-typecast)
        (bool ok,) = _do(by, _encRate(r, uint32(seat % 5 + 1), uint32(rating % 101), by));
        if (!ok) return;
        _accept("rate");
        if (by.id != r.doctor.id) _break(5, "a rating in the doctor's name");
    }

    function redraw(uint256 pair, uint256 who) external onChain {
        pair = pair % PAIRS;
        if (!asked[pair]) return;
        Live memory r = latest[pair];
        Person memory by = who % 4 == 0 ? _anybody(who >> 8) : r.doctor;
        (bool ok,) = _do(by, _encRedraw(r, by));
        if (!ok) return;
        _accept("redraw");
        if (by.id != r.doctor.id && by.id != r.facts.patient) _break(7, "a redraw by a stranger");
        approvedBy[r.facts.requestId] = 0;
        deliveredBy[r.facts.requestId] = 0;
        consented[r.facts.requestId] = false;
    }

    function useAgain(uint256 pair, uint256 who) external onChain {
        pair = pair % PAIRS;
        if (!asked[pair]) return;
        Live memory r = latest[pair];
        Person memory by = who % 4 == 0 ? _anybody(who >> 8) : r.doctor;
        bool alive = _isAlive(r);
        (bool ok,) = _do(by, _encUseAgain(r, by));
        if (!ok) return;
        _accept("use again");
        if (!alive) _break(3, "an ended grant was used again");
        deliveredBy[r.facts.requestId] = 0;
    }

    // ---- bundles, dealings, reshares, recoveries, the team ------------------------------------------------------------------------------------

    function registerAgain(uint256 b, uint256 who) external onChain {
        Sealed memory s = bundles[b % PATIENTS];
        Person memory by = _anybody(who);
        uint256 before = _storedBundle(s.bundleId);
        (bool ok,) = _do(by, _encRegisterBundle(s, by));
        if (ok || _storedBundle(s.bundleId) != before) _break(13, "a bundle was registered twice");
    }

    /// @dev The patient deals anew on one of the tracks, or somebody else tries to.
    function dealAnew(uint256 b, uint256 who) external onChain {
        b = b % PATIENTS;
        _tryDeal(b, who >> 4 & 1, who % 2 == 0 ? _anybody(who >> 8) : patients[b]);
    }

    /// @param what Whether to propose, contribute, complain, confirm, cancel, expire or finish.
    function reshare(uint256 b, uint256 what, uint256 ordinal, uint256 who) external onChain {
        b = b % PATIENTS;
        what = what % 7;
        ordinal = ordinal % 5;
        bool foreign = who % 2 == 0;
        bytes memory next = plans[b].policy.length == 0 ? _policyOf(0) : plans[b].policy;
        Person memory by = foreign ? _anybody(who >> 8) : _trusteeOf(what == 2 ? next : bundles[b].policy, ordinal);
        if (what == 0) {
            next = _policyOf(0);
            if (who >> 4 & 3 == 0) next[1] = 0x01;
            _tryProposeReshare(b, by, next);
        } else if (what == 1) {
            _tryContribute(b, ordinal, by);
        } else if (what == 2) {
            _tryComplain(b, ordinal, who % 5, by);
        } else if (what == 3) {
            uint256 set = foreign ? who & ALL_SEATS : (who >> 4 & 1 == 0 ? 7 : 11);
            _tryConfirm(b, ordinal, set, by);
        } else if (what == 4) {
            _tryCancelReshare(b, foreign ? by : patients[b]);
        } else if (what == 5) {
            _tryExpireReshare(b, _anybody(who));
        } else {
            _finishReshare(b);
        }
    }

    /// @param what Whether to propose, support, complete or cancel; or that a key acts which was replaced.
    function recover(uint256 p, uint256 what, uint256 ordinal, uint256 who) external onChain {
        p = p % PATIENTS;
        what = what % 5;
        ordinal = ordinal % 5;
        Person memory by = who % 2 == 0 ? _anybody(who >> 8) : _trusteeOf(bundles[p].policy, ordinal);
        if (what == 0) _tryProposeRecovery(p, by);
        else if (what == 1) _trySupport(p, ordinal, by);
        else if (what == 2) _tryComplete(p, _anybody(who));
        else if (what == 3) _tryCancelRecovery(who % 2 == 0 ? by : patients[p]);
        else _tryFormerKey(p);
    }

    /// @dev A member, or somebody else, wants another charter or another key, or says the same as a member did.
    function changeTeam(uint256 who, uint256 wish) external onChain {
        Person memory by = who % 4 == 0 ? _anybody(who >> 8) : _member(who >> 8);
        if (wish >> 4 & 1 == 0) _tryChangeTeam(wish % 2 + 1, by);
        else _tryConfirmTeam(wish % 2 + 1, by);
    }

    // ---- claims -------------------------------------------------------------------------------------------------------------------------------

    function claim(uint256 i, uint256 what, uint256 value, uint256 who) external onChain {
        what = what % 8;
        if ((what == FILE && claims.length < CLAIMS_AT_RANDOM) || claims.length == 0) {
            Person memory by = who % 4 == 0 ? _anybody(who >> 8) : patients[who % PATIENTS];
            // forge-lint: disable-next-line(unsafe-typecast)
            return _tryFile(claims.length, uint64(bound(value, 1, 1000)), bound(value >> 64, 1 hours, 5 days), by);
        }
        // Mostly the latest ones, which still go on.
        i = claims.length - 1 - i % (claims.length < 4 ? claims.length : 4);
        if (value % 32 == 0) return _tryFileAgain(i);
        if (what == FILE) what = ENDORSE;
        uint256 level = _claimWord(i) & 15;
        Person memory rightful = what == APPROVE
            ? insurer
            : what == APPEAL || what == WITHDRAW ? _claimant(i) : level > 4 ? agency : _turnOf(i, level);
        uint256 amount = what == APPROVE ? value % (uint256(claims[i].amount) + 2) : value & 1;
        _tryClaim(i, what, amount, who % 2 == 0 ? _anybody(who >> 8) : rightful);
    }

    // ---- people, bonds, disputes --------------------------------------------------------------------------------------------------------------

    /// @dev Suspends or reinstates a trustee, an oracle or the team. A removal is for ever, so it is tried by those who may not do it.
    function police(uint256 i, uint256 what, uint256 who) external onChain {
        address subject = i % 8 < 4 ? trustees[i % 4].id : i % 16 == 15 ? team : oracles[i % ORACLES].id;
        _tryPolice(subject, what % 8 == 0, what % 8 == 0 ? stranger : who % 3 == 0 ? _anybody(who >> 8) : agency);
    }

    /// @dev An approver of a request that is open is suspended, or reinstated.
    function policeApprover(uint256 pair, uint256 ordinal) external onChain {
        pair = pair % PAIRS;
        if (!asked[pair]) return;
        uint256 approvals = approvedBy[latest[pair].facts.requestId];
        ordinal = ordinal % 4;
        if (approvals >> ordinal & 1 == 1) _tryPolice(_trusteeOf(latest[pair].policy, ordinal).id, false, agency);
    }

    function _tryPolice(address subject, bool remove, Person memory by) private {
        bool suspended = _statusOf(subject) == STATUS_SUSPENDED;
        bytes memory call =
            remove ? _encRemove(subject, by) : suspended ? _encReinstate(subject, by) : _encSuspend(subject, by);
        bool approver = _isApprover(subject);
        (bool ok,) = _do(by, call);
        if (!ok) return;
        _accept(remove ? "remove" : suspended ? "reinstate" : "suspend");
        if (approver && !suspended) _accept(remove ? "approver removed" : "approver suspended");
        if (!_isAgency(by)) _break(7, "somebody who is no agency changed an actor");
        status[subject] = remove ? STATUS_REMOVED : suspended ? STATUS_ACTIVE : STATUS_SUSPENDED;
        if (remove && subject == trustees[REPLACEABLE].id) trustees[REPLACEABLE] = spare;
    }

    /// @dev Whether somebody approved a request that is still open.
    function _isApprover(address subject) private view returns (bool) {
        for (uint256 pair = 0; pair < PAIRS; ++pair) {
            if (!asked[pair] || _stage(latest[pair]) != OPEN || !_isAlive(latest[pair])) continue;
            uint256 approvals = approvedBy[latest[pair].facts.requestId];
            for (uint256 i = 0; i < 5; ++i) {
                if (approvals >> i & 1 == 1 && _trusteeOf(latest[pair].policy, i).id == subject) return true;
            }
        }
        return false;
    }

    function bond(uint256 i, uint64 amount, uint256 who) external onChain {
        Person memory by = _anybody(who);
        amount = uint64(bound(amount, 1, 1e12));
        address sender = _senderOf(by);
        vm.deal(sender, uint256(amount) * 1 gwei);
        vm.prank(sender, sender);
        (bool ok,) = address(ledger).call{value: uint256(amount) * 1 gwei}(
            abi.encodeCall(ledger.postBond, (oracles[i % ORACLES].id, amount, _own(by)))
        );
        if (!ok) return;
        _accept("bond");
        bonded += amount;
    }

    function release(uint256 i, uint64 amount) external onChain {
        Person memory by = oracles[i % ORACLES];
        (bool ok,) = _do(by, abi.encodeCall(ledger.releaseBond, (uint64(bound(amount, 1, 1e12)), _own(by))));
        if (ok) _accept("release");
    }

    /// @dev Takes out a bond whose delay is over, or a credit. Nobody gets what is another's.
    function withdraw(uint256 i, bool ofCredit) external onChain {
        Person memory by = ofCredit ? _anybody(i) : oracles[i % ORACLES];
        address payee = _senderOf(by);
        uint256 before = payee.balance;
        bytes memory call = ofCredit
            ? abi.encodeCall(ledger.withdrawCredit, (_own(by)))
            : abi.encodeCall(ledger.withdrawBond, (_own(by)));
        (bool ok,) = _do(by, call);
        if (!ok) return;
        _accept(ofCredit ? "credit" : "withdraw");
        paidOut += (payee.balance - before) / 1 gwei;
    }

    /// @dev Committed evidence, as it is or with a byte changed, against an oracle that signed the statement.
    function dispute(uint256 i, uint256 accused, uint256 who, uint256 change) external onChain {
        i = i % evidence.length;
        Person memory oracle = oracles[accused % ORACLES];
        Person memory by = _anybody(who);
        bytes memory shown = evidence[i];
        bool isFalse = uint8(verdicts[i]) == 2;
        // The first six are about honest deliveries, which no change of the evidence makes false.
        if (i < 6 && change % 2 == 1) shown[(change / 2) % shown.length] = bytes1(uint8(change >> 128));
        uint256 before = _bondOf(oracle.id);
        (bool ok,) = _do(by, _encDispute(i, oracle, shown, by));
        bool mayAct = _statusOf(by.id) == STATUS_ACTIVE;
        if (ok != (isFalse && mayAct)) {
            _break(14, ok ? "honest evidence took a bond" : "a proof of a false delivery took none");
        }
        if (!ok) {
            if (_bondOf(oracle.id) != before) _break(14, "a refused dispute changed a bond");
            return;
        }
        _accept("slash");
        if (_bondOf(oracle.id) != 0) _break(14, "a slashed oracle kept a bond");
    }

    /// @dev A new snapshot of the oracles, while enough of them are active for every committee.
    function snapshot(uint256 who) external onChain {
        uint256 active;
        for (uint256 i = 0; i < ORACLES; ++i) {
            if (_statusOf(oracles[i].id) == STATUS_ACTIVE) ++active;
        }
        if (active < 6 || who % 4 != 0) return;
        _mine(301);
        Person memory by = _anybody(who >> 8);
        (bool ok,) = _do(by, _encSnapshot(by));
        if (ok) _accept("snapshot");
    }

    /// @dev Mostly minutes, now and then days.
    function wait(uint256 seconds_) external onChain {
        _pass(bound(seconds_, 1, seconds_ % 8 == 0 ? 3 days : 20 minutes));
        _mine(1);
    }

    // ---- what the invariants read -------------------------------------------------------------------------------------------------------------

    /// @dev Invariants 1, 2, 3 and 11 over what is stored.
    function checkRequests() external view {
        for (uint256 pair = 0; pair < PAIRS; ++pair) {
            if (!asked[pair]) continue;
            Live memory r = latest[pair];
            bytes32 id = r.facts.requestId;
            uint256 stage = _stage(r);
            if (stage == GRANTED) {
                assertFalse(ended[id], "an ended request is granted");
                assertTrue(consented[id] || _meets(approvedBy[id]), "a grant without consent or quorum");
            }
            if (stage == OPEN || stage == GRANTED) {
                assertEq(_approvals(r) & 0xFFFF, approvedBy[id], "approvals are those that were accepted, each once");
                assertEq(_approvals(r) >> 16 == 1, consented[id], "the patient's consent");
            }
        }
        _checkReviews();
        _checkClaims();
    }

    /// @dev Every emergency that trustees granted waits for its review, or has it.
    function _checkReviews() private view {
        for (uint256 i = 0; i < grantedEmergencies.length; ++i) {
            bytes32 id = grantedEmergencies[i].requestId;
            uint256 record = ledger.getEmergencyReview(id, grantedEmergencies[i].doctor, grantedEmergencies[i].patient);
            assertEq(uint8(record), reviews[id], "the review of an emergency");
        }
        for (uint256 i = 0; i < DOCTORS; ++i) {
            assertEq(_loadField(_actorSlot(doctors[i].id), 224, 8), openReviews[doctors[i].id], "reviews that are due");
        }
    }

    /// @dev Invariant 10.
    function checkMoney() external view {
        uint256 held = _loadField(SLOT_REGISTRY, 128, 64);
        for (uint256 i = 0; i < ORACLES; ++i) {
            held += _bondOf(oracles[i].id);
        }
        for (uint256 i = 0; i < everyone.length; ++i) {
            held += _loadField(uint256(keccak256(abi.encode(_anybody(i).id, SLOT_CREDITS))), 0, 64);
        }
        assertEq(address(ledger).balance, held * 1 gwei, "bonds, credits and what was burned are what is there");
        assertEq(held, bonded - paidOut, "and what was paid in less what was paid out");
    }

    /// @dev Invariants 5 and 6 over what is stored.
    function checkReputations() external view {
        for (uint256 i = 1; i <= ORACLES; ++i) {
            uint256 a = _oracleRecord(i);
            assertLe((a >> 160) & 0xFFFFF, ReputationLib.FULL, "correctness");
            assertLe((a >> 180) & 0xFFFFF, ReputationLib.FULL, "timeliness");
            assertLe((a >> 200) & 0xFFFFF, ReputationLib.FULL, "rating");
            for (uint256 k = 1; k < i; ++k) {
                uint256 o = _oracleRecord(k);
                bool higher = ReputationLib.score(a) >= ReputationLib.score(o);
                (uint256 high, uint256 low) = higher ? (a, o) : (o, a);
                assertGe(ReputationLib.weight(high), ReputationLib.weight(low), "weight");
            }
        }
    }

    /// @dev Invariants 7 and 13: roles, standing, keys, bundles, reshares, recoveries and the team are what their own people made them.
    function checkPeople() external view {
        for (uint256 i = 0; i < everyone.length; ++i) {
            Person memory p = everyone[i];
            assertEq(_rolesOf(p.id), roles[i], "roles");
            uint256 expected = status[p.id] != 0 ? status[p.id] : p.id == stranger.id ? 0 : STATUS_ACTIVE;
            assertEq(_statusOf(p.id), expected, "standing");
        }
        assertEq(_statusOf(team), status[team] == 0 ? STATUS_ACTIVE : status[team], "the team's standing");
        for (uint256 i = 0; i < PATIENTS; ++i) {
            uint256 b = _storedBundle(bundles[i].bundleId);
            assertEq(
                uint160(b), uint160(uint256(keccak256(abi.encode(bundles[i].facts)))), "the bundle is its patient's"
            );
            assertEq(uint24(b >> 160), bundles[i].epoch, "its trustees are those of the latest dealing");
            assertEq(uint24(b >> 184), emergencies[i].epoch, "for emergencies, too");
        }
        _checkTrustees();
    }

    /// @dev Invariant 8.
    function checkRules() external view {
        assertEq(ledger.parametersHash(), rules, "the rules");
        assertEq(address(ledger).codehash, codeOfLedger, "the code");
        assertEq(_loadField(SLOT_REGISTRY, 16, 16), 1, "active agencies");
        assertEq(_loadField(SLOT_REGISTRY, 0, 16), ORACLES, "oracles admitted");
        assertEq(_rolesOf(agency.id), AGENCY, "the founding agency");
    }

    /// @dev Invariant 12.
    function checkEvents() external view {
        for (uint256 pair = 0; pair < PAIRS; ++pair) {
            if (asked[pair]) _checkTold(latest[pair], told[latest[pair].facts.requestId]);
        }
        for (uint256 i = 0; i < grantedEmergencies.length; ++i) {
            bytes32 id = grantedEmergencies[i].requestId;
            assertEq(told[id].review, reviews[id] == 2 ? 2 : 0, "the review as the events tell it");
        }
        _checkClaims();
        _checkTrustees();
    }

    function _checkTold(Live memory r, Told memory t) private view {
        assertEq(t.declared, _trackOf(r) == 1, "an emergency is declared, and nothing else is");
        assertEq(_stage(r), t.stage, "stage as the events tell it");
        assertEq(_approvals(r), t.approvals, "approvals as the events tell them");
        assertEq(_denials(r), t.denials, "denials as the events tell them");
        assertEq(_isSettled(r), t.settled, "settled as the events tell it");
        if (t.stage == AWAITING_DRAW || t.redrawing || t.committee == 0) return;
        assertEq(_committeeWord(r), t.committee, "committee as the events tell it");
        uint256 levels = _levels(r);
        for (uint256 i = 0; i < 5; ++i) {
            assertEq((levels >> (4 * i)) & 15 != 0, (t.answered >> i) & 1 == 1, "answers as the events tell them");
        }
    }

    // ---- inside -------------------------------------------------------------------------------------------------------------------------------

    /// @dev With what is being released.
    function _bondOf(address oracle) private view returns (uint256) {
        uint256 slot = _actorSlot(oracle);
        return _loadField(slot + 1, 160, 64) + _loadField(slot + 3, 160, 64);
    }

    function _encDispute(uint256 i, Person memory oracle, bytes memory shown, Person memory by)
        private
        view
        returns (bytes memory)
    {
        DisputedDelivery memory d;
        (d.requestId, d.root, d.evidenceRoot, d.receivingKeyHash) =
            abi.decode(statements[i], (bytes32, bytes32, bytes32, bytes32));
        d.oracle = oracle.id;
        d.slashes = uint32(_loadField(_actorSlot(oracle.id) + 3, 224, 32));
        d.index = 1;
        bytes32 digest =
            keccak256(abi.encode(keccak256("phr/delivery-statement/v2"), block.chainid, address(ledger), d));
        (uint8 v, bytes32 x, bytes32 y) = vm.sign(oracle.key, digest);
        return abi.encodeCall(ledger.disputeDelivery, (d, abi.encodePacked(x, y, v - 27), shown, _own(by)));
    }
}
