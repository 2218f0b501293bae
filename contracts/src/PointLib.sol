// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Tells whether bytes are a public key, so that no event carries one that its readers must refuse.
library PointLib {
    uint256 private constant _FIELD = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFC2F;
    uint256 private constant _ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    /// @notice As `isPublicKey`, for a caller who shows the point's other coordinate: 200 gas and a word of calldata.
    /// @param key The compressed point.
    /// @param y Its y: what the curve's equation and the prefix ask for.
    function isPublicKey(bytes calldata key, uint256 y) internal pure returns (bool) {
        if (key.length != 33) return false;
        uint256 x;
        uint256 prefix;
        assembly ("memory-safe") {
            prefix := byte(0, calldataload(key.offset))
            x := calldataload(add(key.offset, 1))
        }
        if (x == 0 || x >= _ORDER || y >= _FIELD || prefix != (2 | (y & 1))) return false;
        return mulmod(y, y, _FIELD) == addmod(mulmod(mulmod(x, x, _FIELD), x, _FIELD), 7, _FIELD);
    }

    /// @notice Whether these are a point of secp256k1 in compressed form (33 bytes) whose x is below the group's order.
    /// @dev The recovery precompile takes r as the x of a point and answers nothing when there is none: 3,000 gas, less than a square root
    /// by the exponentiation precompile. An x between order and field prime (one in 2^128) is refused.
    function isPublicKey(bytes calldata key) internal pure returns (bool) {
        if (key.length != 33 || uint8(key[0]) | 1 != 3) return false;
        bytes32 x = bytes32(key[1:33]);
        if (uint256(x) == 0 || uint256(x) >= _ORDER) return false;
        return ecrecover(0, 27, x, bytes32(uint256(1))) != address(0);
    }
}
