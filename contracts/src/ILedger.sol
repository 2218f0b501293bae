// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICore} from "./ICore.sol";
import {IClaims} from "./IClaims.sol";
import {IDealings} from "./IDealings.sol";
import {IDisputes} from "./IDisputes.sol";
import {IEmergencies} from "./IEmergencies.sol";
import {IIdentity} from "./IIdentity.sol";
import {IRequests} from "./IRequests.sol";
import {IService} from "./IService.sol";

/// @title Everything that can be called at the ledger's address
interface ILedger is ICore, IRequests, IService, IIdentity, IDealings, IClaims, IDisputes, IEmergencies {
    /// @notice Carries several commands in one transaction.
    /// @param calls The calldata of each, for functions of this ledger.
    /// @param atomic Whether one refusal undoes all; else refused ones are reported by CallFailed and the others stand.
    function batch(bytes[] calldata calls, bool atomic) external;

    /// @notice The EIP-712 domain separator.
    /// @return separator keccak256 of the domain: name Phr, version 1, this chain, this address.
    function domainSeparator() external view returns (bytes32 separator);

    /// @notice The hash of the parameters that this ledger was made with.
    /// @return hash keccak256(abi.encode(parameters)).
    function parametersHash() external view returns (bytes32 hash);
}
