// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Auth} from "./LedgerTypes.sol";
import {Delegating} from "./Delegating.sol";
import {IDisputes, DisputedDelivery} from "./IDisputes.sol";

/// @title The ledger's commands on disputes: each is passed on to its module
/// @dev Arguments are named for the interface; a function does nothing with them but pass them on.
abstract contract DisputeCalls is IDisputes, Delegating {
    address internal immutable _DISPUTES;

    constructor(address disputes) {
        _DISPUTES = disputes;
    }

    /// @inheritdoc IDisputes
    function disputeDelivery(
        DisputedDelivery calldata delivery,
        bytes calldata deliverySignature,
        bytes calldata evidence,
        Auth calldata auth
    ) external {
        (delivery, deliverySignature, evidence, auth);
        _delegate(_DISPUTES);
    }

    /// @inheritdoc IDisputes
    function disputeEquivocation(
        DisputedDelivery calldata delivery,
        bytes calldata deliverySignature,
        DisputedDelivery calldata other,
        bytes calldata otherSignature,
        Auth calldata auth
    ) external {
        (delivery, deliverySignature, other, otherSignature, auth);
        _delegate(_DISPUTES);
    }
}
