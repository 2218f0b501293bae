// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Parameters, Auth} from "../LedgerTypes.sol";
import {LedgerBase} from "../LedgerBase.sol";
import {BondBase} from "../BondBase.sol";
import {DisputedDelivery} from "../IDisputes.sol";
import {ReputationLib} from "../ReputationLib.sol";
import {UmbralVerifier, DeliveryVerdict} from "../UmbralVerifier.sol";
import "../LedgerErrors.sol";

/// @title Disputes: called by the ledger
/// @dev The functions are those of IDisputes and described there. A dispute stores nothing of its own: that the bond was taken once more is
/// counted in the oracle's slot, and older deliveries name an older count.
contract DisputeModule is BondBase {
    uint256 private constant _EQUIVOCATION = 9;
    uint256 private constant _CORRECTNESS = 0xFFFFF << 160;
    bytes32 private constant _STATEMENT_TAG = keccak256("phr/delivery-statement/v2");

    bytes32 public constant DISPUTED_DELIVERY_TYPEHASH = keccak256(
        "DisputedDelivery(address oracle,uint32 slashes,bytes32 requestId,uint32 round,uint32 use,uint32 index,bytes32 evidenceRoot,bytes32 receivingKeyHash,bytes32 root)"
    );
    bytes32 public constant DISPUTE_DELIVERY_TYPEHASH = keccak256(
        "DisputeDelivery(address actor,uint64 nonce,DisputedDelivery delivery,bytes deliverySignature,bytes evidence)DisputedDelivery(address oracle,uint32 slashes,bytes32 requestId,uint32 round,uint32 use,uint32 index,bytes32 evidenceRoot,bytes32 receivingKeyHash,bytes32 root)"
    );
    bytes32 public constant DISPUTE_EQUIVOCATION_TYPEHASH = keccak256(
        "DisputeEquivocation(address actor,uint64 nonce,DisputedDelivery delivery,bytes deliverySignature,DisputedDelivery other,bytes otherSignature)DisputedDelivery(address oracle,uint32 slashes,bytes32 requestId,uint32 round,uint32 use,uint32 index,bytes32 evidenceRoot,bytes32 receivingKeyHash,bytes32 root)"
    );

    constructor(Parameters memory p) LedgerBase(p) {}

    function disputeDelivery(
        DisputedDelivery calldata delivery,
        bytes calldata deliverySignature,
        bytes calldata evidence,
        Auth calldata auth
    ) external onlyDelegated {
        bytes32 structHash;
        if (auth.signature.length != 0) {
            structHash = keccak256(
                abi.encode(
                    DISPUTE_DELIVERY_TYPEHASH,
                    auth.actor,
                    auth.nonce,
                    _hashOf(delivery),
                    keccak256(deliverySignature),
                    keccak256(evidence)
                )
            );
        }
        _authorize(auth, structHash, Need.Active);
        uint256 index = _accused(delivery);
        _checkSigned(delivery, deliverySignature);
        DeliveryVerdict verdict = UmbralVerifier.judge(
            delivery.requestId, delivery.root, delivery.evidenceRoot, delivery.receivingKeyHash, evidence
        );
        if (verdict == DeliveryVerdict.NoEvidence) revert BadEvidence();
        if (verdict == DeliveryVerdict.Holds) revert DeliveryHolds();
        _punish(delivery, index, auth.actor, uint8(evidence[0]));
    }

    function disputeEquivocation(
        DisputedDelivery calldata delivery,
        bytes calldata deliverySignature,
        DisputedDelivery calldata other,
        bytes calldata otherSignature,
        Auth calldata auth
    ) external onlyDelegated {
        _authorize(
            auth,
            keccak256(
                abi.encode(
                    DISPUTE_EQUIVOCATION_TYPEHASH,
                    auth.actor,
                    auth.nonce,
                    _hashOf(delivery),
                    keccak256(deliverySignature),
                    _hashOf(other),
                    keccak256(otherSignature)
                )
            ),
            Need.Active
        );
        uint256 index = _accused(delivery);
        _checkSigned(delivery, deliverySignature);
        _checkSigned(other, otherSignature);
        if (_jobOf(delivery) != _jobOf(other)) revert BadEvidence();
        if (
            delivery.evidenceRoot == other.evidenceRoot && delivery.receivingKeyHash == other.receivingKeyHash
                && delivery.root == other.root
        ) revert DeliveryHolds();
        _punish(delivery, index, auth.actor, uint32(_EQUIVOCATION));
    }

    // ---- the same for both ----------------------------------------------------------------------------------------------------------------

    function _hashOf(DisputedDelivery calldata d) private pure returns (bytes32) {
        return keccak256(abi.encode(DISPUTED_DELIVERY_TYPEHASH, d));
    }

    function _jobOf(DisputedDelivery calldata d) private pure returns (bytes32) {
        return keccak256(abi.encode(d.oracle, d.slashes, d.requestId, d.round, d.use, d.index));
    }

    /// @dev The oracle's number in the registry.
    function _accused(DisputedDelivery calldata d) private view returns (uint256 index) {
        Actor storage a = _actors[d.oracle];
        index = _field(a.core, A_ORACLE_INDEX, 16);
        if (index == 0) revert NotFound();
        if (a.slashes != d.slashes) revert StaleEpoch();
    }

    /// @dev Reverts unless an address that serves or served the oracle signed. A replaced key counts on: else replacing it would undo what was
    /// signed.
    function _checkSigned(DisputedDelivery calldata d, bytes calldata signature) private view {
        if (signature.length != 65 || uint256(bytes32(signature[32:])) > _HALF_ORDER || uint8(signature[64]) > 1) {
            revert BadEvidence();
        }
        bytes32 digest = keccak256(abi.encode(_STATEMENT_TAG, block.chainid, address(this), d));
        address signer = ecrecover(digest, 27 + uint8(signature[64]), bytes32(signature), bytes32(signature[32:]));
        if (signer == address(0) || (signer != d.oracle && _addresses[signer] != d.oracle)) revert BadEvidence();
    }

    function _punish(DisputedDelivery calldata d, uint256 index, address challenger, uint32 check) private {
        _slash(d.oracle, challenger);
        emit DeliveryDisputed(d.requestId, d.oracle, challenger, d.round, d.use, d.index, check);
        uint256 record =
            ReputationLib.observe(_oracles[index], ReputationLib.CORRECTNESS, 0, ReputationLib.today()) & ~_CORRECTNESS;
        _oracles[index] = record;
        // A number in the registry is at most 1,023.
        // forge-lint: disable-next-line(unsafe-typecast)
        emit ReputationChanged(d.requestId, uint32(index), record);
    }
}
