// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Malformed} from "./LedgerErrors.sol";

/// @title Reads an access rule: a tree in prefix order, each node before its children.
/// @notice A node is a byte for its kind and then
///   1 all          number of children (1 byte), the children
///   2 at least     how many must hold (1), number of children (1), the children
///   3 role         the roles of which one is needed (2)
///   4 speciality   length (1), code: printable ASCII without a space
///   5 hospital     id of the organisation (20)
///   6 purpose      length (1), code: 2 to 16 capital letters
///   7 label        length (1), code
///   8 team         id of the team (20)
/// At most 8 levels and 64 nodes; a code has 1 to 64 characters. A rule by which anyone may ask is stored as none.
library AccessRuleLib {
    uint256 internal constant ALL = 1;
    uint256 internal constant AT_LEAST = 2;
    uint256 internal constant ROLE = 3;
    uint256 internal constant SPECIALITY = 4;
    uint256 internal constant HOSPITAL = 5;
    uint256 internal constant PURPOSE = 6;
    uint256 internal constant LABEL = 7;
    uint256 internal constant TEAM = 8;

    uint256 internal constant MAX_DEPTH = 8;
    uint256 internal constant MAX_NODES = 64;
    uint256 internal constant MAX_CODE = 64;
    uint256 private constant _ALL_ROLES = 255;

    /// @notice Reverts with Malformed unless the bytes are one rule and nothing after it, and not the rule that always holds.
    function validate(bytes calldata rule) internal pure {
        if (rule.length == 2 && uint8(rule[0]) == ALL && rule[1] == 0) revert Malformed();
        (uint256 end,) = _validateNode(rule, 0, 1, MAX_NODES);
        if (end != rule.length) revert Malformed();
    }

    /// @dev Reads a byte; reading beyond the end is Malformed and not a panic.
    function byteAt(bytes calldata rule, uint256 offset) internal pure returns (uint256) {
        if (offset >= rule.length) revert Malformed();
        return uint8(rule[offset]);
    }

    /// @dev Checks the node that begins at `offset`; returns where it ends and how many nodes may still follow.
    function _validateNode(bytes calldata rule, uint256 offset, uint256 depth, uint256 budget)
        private
        pure
        returns (uint256, uint256)
    {
        if (depth > MAX_DEPTH || budget == 0) revert Malformed();
        --budget;
        uint256 kind = byteAt(rule, offset);
        ++offset;
        if (kind == ALL || kind == AT_LEAST) {
            uint256 needed;
            if (kind == AT_LEAST) {
                needed = byteAt(rule, offset);
                ++offset;
            }
            uint256 children = byteAt(rule, offset);
            ++offset;
            if (kind == AT_LEAST && (needed == 0 || needed > children)) revert Malformed();
            for (uint256 i = 0; i < children; ++i) {
                (offset, budget) = _validateNode(rule, offset, depth + 1, budget);
            }
        } else if (kind == ROLE) {
            uint256 roles = (byteAt(rule, offset) << 8) | byteAt(rule, offset + 1);
            if (roles == 0 || roles > _ALL_ROLES) revert Malformed();
            offset += 2;
        } else if (kind == HOSPITAL || kind == TEAM) {
            if (rule.length < offset + 20 || bytes20(rule[offset:offset + 20]) == 0) revert Malformed();
            offset += 20;
        } else if (kind == SPECIALITY || kind == PURPOSE || kind == LABEL) {
            uint256 end = offset + 1 + byteAt(rule, offset);
            if (kind == PURPOSE) checkCode(rule, offset + 1, end, 2, 16, "A", "Z");
            else checkCode(rule, offset + 1, end, 1, MAX_CODE, "!", "~");
            offset = end;
        } else {
            revert Malformed();
        }
        return (offset, budget);
    }

    /// @dev Reverts unless [start, end) lies inside, has a permitted length, and every byte lies between two.
    function checkCode(
        bytes calldata data,
        uint256 start,
        uint256 end,
        uint256 shortest,
        uint256 longest,
        bytes1 lowest,
        bytes1 highest
    ) internal pure {
        if (end > data.length || end - start < shortest || end - start > longest) revert Malformed();
        for (uint256 i = start; i < end; ++i) {
            if (data[i] < lowest || data[i] > highest) revert Malformed();
        }
    }
}
