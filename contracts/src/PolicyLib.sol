// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Seat} from "./LedgerTypes.sol";
import {NotATrustee} from "./LedgerErrors.sol";

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
    uint256 internal constant PERSON = 2;
    uint256 internal constant TEAM = 4;
    uint256 internal constant EMERGENCY = 8;

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
    function identityAt(bytes calldata p, uint256 ordinal) internal pure returns (address) {
        uint256 start = HEAD + 2 * groupCount(p) + 40 * ordinal;
        return address(bytes20(p[start:start + 20]));
    }

    /// @notice The organisation of the trustee at an ordinal; zero for none.
    function organisationAt(bytes calldata p, uint256 ordinal) internal pure returns (address) {
        uint256 start = HEAD + 2 * groupCount(p) + 40 * ordinal;
        return address(bytes20(p[start + 20:start + 40]));
    }

    /// @notice The ordinal of a seat.
    /// @dev Reverts with NotATrustee where the policy has no such seat.
    function ordinalOf(bytes calldata p, Seat calldata seat) internal pure returns (uint256 ordinal) {
        uint256 groups = groupCount(p);
        if (seat.group == 0 || seat.group > groups || seat.member == 0) revert NotATrustee();
        for (uint256 g = 1; g < seat.group; ++g) {
            ordinal += uint8(p[HEAD + 2 * g - 1]);
        }
        if (seat.member > uint8(p[HEAD + 2 * seat.group - 1])) revert NotATrustee();
        ordinal += seat.member - 1;
    }

    /// @notice Whether a set of seats meets both thresholds.
    /// @param seats Bit i is set for the trustee at ordinal i.
    function isSatisfied(bytes calldata p, uint256 seats) internal pure returns (bool) {
        uint256 groups = groupCount(p);
        uint256 met;
        for (uint256 g = 0; g < groups; ++g) {
            uint256 size = uint8(p[HEAD + 2 * g + 1]);
            uint256 present;
            for (uint256 i = 0; i < size; ++i) {
                present += (seats >> i) & 1;
            }
            seats >>= size;
            if (present >= uint8(p[HEAD + 2 * g])) ++met;
        }
        return met >= groupThreshold(p);
    }
}
