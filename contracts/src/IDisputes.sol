// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Auth} from "./LedgerTypes.sol";

/// @notice What an oracle signed when it delivered: for which job, under which terms, and the root over its fragments.
/// @dev slashes says how often its bond had been taken then; use how many uses of the grant had been counted.
struct DisputedDelivery {
    address oracle;
    uint32 slashes;
    bytes32 requestId;
    uint32 round;
    uint32 use;
    uint32 index;
    bytes32 evidenceRoot;
    bytes32 receivingKeyHash;
    bytes32 root;
}

/// @title Disputes: a signed delivery that is provably false costs its oracle's bond and good name
/// @notice What is shown needs no state of the request: the oracle signed the request's id, which is a hash of all its terms. Every command may
/// be sent by its actor or, signed by it, by anybody: see Auth. Beside the errors named here both refuse with BadSignature, WrongNonce,
/// NotRegistered, Removed, NotAdmitted, Suspended and KeyExpired for what the actor itself is.
interface IDisputes {
    /// @notice Shows that a delivery is false. By anybody who is active; a quarter of the bond is then the challenger's. Nothing that can be made
    /// of an honest delivery is taken for evidence. Refuses with NotFound (the oracle), StaleEpoch (its bond was taken since), BadEvidence (the
    /// oracle did not sign, or the evidence is not about this delivery) and DeliveryHolds (what should be broken holds). Emits BondSlashed,
    /// DeliveryDisputed and ReputationChanged.
    /// @param delivery What the oracle signed.
    /// @param deliverySignature r || s || v of the oracle's ledger key, v 0 or 1.
    /// @param evidence One fragment, what it is checked against, and which check it fails; see docs/approval-format.md.
    /// @param auth The challenger.
    function disputeDelivery(
        DisputedDelivery calldata delivery,
        bytes calldata deliverySignature,
        bytes calldata evidence,
        Auth calldata auth
    ) external;

    /// @notice Shows that an oracle signed two different deliveries for one job. By anybody who is active; a quarter of the bond is then the
    /// challenger's. Refuses with NotFound, StaleEpoch, BadEvidence (not signed, or different jobs) and DeliveryHolds (the two are one). Emits
    /// BondSlashed, DeliveryDisputed and ReputationChanged.
    /// @param delivery What the oracle signed.
    /// @param deliverySignature r || s || v of the oracle's ledger key, v 0 or 1.
    /// @param other What else it signed.
    /// @param otherSignature The signature over that.
    /// @param auth The challenger.
    function disputeEquivocation(
        DisputedDelivery calldata delivery,
        bytes calldata deliverySignature,
        DisputedDelivery calldata other,
        bytes calldata otherSignature,
        Auth calldata auth
    ) external;
}
