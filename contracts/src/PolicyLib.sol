// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Seat} from "./LedgerTypes.sol";
import {AccessRuleLib} from "./AccessRuleLib.sol";
import {Malformed, NotATrustee, PolicyInvalid} from "./LedgerErrors.sol";

/// @title Reads a consent policy in the form in which the ledger checks it.
/// @notice The policy blob, all numbers big-endian:
///   0          1    form, 1: whole
///   1          1    how many groups must agree
///   2          1    number of groups, G
///   3          1    m: how many oracles are needed
///   4          1    n: how many oracles serve
///   5          1    flags: 1 single oracle, 2 a person may receive, 4 a team may receive, 8 emergency
///   6          4    veto window, seconds
///   10         4    incapacity: after how many seconds of the patient's silence trustees may decide; 0 at any time
///   14         32   keccak256 of the groups' names, each with its length in a byte before it
///   46         32   keccak256 of the access rule's bytes; zero when anyone may ask
///   78         2G   for each group: threshold, number of members
///   78+2G      20N  for each member, group by group: identity
///   78+2G+20N  20N  for each member: organisation, zero for none
/// A call that does not read all of it may be given less. Form 2, the seats: without organisations, and at 14 the hash of the rest, which is
/// keccak256(names' hash, organisations). Form 3, the terms: 110 bytes, as form 2, and at 78 keccak256 of everything from there to the identities' end.
/// @dev The policy's hash in commands and facts is keccak256 of its terms with a 1 in the first byte, whichever form it comes in. Callers check that
/// hash first, and that the form has what they read; then the blob is one that the ledger accepted.
library PolicyLib {
    uint256 internal constant HEAD = 78;
    uint256 internal constant SINGLE_ORACLE = 1;
    uint256 internal constant PERSON = 2;
    uint256 internal constant TEAM = 4;
    uint256 internal constant EMERGENCY = 8;

    // Forms, the longest first.
    uint256 internal constant WHOLE = 1;
    uint256 internal constant SEATS = 2;
    uint256 internal constant TERMS = 3;

    uint256 private constant _REST = 14;
    uint256 private constant _HASHED = 110;

    /// @dev A one in each byte.
    uint256 private constant _EACH = 0x0101010101010101010101010101010101010101010101010101010101010101;

    uint256 internal constant MAX_GROUPS = 8;
    uint256 internal constant MAX_TRUSTEES = 16;
    uint256 internal constant MAX_COMMITTEE = 16;
    uint256 internal constant MAX_NAME = 32;
    uint256 internal constant MAX_VETO_WINDOW = 30 days;
    uint256 internal constant MAX_INCAPACITY = 3650 days;

    /// @notice The policy's hash; zero where the bytes have no form that a policy has, or a shorter one than the caller reads.
    /// @param p The policy.
    /// @param shortest The shortest form that has what the caller reads.
    function hashOf(bytes calldata p, uint256 shortest) internal pure returns (bytes32 hash) {
        if (p.length < HEAD) return 0;
        uint256 head = _head(p);
        uint256 form = head >> 248;
        if (form == 0 || form > shortest) return 0;
        uint256 end = HEAD + 2 * ((head >> 232) & 0xFF);
        if (form == WHOLE) {
            if (p.length < end) return 0;
            unchecked {
                end += (p.length - end) / 40 * 20;
            }
        } else if (form == SEATS) {
            end = p.length;
        } else if (p.length != _HASHED) {
            return 0;
        }
        // Behind the free memory: the head, and what is hashed into it.
        assembly ("memory-safe") {
            let m := mload(0x40)
            let work := add(m, 128)
            calldatacopy(m, p.offset, 110)
            mstore8(m, 1)
            if iszero(eq(form, 3)) {
                calldatacopy(work, add(p.offset, 78), sub(end, 78))
                mstore(add(m, 78), keccak256(work, sub(end, 78)))
            }
            if eq(form, 1) {
                calldatacopy(work, add(p.offset, 14), 32)
                calldatacopy(add(work, 32), add(p.offset, end), sub(p.length, end))
                mstore(add(m, 14), keccak256(work, sub(add(p.length, 32), end)))
            }
            hash := keccak256(m, 110)
        }
    }

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

    /// @dev The first 32 bytes: every policy that was hashed or validated has them.
    function _head(bytes calldata p) private pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := calldataload(p.offset)
        }
    }

    function groupThreshold(bytes calldata p) internal pure returns (uint256) {
        return (_head(p) >> 240) & 0xFF;
    }

    function groupCount(bytes calldata p) internal pure returns (uint256) {
        return (_head(p) >> 232) & 0xFF;
    }

    function committeeThreshold(bytes calldata p) internal pure returns (uint256) {
        return (_head(p) >> 224) & 0xFF;
    }

    function committeeSize(bytes calldata p) internal pure returns (uint256) {
        return (_head(p) >> 216) & 0xFF;
    }

    function flags(bytes calldata p) internal pure returns (uint256) {
        return (_head(p) >> 208) & 0xFF;
    }

    function vetoWindow(bytes calldata p) internal pure returns (uint256) {
        return (_head(p) >> 176) & 0xFFFFFFFF;
    }

    function incapacityAfter(bytes calldata p) internal pure returns (uint256) {
        return (_head(p) >> 144) & 0xFFFFFFFF;
    }

    function ruleHash(bytes calldata p) internal pure returns (bytes32) {
        return _word(p, 46);
    }

    /// @notice How many trustees there are: of a whole policy or its seats.
    function trusteeCount(bytes calldata p) internal pure returns (uint256) {
        unchecked {
            uint256 head = _head(p);
            return (p.length - HEAD - 2 * ((head >> 232) & 0xFF)) / (head >> 248 == WHOLE ? 40 : 20);
        }
    }

    /// @notice The trustee at an ordinal, 0 for the first member of the first group: of a whole policy or its seats.
    function identityAt(bytes calldata p, uint256 ordinal) internal pure returns (address identity) {
        unchecked {
            uint256 start = HEAD + 2 * groupCount(p) + 20 * ordinal;
            assembly ("memory-safe") {
                identity := shr(96, calldataload(add(p.offset, start)))
            }
        }
    }

    /// @notice The organisation of the trustee at an ordinal of a whole policy; zero for none.
    function organisationAt(bytes calldata p, uint256 ordinal) internal pure returns (address organisation) {
        unchecked {
            uint256 start = HEAD + 2 * groupCount(p) + 20 * (trusteeCount(p) + ordinal);
            assembly ("memory-safe") {
                organisation := shr(96, calldataload(add(p.offset, start)))
            }
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
        if (bytes32(p[_REST:46]) != bytes32(earlier[_REST:46]) || ruleHash(p) != ruleHash(earlier)) return true;
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
        if (p.length < HEAD || _byte(p, 0) != WHOLE || flags(p) > 15) revert Malformed();
        uint256 groups = groupCount(p);
        if (groups == 0 || groups > MAX_GROUPS) revert PolicyInvalid();
        uint256 start = HEAD + 2 * groups;
        if (p.length < start) revert Malformed();
        uint256 members = _checkGroups(p, groups);
        if (p.length != start + 40 * members) revert Malformed();
        if (bytes32(p[_REST:46]) != keccak256(names)) revert Malformed();
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
            uint256 all = _groups(p);
            for (uint256 g = 0; g < groups; ++g) {
                uint256 threshold = all >> 248;
                uint256 size = (all >> 240) & 0xFF;
                all <<= 16;
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
            uint256 end = first + 20 * members;
            for (uint256 start = first; start < end; start += 20) {
                bytes20 identity = bytes20(_word(p, start));
                bytes20 organisation = bytes20(_word(p, start + 20 * members));
                if (identity == 0) revert PolicyInvalid();
                bool seen = organisation == 0;
                for (uint256 other = first; other < start; other += 20) {
                    if (bytes20(_word(p, other)) == identity) revert PolicyInvalid();
                    if (bytes20(_word(p, other + 20 * members)) == organisation) seen = true;
                }
                if (!seen) _checkOrganisation(p, groups, needed, organisation, end);
            }
        }
    }

    /// @dev Reverts when one organisation could meet a group's threshold of several, or the whole policy of several groups.
    function _checkOrganisation(bytes calldata p, uint256 groups, uint256 needed, bytes20 organisation, uint256 member)
        private
        pure
    {
        unchecked {
            uint256 met;
            uint256 sizes = _groups(p);
            for (; groups != 0; --groups) {
                uint256 threshold = sizes >> 248;
                uint256 end = member + 20 * ((sizes >> 240) & 0xFF);
                sizes <<= 16;
                uint256 present = 0;
                for (; member < end; member += 20) {
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
            uint256 needed = groupThreshold(p);
            for (uint256 left = groupCount(p); met + left >= needed && left != 0; --left) {
                uint256 size = (groups >> 240) & 0xFF;
                // How many of the group's bits are set: a group has at most 16.
                uint256 present = seats & ((1 << size) - 1);
                present -= (present >> 1) & 0x5555;
                present = (present & 0x3333) + ((present >> 2) & 0x3333);
                present = (present + (present >> 4)) & 0x0F0F;
                if ((present + (present >> 8)) & 0x1F >= groups >> 248) ++met;
                seats >>= size;
                groups <<= 16;
            }
            return met >= needed;
        }
    }
}
