// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "./Test.sol";
import {Handler} from "./Handler.sol";

/// @title What holds whatever is done, by whomever, in whatever order
/// @notice The numbers are those of contracts/README.md. Every one is checked after each call of a campaign of its own. forge
/// begins every campaign with the same seed; as the campaigns' runs differ in length, all but the first runs differ.
/// forge-config: default.invariant.fail-on-revert = true
/// forge-config: default.invariant.runs = 8
/// forge-config: long.invariant.fail-on-revert = true
/// forge-config: long.invariant.runs = 100
contract InvariantsTest is Test {
    uint256 private constant _ENCORES = 60;

    Handler private _handler;

    function setUp() external {
        _handler = new Handler();
        _targetContract(address(_handler));
        bytes4[] memory calls = new bytes4[](34);
        calls[0] = Handler.advanceFirst.selector;
        calls[1] = Handler.advanceSecond.selector;
        calls[2] = Handler.advanceThird.selector;
        calls[3] = Handler.advanceFourth.selector;
        calls[4] = Handler.request.selector;
        calls[5] = Handler.draw.selector;
        calls[6] = Handler.approve.selector;
        calls[7] = Handler.approveSigned.selector;
        calls[8] = Handler.replay.selector;
        calls[9] = Handler.deny.selector;
        calls[10] = Handler.consent.selector;
        calls[11] = Handler.end.selector;
        calls[12] = Handler.review.selector;
        calls[13] = Handler.deliver.selector;
        calls[14] = Handler.refuse.selector;
        calls[15] = Handler.open.selector;
        calls[16] = Handler.settle.selector;
        calls[17] = Handler.rate.selector;
        calls[18] = Handler.redraw.selector;
        calls[19] = Handler.useAgain.selector;
        calls[20] = Handler.registerAgain.selector;
        calls[21] = Handler.dealAnew.selector;
        calls[22] = Handler.reshare.selector;
        calls[23] = Handler.recover.selector;
        calls[24] = Handler.changeTeam.selector;
        calls[25] = Handler.claim.selector;
        calls[26] = Handler.police.selector;
        calls[27] = Handler.policeApprover.selector;
        calls[28] = Handler.bond.selector;
        calls[29] = Handler.release.selector;
        calls[30] = Handler.withdraw.selector;
        calls[31] = Handler.dispute.selector;
        calls[32] = Handler.snapshot.selector;
        calls[33] = Handler.wait.selector;
        _targetSelectors(address(_handler), calls);
    }

    /// @dev Every run of every campaign gets to every story: claims at all levels, refused and appealed; reshares, recoveries, teams, emergencies
    /// and their reviews, approvers who are suspended or removed while a request is open. A run that ended before a story goes on with it, from
    /// wherever chance has brought it, and everything has to hold afterwards.
    function afterInvariant() external {
        for (uint256 i = 0; i < _ENCORES && bytes(_handler.untold()).length != 0; ++i) {
            _handler.goOn(i);
        }
        string memory untold = _handler.untold();
        assertEq(bytes(untold).length, 0, untold);
        for (uint256 i = 1; i <= 14; ++i) {
            _unbroken(i);
        }
        _handler.checkRequests();
        _handler.checkReputations();
        _handler.checkPeople();
        _handler.checkRules();
        _handler.checkMoney();
        _handler.checkEvents();
    }

    /// forge-config: default.invariant.depth = 84
    /// forge-config: long.invariant.depth = 208
    function invariant_01_grantedMeansConsentOrAnActiveQuorumInTime() external view {
        _unbroken(1);
        _handler.checkRequests();
    }

    /// forge-config: default.invariant.depth = 87
    /// forge-config: long.invariant.depth = 215
    function invariant_02_approvalsCountOnce() external view {
        _unbroken(2);
        _handler.checkRequests();
    }

    /// forge-config: default.invariant.depth = 90
    /// forge-config: long.invariant.depth = 222
    function invariant_03_whatEndedIsNeverGranted() external view {
        _unbroken(3);
        _handler.checkRequests();
    }

    /// forge-config: default.invariant.depth = 93
    /// forge-config: long.invariant.depth = 229
    function invariant_04_deliveriesNeedAGrantAndAreOneForEachOracle() external view {
        _unbroken(4);
    }

    /// forge-config: default.invariant.depth = 96
    /// forge-config: long.invariant.depth = 236
    function invariant_05_reputationsFollowTheFactsAndStayInRange() external view {
        _unbroken(5);
        _handler.checkReputations();
    }

    /// forge-config: default.invariant.depth = 99
    /// forge-config: long.invariant.depth = 243
    function invariant_06_higherReputationsNeverRankLower() external view {
        _handler.checkReputations();
    }

    /// forge-config: default.invariant.depth = 102
    /// forge-config: long.invariant.depth = 250
    function invariant_07_nobodyChangesWhatIsAnothers() external view {
        _unbroken(7);
        _handler.checkPeople();
    }

    /// forge-config: default.invariant.depth = 105
    /// forge-config: long.invariant.depth = 257
    function invariant_08_rulesAndAdministratorsStay() external view {
        _handler.checkRules();
    }

    /// forge-config: default.invariant.depth = 108
    /// forge-config: long.invariant.depth = 264
    function invariant_09_signaturesServeOnceAndHereAlone() external view {
        _unbroken(9);
    }

    /// forge-config: default.invariant.depth = 111
    /// forge-config: long.invariant.depth = 271
    function invariant_10_bondsAndCreditsAreWhatIsThere() external view {
        _handler.checkMoney();
    }

    /// forge-config: default.invariant.depth = 114
    /// forge-config: long.invariant.depth = 278
    function invariant_11_aNewDealingEndsUndecidedRequests() external view {
        _unbroken(11);
        _handler.checkRequests();
    }

    /// forge-config: default.invariant.depth = 117
    /// forge-config: long.invariant.depth = 285
    function invariant_12_eventsTellTheState() external view {
        _handler.checkEvents();
    }

    /// forge-config: default.invariant.depth = 120
    /// forge-config: long.invariant.depth = 292
    function invariant_13_aBundleIsRegisteredOnce() external view {
        _unbroken(13);
        _handler.checkPeople();
    }

    /// forge-config: default.invariant.depth = 123
    /// forge-config: long.invariant.depth = 299
    function invariant_14_aProofSlashesAndNothingElseDoes() external view {
        _unbroken(14);
        _handler.checkMoney();
    }

    function _unbroken(uint256 invariant) private view {
        string memory broken = _handler.broken(invariant);
        assertEq(bytes(broken).length, 0, broken);
    }
}
