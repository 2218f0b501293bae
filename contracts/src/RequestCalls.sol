// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Auth, Seat, RequestFacts} from "./LedgerTypes.sol";
import {Delegating} from "./Delegating.sol";
import {IRequests} from "./IRequests.sol";
import {IService} from "./IService.sol";

/// @title The ledger's rarer commands on requests: each is passed on to its module
/// @dev Arguments are named for the interface; a function does nothing with them but pass them on.
abstract contract RequestCalls is IRequests, IService, Delegating {
    address internal immutable _REQUESTS;

    constructor(address requests) {
        _REQUESTS = requests;
    }

    /// @inheritdoc IRequests
    function takeSnapshot(Auth calldata auth) external {
        (auth);
        _delegate(_REQUESTS);
    }

    /// @inheritdoc IRequests
    function getSnapshot(uint256 number) external view returns (bytes memory entries) {
        (entries, number);
        _delegateView(_REQUESTS);
    }

    /// @inheritdoc IRequests
    function drawCommittee(
        RequestFacts calldata r,
        bytes calldata policy,
        bytes calldata team,
        bytes calldata header,
        Auth calldata auth
    ) external {
        (r, policy, team, header, auth);
        _delegate(_REQUESTS);
    }

    /// @inheritdoc IRequests
    function denyRequest(
        RequestFacts calldata r,
        bytes calldata policy,
        Seat calldata seat,
        uint32 reasonCode,
        Auth calldata auth
    ) external {
        (r, policy, seat, reasonCode, auth);
        _delegate(_REQUESTS);
    }

    /// @inheritdoc IRequests
    function vetoRequest(RequestFacts calldata r, Auth calldata auth) external {
        (r, auth);
        _delegate(_REQUESTS);
    }

    /// @inheritdoc IRequests
    function cancelRequest(RequestFacts calldata r, Auth calldata auth) external {
        (r, auth);
        _delegate(_REQUESTS);
    }

    /// @inheritdoc IRequests
    function attachToGrant(RequestFacts calldata r, uint32 attachmentKind, bytes32 attachmentDigest, Auth calldata auth)
        external
    {
        (r, attachmentKind, attachmentDigest, auth);
        _delegate(_REQUESTS);
    }

    /// @inheritdoc IRequests
    function expireRequest(RequestFacts calldata r, Auth calldata auth) external {
        (r, auth);
        _delegate(_REQUESTS);
    }

    /// @inheritdoc IService
    function settleRequest(RequestFacts calldata r, Auth calldata auth) external {
        (r, auth);
        _delegate(_REQUESTS);
    }

    /// @inheritdoc IService
    function refuseDelivery(RequestFacts calldata r, uint32 index, uint32 reasonCode, Auth calldata auth) external {
        (r, index, reasonCode, auth);
        _delegate(_REQUESTS);
    }

    /// @inheritdoc IService
    function confirmOpened(RequestFacts calldata r, bytes calldata policy, Auth calldata auth) external {
        (r, policy, auth);
        _delegate(_REQUESTS);
    }

    /// @inheritdoc IService
    function redrawCommittee(RequestFacts calldata r, bytes calldata policy, Auth calldata auth) external {
        (r, policy, auth);
        _delegate(_REQUESTS);
    }

    /// @inheritdoc IService
    function useAgain(RequestFacts calldata r, Auth calldata auth) external {
        (r, auth);
        _delegate(_REQUESTS);
    }
}
