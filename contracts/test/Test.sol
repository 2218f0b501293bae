// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Vm, VM_ADDRESS} from "./Vm.sol";

/// @title What every test contract starts from: the cheat codes, checks that say what was expected, and the hooks by which
/// forge finds the targets of an invariant test
abstract contract Test {
    /// @dev Tells an invariant test to call only these functions of one target.
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    Vm internal constant vm = Vm(VM_ADDRESS);

    /// @dev forge looks for this name to decide that a contract holds tests.
    // forge-lint: disable-next-line(mixed-case-function, mixed-case-variable)
    bool public IS_TEST = true;

    address[] private _targets;
    address[] private _excluded;
    FuzzSelector[] private _selectors;

    error CheckFailed(string what);
    error NotEqual(string what, uint256 expected, uint256 actual);
    error NotEqualBytes32(string what, bytes32 expected, bytes32 actual);
    error NotEqualAddress(string what, address expected, address actual);
    error NotEqualBytes(string what, bytes expected, bytes actual);
    error NotAtMost(string what, uint256 limit, uint256 actual);
    error NotAtLeast(string what, uint256 floor, uint256 actual);

    function targetContracts() external view returns (address[] memory) {
        return _targets;
    }

    function excludeContracts() external view returns (address[] memory) {
        return _excluded;
    }

    function targetSelectors() external view returns (FuzzSelector[] memory) {
        return _selectors;
    }

    function _targetContract(address target) internal {
        _targets.push(target);
    }

    function _excludeContract(address target) internal {
        _excluded.push(target);
    }

    function _targetSelectors(address target, bytes4[] memory selectors) internal {
        _selectors.push(FuzzSelector(target, selectors));
    }

    function assertTrue(bool condition, string memory what) internal pure {
        if (!condition) revert CheckFailed(what);
    }

    function assertFalse(bool condition, string memory what) internal pure {
        if (condition) revert CheckFailed(what);
    }

    function assertEq(uint256 actual, uint256 expected, string memory what) internal pure {
        if (actual != expected) revert NotEqual(what, expected, actual);
    }

    function assertEq(bytes32 actual, bytes32 expected, string memory what) internal pure {
        if (actual != expected) revert NotEqualBytes32(what, expected, actual);
    }

    function assertEq(address actual, address expected, string memory what) internal pure {
        if (actual != expected) revert NotEqualAddress(what, expected, actual);
    }

    function assertEq(bool actual, bool expected, string memory what) internal pure {
        if (actual != expected) revert CheckFailed(what);
    }

    function assertEq(bytes memory actual, bytes memory expected, string memory what) internal pure {
        if (keccak256(actual) != keccak256(expected)) revert NotEqualBytes(what, expected, actual);
    }

    function assertNotEq(uint256 actual, uint256 unexpected, string memory what) internal pure {
        if (actual == unexpected) revert CheckFailed(what);
    }

    function assertNotEq(bytes32 actual, bytes32 unexpected, string memory what) internal pure {
        if (actual == unexpected) revert CheckFailed(what);
    }

    function assertLe(uint256 actual, uint256 limit, string memory what) internal pure {
        if (actual > limit) revert NotAtMost(what, limit, actual);
    }

    function assertGe(uint256 actual, uint256 floor, string memory what) internal pure {
        if (actual < floor) revert NotAtLeast(what, floor, actual);
    }

    /// @dev Folds any number into [low, high]; numbers that are inside already stay what they are.
    function bound(uint256 value, uint256 low, uint256 high) internal pure returns (uint256) {
        assertTrue(low <= high, "bound: low is above high");
        if (value >= low && value <= high) return value;
        uint256 size = high - low;
        if (size == type(uint256).max) return value;
        return low + value % (size + 1);
    }
}
