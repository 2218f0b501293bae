// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Delegating} from "./Delegating.sol";
import {IClaims} from "./IClaims.sol";
import {IDealings} from "./IDealings.sol";
import {IDisputes} from "./IDisputes.sol";
import {IEmergencies} from "./IEmergencies.sol";
import {IIdentity} from "./IIdentity.sol";
import {IRequests} from "./IRequests.sol";
import {IService} from "./IService.sol";
import {NotFound} from "./LedgerErrors.sol";

/// @title Which module a function of the ledger is in
/// @notice What happens often is in the ledger itself. For everything else its fallback asks this table and passes the call on as it came; a
/// selector that is not here is refused with NotFound. The modules are fixed in the code and no function changes them.
/// @dev A function in the ledger's own dispatcher would make every frequent call dearer and take a hundred bytes; a line here does neither. The
/// interfaces say what the functions are; tools/artifacts.cjs fails when this table, the modules and ILedger do not agree.
abstract contract Routes is Delegating {
    address internal immutable _IDENTITY;
    address internal immutable _TEAMS;
    address internal immutable _DEALINGS;
    address internal immutable _RESHARES;
    address internal immutable _CLAIMS;
    address internal immutable _DISPUTES;
    address internal immutable _EMERGENCIES;
    address internal immutable _REQUESTS;

    /// @param modules In the order of PhrLedger.Modules.
    constructor(address[8] memory modules) {
        _IDENTITY = modules[0];
        _TEAMS = modules[1];
        _DEALINGS = modules[2];
        _RESHARES = modules[3];
        _CLAIMS = modules[4];
        _DISPUTES = modules[5];
        _EMERGENCIES = modules[6];
        _REQUESTS = modules[7];
    }

    /// @notice Passes a module's function on to it, and its answer or refusal back.
    fallback() external payable {
        _delegate(_moduleOf(msg.sig));
    }

    /// @notice Refuses plain payments: bonds are posted by postBond.
    receive() external payable {
        revert NotFound();
    }

    function _moduleOf(bytes4 s) private view returns (address) {
        if (
            s == IIdentity.registerActor.selector || s == IIdentity.admitActor.selector
                || s == IIdentity.acceptAdmission.selector || s == IIdentity.recordLicence.selector
                || s == IIdentity.withdrawLicence.selector || s == IIdentity.replaceKey.selector
                || s == IIdentity.suspendActor.selector || s == IIdentity.reinstateActor.selector
                || s == IIdentity.removeActor.selector || s == IIdentity.confirmPresence.selector
                || s == IIdentity.postBond.selector || s == IIdentity.releaseBond.selector
                || s == IIdentity.withdrawBond.selector || s == IIdentity.withdrawCredit.selector
                || s == IIdentity.getActor.selector || s == IIdentity.getOracle.selector
        ) return _IDENTITY;
        if (
            s == IRequests.takeSnapshot.selector || s == IRequests.getSnapshot.selector
                || s == IRequests.denyRequest.selector || s == IRequests.vetoRequest.selector
                || s == IRequests.cancelRequest.selector || s == IRequests.attachToGrant.selector
                || s == IRequests.expireRequest.selector || s == IService.refuseDelivery.selector
                || s == IService.confirmOpened.selector || s == IService.redrawCommittee.selector
                || s == IService.useAgain.selector
        ) return _REQUESTS;
        if (
            s == IDealings.reviseBundle.selector || s == IDealings.revokeBundle.selector
                || s == IDealings.publishEnvelopeKey.selector || s == IDealings.proposeDealing.selector
                || s == IDealings.cancelDealing.selector || s == IDealings.acknowledgeDealing.selector
                || s == IDealings.complainOfDealing.selector || s == IDealings.activateDealing.selector
                || s == IDealings.getBundle.selector || s == IDealings.getDealing.selector
        ) return _DEALINGS;
        if (
            s == IClaims.setReviewThreshold.selector || s == IClaims.fileClaim.selector
                || s == IClaims.endorseClaim.selector || s == IClaims.rejectClaim.selector
                || s == IClaims.approveClaim.selector || s == IClaims.appealClaim.selector
                || s == IClaims.decideAppeal.selector || s == IClaims.withdrawClaim.selector
                || s == IClaims.expireClaim.selector || s == IClaims.claimOf.selector
                || s == IClaims.reviewThresholdOf.selector
        ) return _CLAIMS;
        if (s == IDisputes.disputeDelivery.selector || s == IDisputes.disputeEquivocation.selector) return _DISPUTES;
        if (s == IEmergencies.reviewEmergency.selector || s == IEmergencies.getEmergencyReview.selector) {
            return _EMERGENCIES;
        }
        if (
            s == IIdentity.registerTeam.selector || s == IIdentity.changeTeam.selector
                || s == IIdentity.confirmTeamChange.selector || s == IIdentity.getTeam.selector
        ) return _TEAMS;
        if (
            s == IDealings.proposeReshare.selector || s == IDealings.cancelReshare.selector
                || s == IDealings.contributeToReshare.selector || s == IDealings.complainOfReshare.selector
                || s == IDealings.confirmReshare.selector || s == IDealings.expireReshare.selector
                || s == IDealings.getReshare.selector || s == IDealings.proposeRecovery.selector
                || s == IDealings.supportRecovery.selector || s == IDealings.cancelRecovery.selector
                || s == IDealings.completeRecovery.selector || s == IDealings.getRecovery.selector
        ) return _RESHARES;
        revert NotFound();
    }
}
