// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Parameters} from "./LedgerTypes.sol";
import {LedgerBase} from "./LedgerBase.sol";
import {RequestPart} from "./RequestPart.sol";
import {ServicePart} from "./ServicePart.sol";
import {BundlePart} from "./BundlePart.sol";
import {DrawPart} from "./DrawPart.sol";
import {Routes} from "./Routes.sol";
import "./LedgerErrors.sol";

/// @title The ledger of consent: one address, no owner, nothing that can be changed afterwards.
/// @notice What happens often is here; the rest is in modules that were fixed when the ledger was made and that it calls by delegatecall.
contract PhrLedger is RequestPart, DrawPart, ServicePart, BundlePart, Routes {
    /// @notice The modules, in the order of Routes' constructor.
    struct Modules {
        address identity;
        address teams;
        address dealings;
        address reshares;
        address claims;
        address disputes;
        address emergencies;
        address requests;
    }

    constructor(Parameters memory p, Modules memory m)
        LedgerBase(p)
        Routes([m.identity, m.teams, m.dealings, m.reshares, m.claims, m.disputes, m.emergencies, m.requests])
    {
        _checkParameters(p);
        _checked(m.identity);
        _checked(m.teams);
        _checked(m.requests);
        _checked(m.dealings);
        _checked(m.reshares);
        _checked(m.claims);
        _checked(m.disputes);
        _checked(m.emergencies);
        uint256 core = _set(0, A_STATUS, 4, ACTIVE);
        core = _set(core, A_ROLES, 12, AGENCY);
        core = _set(core, A_VALID_UNTIL, 40, type(uint40).max);
        core = _set(core, A_FLAGS, 8, FLAG_FOUNDING);
        _actors[p.foundingAgency].core = core;
        _registry = _set(0, 16, 16, 1);
    }

    /// @notice Carries several commands in one transaction.
    /// @param calls The calldata of each, for functions of this ledger.
    /// @param atomic Whether one refusal undoes all; else refused ones are reported by CallFailed and the others stand.
    function batch(bytes[] calldata calls, bool atomic) external {
        for (uint256 i = 0; i < calls.length; ++i) {
            (bool ok, bytes memory answer) = address(this).delegatecall(calls[i]);
            if (ok) continue;
            if (atomic) {
                assembly ("memory-safe") {
                    revert(add(answer, 32), mload(answer))
                }
            }
            emit CallFailed(i, answer);
        }
    }

    function _checked(address module) private view returns (address) {
        if (module.code.length == 0 || LedgerBase(module).parametersHash() != parametersHash()) revert Malformed();
        return module;
    }

    /// @dev The model's bounds.
    function _checkParameters(Parameters memory p) private pure {
        if (
            p.foundingAgency == address(0) || p.drawDelay == 0 || p.drawDelay > 10_000 || p.drawWindow == 0
                || p.drawWindow > 200 || p.snapshotInterval > 100_000
                || p.snapshotInterval <= p.drawDelay + p.drawWindow || p.deliveryWindow == 0
                || p.maxRequestLifetime == 0 || p.maxOracleKeyLifetime == 0 || p.maxEmergencyLifetime == 0
                || p.reviewPeriod == 0 || p.cooldown > p.maxCooldown
        ) revert Malformed();
    }
}
