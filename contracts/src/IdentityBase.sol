// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LedgerBase} from "./LedgerBase.sol";
import "./LedgerErrors.sol";

/// @title What changes an actor's keys and an oracle's eligibility, wherever it is done
abstract contract IdentityBase is LedgerBase {
    /// @dev The last second of the year 9999: the highest time that the model can say.
    uint256 internal constant LAST_SECOND = 253_402_300_799;
    uint256 internal constant REASON_CODE = 65_535;

    // The registry's slot.
    uint256 internal constant G_ORACLES = 0; // 16
    uint256 internal constant G_AGENCIES = 16; // 16
    uint256 internal constant G_BURNED = 128; // 64

    uint256 internal constant O_ELIGIBLE_UNTIL = 236; // 20 bits of an oracle's slot

    bytes32 public constant LEDGER_KEY_TYPEHASH = keccak256("LedgerKey(address actor,address newLedgerAddress)");

    /// @dev Whether an address serves, or served, an actor.
    function _isAddressTaken(address ledgerAddress) internal view returns (bool) {
        return _addresses[ledgerAddress] != address(0) || _field(_actors[ledgerAddress].core, A_STATUS, 4) != UNKNOWN;
    }

    /// @dev Whether the new address signed that it is to serve the actor.
    function _provesPossession(address actor, address newLedgerAddress, bytes calldata possession)
        internal
        view
        returns (bool)
    {
        bytes32 digest = _digest(keccak256(abi.encode(LEDGER_KEY_TYPEHASH, actor, newLedgerAddress)));
        // Inside the command the signature ends as the model writes it, with 0 or 1 where transactions have 27 or 28.
        if (possession.length == 65 && uint8(possession[64]) < 2 && uint256(bytes32(possession[32:64])) <= _HALF_ORDER)
        {
            address signer =
                ecrecover(digest, uint8(possession[64]) + 27, bytes32(possession[0:32]), bytes32(possession[32:64]));
            if (signer != address(0) && signer == newLedgerAddress) return true;
        }
        return _isSignedBy(newLedgerAddress, digest, possession);
    }

    /// @dev Reverts with Malformed or Expired where a key record may not end then.
    function _checkValidity(uint256 validUntil, uint256 roles) internal view {
        if (validUntil > LAST_SECOND) revert Malformed();
        if (validUntil <= block.timestamp) revert Expired();
        if (roles & ORACLE != 0 && validUntil > block.timestamp + _MAX_ORACLE_KEY_LIFETIME) revert Malformed();
    }

    /// @dev Puts another ledger address and key record in place; the caller checked both. Returns the actor's core slot, stored.
    function _replaceKey(
        address actor,
        uint256 core,
        address newLedgerAddress,
        bytes32 keyRecordDigest,
        uint256 validUntil
    ) internal returns (uint256) {
        core = _set(core, A_VALID_UNTIL, 40, validUntil);
        // A founding agency that recorded a key so has no registration left to make.
        core = _set(core, A_FLAGS, 8, _field(core, A_FLAGS, 8) & ~FLAG_FOUNDING);
        if (newLedgerAddress != _ledgerAddressOf(actor, core)) {
            core = _set(core, A_FLAGS, 8, _field(core, A_FLAGS, 8) | FLAG_REKEYED);
            _actors[actor].ledgerAddress = newLedgerAddress;
            _addresses[newLedgerAddress] = actor;
        }
        _actors[actor].core = core;
        _updateEligibility(actor, core);
        emit KeyReplaced(actor, newLedgerAddress, keyRecordDigest, uint64(validUntil));
        return core;
    }

    /// @dev Brings an oracle's slot in step with its state, keys and bond. Does nothing for anybody else, or before admission.
    function _updateEligibility(address actor, uint256 core) internal {
        uint256 index = _field(core, A_ORACLE_INDEX, 16);
        if (index == 0) return;
        uint256 until;
        if (_field(core, A_STATUS, 4) == ACTIVE && _actors[actor].bond >= _MIN_BOND) {
            until = _field(core, A_VALID_UNTIL, 40) / 1 hours;
            if (until > type(uint24).max >> 4) until = type(uint24).max >> 4;
        }
        uint256 record = _oracles[index];
        if (_field(record, O_ELIGIBLE_UNTIL, 20) != until) {
            _oracles[index] = _set(record, O_ELIGIBLE_UNTIL, 20, until);
        }
    }
}
