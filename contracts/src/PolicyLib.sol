// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Seat} from "./LedgerTypes.sol";
import {AccessRuleLib} from "./AccessRuleLib.sol";
import {Malformed, NotATrustee, PolicyInvalid} from "./LedgerErrors.sol";

/// @title Reads a consent policy in the form in which the ledger checks it.
/// @notice The policy blob, all numbers big-endian:
///   0      1   version, 1
///   1      1   how many groups must agree
///   2      1   number of groups, G
///   3      1   m: how many oracles are needed
///   4      1   n: how many oracles serve
///   5      1   flags: 1 single oracle, 2 a person may receive, 4 a team may receive, 8 emergency
///   6      4   veto window, seconds
///   10     4   incapacity: after how many seconds of the patient's silence trustees may decide; 0 at any time
///   14     32  keccak256 of the groups' names, each with its length in a byte before it
///   46     32  keccak256 of the access rule's bytes; zero when anyone may ask
///   78     2G  for each group: threshold, number of members
///   78+2G  40  for each member, group by group: identity (20), organisation (20, zero for none)
/// @dev Its keccak256 is the policy's hash in commands and facts. Callers check that hash first; then the blob is one that the ledger accepted.
library PolicyLib {
    uint256 internal constant HEAD = 78;
    uint256 internal constant SINGLE_ORACLE = 1;
    uint256 internal constant PERSON = 2;
    uint256 internal constant TEAM = 4;
    uint256 internal constant EMERGENCY = 8;

    uint256 internal constant MAX_GROUPS = 8;
    uint256 internal constant MAX_TRUSTEES = 16;
    uint256 internal constant MAX_COMMITTEE = 16;
    uint256 internal constant MAX_NAME = 32;
    uint256 internal constant MAX_VETO_WINDOW = 30 days;
    uint256 internal constant MAX_INCAPACITY = 3650 days;

    function groupThreshold(bytes calldata p) internal pure returns (uint256) {
        return uint8(p[1]);
    }

    function groupCount(bytes calldata p) internal pure returns (uint256) {
        return uint8(p[2]);
    }

    function committeeThreshold(bytes calldata p) internal pure returns (uint256) {
        return uint8(p[3]);
    }

    function committeeSize(bytes calldata p) internal pure returns (uint256) {
        return uint8(p[4]);
    }

    function flags(bytes calldata p) internal pure returns (uint256) {
        return uint8(p[5]);
    }

    function vetoWindow(bytes calldata p) internal pure returns (uint256) {
        return uint32(bytes4(p[6:10]));
    }

    function incapacityAfter(bytes calldata p) internal pure returns (uint256) {
        return uint32(bytes4(p[10:14]));
    }

    function ruleHash(bytes calldata p) internal pure returns (bytes32) {
        return bytes32(p[46:78]);
    }

    function trusteeCount(bytes calldata p) internal pure returns (uint256) {
        return (p.length - HEAD - 2 * groupCount(p)) / 40;
    }

    /// @notice The trustee at an ordinal, 0 for the first member of the first group.
    function identityAt(bytes calldata p, uint256 ordinal) internal pure returns (address identity) {
        uint256 start = HEAD + 2 * groupCount(p) + 40 * ordinal;
        assembly ("memory-safe") {
            identity := shr(96, calldataload(add(p.offset, start)))
        }
    }

    /// @notice The organisation of the trustee at an ordinal; zero for none.
    function organisationAt(bytes calldata p, uint256 ordinal) internal pure returns (address organisation) {
        uint256 start = HEAD + 20 + 2 * groupCount(p) + 40 * ordinal;
        assembly ("memory-safe") {
            organisation := shr(96, calldataload(add(p.offset, start)))
        }
    }

    /// @notice The ordinal of a seat.
    /// @dev Reverts with NotATrustee where the policy has no such seat.
    function ordinalOf(bytes calldata p, Seat calldata seat) internal pure returns (uint256 ordinal) {
        (uint256 group, uint256 member) = (seat.group, seat.member);
        if (group == 0 || group > groupCount(p) || member == 0) revert NotATrustee();
        uint256 groups = _groups(p);
        unchecked {
            for (uint256 shift = 240; --group != 0; shift -= 16) {
                ordinal += (groups >> shift) & 0xFF;
            }
            // What is left of `group` is 0; the seat's own group is the next pair.
            if (member > (groups >> (256 - 16 * uint256(seat.group))) & 0xFF) revert NotATrustee();
            ordinal += member - 1;
        }
    }

    /// @dev Threshold and number of members of every group, the first highest: at most 8 groups, 16 bits each.
    function _groups(bytes calldata p) private pure returns (uint256 groups) {
        assembly ("memory-safe") {
            groups := calldataload(add(p.offset, HEAD))
        }
    }

    /// @notice Accepts what a patient may sign, and nothing else.
    /// @param p The policy.
    /// @param names The groups' names, each with its length in a byte before it.
    /// @param rule The access rule; empty when anyone may ask.
    /// @dev Malformed where the bytes are no policy at all or their hashes do not fit, PolicyInvalid where a rule of policies is broken.
    function validate(bytes calldata p, bytes calldata names, bytes calldata rule) internal pure {
        if (p.length < HEAD || p[0] != 0x01 || flags(p) > 15) revert Malformed();
        uint256 groups = groupCount(p);
        if (groups == 0 || groups > MAX_GROUPS) revert PolicyInvalid();
        uint256 start = HEAD + 2 * groups;
        if (p.length < start) revert Malformed();
        uint256 members = _checkGroups(p, groups);
        if (p.length != start + 40 * members) revert Malformed();
        if (bytes32(p[14:46]) != keccak256(names)) revert Malformed();
        if (ruleHash(p) != (rule.length == 0 ? bytes32(0) : keccak256(rule))) revert Malformed();
        if (rule.length > 0) AccessRuleLib.validate(rule);
        _checkNames(names, groups);
        _checkNumbers(p);
        _checkMembers(p, groups, members);
    }

    /// @dev Group threshold, each group's threshold and size, and how many trustees there are.
    function _checkGroups(bytes calldata p, uint256 groups) private pure returns (uint256 members) {
        uint256 needed = groupThreshold(p);
        if (needed == 0 || needed > groups) revert PolicyInvalid();
        for (uint256 g = 0; g < groups; ++g) {
            uint256 threshold = uint8(p[HEAD + 2 * g]);
            uint256 size = uint8(p[HEAD + 2 * g + 1]);
            if (threshold == 0 || threshold > size) revert PolicyInvalid();
            members += size;
        }
        if (members > MAX_TRUSTEES) revert PolicyInvalid();
    }

    /// @dev Names are codes of 1 to 32 printable ASCII characters, no two alike, and nothing follows the last.
    function _checkNames(bytes calldata names, uint256 groups) private pure {
        bytes32[] memory seen = new bytes32[](groups);
        uint256 offset;
        for (uint256 g = 0; g < groups; ++g) {
            uint256 end = offset + 1 + AccessRuleLib.byteAt(names, offset);
            AccessRuleLib.checkCode(names, offset + 1, end, 1, MAX_NAME, "!", "~");
            // A name has no zero byte and at most 32 bytes, so the padded word is the name.
            bytes32 name = bytes32(names[offset + 1:end]);
            for (uint256 i = 0; i < g; ++i) {
                if (seen[i] == name) revert PolicyInvalid();
            }
            seen[g] = name;
            offset = end;
        }
        if (offset != names.length) revert Malformed();
    }

    /// @dev Committee, windows, receivers.
    function _checkNumbers(bytes calldata p) private pure {
        uint256 m = committeeThreshold(p);
        uint256 n = committeeSize(p);
        uint256 f = flags(p);
        if (f & SINGLE_ORACLE != 0) {
            if (m != 1 || n != 1 || f & EMERGENCY != 0) revert PolicyInvalid();
        } else if (m < 2 || m > n || n > MAX_COMMITTEE || 2 * m <= n) {
            revert PolicyInvalid();
        }
        if (vetoWindow(p) > MAX_VETO_WINDOW || incapacityAfter(p) > MAX_INCAPACITY) revert PolicyInvalid();
        if (f & (PERSON | TEAM) == 0) revert PolicyInvalid();
    }

    /// @dev Identities are there and distinct; no organisation could act alone where the policy means several wills.
    function _checkMembers(bytes calldata p, uint256 groups, uint256 members) private pure {
        address[] memory identities = new address[](members);
        address[] memory organisations = new address[](members);
        uint256 offset = HEAD + 2 * groups;
        for (uint256 i = 0; i < members; ++i) {
            address identity = address(bytes20(p[offset:offset + 20]));
            if (identity == address(0)) revert PolicyInvalid();
            for (uint256 j = 0; j < i; ++j) {
                if (identities[j] == identity) revert PolicyInvalid();
            }
            identities[i] = identity;
            organisations[i] = address(bytes20(p[offset + 20:offset + 40]));
            offset += 40;
        }
        uint256 needed = groupThreshold(p);
        for (uint256 i = 0; i < members; ++i) {
            address organisation = organisations[i];
            if (organisation == address(0)) continue;
            uint256 met;
            uint256 first;
            for (uint256 g = 0; g < groups; ++g) {
                uint256 threshold = uint8(p[HEAD + 2 * g]);
                uint256 last = first + uint8(p[HEAD + 2 * g + 1]);
                uint256 present;
                for (; first < last; ++first) {
                    if (organisations[first] == organisation) ++present;
                }
                if (present < threshold) continue;
                if (threshold > 1) revert PolicyInvalid();
                ++met;
            }
            if (needed > 1 && met >= needed) revert PolicyInvalid();
        }
    }

    /// @notice Whether a set of seats meets both thresholds.
    /// @param seats Bit i is set for the trustee at ordinal i.
    function isSatisfied(bytes calldata p, uint256 seats) internal pure returns (bool) {
        uint256 groups = _groups(p);
        uint256 met;
        unchecked {
            for (uint256 left = groupCount(p); left != 0; --left) {
                uint256 size = (groups >> 240) & 0xFF;
                uint256 present;
                for (uint256 own = seats & ((1 << size) - 1); own != 0; own &= own - 1) {
                    ++present;
                }
                if (present >= groups >> 248) ++met;
                seats >>= size;
                groups <<= 16;
            }
            return met >= groupThreshold(p);
        }
    }
}
