// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Tells whether bytes are a public key, so that no event carries one that its readers must refuse.
library PointLib {
    uint256 private constant _ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

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
