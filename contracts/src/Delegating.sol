// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title How the ledger passes a call on to one of its modules
abstract contract Delegating {
    /// @dev Passes the call on as it came, and its answer or refusal back. Does not return.
    function _delegate(address module) internal {
        assembly ("memory-safe") {
            let m := mload(0x40)
            calldatacopy(m, 0, calldatasize())
            let ok := delegatecall(gas(), module, m, calldatasize(), 0, 0)
            returndatacopy(m, 0, returndatasize())
            if iszero(ok) { revert(m, returndatasize()) }
            return(m, returndatasize())
        }
    }
}
