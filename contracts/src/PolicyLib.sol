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

    /// @dev A one in each byte.
    uint256 private constant _EACH = 0x0101010101010101010101010101010101010101010101010101010101010101;

    uint256 internal constant MAX_GROUPS = 8;
    uint256 internal constant MAX_TRUSTEES = 16;
    uint256 internal constant MAX_COMMITTEE = 16;
    uint256 internal constant MAX_NAME = 32;
    uint256 internal constant MAX_VETO_WINDOW = 30 days;
    uint256 internal constant MAX_INCAPACITY = 3650 days;

    /// @dev The byte at a place; places are below the length of every policy, or checked before.
    function _byte(bytes calldata p, uint256 offset) private pure returns (uint256 value) {
        if (offset >= p.length) revert Malformed();
        assembly ("memory-safe") {
            value := byte(0, calldataload(add(p.offset, offset)))
        }
    }

    /// @dev The 32 bytes from a place on, wherever the policy ends.
    function _word(bytes calldata p, uint256 offset) private pure returns (bytes32 value) {
        assembly ("memory-safe") {
            value := calldataload(add(p.offset, offset))
        }
    }

    function groupThreshold(bytes calldata p) internal pure returns (uint256) {
        return _byte(p, 1);
    }

    function groupCount(bytes calldata p) internal pure returns (uint256) {
        return _byte(p, 2);
    }

    function committeeThreshold(bytes calldata p) internal pure returns (uint256) {
        return _byte(p, 3);
    }

    function committeeSize(bytes calldata p) internal pure returns (uint256) {
        return _byte(p, 4);
    }

    function flags(bytes calldata p) internal pure returns (uint256) {
        return _byte(p, 5);
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

    /// @notice The seat of the trustee at an ordinal.
    function seatAt(bytes calldata p, uint256 ordinal) internal pure returns (Seat memory) {
        uint32 group = 1;
        for (uint256 size = _byte(p, HEAD + 1); ordinal >= size; size = _byte(p, HEAD + 2 * group - 1)) {
            ordinal -= size;
            ++group;
        }
        // An ordinal is below 16.
        // forge-lint: disable-next-line(unsafe-typecast)
        return Seat(group, uint32(ordinal + 1));
    }

    /// @notice Whether the policy names a trustee.
    function includes(bytes calldata p, address identity) internal pure returns (bool) {
        uint256 count = trusteeCount(p);
        for (uint256 i = 0; i < count; ++i) {
            if (identityAt(p, i) == identity) return true;
        }
        return false;
    }

    /// @notice Whether a policy asks for less than an earlier one in anything, which trustees may not do without the patient.
    /// @dev Both are sound. The members may be others, more or fewer.
    function isRelaxed(bytes calldata p, bytes calldata earlier) internal pure returns (bool) {
        // Groups' names and access rule, by their hashes.
        if (bytes32(p[14:46]) != bytes32(earlier[14:46]) || ruleHash(p) != ruleHash(earlier)) return true;
        uint256 groups = groupCount(p);
        if (groups != groupCount(earlier) || groupThreshold(p) < groupThreshold(earlier)) return true;
        for (uint256 g = 0; g < groups; ++g) {
            if (p[HEAD + 2 * g] < earlier[HEAD + 2 * g]) return true;
        }
        if (committeeThreshold(p) < committeeThreshold(earlier) || committeeSize(p) > committeeSize(earlier)) {
            return true;
        }
        if (vetoWindow(p) < vetoWindow(earlier) || incapacityAfter(p) < incapacityAfter(earlier)) return true;
        uint256 f = flags(p);
        uint256 old = flags(earlier);
        return (f & ~old) & (SINGLE_ORACLE | PERSON | TEAM) != 0 || (f ^ old) & EMERGENCY != 0;
    }

    /// @notice The ordinal of a seat.
    /// @dev Reverts with NotATrustee where the policy has no such seat.
    function ordinalOf(bytes calldata p, Seat calldata seat) internal pure returns (uint256 ordinal) {
        bool known;
        (known, ordinal) = findOrdinal(p, seat);
        if (!known) revert NotATrustee();
    }

    /// @notice The ordinal of a seat, if the policy has it.
    function findOrdinal(bytes calldata p, Seat calldata seat) internal pure returns (bool known, uint256 ordinal) {
        (uint256 group, uint256 member) = (seat.group, seat.member);
        if (group == 0 || group > groupCount(p) || member == 0) return (false, 0);
        uint256 groups = _groups(p);
        unchecked {
            for (uint256 shift = 240; --group != 0; shift -= 16) {
                ordinal += (groups >> shift) & 0xFF;
            }
            // What is left of `group` is 0; the seat's own group is the next pair.
            if (member > (groups >> (256 - 16 * uint256(seat.group))) & 0xFF) return (false, 0);
            ordinal += member - 1;
        }
        return (true, ordinal);
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
        if (p.length < HEAD || _byte(p, 0) != 1 || flags(p) > 15) revert Malformed();
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
        unchecked {
            uint256 needed = groupThreshold(p);
            if (needed == 0 || needed > groups) revert PolicyInvalid();
            for (uint256 g = 0; g < groups; ++g) {
                uint256 threshold = _byte(p, HEAD + 2 * g);
                uint256 size = _byte(p, HEAD + 2 * g + 1);
                if (threshold == 0 || threshold > size) revert PolicyInvalid();
                members += size;
            }
            if (members > MAX_TRUSTEES) revert PolicyInvalid();
        }
    }

    /// @dev Names are codes of 1 to 32 printable ASCII characters, no two alike, and nothing follows the last.
    function _checkNames(bytes calldata names, uint256 groups) private pure {
        bytes32[] memory seen = new bytes32[](groups);
        uint256 offset = 0;
        unchecked {
            for (uint256 g = 0; g < groups; ++g) {
                uint256 length = _byte(names, offset);
                uint256 end = offset + 1 + length;
                if (length == 0 || length > MAX_NAME || end > names.length) revert Malformed();
                uint256 mask = type(uint256).max << (256 - 8 * length);
                uint256 name = uint256(_word(names, offset + 1)) & mask;
                // A byte b is printable, and no space, when b < 0x80, b + 0x5f >= 0x80 and b + 1 < 0x80: for all bytes at once, none carries.
                uint256 high = _EACH * 0x80 & mask;
                if (name & high != 0 || (name + (_EACH * 0x5f & mask)) & high != high) revert Malformed();
                if ((name + (_EACH & mask)) & high != 0) revert Malformed();
                // A name has no zero byte, so the padded word is the name.
                for (uint256 i = 0; i < g; ++i) {
                    if (seen[i] == bytes32(name)) revert PolicyInvalid();
                }
                seen[g] = bytes32(name);
                offset = end;
            }
        }
        if (offset != names.length) revert Malformed();
    }

    /// @dev Committee, windows, receivers.
    function _checkNumbers(bytes calldata p) private pure {
        uint256 m = committeeThreshold(p);
        uint256 n = committeeSize(p);
        uint256 f = flags(p);
        if (f & EMERGENCY != 0 && (vetoWindow(p) > 1 hours || incapacityAfter(p) != 0)) revert PolicyInvalid();
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
        // The places and counts are those that were checked; 16 members and 8 groups at most.
        unchecked {
            uint256 first = HEAD + 2 * groups;
            uint256 needed = groupThreshold(p);
            for (uint256 i = 0; i < members; ++i) {
                uint256 start = first + 40 * i;
                bytes20 identity = bytes20(_word(p, start));
                bytes20 organisation = bytes20(_word(p, start + 20));
                if (identity == 0) revert PolicyInvalid();
                bool seen = organisation == 0;
                for (uint256 other = first; other < start; other += 40) {
                    if (bytes20(_word(p, other)) == identity) revert PolicyInvalid();
                    if (bytes20(_word(p, other + 20)) == organisation) seen = true;
                }
                if (!seen) _checkOrganisation(p, groups, needed, organisation);
            }
        }
    }

    /// @dev Reverts when one organisation could meet a group's threshold of several, or the whole policy of several groups.
    function _checkOrganisation(bytes calldata p, uint256 groups, uint256 needed, bytes20 organisation) private pure {
        unchecked {
            uint256 met;
            uint256 member = HEAD + 2 * groups + 20;
            for (uint256 g = 0; g < groups; ++g) {
                uint256 threshold = _byte(p, HEAD + 2 * g);
                uint256 end = member + 40 * _byte(p, HEAD + 2 * g + 1);
                uint256 present = 0;
                for (; member < end; member += 40) {
                    if (bytes20(_word(p, member)) == organisation) ++present;
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
