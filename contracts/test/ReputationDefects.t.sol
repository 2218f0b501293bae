// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "./Test.sol";
import {ReputationLib} from "../src/ReputationLib.sol";

/// @title Faults found in earlier contracts of this kind that concern reputations alone: D3 to D5 and D19, each as a test that this library does
/// not have it
contract ReputationDefectsTest is Test {
    /// @dev There: the mean was computed in 16 bits and a perfect oracle sank to nothing.
    function test_D03_perfectOracle_risesToTheTopAndNeverWraps() external pure {
        uint256 record = _record(0, 0, 0);
        uint256 before = ReputationLib.score(record);
        for (uint256 i = 0; i < 500; ++i) {
            record = ReputationLib.observe(record, ReputationLib.CORRECTNESS, ReputationLib.FULL, 20_000);
            record = ReputationLib.observe(record, ReputationLib.TIMELINESS, ReputationLib.FULL, 20_000);
            record = ReputationLib.observe(record, ReputationLib.RATING, ReputationLib.FULL, 20_000);
            uint256 score = ReputationLib.score(record);
            assertGe(score, before, "score");
            before = score;
        }
        assertGe(before, ReputationLib.FULL * 99 / 100, "score at last");
        assertEq(ReputationLib.weight(record), 63, "weight at last");
    }

    /// @dev There: the score wrapped, and 30 beat 70. Invariant 6.
    function testFuzz_D04_higherReputation_neverHasTheLowerWeight(uint256 a, uint256 b) external pure {
        a = _any(a);
        b = _any(b);
        (uint256 high, uint256 low) = ReputationLib.score(a) >= ReputationLib.score(b) ? (a, b) : (b, a);
        assertGe(ReputationLib.weight(high), ReputationLib.weight(low), "weight");
    }

    /// @dev There: any answer within the hour earned the same.
    function test_D05_latency_reallyMatters() external pure {
        uint256 quick = ReputationLib.timelinessTarget(ReputationLib.levelOf(5, 1 hours));
        uint256 slow = ReputationLib.timelinessTarget(ReputationLib.levelOf(1800, 1 hours));
        uint256 slower = ReputationLib.timelinessTarget(ReputationLib.levelOf(3500, 1 hours));
        assertTrue(quick > slow && slow > slower, "each later answer earns less");
    }

    /// @dev There: a latency was cut to 16 bits.
    function testFuzz_D06_anyLatencyAfterTheWindow_earnsNothing(uint256 latency) external pure {
        latency = bound(latency, 1 hours + 1, 100 * 365 days);
        assertEq(ReputationLib.timelinessTarget(ReputationLib.levelOf(latency, 1 hours)), 0, "target");
        assertEq(ReputationLib.timelinessTarget(ReputationLib.levelOf(65_556, 1 hours)), 0, "18.2 hours");
    }

    /// @dev There: a block producer could nudge ratings by seconds.
    function testFuzz_D19_secondsOfABlock_moveADeliveryByOneLevelAtMost(uint256 latency) external pure {
        latency = bound(latency, 0, 1 hours - 12);
        uint256 early = ReputationLib.levelOf(latency, 1 hours);
        uint256 late = ReputationLib.levelOf(latency + 12, 1 hours);
        assertLe(late - early, 1, "levels");
        uint256 lost = ReputationLib.timelinessTarget(early) - ReputationLib.timelinessTarget(late);
        assertLe(lost, ReputationLib.FULL / 24 + 1, "target");
    }

    function _any(uint256 seed) private pure returns (uint256) {
        return _record(seed % 1_000_001, (seed >> 64) % 1_000_001, (seed >> 128) % 1_000_001);
    }

    function _record(uint256 correctness, uint256 timeliness, uint256 rating) private pure returns (uint256) {
        return correctness << ReputationLib.CORRECTNESS | timeliness << ReputationLib.TIMELINESS | rating
            << ReputationLib.RATING | uint256(20_000) << 220;
    }
}
