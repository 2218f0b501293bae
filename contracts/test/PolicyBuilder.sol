// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Writes policies for tests, from numbers a reader can see
library PolicyBuilder {
    struct Policy {
        uint256 groupThreshold;
        uint256 m;
        uint256 n;
        uint256 flags;
        uint256 vetoWindow;
        uint256 incapacityAfter;
        uint256[] thresholds;
        uint256[] sizes;
        address[] identities;
        address[] organisations;
        bytes rule;
    }

    /// @dev The groups are called g1, g2 and so on.
    function names(Policy memory p) internal pure returns (bytes memory text) {
        for (uint256 g = 0; g < p.sizes.length; ++g) {
            text = abi.encodePacked(text, hex"0267", bytes("12345678")[g]);
        }
    }

    function encode(Policy memory p) internal pure returns (bytes memory blob) {
        blob = abi.encodePacked(
            hex"01",
            uint8(p.groupThreshold),
            uint8(p.sizes.length),
            uint8(p.m),
            uint8(p.n),
            uint8(p.flags),
            uint32(p.vetoWindow),
            uint32(p.incapacityAfter),
            keccak256(names(p)),
            p.rule.length == 0 ? bytes32(0) : keccak256(p.rule)
        );
        for (uint256 g = 0; g < p.sizes.length; ++g) {
            blob = abi.encodePacked(blob, uint8(p.thresholds[g]), uint8(p.sizes[g]));
        }
        for (uint256 i = 0; i < p.identities.length; ++i) {
            blob = abi.encodePacked(blob, p.identities[i]);
        }
        for (uint256 i = 0; i < p.identities.length; ++i) {
            blob = abi.encodePacked(blob, p.organisations[i]);
        }
    }

    /// @dev A whole policy without its organisations, and the hash of what is left out with the names'.
    function seatsOf(bytes memory whole) internal pure returns (bytes memory) {
        (uint256 end, uint256 rest) = _ends(whole);
        bytes32 hash = keccak256(bytes.concat(_cut(whole, 14, 46), _cut(whole, end, rest)));
        return bytes.concat(hex"02", _cut(whole, 1, 14), hash, _cut(whole, 46, end));
    }

    /// @dev A whole policy without its seats, too.
    function termsOf(bytes memory whole) internal pure returns (bytes memory) {
        bytes memory seats = seatsOf(whole);
        return bytes.concat(hex"03", _cut(seats, 1, 78), keccak256(_cut(seats, 78, seats.length)));
    }

    /// @dev What commands and facts name a whole policy by.
    function hashOf(bytes memory whole) internal pure returns (bytes32) {
        bytes memory terms = termsOf(whole);
        terms[0] = 0x01;
        return keccak256(terms);
    }

    /// @dev Where the identities of a whole policy end, and where it does.
    function _ends(bytes memory whole) private pure returns (uint256 end, uint256 rest) {
        uint256 seats = 78 + 2 * uint256(uint8(whole[2]));
        rest = whole.length;
        end = seats + (rest - seats) / 40 * 20;
    }

    function _cut(bytes memory data, uint256 start, uint256 end) private pure returns (bytes memory part) {
        part = new bytes(end - start);
        for (uint256 i = 0; i < part.length; ++i) {
            part[i] = data[start + i];
        }
    }

    /// @dev One group of these trustees, of whom so many decide; three of five oracles, a person receives, one hour of veto.
    function simple(uint256 threshold, address[] memory trustees) internal pure returns (Policy memory p) {
        p.groupThreshold = 1;
        p.m = 3;
        p.n = 5;
        p.flags = 2;
        p.vetoWindow = 3600;
        p.thresholds = new uint256[](1);
        p.sizes = new uint256[](1);
        p.thresholds[0] = threshold;
        p.sizes[0] = trustees.length;
        p.identities = trustees;
        p.organisations = new address[](trustees.length);
    }
}
