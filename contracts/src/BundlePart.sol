// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Auth} from "./LedgerTypes.sol";
import {LedgerBase} from "./LedgerBase.sol";
import {ICore} from "./ICore.sol";
import "./LedgerErrors.sol";

/// @title Registering bundles: done for every bundle, so the ledger does it itself
abstract contract BundlePart is LedgerBase, ICore {
    bytes32 internal constant REGISTER_BUNDLE_TYPEHASH = keccak256(
        "RegisterBundle(address actor,uint64 nonce,bytes32 bundleId,bytes32 headerDigest,bytes32 documentsRoot)"
    );

    /// @inheritdoc ICore
    function registerBundle(bytes32 bundleId, bytes32 headerDigest, bytes32 documentsRoot, Auth calldata auth)
        external
    {
        uint256 core = _authorize(
            auth,
            _isSigned(auth)
                ? keccak256(
                    abi.encode(REGISTER_BUNDLE_TYPEHASH, auth.actor, auth.nonce, bundleId, headerDigest, documentsRoot)
                )
                : bytes32(0),
            Need.Active
        );
        _requireRole(core, PATIENT);
        if (bundleId == 0 || headerDigest == 0) revert Malformed();
        if (_bundles[bundleId] != 0) revert AlreadyExists();
        _bundles[bundleId] = _bundleTag(auth.actor, headerDigest, documentsRoot);
        emit BundleRegistered(bundleId, auth.actor, headerDigest, documentsRoot);
    }
}
