// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Reputation of an oracle: three terms in parts per million that facts move and idleness brings back to the middle.
/// @notice The same integer arithmetic as the model's, bounded and monotone in every input. See docs/reputation.md.
/// @dev A record is an oracle's slot: unit 160 | correctness 20 << 160 | timeliness 20 << 180 | rating 20 << 200 | since day 16 << 220 |
/// eligible until hour 20 << 236. A term is named by its shift. Terms never exceed FULL, so nothing here can overflow.
library ReputationLib {
    uint256 internal constant FULL = 1_000_000;
    uint256 internal constant PRIOR = 500_000;

    uint256 internal constant CORRECTNESS = 160;
    uint256 internal constant TIMELINESS = 180;
    uint256 internal constant RATING = 200;
    uint256 internal constant SINCE = 220;
    uint256 internal constant ELIGIBLE_UNTIL = 236;

    /// @dev Levels of deliveries: 1 to LAST in the window, LATE after it; REFUSED stands for a refusal and 0 for nothing.
    uint256 internal constant LAST = 13;
    uint256 internal constant LATE = 14;
    uint256 internal constant REFUSED = 15;

    uint256 internal constant FAIR_RATING = 50;
    uint256 internal constant GOOD_RATING = 75;

    uint256 private constant _TERM = 0xFFFFF;
    uint256 private constant _TERMS = 0xFFFFFFFFFFFFFFF << 160;
    uint256 private constant _MAX_DAY = 0xFFFF;
    uint256 private constant _DECAY_DAYS = 30;
    uint256 private constant _MAX_PERIODS = 128;
    uint256 private constant _MAX_WEIGHT = 63;
    uint256 private constant _MIN_WEIGHT = 16;

    /// @notice The present day as records count: days since 1970, at most 65,535.
    function today() internal view returns (uint256 day) {
        day = block.timestamp / 1 days;
        if (day > _MAX_DAY) day = _MAX_DAY;
    }

    /// @notice The record of a newcomer: the middle in every term.
    function newcomer(address unit, uint256 day, uint256 eligibleUntilHour) internal pure returns (uint256) {
        return uint160(unit) | PRIOR << CORRECTNESS | PRIOR << TIMELINESS | PRIOR << RATING | day << SINCE
            | eligibleUntilHour << ELIGIBLE_UNTIL;
    }

    /// @notice The record at a day, if nothing is observed until then: for each full 30 days every term goes an eighth of the way back
    /// to the middle.
    function decayed(uint256 record, uint256 day) internal pure returns (uint256) {
        unchecked {
            uint256 since = (record >> SINCE) & _MAX_DAY;
            if (day < since + _DECAY_DAYS) return record;
            uint256 periods = (day - since) / _DECAY_DAYS;
            uint256 correctness = (record >> CORRECTNESS) & _TERM;
            uint256 timeliness = (record >> TIMELINESS) & _TERM;
            uint256 rating = (record >> RATING) & _TERM;
            uint256 steps = periods < _MAX_PERIODS ? periods : _MAX_PERIODS;
            for (uint256 i = 0; i < steps; ++i) {
                // In the middle nothing moves any more.
                if (correctness == PRIOR && timeliness == PRIOR && rating == PRIOR) break;
                correctness = toward(correctness, PRIOR);
                timeliness = toward(timeliness, PRIOR);
                rating = toward(rating, PRIOR);
            }
            record &= ~(_TERMS | _MAX_DAY << SINCE);
            return record | correctness << CORRECTNESS | timeliness << TIMELINESS | rating << RATING
                | (since + _DECAY_DAYS * periods) << SINCE;
        }
    }

    /// @notice The record after one observation: decayed to the day, and the term an eighth of the way nearer to the target.
    /// @param target 0 (bad) to FULL (good).
    function observe(uint256 record, uint256 term, uint256 target, uint256 day) internal pure returns (uint256) {
        record = _touched(decayed(record, day), day);
        return _with(record, term, toward((record >> term) & _TERM, target));
    }

    /// @notice As `observe`, but never lower than without the observation.
    function reward(uint256 record, uint256 term, uint256 target, uint256 day) internal pure returns (uint256) {
        record = _touched(decayed(record, day), day);
        uint256 value = (record >> term) & _TERM;
        return target > value ? _with(record, term, toward(value, target)) : record;
    }

    /// @notice correctness * timeliness * (4 + rating) / 5 of a record as it stands, each as a part of one: decay it first.
    function score(uint256 record) internal pure returns (uint256) {
        unchecked {
            return ((record >> CORRECTNESS) & _TERM) * ((record >> TIMELINESS) & _TERM)
                * (4 * FULL + ((record >> RATING) & _TERM)) / (5 * FULL * FULL);
        }
    }

    /// @notice The weight in a draw, 16 to 63, of a record as it stands: decay it first.
    function weight(uint256 record) internal pure returns (uint256 w) {
        w = score(record) * _MAX_WEIGHT / FULL;
        if (w < _MIN_WEIGHT) w = _MIN_WEIGHT;
    }

    /// @notice The level of a delivery: in which thirteenth of the window it came.
    function levelOf(uint256 latency, uint256 window) internal pure returns (uint256) {
        return latency > window ? LATE : 1 + LAST * latency / (window + 1);
    }

    /// @notice The target of the timeliness term for a level of 1 to LATE.
    function timelinessTarget(uint256 level) internal pure returns (uint256) {
        return level >= LATE ? 0 : FULL - FULL / 2 * (level - 1) / (LAST - 1);
    }

    /// @notice The target of the rating term for a rating of 0 to 100: bad, fair or good.
    function ratingTarget(uint256 rating) internal pure returns (uint256) {
        return rating < FAIR_RATING ? 0 : rating < GOOD_RATING ? PRIOR : FULL;
    }

    /// @notice A step of an eighth of the way, rounded toward the target, never past it.
    function toward(uint256 value, uint256 target) internal pure returns (uint256) {
        unchecked {
            return target > value ? value + (target - value + 7) / 8 : value - (value - target + 7) / 8;
        }
    }

    /// @dev Idleness is counted from the day on, unless it is counted from a later one.
    function _touched(uint256 record, uint256 day) private pure returns (uint256) {
        if (day <= (record >> SINCE) & _MAX_DAY) return record;
        return (record & ~(_MAX_DAY << SINCE)) | day << SINCE;
    }

    function _with(uint256 record, uint256 term, uint256 value) private pure returns (uint256) {
        return (record & ~(_TERM << term)) | value << term;
    }
}
