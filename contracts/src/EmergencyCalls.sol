// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Auth, RequestFacts} from "./LedgerTypes.sol";
import {Delegating} from "./Delegating.sol";
import {IEmergencies} from "./IEmergencies.sol";

/// @title The ledger's commands on emergencies: each is passed on to its module
abstract contract EmergencyCalls is IEmergencies, Delegating {
    address internal immutable _EMERGENCIES;

    constructor(address emergencies) {
        _EMERGENCIES = emergencies;
    }

    /// @inheritdoc IEmergencies
    function reviewEmergency(RequestFacts calldata request, uint32 finding, bytes32 reportDigest, Auth calldata auth)
        external
    {
        (request, finding, reportDigest, auth);
        _delegate(_EMERGENCIES);
    }

    /// @inheritdoc IEmergencies
    function getEmergencyReview(bytes32 requestId, address doctor, address patient)
        external
        view
        returns (uint256 record)
    {
        (requestId, doctor, patient, record);
        _delegateView(_EMERGENCIES);
    }
}
