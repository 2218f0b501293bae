// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "./Test.sol";
import {ReputationLib} from "../src/ReputationLib.sol";

/// @title Reputation: bounded, monotone in every input, and bit for bit the model's
contract ReputationTest is Test {
    uint256 private constant _FULL = 1_000_000;
    uint256 private constant _PRIOR = 500_000;
    uint256 private constant _DAY = 20_500;
    uint256 private constant _UNIT = uint160(0x00112233445566778899AABbCCdDeeFf00112233);
    uint256 private constant _HOUR = 500_000;

    uint256[3] private _terms = [ReputationLib.CORRECTNESS, ReputationLib.TIMELINESS, ReputationLib.RATING];

    // ---- the model's figures -----------------------------------------------------------------------------------------

    /// @dev test/vectors/reputation.json is written by the model's tests: runs of observations, the record after each of them.
    function test_observeAndReward_modelsVectors_areEqual() external view {
        string memory json = vm.readFile(string.concat(vm.projectRoot(), "/test/vectors/reputation.json"));
        bytes[] memory steps = vm.parseJsonBytesArray(json, ".steps");
        assertGe(steps.length, 256, "steps");
        for (uint256 i = 0; i < steps.length; ++i) {
            (
                uint256 before,
                uint256 kind,
                uint256 term,
                uint256 target,
                uint256 day,
                uint256 expected,
                uint256 weight
            ) = abi.decode(steps[i], (uint256, uint256, uint256, uint256, uint256, uint256, uint256));
            uint256 actual = kind == 0
                ? ReputationLib.decayed(before, day)
                : kind == 1
                    ? ReputationLib.observe(before, _terms[term], target, day)
                    : ReputationLib.reward(before, _terms[term], target, day);
            assertEq(actual, expected, "record");
            assertEq(ReputationLib.weight(actual), weight, "weight");
        }
    }

    function test_levelOf_modelsVectors_areEqual() external view {
        string memory json = vm.readFile(string.concat(vm.projectRoot(), "/test/vectors/reputation.json"));
        bytes[] memory levels = vm.parseJsonBytesArray(json, ".levels");
        assertGe(levels.length, 128, "levels");
        for (uint256 i = 0; i < levels.length; ++i) {
            (uint256 latency, uint256 window, uint256 level, uint256 target) =
                abi.decode(levels[i], (uint256, uint256, uint256, uint256));
            assertEq(ReputationLib.levelOf(latency, window), level, "level");
            assertEq(ReputationLib.timelinessTarget(level), target, "target");
        }
    }

    function test_newcomer_standsInTheMiddle() external pure {
        uint256 record = ReputationLib.newcomer(address(uint160(_UNIT)), _DAY, _HOUR);
        assertEq(record, _record(_PRIOR, _PRIOR, _PRIOR, _DAY), "record");
        assertEq(ReputationLib.score(record), 225_000, "score");
        assertEq(ReputationLib.weight(record), 16, "weight");
    }

    function test_ratingTarget_hasThreeGrades() external pure {
        assertEq(ReputationLib.ratingTarget(0), 0, "0");
        assertEq(ReputationLib.ratingTarget(49), 0, "49");
        assertEq(ReputationLib.ratingTarget(50), _PRIOR, "50");
        assertEq(ReputationLib.ratingTarget(74), _PRIOR, "74");
        assertEq(ReputationLib.ratingTarget(75), _FULL, "75");
        assertEq(ReputationLib.ratingTarget(100), _FULL, "100");
    }

    function test_D3_perfectOracle_risesToTheTopAndNeverWraps() external pure {
        uint256 record = _record(_PRIOR, _PRIOR, _PRIOR, _DAY);
        uint256 last = ReputationLib.score(record);
        for (uint256 i = 0; i < 200; ++i) {
            record = ReputationLib.observe(record, ReputationLib.CORRECTNESS, _FULL, _DAY);
            record = ReputationLib.observe(record, ReputationLib.TIMELINESS, _FULL, _DAY);
            record = ReputationLib.observe(record, ReputationLib.RATING, _FULL, _DAY);
            assertGe(ReputationLib.score(record), last, "score");
            last = ReputationLib.score(record);
        }
        assertEq(last, _FULL, "top");
        assertEq(ReputationLib.weight(record), 63, "weight");
    }

    function test_D6_eighteenHoursLate_earnsNothing() external pure {
        assertEq(ReputationLib.timelinessTarget(ReputationLib.levelOf(65_536, 1 hours)), 0, "65536 s");
        assertEq(ReputationLib.timelinessTarget(ReputationLib.levelOf(type(uint40).max, 1 hours)), 0, "for ever");
    }

    // ---- whatever the inputs are -------------------------------------------------------------------------------------

    function testFuzz_observe_staysInRangeAndMovesTowardTheTarget(
        uint256 c,
        uint256 t,
        uint256 r,
        uint256 term,
        uint256 target,
        uint256 days_
    ) external view {
        uint256 record = _any(c, t, r);
        uint256 shift = _terms[term % 3];
        target = bound(target, 0, _FULL);
        uint256 day = _DAY + bound(days_, 0, 4000);
        uint256 still = ReputationLib.decayed(record, day);
        uint256 moved = ReputationLib.observe(record, shift, target, day);
        uint256 old = _term(still, shift);
        uint256 value = _term(moved, shift);
        if (old <= target) {
            assertTrue(value >= old && value <= target, "toward a higher target");
        } else {
            assertTrue(value <= old && value >= target, "toward a lower target");
        }
        assertTrue(old == target || value != old, "moves by at least one");
        for (uint256 i = 0; i < 3; ++i) {
            assertLe(_term(moved, _terms[i]), _FULL, "range");
            if (_terms[i] != shift) assertEq(_term(moved, _terms[i]), _term(still, _terms[i]), "other term");
        }
        uint256 rewarded = ReputationLib.reward(record, shift, target, day);
        assertEq(_term(rewarded, shift), old > value ? old : value, "reward");
        assertLe(ReputationLib.score(moved), _FULL, "score");
        assertEq(_field(moved, 220, 16), day, "since");
        assertEq(moved & type(uint160).max, _UNIT, "unit");
        assertEq(moved >> 236, _HOUR, "eligible until");
        assertEq(rewarded & type(uint160).max, _UNIT, "unit");
        assertEq(rewarded >> 236, _HOUR, "eligible until");
    }

    function testFuzz_observe_higherInputsNeverGiveTheLowerScore(
        uint256[3] calldata a,
        uint256[3] calldata b,
        uint256 term,
        uint256[2] calldata targets,
        uint256 days_
    ) external view {
        uint256 low = _any(_min(a[0], b[0]), _min(a[1], b[1]), _min(a[2], b[2]));
        uint256 high = low;
        for (uint256 i = 0; i < 3; ++i) {
            uint256 x = bound(a[i], 0, _FULL);
            uint256 y = bound(b[i], 0, _FULL);
            low = _with(low, _terms[i], _min(x, y));
            high = _with(high, _terms[i], x > y ? x : y);
        }
        uint256 less = bound(targets[0], 0, _FULL);
        uint256 more = bound(targets[1], 0, _FULL);
        if (less > more) (less, more) = (more, less);
        uint256 day = _DAY + bound(days_, 0, 4000);
        uint256 shift = _terms[term % 3];
        _assertDominates(ReputationLib.observe(high, shift, more, day), ReputationLib.observe(low, shift, less, day));
        _assertDominates(ReputationLib.reward(high, shift, more, day), ReputationLib.reward(low, shift, less, day));
        _assertDominates(ReputationLib.reward(high, shift, less, day), ReputationLib.observe(high, shift, less, day));
        _assertDominates(ReputationLib.decayed(high, day), ReputationLib.decayed(low, day));
    }

    function testFuzz_at_twoStepsEqualOne(uint256 c, uint256 t, uint256 r, uint256 first, uint256 second)
        external
        pure
    {
        uint256 record = _any(c, t, r);
        uint256 day = _DAY + bound(first, 0, 2000);
        uint256 later = day + bound(second, 0, 2000);
        assertEq(
            ReputationLib.decayed(ReputationLib.decayed(record, day), later),
            ReputationLib.decayed(record, later),
            "composition"
        );
    }

    function testFuzz_at_idleness_movesTowardTheMiddleAndNeverPast(uint256 c, uint256 t, uint256 r, uint256 days_)
        external
        view
    {
        uint256 record = _any(c, t, r);
        uint256 later = ReputationLib.decayed(record, _DAY + bound(days_, 0, 45_000));
        for (uint256 i = 0; i < 3; ++i) {
            uint256 old = _term(record, _terms[i]);
            uint256 value = _term(later, _terms[i]);
            assertTrue(
                old <= _PRIOR ? value >= old && value <= _PRIOR : value <= old && value >= _PRIOR, "toward the middle"
            );
        }
    }

    function testFuzz_levelOf_laterNeverHasTheHigherTarget(uint256 a, uint256 b, uint256 window) external pure {
        window = bound(window, 1, type(uint40).max);
        a = bound(a, 0, type(uint40).max);
        b = bound(b, 0, type(uint40).max);
        if (a > b) (a, b) = (b, a);
        uint256 early = ReputationLib.levelOf(a, window);
        uint256 late = ReputationLib.levelOf(b, window);
        assertGe(early, 1, "level");
        assertLe(early, late, "levels");
        assertLe(late, ReputationLib.LATE, "level");
        assertEq(late == ReputationLib.LATE, b > window, "late");
        assertGe(ReputationLib.timelinessTarget(early), ReputationLib.timelinessTarget(late), "targets");
    }

    // ---- helpers -----------------------------------------------------------------------------------------------------

    function _assertDominates(uint256 high, uint256 low) private view {
        for (uint256 i = 0; i < 3; ++i) {
            assertGe(_term(high, _terms[i]), _term(low, _terms[i]), "term");
        }
        assertGe(ReputationLib.score(high), ReputationLib.score(low), "score");
        assertGe(ReputationLib.weight(high), ReputationLib.weight(low), "weight");
    }

    function _any(uint256 c, uint256 t, uint256 r) private pure returns (uint256) {
        return _record(bound(c, 0, _FULL), bound(t, 0, _FULL), bound(r, 0, _FULL), _DAY);
    }

    function _record(uint256 c, uint256 t, uint256 r, uint256 day) private pure returns (uint256) {
        return _UNIT | c << 160 | t << 180 | r << 200 | day << 220 | _HOUR << 236;
    }

    function _term(uint256 record, uint256 shift) private pure returns (uint256) {
        return _field(record, shift, 20);
    }

    function _with(uint256 record, uint256 shift, uint256 value) private pure returns (uint256) {
        return (record & ~(uint256(0xFFFFF) << shift)) | value << shift;
    }

    function _field(uint256 word, uint256 shift, uint256 bits) private pure returns (uint256) {
        return (word >> shift) & ((1 << bits) - 1);
    }

    function _min(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}
