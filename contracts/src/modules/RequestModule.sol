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

    uint256 private constant _MAX_ENTRIES_WORD = 16;
    uint256 private constant _ENTRY_BITS = 16;
    uint256 private constant _SEARCH_TOKENS = 1;

    constructor(Parameters memory p) LedgerBase(p) {}

    /// @dev See IRequests.
    function takeSnapshot(Auth calldata auth) external onlyDelegated {
        bytes32 structHash;
        if (_isSigned(auth)) {
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
    function denyRequest(
        RequestFacts calldata r,
        bytes calldata policy,
        Seat calldata seat,
        uint32 reasonCode,
        Auth calldata auth
    ) external onlyDelegated {
        if (reasonCode > MAX_REASON) revert Malformed();
        bytes32 structHash;
        if (_isSigned(auth)) {
            structHash = keccak256(
                abi.encode(DENY_REQUEST_TYPEHASH, auth.actor, auth.nonce, r.requestId, _hashSeat(seat), reasonCode)
            );
        }
        _authorize(auth, structHash, Need.Active);
        (uint256[2] storage slots, uint256 s1) = _liveRequest(r, policy, PolicyLib.SEATS);
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
        if (_isSigned(auth)) {
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
}
