// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Auth} from "./LedgerTypes.sol";
import {LedgerBase} from "./LedgerBase.sol";
import "./LedgerErrors.sol";

/// @title Registering bundles: done for every bundle, so the ledger does it itself
abstract contract BundlePart is LedgerBase {
    bytes32 public constant REGISTER_BUNDLE_TYPEHASH = keccak256(
        "RegisterBundle(address actor,uint64 nonce,bytes32 bundleId,bytes32 headerDigest,bytes32 documentsRoot)"
    );

    /// @notice Registers a bundle of sealed documents by digests. By a patient, whose it is from then on.
    /// Refuses with WrongRole, Malformed (no id or no header) and AlreadyExists. Emits BundleRegistered.
    /// @param bundleId 32 random bytes.
    /// @param headerDigest SHA-256 of the bundle's signed header.
    /// @param documentsRoot The root over its documents.
    /// @param auth The patient.
    function registerBundle(bytes32 bundleId, bytes32 headerDigest, bytes32 documentsRoot, Auth calldata auth)
        external
    {
        uint256 core = _authorize(
            auth,
            keccak256(
                abi.encode(REGISTER_BUNDLE_TYPEHASH, auth.actor, auth.nonce, bundleId, headerDigest, documentsRoot)
            ),
            Need.Active
        );
        _requireRole(core, PATIENT);
        if (bundleId == 0 || headerDigest == 0) revert Malformed();
        if (_bundles[bundleId] != 0) revert AlreadyExists();
        _bundles[bundleId] = _tag(keccak256(abi.encode(auth.actor, headerDigest, documentsRoot)));
        emit BundleRegistered(bundleId, auth.actor, headerDigest, documentsRoot);
    }
}
