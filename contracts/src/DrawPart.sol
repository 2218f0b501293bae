// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Auth, RequestFacts, TeamTerms} from "./LedgerTypes.sol";
import {RequestSlots} from "./RequestSlots.sol";
import {ICore} from "./ICore.sol";
import {PolicyLib} from "./PolicyLib.sol";
import "./LedgerErrors.sol";

/// @title The draw: which oracles serve a request, from the randomness of a block that nobody knew when it was made
abstract contract DrawPart is RequestSlots, ICore {
    using PolicyLib for bytes;

    bytes32 internal constant DRAW_COMMITTEE_TYPEHASH =
        keccak256("DrawCommittee(address actor,uint64 nonce,bytes32 requestId)");

    bytes11 private constant _DRAW_TAG = "phr/draw/v2";
    uint256 private constant _ATTEMPTS = 256;

    /// @dev Who may not sit, for a draw. mask has the bit of each one's last byte: whose bit is not set is not in the list.
    struct Parties {
        address[] list;
        uint256 mask;
    }

    /// @inheritdoc ICore
    function drawCommittee(
        RequestFacts calldata r,
        bytes calldata policy,
        bytes calldata team,
        bytes calldata header,
        Auth calldata auth
    ) external {
        _authorizeFor(DRAW_COMMITTEE_TYPEHASH, r, auth, Need.Active);
        bytes32 given = policy.hashOf(PolicyLib.WHOLE);
        (uint256[2] storage slots, uint256 s1) = _liveRequest(r, given);
        if (_stage(s1) != STAGE_AWAITING_DRAW) revert AlreadyExists();
        uint256 seedBlock = _when(s1);
        if (block.number <= seedBlock) revert NotYet();
        unchecked {
            if (block.number - seedBlock > _DRAW_WINDOW) {
                _void(slots, s1, r, CAUSE_MISSED_DRAW);
                _countAbandoned(r.doctor);
                return;
            }
        }
        _checkGiven(r, given);
        if (_field(_actors[r.patient].core, A_STATUS, 4) == REMOVED) revert Removed();
        bytes32 seed = _seedOf(header, seedBlock);
        uint256 members = _draw(r, policy, team, seed, s1, slots[1]);
        if (members == 0) {
            _void(slots, s1, r, CAUSE_NOT_ENOUGH_ORACLES);
            return;
        }
        slots[0] = _staged(s1, STAGE_OPEN, 0);
        slots[1] = members;
        // forge-lint: disable-next-line(unsafe-typecast)
        emit CommitteeDrawn(r.requestId, uint32(_field(s1, R_ROUND, 1)), seed, members);
    }

    /// @dev The mixHash of a block whose header this is.
    function _seedOf(bytes calldata header, uint256 number) private view returns (bytes32 seed) {
        bytes32 hash = blockhash(number);
        if (hash == bytes32(0) || keccak256(header) != hash) revert BadHeader();
        // A header that has the block's hash is one. A list of 256 to 65,535 bytes: 3 bytes, then parent hash, uncles (33 each), coinbase (21),
        // three roots (33 each), bloom (259); then difficulty, number, gas limit, gas used, time and extra data, each as long as it says; then
        // the mix hash.
        assembly ("memory-safe") {
            let place := add(header.offset, 448)
            for { let i := 0 } lt(i, 6) { i := add(i, 1) } {
                let head := byte(0, calldataload(place))
                place := add(add(place, 1), mul(gt(head, 0x7f), sub(head, 0x80)))
            }
            seed := calldataload(add(place, 1))
        }
    }

    /// @dev The committee's numbers, seat 1 lowest; 0 when the attempts did not fill every seat.
    function _draw(
        RequestFacts calldata r,
        bytes calldata policy,
        bytes calldata team,
        bytes32 seed,
        uint256 s1,
        uint256 s2
    ) private view returns (uint256 members) {
        uint256 round = _field(s1, R_ROUND, 1);
        uint256 number = round == 0 ? _snapshotOf(r) : _field(s2, S_SNAPSHOT, 32);
        uint256 count = _snapshots[number & 1] >> 32;
        uint256 seats = policy.committeeSize();
        Parties memory taken;
        _listParties(taken, r, policy, team, seats);
        bytes memory input = abi.encodePacked(_DRAW_TAG, seed, r.requestId, uint8(round), uint16(0));
        mapping(uint256 word => uint256) storage words = _snapshotEntries[number & 1];
        unchecked {
            for (uint256 t = 0; t < _ATTEMPTS; ++t) {
                uint256 hash;
                assembly ("memory-safe") {
                    // t has one byte in 256 attempts; the byte above it is 0.
                    mstore8(add(input, 109), t)
                    hash := keccak256(add(input, 32), 78)
                }
                uint256 hit = (hash >> 128) % count;
                uint256 entry = (words[hit >> 4] >> ((hit & 15) << 4)) & 0xFFFF;
                if ((hash & type(uint64).max) % 63 >= entry & 63) continue;
                entry >>= 6;
                // forge-lint: disable-next-line(unsafe-typecast)
                address unit = address(uint160(_oracles[entry]));
                if (_isTaken(taken, unit) || (round != 0 && _hasFailed(s2, entry))) continue;
                members = members >> 10 | entry << 150;
                if (--seats == 0) return members >> (10 * (16 - policy.committeeSize()));
                _take(taken, unit);
            }
            return 0;
        }
    }

    /// @dev Lists who may not sit: the parties of the request; with room for as many units more as there are seats.
    function _listParties(
        Parties memory taken,
        RequestFacts calldata r,
        bytes calldata policy,
        bytes calldata team,
        uint256 seats
    ) private view {
        uint256 trustees = policy.trusteeCount();
        bool byTeam = _receiverKind(r) == RECEIVER_TEAM;
        unchecked {
            address[] memory list =
                new address[](5 + 2 * trustees + seats + (byTeam ? 2 * _teamTerms(r.team, team).members.length : 0));
            assembly ("memory-safe") {
                mstore(list, 0)
            }
            taken.list = list;
            _take(taken, r.patient);
            _take(taken, r.doctor);
            uint256 core = _actors[r.doctor].core;
            _take(taken, _organisationOf(r.doctor, core));
            if (_field(core, A_LICENCE_UNTIL, 40) != 0) _take(taken, _actors[r.doctor].licenceOrganisation);
            for (uint256 i = 0; i < trustees; ++i) {
                address trustee = policy.identityAt(i);
                address organisation = policy.organisationAt(i);
                _take(taken, trustee);
                if (organisation != trustee) _take(taken, organisation);
            }
        }
        if (byTeam) _listTeam(taken, r.team, _teamTerms(r.team, team));
    }

    function _listTeam(Parties memory taken, address team, TeamTerms calldata terms) private view {
        _take(taken, _organisationOf(team, _actors[team].core));
        for (uint256 i = 0; i < terms.members.length; ++i) {
            address member = terms.members[i].member;
            _take(taken, member);
            _take(taken, _organisationOf(member, _actors[member].core));
        }
    }

    /// @dev Adds to the list, which was made long enough; nobody is not added.
    function _take(Parties memory taken, address item) private pure {
        if (item == address(0)) return;
        assembly ("memory-safe") {
            let list := mload(taken)
            let length := add(mload(list), 1)
            mstore(list, length)
            mstore(add(list, shl(5, length)), item)
            let mask := add(taken, 32)
            mstore(mask, or(mload(mask), shl(and(item, 0xff), 1)))
        }
    }

    function _isTaken(Parties memory taken, address item) private pure returns (bool found) {
        assembly ("memory-safe") {
            if and(shr(and(item, 0xff), mload(add(taken, 32))), 1) {
                // From the end: most often it is one that was drawn before.
                let list := mload(taken)
                for { let place := add(list, shl(5, mload(list))) } gt(place, list) { place := sub(place, 32) } {
                    if eq(mload(place), item) {
                        found := 1
                        break
                    }
                }
            }
        }
    }

    /// @dev Whether an oracle sat in the first committee and did not serve.
    function _hasFailed(uint256 s2, uint256 number) private pure returns (bool) {
        uint256 failed = _field(s2, S_FAILED, 16);
        for (uint256 seat = 1; failed != 0; ++seat) {
            if (failed & 1 == 1 && _committeeAt(s2, seat) == number) return true;
            failed >>= 1;
        }
        return false;
    }
}
