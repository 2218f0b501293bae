// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PhrLedger} from "../src/PhrLedger.sol";
import {ServicePart} from "../src/ServicePart.sol";
import {LedgerBase} from "../src/LedgerBase.sol";
import {Parameters} from "../src/LedgerTypes.sol";

contract ServiceLedger is PhrLedger, ServicePart {
    constructor(Parameters memory p, Modules memory m) PhrLedger(p, m) {}

    function _isTeamKeyOld(address team, uint256 keyEpoch) internal view override returns (bool) {
        return !_hasTeamKey(RECEIVER_TEAM, team, keyEpoch);
    }
}
