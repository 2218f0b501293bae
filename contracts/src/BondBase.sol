// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IdentityBase} from "./IdentityBase.sol";
import "./LedgerErrors.sol";

/// @title Oracles' bonds, in gwei
/// @dev What the ledger holds is at any time the sum of bonds, of what is being released, of credits, and of what was burned.
abstract contract BondBase is IdentityBase {
    /// @dev The most that one oracle can have bonded: 10^8 ether, so that no sum overflows.
    uint256 internal constant BOND_LIMIT = 1e17;

    /// @dev Takes an oracle's whole bond with what is being released: a quarter is the challenger's to withdraw, the rest stays here for good.
    /// Counts the slash also where there was no bond.
    function _slash(address oracle, address challenger) internal {
        Actor storage a = _actors[oracle];
        uint64 amount = a.bond + a.releasing;
        uint64 reward = amount / 4;
        a.bond = 0;
        a.releasing = 0;
        a.bondPayableAt = 0;
        ++a.slashes;
        if (amount != 0) {
            _credits[challenger] += reward;
            _registry = _set(_registry, G_BURNED, 64, _field(_registry, G_BURNED, 64) + amount - reward);
        }
        _updateEligibility(oracle, a.core);
        emit BondSlashed(oracle, amount, challenger, reward);
    }

    /// @dev Pays an actor at its ledger address. Everything is stored before, and the functions that pay are not re-entered.
    function _pay(address actor, uint256 core, uint256 amount) internal {
        (bool paid,) = _ledgerAddressOf(actor, core).call{value: amount * 1 gwei}("");
        if (!paid) revert PaymentRefused();
    }
}
