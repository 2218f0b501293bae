// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Parameters} from "../src/LedgerTypes.sol";
import {LedgerBase} from "../src/LedgerBase.sol";

/// @title A module that does nothing: for a test that makes a ledger and needs only some of its parts
contract StubModule is LedgerBase {
    constructor(Parameters memory p) LedgerBase(p) {}
}
