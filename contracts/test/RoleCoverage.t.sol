// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "./Test.sol";

/// @title That no function of the ledger was forgotten: each that changes anything is tried by every role
contract RoleCoverageTest is Test {
    function test_roles_everyFunctionThatChangesAnything_isTriedByEverybody() external view {
        string memory matrices = string.concat(
            vm.readFile("test/IdentityRoles.t.sol"),
            vm.readFile("test/StoryRoles.t.sol"),
            vm.readFile("test/DealingRoles.t.sol"),
            vm.readFile("test/OtherRoles.t.sol")
        );
        string memory artifact = vm.readFile("artifacts/PhrLedger.json");
        string[] memory functions = vm.parseJsonKeys(artifact, ".methodIdentifiers");
        uint256 tried;
        // What the interface says comes in another order than the keys, so it is read as text.
        for (uint256 i = 0; i < functions.length; ++i) {
            string memory name = vm.split(functions[i], "(")[0];
            bool isTried = vm.contains(matrices, string.concat('_onlyBy("', name, '"'));
            if (isTried) ++tried;
            assertEq(isTried, _changesAnything(artifact, name), name);
        }
        assertGe(tried, 69, "commands");
    }

    /// @dev Whether the interface's entry of a function is neither view nor pure.
    function _changesAnything(string memory artifact, string memory name) private pure returns (bool) {
        string[] memory parts = vm.split(artifact, string.concat('"name": "', name, '",\n   "outputs"'));
        assertEq(parts.length, 2, string.concat(name, " has one entry in the interface"));
        string memory mutability = vm.split(vm.split(parts[1], '"stateMutability": "')[1], '"')[0];
        return keccak256(bytes(mutability)) != keccak256("view") && keccak256(bytes(mutability)) != keccak256("pure");
    }
}
