// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "./Test.sol";
import {PointLib} from "../src/PointLib.sol";

/// @title Which bytes the ledger takes for a public key
contract PointsTest is Test {
    uint256 private constant _P = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFC2F;
    bytes private constant _G = hex"0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";

    function isPublicKey(bytes calldata key) external pure returns (bool) {
        return PointLib.isPublicKey(key);
    }

    function isPublicKey(bytes calldata key, uint256 y) external pure returns (bool) {
        return PointLib.isPublicKey(key, y);
    }

    /// @dev With y: its root is one power away, since the field's prime is 3 modulo 4; of the two roots the prefix wants one.
    function testFuzz_isPublicKey_withItsY_agreesWithEuler(uint256 x) external view {
        x = bound(x, 1, 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364140);
        uint256 square = addmod(mulmod(mulmod(x, x, _P), x, _P), 7, _P);
        uint256 y = _power(square, (_P + 1) / 4);
        bool expected = mulmod(y, y, _P) == square;
        bytes memory key = abi.encodePacked(uint8(2 + (y & 1)), x);
        assertEq(this.isPublicKey(key, y), expected, "on the curve");
        assertFalse(this.isPublicKey(key, _P - y), "the other root");
        assertFalse(this.isPublicKey(key, y ^ 2), "another y");
        assertFalse(this.isPublicKey(abi.encodePacked(uint8(4 + (y & 1)), x), y), "another prefix");
        assertFalse(this.isPublicKey(abi.encodePacked(key, uint8(0)), y), "a byte too many");
        if (y < type(uint256).max - _P) assertFalse(this.isPublicKey(key, y + _P), "y above the field");
    }

    function test_isPublicKey_wrongShape_isFalse() external view {
        assertFalse(this.isPublicKey(""), "nothing");
        assertFalse(this.isPublicKey(abi.encodePacked(_G, uint8(0))), "a byte too many");
        assertFalse(
            this.isPublicKey(hex"0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"), "prefix 4"
        );
        assertFalse(
            this.isPublicKey(hex"0179be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"), "prefix 1"
        );
        assertFalse(this.isPublicKey(abi.encodePacked(uint8(2), bytes32(0))), "x = 0");
        assertFalse(this.isPublicKey(abi.encodePacked(uint8(2), type(uint256).max)), "x above the field");
    }

    function test_isPublicKey_generator_isTrue() external view {
        assertTrue(this.isPublicKey(_G), "the generator");
    }

    /// @dev Against Euler's criterion: x^3 + 7 is a square or it is not.
    function testFuzz_isPublicKey_agreesWithEuler(uint256 x) external view {
        x = bound(x, 1, 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364140);
        uint256 square = addmod(mulmod(mulmod(x, x, _P), x, _P), 7, _P);
        bool expected = _power(square, (_P - 1) / 2) == 1;
        assertEq(this.isPublicKey(abi.encodePacked(uint8(2 + x % 2), x)), expected, "on the curve");
    }

    function _power(uint256 base, uint256 exponent) private pure returns (uint256 result) {
        result = 1;
        for (; exponent != 0; exponent >>= 1) {
            if (exponent & 1 == 1) result = mulmod(result, base, _P);
            base = mulmod(base, base, _P);
        }
    }
}
