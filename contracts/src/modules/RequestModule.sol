// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Parameters, Auth, Seat, RequestFacts} from "../LedgerTypes.sol";
import {LedgerBase} from "../LedgerBase.sol";
import {ServiceRarePart} from "../ServiceRarePart.sol";
import {PolicyLib} from "../PolicyLib.sol";
import {ReputationLib} from "../ReputationLib.sol";
import "../LedgerErrors.sol";

/// @title What happens to requests less often: called by the ledger
/// @dev The functions are those of IRequests, and of IService in its base, and described there.
contract RequestModule is ServiceRarePart {
    using PolicyLib for bytes;

    bytes32 public constant TAKE_SNAPSHOT_TYPEHASH = keccak256("TakeSnapshot(address actor,uint64 nonce)");
    bytes32 public constant DRAW_COMMITTEE_TYPEHASH =
        keccak256("DrawCommittee(address actor,uint64 nonce,bytes32 requestId)");
    bytes32 public constant DENY_REQUEST_TYPEHASH = keccak256(
        "DenyRequest(address actor,uint64 nonce,bytes32 requestId,TrusteeSeat seat,uint32 reasonCode)TrusteeSeat(uint32 group,uint32 member)"
    );
    bytes32 public constant VETO_REQUEST_TYPEHASH =
        keccak256("VetoRequest(address actor,uint64 nonce,bytes32 requestId)");
    bytes32 public constant CANCEL_REQUEST_TYPEHASH =
        keccak256("CancelRequest(address actor,uint64 nonce,bytes32 requestId)");
    bytes32 public constant ATTACH_TO_GRANT_TYPEHASH = keccak256(
        "AttachToGrant(address actor,uint64 nonce,bytes32 requestId,uint32 attachmentKind,bytes32 attachmentDigest)"
    );
    bytes32 public constant EXPIRE_REQUEST_TYPEHASH =
        keccak256("ExpireRequest(address actor,uint64 nonce,bytes32 requestId)");

    bytes11 private constant _DRAW_TAG = "phr/draw/v2";
    uint256 private constant _ATTEMPTS = 256;
    uint256 private constant _MAX_ENTRIES_WORD = 16;
    uint256 private constant _ENTRY_BITS = 16;
    uint256 private constant _SEARCH_TOKENS = 1;
    uint256 private constant _TRUSTEE_BITS = 0xFFFF;

    constructor(Parameters memory p) LedgerBase(p) {}

    /// @dev See IRequests.
    function takeSnapshot(Auth calldata auth) external onlyDelegated {
        bytes32 structHash;
        if (auth.signature.length != 0) {
            structHash = keccak256(abi.encode(TAKE_SNAPSHOT_TYPEHASH, auth.actor, auth.nonce));
        }
        _authorize(auth, structHash, Need.Active);
        uint256 registry = _registry;
        uint256 number = _field(registry, G_SNAPSHOT, 32);
        if (number != 0 && block.number < _field(registry, G_BLOCK, 64) + _SNAPSHOT_INTERVAL) revert NotYet();
        ++number;
        (uint256 count, bytes memory entries) = _listOracles(number, uint16(registry));
        registry = _set(registry, G_SNAPSHOT, 32, number);
        registry = _set(registry, G_BLOCK, 64, block.number);
        _registry = _set(registry, G_COUNT, 16, count);
        _snapshots[number % 2] = number | count << 32;
        // forge-lint: disable-next-line(unsafe-typecast)
        emit SnapshotTaken(uint32(number), entries);
    }

    /// @dev See IRequests.
    function getSnapshot(uint256 number) external view onlyDelegated returns (bytes memory entries) {
        uint256 header = _snapshots[number % 2];
        if (uint32(header) != number) return entries;
        uint256 count = header >> 32;
        for (uint256 i = 0; i < count; ++i) {
            // forge-lint: disable-next-line(unsafe-typecast)
            entries = bytes.concat(entries, bytes2(uint16(_entryAt(number % 2, i))));
        }
    }

    /// @dev See IRequests.
    function drawCommittee(
        RequestFacts calldata r,
        bytes calldata policy,
        bytes calldata team,
        bytes calldata header,
        Auth calldata auth
    ) external onlyDelegated {
        _authorizeFor(DRAW_COMMITTEE_TYPEHASH, r, auth, Need.Active);
        (uint256[2] storage slots, uint256 s1) = _liveRequest(r);
        if (_stage(s1) != STAGE_AWAITING_DRAW) revert AlreadyExists();
        uint256 seedBlock = _when(s1);
        if (block.number <= seedBlock) revert NotYet();
        if (block.number - seedBlock > _DRAW_WINDOW) {
            _void(slots, s1, r, CAUSE_MISSED_DRAW);
            _countAbandoned(r.doctor);
            return;
        }
        _checkPolicy(r, policy);
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

    /// @dev See IRequests.
    function denyRequest(
        RequestFacts calldata r,
        bytes calldata policy,
        Seat calldata seat,
        uint32 reasonCode,
        Auth calldata auth
    ) external onlyDelegated {
        if (reasonCode > MAX_REASON) revert Malformed();
        bytes32 structHash;
        if (auth.signature.length != 0) {
            structHash = keccak256(
                abi.encode(DENY_REQUEST_TYPEHASH, auth.actor, auth.nonce, r.requestId, _hashSeat(seat), reasonCode)
            );
        }
        _authorize(auth, structHash, Need.Active);
        (uint256[2] storage slots, uint256 s1) = _liveRequest(r);
        _checkPolicy(r, policy);
        uint256 bit = _checkSeat(policy, s1, seat, auth.actor);
        if (_stage(s1) == STAGE_GRANTED) revert WrongState();
        s1 |= bit << R_DENIALS;
        emit DenialRecorded(r.requestId, seat, auth.actor, reasonCode);
        uint256 left = ((1 << policy.trusteeCount()) - 1) & ~_field(s1, R_DENIALS, 16);
        if (!policy.isSatisfied(left)) {
            s1 = _staged(s1, STAGE_DENIED, _when(s1));
            emit RequestDenied(r.requestId);
        }
        slots[0] = s1;
    }

    /// @dev See IRequests.
    function vetoRequest(RequestFacts calldata r, Auth calldata auth) external onlyDelegated {
        _authorizeFor(VETO_REQUEST_TYPEHASH, r, auth, Need.Withdrawing);
        (uint256[2] storage slots, uint256 s1) = _liveRequest(r);
        if (auth.actor != r.patient) revert NotYours();
        if (_isFinal(s1)) revert Expired();
        slots[0] = _staged(s1, STAGE_VETOED, _when(s1));
        emit RequestVetoed(r.requestId);
    }

    /// @dev See IRequests.
    function cancelRequest(RequestFacts calldata r, Auth calldata auth) external onlyDelegated {
        _authorizeFor(CANCEL_REQUEST_TYPEHASH, r, auth, Need.Withdrawing);
        (uint256[2] storage slots, uint256 s1) = _liveRequest(r);
        if (auth.actor != r.doctor) revert NotYours();
        if ((s1 >> R_SETTLED) & 1 == 1) revert WrongState();
        if (_stage(s1) != STAGE_GRANTED) _countAbandoned(r.doctor);
        slots[0] = _staged(s1, STAGE_CANCELLED, _when(s1));
        emit RequestCancelled(r.requestId);
    }

    /// @dev See IRequests.
    function attachToGrant(RequestFacts calldata r, uint32 attachmentKind, bytes32 attachmentDigest, Auth calldata auth)
        external
        onlyDelegated
    {
        bytes32 structHash;
        if (auth.signature.length != 0) {
            structHash = keccak256(
                abi.encode(
                    ATTACH_TO_GRANT_TYPEHASH, auth.actor, auth.nonce, r.requestId, attachmentKind, attachmentDigest
                )
            );
        }
        _authorize(auth, structHash, Need.Active);
        (, uint256 s1) = _liveRequest(r);
        if (auth.actor != r.patient) revert NotYours();
        if (_stage(s1) != STAGE_GRANTED) revert WrongState();
        if (block.timestamp < _when(s1)) revert NotYet();
        if (attachmentKind != _SEARCH_TOKENS) revert NotSupported();
        if (attachmentDigest == bytes32(0)) revert Malformed();
        _checkLicence(_actors[r.doctor].core);
        emit GrantAttached(r.requestId, attachmentKind, attachmentDigest);
    }

    /// @dev See IRequests.
    function expireRequest(RequestFacts calldata r, Auth calldata auth) external onlyDelegated {
        _authorizeFor(EXPIRE_REQUEST_TYPEHASH, r, auth, Need.Active);
        (uint256[2] storage slots, uint256 s1) = _requestSlot(r);
        if (_stage(s1) > STAGE_GRANTED || (s1 >> R_SETTLED) & 1 == 1 || _isDead(s1, r)) revert WrongState();
        if (block.timestamp < _notAfter(r)) revert NotYet();
        if (_stage(s1) != STAGE_GRANTED) _countAbandoned(r.doctor);
        slots[0] = _staged(s1, STAGE_EXPIRED, _when(s1));
        emit RequestExpired(r.requestId);
    }

    function _listOracles(uint256 number, uint256 admitted) private returns (uint256 count, bytes memory entries) {
        entries = new bytes(2 * admitted);
        mapping(uint256 word => uint256) storage words = _snapshotEntries[number % 2];
        uint256 day = ReputationLib.today();
        uint256 hour = block.timestamp / 1 hours;
        uint256 word;
        for (uint256 i = 1; i <= admitted; ++i) {
            uint256 record = _oracles[i];
            if ((record >> ReputationLib.ELIGIBLE_UNTIL) & 0xFFFFF <= hour) continue;
            uint256 entry = i << 6 | ReputationLib.weight(ReputationLib.decayed(record, day));
            // forge-lint: disable-next-line(unsafe-typecast)
            (entries[2 * count], entries[2 * count + 1]) = (bytes1(uint8(entry >> 8)), bytes1(uint8(entry)));
            word |= entry << (_ENTRY_BITS * (count % _MAX_ENTRIES_WORD));
            ++count;
            if (count % _MAX_ENTRIES_WORD == 0) {
                words[count / _MAX_ENTRIES_WORD - 1] = word;
                word = 0;
            }
        }
        if (word != 0) words[count / _MAX_ENTRIES_WORD] = word;
        assembly ("memory-safe") {
            mstore(entries, mul(2, count))
        }
    }

    function _entryAt(uint256 parity, uint256 i) private view returns (uint256) {
        return
            _field(_snapshotEntries[parity][i / _MAX_ENTRIES_WORD], _ENTRY_BITS * (i % _MAX_ENTRIES_WORD), _ENTRY_BITS);
    }

    /// @dev The mixHash of a block whose header this is.
    function _seedOf(bytes calldata header, uint256 number) private view returns (bytes32) {
        bytes32 hash = blockhash(number);
        if (hash == bytes32(0) || keccak256(header) != hash) revert BadHeader();
        // A list of 256 to 65,535 bytes: 3 bytes, then parent hash, uncles (33 each), coinbase (21), three roots (33 each), bloom (259); then
        // difficulty, number, gas limit, gas used, time and extra data, each as long as it says; then the mix hash.
        uint256 offset = 448;
        for (uint256 i = 0; i < 6; ++i) {
            uint256 head = uint8(header[offset]);
            offset += head < 0x80 ? 1 : head - 0x7F;
        }
        return bytes32(header[offset + 1:offset + 33]);
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
        uint256 count = _snapshots[number % 2] >> 32;
        uint256 seats = policy.committeeSize();
        address[] memory taken = _parties(r, policy, team, seats);
        bytes memory input = abi.encodePacked(_DRAW_TAG, seed, r.requestId, uint8(round), uint16(0));
        mapping(uint256 word => uint256) storage words = _snapshotEntries[number % 2];
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
                if (_contains(taken, unit) || (round != 0 && _hasFailed(s2, entry))) continue;
                members = members >> 10 | entry << 150;
                if (--seats == 0) return members >> (10 * (16 - policy.committeeSize()));
                _append(taken, unit);
            }
            return 0;
        }
    }

    /// @dev Who may not sit: the parties of the request; with room for as many units more as there are seats.
    function _parties(RequestFacts calldata r, bytes calldata policy, bytes calldata team, uint256 seats)
        private
        view
        returns (address[] memory parties)
    {
        uint256 trustees = policy.trusteeCount();
        bool byTeam = _receiverKind(r) == RECEIVER_TEAM;
        parties = new address[](5 + 2 * trustees + seats + (byTeam ? 2 * _teamTerms(r.team, team).members.length : 0));
        assembly ("memory-safe") {
            mstore(parties, 0)
        }
        _append(parties, r.patient);
        _append(parties, r.doctor);
        uint256 core = _actors[r.doctor].core;
        _append(parties, _organisationOf(r.doctor, core));
        if (_field(core, A_LICENCE_UNTIL, 40) != 0) _append(parties, _actors[r.doctor].licenceOrganisation);
        unchecked {
            for (uint256 i = 0; i < trustees; ++i) {
                address trustee = policy.identityAt(i);
                address organisation = policy.organisationAt(i);
                _append(parties, trustee);
                if (organisation != trustee) _append(parties, organisation);
            }
        }
        if (!byTeam) return parties;
        _append(parties, _organisationOf(r.team, _actors[r.team].core));
        for (uint256 i = 0; i < _teamTerms(r.team, team).members.length; ++i) {
            address member = _teamTerms(r.team, team).members[i].member;
            _append(parties, member);
            _append(parties, _organisationOf(member, _actors[member].core));
        }
    }

    /// @dev Adds to a list that was made long enough; nobody is not added.
    function _append(address[] memory list, address item) private pure {
        if (item == address(0)) return;
        assembly ("memory-safe") {
            let length := add(mload(list), 1)
            mstore(list, length)
            mstore(add(list, mul(length, 32)), item)
        }
    }

    function _contains(address[] memory list, address item) private pure returns (bool found) {
        assembly ("memory-safe") {
            let end := add(list, mul(add(mload(list), 1), 32))
            for { let item_ := add(list, 32) } lt(item_, end) { item_ := add(item_, 32) } {
                if eq(mload(item_), item) {
                    found := 1
                    break
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

    function _void(uint256[2] storage slots, uint256 s1, RequestFacts calldata r, uint32 cause) private {
        slots[0] = _staged(s1, STAGE_VOIDED, _when(s1));
        emit RequestVoided(r.requestId, cause);
    }

    /// @dev One more request that its doctor let go; one is forgiven for each longest wait since the last.
    function _countAbandoned(address doctor) private {
        uint256 core = _actors[doctor].core;
        uint256 abandoned = _field(core, A_ABANDONED, 8);
        if (abandoned != 0) {
            uint256 longest = _MAX_COOLDOWN == 0 ? 1 : _MAX_COOLDOWN;
            uint256 forgiven = (block.timestamp - _field(core, A_LAST_ABANDONED, 40)) / longest;
            abandoned = abandoned > forgiven ? abandoned - forgiven : 0;
        }
        core = _set(core, A_ABANDONED, 8, abandoned < type(uint8).max ? abandoned + 1 : abandoned);
        _actors[doctor].core = _set(core, A_LAST_ABANDONED, 40, block.timestamp);
    }
}
