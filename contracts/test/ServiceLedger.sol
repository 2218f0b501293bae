// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PhrLedger} from "../src/PhrLedger.sol";
import {Parameters} from "../src/LedgerTypes.sol";

contract ServiceLedger is PhrLedger {
    constructor(Parameters memory p, Modules memory m) PhrLedger(p, m) {}
}
