// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Story} from "./Story.sol";
import {Vm} from "./Vm.sol";
import {AccessRequest, Auth} from "../src/LedgerTypes.sol";
import {DisputedDelivery} from "../src/IDisputes.sol";
import {LedgerEvents} from "../src/LedgerEvents.sol";
import {ReputationLib} from "../src/ReputationLib.sol";

/// @title Everybody at once, honest and not, in any order: what the invariants are checked after
/// @notice Every function tries a command with parties and arguments that forge chooses; `advance…` does what honest parties would do next, so
/// that grants, deliveries and settlements are reached often. What is accepted is compared at once with what this contract remembers, and the
/// first thing that breaks an invariant is kept in `broken` under the invariant's number.
contract Handler is Story {
    uint256 public constant DOCTORS = 2;
    uint256 public constant PATIENTS = 2;

    /// @dev A request as its events tell it.
    struct Told {
        uint256 stage;
        uint256 approvals;
        uint256 denials;
        uint256 committee;
        uint256 answered; // bit per seat
        bool settled;
        bool redrawing;
    }

    Person[DOCTORS] internal doctors;
    Person[PATIENTS] internal patients;
    Sealed[PATIENTS] internal bundles;
    /// @dev The pair's latest request: doctor * PATIENTS + patient.
    mapping(uint256 pair => Live) internal latest;
    mapping(uint256 pair => bool) internal asked;

    // What was accepted for each request, by its id.
    mapping(bytes32 id => uint256) internal approvedBy; // bit per trustee, of the present round
    mapping(bytes32 id => bool) internal consented;
    mapping(bytes32 id => uint256) internal deliveredBy; // bit per seat, of the present use and round
    mapping(bytes32 id => bool) internal ended;
    mapping(bytes32 id => Told) internal told;
    mapping(address actor => uint256) internal status; // of trustees and oracles, as agencies made it

    uint256 internal bonded; // gwei paid in
    uint256 internal paidOut; // gwei
    uint256 internal time; // forge does not keep what the last call made of the chain's time
    uint256 internal height;
    bytes[] internal usedSignatures; // whole calls with a signature that were accepted
    bytes[] internal evidence;
    bytes[] internal statements;
    bytes internal verdicts;
    bytes32 internal rules;
    bytes32 internal codeOfLedger;

    mapping(string name => uint256) public accepted;
    mapping(uint256 invariant => string) internal _broken;

    constructor() {
        _begin();
        doctors[0] = doctor;
        doctors[1] = _person("second doctor");
        _seedDoctor(doctors[1].id, uint40(START + 3650 days), address(0), "oncology", hospital.id);
        patients[0] = patient;
        patients[1] = _person("second patient");
        _seedActor(patients[1].id, PATIENT, uint40(START + 3650 days));
        for (uint256 i = 0; i < PATIENTS; ++i) {
            bundles[i] = _bundle(patients[i]);
        }
        string memory file = vm.readFile("test/vectors/disputes.json");
        evidence = vm.parseJsonBytesArray(file, ".evidence");
        statements = vm.parseJsonBytesArray(file, ".statements");
        verdicts = vm.parseJsonBytes(file, ".verdicts");
        rules = ledger.parametersHash();
        codeOfLedger = address(ledger).codehash;
        (time, height) = (vm.getBlockTimestamp(), vm.getBlockNumber());
    }

    /// @dev Puts the chain where the last call left it, and follows the events of this one.
    modifier onChain() {
        vm.warp(time);
        vm.roll(height);
        vm.recordLogs();
        _;
        _follow();
        (time, height) = (vm.getBlockTimestamp(), vm.getBlockNumber());
    }

    // ---- what an honest party does ------------------------------------------------------------------------------------------------------------

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
        steps = bound(steps, 1, 8);
        for (uint256 i = 0; i < steps; ++i) {
            _step(pair);
        }
    }

    function _step(uint256 pair) private {
        Live memory r = latest[pair];
        if (!asked[pair] || !_isRunning(r)) return _tryRequest(pair, doctors[pair / PATIENTS]);
        uint256 stage = _stage(r);
        if (stage == AWAITING_DRAW) {
            _mine(2);
            return _tryDraw(pair, insurer);
        }
        bytes32 id = r.facts.requestId;
        if (stage == OPEN) return _tryApprove(pair, _next(_activeOnly(31) & ~approvedBy[id] & ~_denials(r), 5));
        if (vm.getBlockTimestamp() < _when(r)) return _pass(1 hours);
        if (_count(deliveredBy[id]) < 3) {
            uint256 seat = _next(_activeSeats(r) & ~deliveredBy[id], 5);
            if (seat < 5) return _tryDeliver(pair, seat + 1, _seatOracle(r, seat + 1));
        }
        if (_openedMask(r) == 0) _tryOpen(pair);
        if (_openedMask(r) == 0) _pass(20 minutes);
        _trySettle(pair, insurer);
    }

    function _activeSeats(Live memory r) private view returns (uint256 seats) {
        for (uint256 i = 0; i < 5; ++i) {
            if (_statusOf(_seatOracle(r, i + 1).id) == STATUS_ACTIVE) seats |= 1 << i;
        }
    }

    function _count(uint256 bits) private pure returns (uint256 n) {
        for (; bits != 0; bits &= bits - 1) {
            ++n;
        }
    }

    /// @dev The first of some bits that is set, or `none`.
    function _next(uint256 bits, uint256 none) private pure returns (uint256 i) {
        for (i = 0; i < none; ++i) {
            if ((bits >> i) & 1 == 1) return i;
        }
    }

    // ---- requests -------------------------------------------------------------------------------------------------------------------------------

    function request(uint256 pair, uint256 who) external onChain {
        pair = pair % (DOCTORS * PATIENTS);
        _tryRequest(pair, who % 4 == 0 ? _anybody(who >> 8) : doctors[pair / PATIENTS]);
    }

    function _tryRequest(uint256 pair, Person memory sender) private {
        Person memory asker = doctors[pair / PATIENTS];
        Sealed memory b = bundles[pair % PATIENTS];
        Live memory before = latest[pair];
        bool running = asked[pair] && _isRunning(before);
        AccessRequest memory q = _askingFor(asker, b);
        (bool ok,) = _do(sender, _encRequest(q, _witnessOf(b), asker));
        if (!ok) return;
        _accept("request");
        if (running) _break(1, "a second live request of one pair");
        if (sender.id != asker.id) _break(7, "a request in another's name");
        if (asked[pair]) ended[before.facts.requestId] = true;
        latest[pair] = _liveOf(q, b, asker);
        asked[pair] = true;
    }

    function draw(uint256 pair, uint256 blocks) external onChain {
        pair = pair % (DOCTORS * PATIENTS);
        _mine(bound(blocks, 0, blocks % 16 == 0 ? 300 : 5));
        _tryDraw(pair, _anybody(blocks));
    }

    function _tryDraw(uint256 pair, Person memory by) private {
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

    function approve(uint256 pair, uint256 ordinal, uint256 who) external onChain {
        pair = pair % (DOCTORS * PATIENTS);
        if (!asked[pair]) return;
        ordinal = ordinal % 5;
        Live memory r = latest[pair];
        Person memory by = who % 4 == 0 ? _anybody(who >> 8) : trustees[ordinal];
        uint256 before = _stage(r);
        bool alive = _isAlive(r);
        (bool ok,) = _do(by, _encApprove(r, ordinal, by));
        if (ok) _approved(r, ordinal, by, before, alive);
    }

    function _tryApprove(uint256 pair, uint256 ordinal) private {
        if (ordinal == 5) return;
        Live memory r = latest[pair];
        uint256 before = _stage(r);
        (bool ok,) = _do(trustees[ordinal], _encApprove(r, ordinal, trustees[ordinal]));
        if (ok) _approved(r, ordinal, trustees[ordinal], before, true);
    }

    /// @param how 1 an old nonce, 2 a later one, 3 signed for another chain, 4 for another ledger; else right.
    function approveSigned(uint256 pair, uint256 ordinal, uint256 how) external onChain {
        pair = pair % (DOCTORS * PATIENTS);
        if (!asked[pair]) return;
        ordinal = ordinal % 5;
        how = how % 8;
        Live memory r = latest[pair];
        uint256 before = _stage(r);
        bool alive = _isAlive(r);
        bytes memory call = _signedApproval(r, ordinal, how);
        (bool ok,) = _do(stranger, call);
        if (!ok) return;
        _accept("signed approval");
        if (how > 0 && how < 5) _break(9, "a signature for something else was taken");
        usedSignatures.push(call);
        _approved(r, ordinal, trustees[ordinal], before, alive);
    }

    function replay(uint256 index) external onChain {
        if (usedSignatures.length == 0) return;
        (bool ok,) = _do(stranger, usedSignatures[index % usedSignatures.length]);
        if (ok) _break(9, "a signature was used twice");
    }

    function deny(uint256 pair, uint256 ordinal, uint256 who) external onChain {
        pair = pair % (DOCTORS * PATIENTS);
        if (!asked[pair]) return;
        ordinal = ordinal % 5;
        Live memory r = latest[pair];
        Person memory by = who % 2 == 0 ? _anybody(who >> 8) : trustees[ordinal];
        (bool ok,) = _do(by, _encDeny(r, ordinal, by));
        if (!ok) return;
        _accept("deny");
        if (by.id != trustees[ordinal].id) _break(7, "a denial in another's name");
        _note(r);
    }

    function consent(uint256 pair, uint256 who) external onChain {
        pair = pair % (DOCTORS * PATIENTS);
        if (!asked[pair]) return;
        Live memory r = latest[pair];
        Person memory owner = patients[pair % PATIENTS];
        Person memory by = who % 4 == 0 ? _anybody(who >> 8) : owner;
        bool alive = _isAlive(r);
        (bool ok,) = _do(by, _encConsent(r, by));
        if (!ok) return;
        _accept("consent");
        if (by.id != owner.id) _break(1, "a consent in the patient's name");
        if (!alive) _break(3, "a consent to a request that had ended");
        if (consented[r.facts.requestId]) _break(2, "a consent counted twice");
        consented[r.facts.requestId] = true;
        _note(r);
    }

    /// @param what Whether to veto, revoke, cancel or expire.
    function end(uint256 pair, uint256 what, uint256 who) external onChain {
        pair = pair % (DOCTORS * PATIENTS);
        if (!asked[pair]) return;
        Live memory r = latest[pair];
        what = what % 4;
        Person memory mayEnd = what == 2 ? r.doctor : what == 3 ? insurer : patients[pair % PATIENTS];
        Person memory by = who % 2 == 0 ? _anybody(who >> 8) : mayEnd;
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

    // ---- service --------------------------------------------------------------------------------------------------------------------------------

    function deliver(uint256 pair, uint256 seat, uint256 who) external onChain {
        pair = pair % (DOCTORS * PATIENTS);
        if (!asked[pair]) return;
        seat = seat % 5 + 1;
        _tryDeliver(pair, seat, who % 4 == 0 ? _anybody(who >> 8) : _seatOracle(latest[pair], seat));
    }

    function _tryDeliver(uint256 pair, uint256 seat, Person memory by) private {
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

    function refuse(uint256 pair, uint256 seat) external onChain {
        pair = pair % (DOCTORS * PATIENTS);
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
        _tryOpen(pair % (DOCTORS * PATIENTS));
    }

    function _tryOpen(uint256 pair) private {
        if (!asked[pair]) return;
        Live memory r = latest[pair];
        (bool ok,) = _do(r.doctor, _encOpened(r, r.doctor));
        if (ok) _accept("open");
    }

    function settle(uint256 pair, uint256 who) external onChain {
        _trySettle(pair % (DOCTORS * PATIENTS), _anybody(who));
    }

    function _trySettle(uint256 pair, Person memory by) private {
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

    function rate(uint256 pair, uint256 seat, uint256 rating, uint256 who) external onChain {
        pair = pair % (DOCTORS * PATIENTS);
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
        pair = pair % (DOCTORS * PATIENTS);
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
        pair = pair % (DOCTORS * PATIENTS);
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

    // ---- bundles, people, bonds, disputes -----------------------------------------------------------------------------------------------------

    function registerAgain(uint256 b, uint256 who) external onChain {
        Sealed memory s = bundles[b % PATIENTS];
        Person memory by = _anybody(who);
        uint256 before = _storedBundle(s.bundleId);
        (bool ok,) = _do(by, _encRegisterBundle(s, by));
        if (ok || _storedBundle(s.bundleId) != before) _break(13, "a bundle was registered twice");
    }

    /// @dev The patient deals anew, or somebody else tries to.
    function dealAnew(uint256 b, uint256 who) external onChain {
        b = b % PATIENTS;
        Sealed memory s = bundles[b];
        Person memory by = who % 2 == 0 ? _anybody(who >> 8) : s.owner;
        for (uint256 i = 0; i < trustees.length; ++i) {
            if (_statusOf(trustees[i].id) != STATUS_ACTIVE) return;
        }
        (bool ok,) = _do(by, _encPropose(s, s.policy, by));
        if (!ok) return;
        if (by.id != s.owner.id) _break(7, "somebody else changed a bundle's trustees");
        bundles[b] = _finishDealing(s);
        _accept("deal");
        // What was not granted is void from now on.
        for (uint256 d = 0; d < DOCTORS; ++d) {
            uint256 pair = d * PATIENTS + b;
            if (asked[pair] && _isPresent(latest[pair]) && _stage(latest[pair]) < GRANTED) {
                ended[latest[pair].facts.requestId] = true;
            }
        }
    }

    /// @dev Suspends, reinstates or removes a trustee or an oracle.
    function police(uint256 i, uint256 what, uint256 who) external onChain {
        address subject = i % 8 < 4 ? trustees[i % 4].id : oracles[i % ORACLES].id;
        Person memory by = who % 3 == 0 ? _anybody(who >> 8) : agency;
        what = what % 8;
        bool suspended = _statusOf(subject) == STATUS_SUSPENDED;
        // Mostly back and forth; a removal is for ever, so it is tried by those who may not do it.
        if (what == 0) by = stranger;
        bytes memory call =
            what == 0 ? _encRemove(subject, by) : suspended ? _encReinstate(subject, by) : _encSuspend(subject, by);
        (bool ok,) = _do(by, call);
        if (!ok) return;
        _accept(suspended ? "reinstate" : "suspend");
        if (_rolesOf(by.id) & AGENCY == 0) _break(7, "somebody who is no agency changed an actor");
        status[subject] = suspended ? STATUS_ACTIVE : STATUS_SUSPENDED;
    }

    function bond(uint256 i, uint64 amount, uint256 who) external onChain {
        Person memory by = _anybody(who);
        amount = uint64(bound(amount, 1, 1e12));
        vm.deal(by.id, uint256(amount) * 1 gwei);
        vm.prank(by.id, by.id);
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
        uint256 before = by.id.balance;
        bytes memory call = ofCredit
            ? abi.encodeCall(ledger.withdrawCredit, (_own(by)))
            : abi.encodeCall(ledger.withdrawBond, (_own(by)));
        (bool ok,) = _do(by, call);
        if (!ok) return;
        _accept(ofCredit ? "credit" : "withdraw");
        paidOut += (by.id.balance - before) / 1 gwei;
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

    function snapshot(uint256 who) external onChain {
        _mine(301);
        Person memory by = _anybody(who);
        (bool ok,) = _do(by, _encSnapshot(by));
        if (ok) _accept("snapshot");
    }

    /// @dev Mostly minutes, now and then days.
    function wait(uint256 seconds_) external onChain {
        _pass(bound(seconds_, 1, seconds_ % 8 == 0 ? 3 days : 20 minutes));
        _mine(1);
    }

    // ---- what the invariants read -------------------------------------------------------------------------------------------------------------

    function broken(uint256 invariant) external view returns (string memory) {
        return _broken[invariant];
    }

    /// @dev Invariants 1, 2, 3 and 11 over what is stored.
    function checkRequests() external view {
        for (uint256 pair = 0; pair < DOCTORS * PATIENTS; ++pair) {
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
    }

    /// @dev Invariant 10.
    function checkMoney() external view {
        uint256 held = _loadField(SLOT_REGISTRY, 128, 64);
        for (uint256 i = 0; i < ORACLES; ++i) {
            held += _bondOf(oracles[i].id);
        }
        for (uint256 i = 0; i < _PEOPLE; ++i) {
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

    /// @dev Invariants 7 and 13: roles, standing and bundles are what their own people made them.
    function checkPeople() external view {
        for (uint256 i = 0; i < _PEOPLE; ++i) {
            Person memory p = _anybody(i);
            assertEq(_rolesOf(p.id), _roleAt(i), "roles");
            uint256 expected = status[p.id] != 0 ? status[p.id] : p.id == stranger.id ? 0 : STATUS_ACTIVE;
            assertEq(_statusOf(p.id), expected, "standing");
        }
        for (uint256 i = 0; i < PATIENTS; ++i) {
            uint256 b = _storedBundle(bundles[i].bundleId);
            assertEq(
                uint160(b), uint160(uint256(keccak256(abi.encode(bundles[i].facts)))), "the bundle is its patient's"
            );
            assertEq(uint24(b >> 160), bundles[i].epoch, "its trustees are those of the patient's latest dealing");
        }
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
        for (uint256 pair = 0; pair < DOCTORS * PATIENTS; ++pair) {
            if (!asked[pair]) continue;
            Live memory r = latest[pair];
            Told memory t = told[r.facts.requestId];
            assertEq(_stage(r), t.stage, "stage as the events tell it");
            assertEq(_approvals(r), t.approvals, "approvals as the events tell them");
            assertEq(_denials(r), t.denials, "denials as the events tell them");
            assertEq(_isSettled(r), t.settled, "settled as the events tell it");
            if (t.stage == AWAITING_DRAW || t.redrawing || t.committee == 0) continue;
            assertEq(_committeeWord(r), t.committee, "committee as the events tell it");
            uint256 levels = _levels(r);
            for (uint256 i = 0; i < 5; ++i) {
                assertEq((levels >> (4 * i)) & 15 != 0, (t.answered >> i) & 1 == 1, "answers as the events tell them");
            }
        }
    }

    // ---- inside -------------------------------------------------------------------------------------------------------------------------------

    uint256 private constant _PEOPLE = 19;

    function _anybody(uint256 seed) private view returns (Person memory) {
        uint256 i = seed % _PEOPLE;
        if (i < 5) return trustees[i];
        if (i < 12) return oracles[i - 5];
        if (i < 14) return doctors[i - 12];
        if (i < 16) return patients[i - 14];
        return i == 16 ? agency : i == 17 ? operators[0] : stranger;
    }

    function _roleAt(uint256 i) private pure returns (uint256) {
        if (i < 5) return i < 2 ? GUARDIAN : i < 4 ? HOSPITAL : AGENCY;
        if (i < 12) return ORACLE;
        if (i < 14) return DOCTOR;
        if (i < 16) return PATIENT;
        return i == 16 ? AGENCY : i == 17 ? OPERATOR : 0;
    }

    /// @dev Follows the ledger by its events alone.
    function _follow() private {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].emitter == address(ledger) && logs[i].topics.length > 1) _tell(logs[i]);
        }
    }

    function _tell(Vm.Log memory log) private {
        bytes32 kind = log.topics[0];
        Told storage t = told[log.topics[1]];
        bytes memory data = log.data;
        if (kind == LedgerEvents.AccessRequested.selector) {
            t.stage = AWAITING_DRAW;
        } else if (kind == LedgerEvents.CommitteeDrawn.selector) {
            (t.stage, t.committee, t.redrawing) = (OPEN, _word(data, 2), false);
        } else if (kind == LedgerEvents.RequestApproved.selector) {
            t.approvals |= 1 << _ordinal(data);
        } else if (kind == LedgerEvents.PatientConsented.selector) {
            t.approvals |= 1 << 16;
        } else if (kind == LedgerEvents.DenialRecorded.selector) {
            t.denials |= 1 << _ordinal(data);
        } else if (kind == LedgerEvents.GrantIssued.selector) {
            t.stage = GRANTED;
        } else if (kind == LedgerEvents.RequestDenied.selector) {
            t.stage = DENIED;
        } else if (kind == LedgerEvents.RequestVetoed.selector) {
            t.stage = VETOED;
        } else if (kind == LedgerEvents.GrantRevoked.selector) {
            t.stage = REVOKED;
        } else if (kind == LedgerEvents.RequestExpired.selector) {
            t.stage = EXPIRED;
        } else if (kind == LedgerEvents.RequestCancelled.selector) {
            t.stage = CANCELLED;
        } else if (kind == LedgerEvents.RequestVoided.selector) {
            t.stage = VOIDED;
        } else if (kind == LedgerEvents.CommitteeRedrawn.selector) {
            _forget(t);
        } else if (kind == LedgerEvents.DeliveryRecorded.selector) {
            t.answered |= 1 << (_word(data, 0) - 1);
        } else if (kind == LedgerEvents.DeliveryRefused.selector) {
            t.answered |= 1 << (_word(data, 0) - 1);
        } else if (kind == LedgerEvents.RequestSettled.selector) {
            t.settled = true;
        } else if (kind == LedgerEvents.UsedAgain.selector) {
            (t.settled, t.answered) = (false, 0);
        }
    }

    function _forget(Told storage t) private {
        (t.stage, t.approvals, t.denials, t.answered) = (AWAITING_DRAW, 0, 0, 0);
        (t.settled, t.redrawing) = (false, true);
    }

    function _word(bytes memory data, uint256 i) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(add(add(data, 32), mul(i, 32)))
        }
    }

    /// @dev Of the seat that an event begins with, in the usual policy with its groups of 2, 2 and 1.
    function _ordinal(bytes memory data) private pure returns (uint256) {
        return 2 * (_word(data, 0) - 1) + _word(data, 1) - 1;
    }

    function _approved(Live memory r, uint256 ordinal, Person memory by, uint256 before, bool alive) private {
        _accept("approve");
        bytes32 id = r.facts.requestId;
        if (by.id != trustees[ordinal].id) _break(2, "an approval in another's name");
        if (!alive) _break(11, "an approval of a request that had ended or whose dealing was replaced");
        if (approvedBy[id] & 1 << ordinal != 0) _break(2, "an approval counted twice");
        approvedBy[id] |= 1 << ordinal;
        if (before != GRANTED && _stage(r) == GRANTED) {
            _accept("grant by trustees");
            if (!_meets(_activeOnly(approvedBy[id]))) _break(1, "granted without an active quorum");
            if (vm.getBlockTimestamp() >= _endOf(r)) _break(1, "granted after its end");
        }
        _note(r);
    }

    function _note(Live memory r) private {
        bytes32 id = r.facts.requestId;
        uint256 stage = _stage(r);
        if (stage == GRANTED && ended[id]) _break(3, "a request that had ended was granted");
        if (stage > GRANTED) ended[id] = true;
    }

    /// @dev The pair's slots are this request's and nothing ended it: neither an event nor, before the grant, a new dealing, nor its time.
    function _isAlive(Live memory r) private view returns (bool) {
        uint256 stage = _stage(r);
        if (!_isPresent(r) || stage == 0 || stage > GRANTED) return false;
        if (stage != GRANTED && uint24(_storedBundle(r.facts.bundleId) >> 160) != uint24(r.facts.meta >> 40)) {
            return false;
        }
        return vm.getBlockTimestamp() < _endOf(r);
    }

    /// @dev Alive, and not settled: the pair cannot ask again.
    function _isRunning(Live memory r) private view returns (bool) {
        return _isAlive(r) && !_isSettled(r);
    }

    function _activeOnly(uint256 seats) private view returns (uint256 active) {
        for (uint256 i = 0; i < 5; ++i) {
            if (_statusOf(trustees[i].id) == STATUS_ACTIVE) active |= seats & (1 << i);
        }
    }

    /// @dev The usual policy by hand: both guardians, one hospital, the agency; two of the three.
    function _meets(uint256 seats) private pure returns (bool) {
        uint256 groups = seats & 3 == 3 ? 1 : 0;
        if (seats & 12 != 0) ++groups;
        if (seats & 16 != 0) ++groups;
        return groups >= 2;
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

    function _records(uint256 word) private view returns (uint256[5] memory list) {
        for (uint256 i = 0; i < 5; ++i) {
            list[i] = _oracleRecord((word >> (10 * i)) & 1023);
        }
    }

    function _ratings(Live memory r) private view returns (uint256 rated, uint256 bad) {
        return (_loadField(_slotOf(r), 239, 16), _loadField(_slotOf(r) + 1, 240, 16));
    }

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

    function _signedApproval(Live memory r, uint256 ordinal, uint256 how) private view returns (bytes memory) {
        Person memory t = trustees[ordinal];
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

    function _accept(string memory name) private {
        ++accepted[name];
    }

    function _break(uint256 invariant, string memory what) private {
        if (bytes(_broken[invariant]).length == 0) _broken[invariant] = what;
    }
}
