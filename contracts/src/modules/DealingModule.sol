// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    Parameters,
    Auth,
    BundleFacts,
    BundleView,
    DealingFacts,
    DealingProposal,
    DealingView,
    Seat
} from "../LedgerTypes.sol";
import {DealingBase} from "../DealingBase.sol";
import {LedgerBase} from "../LedgerBase.sol";
import {PolicyLib} from "../PolicyLib.sol";
import "../LedgerErrors.sol";

/// @title Bundles and dealings of their keys: called by the ledger
/// @dev The functions are those of IDealings and described there.
contract DealingModule is DealingBase {
    using PolicyLib for bytes;

    bytes32 public constant REVISE_BUNDLE_TYPEHASH = keccak256(
        "ReviseBundle(address actor,uint64 nonce,bytes32 bundleId,bytes32 previousHeaderDigest,bytes32 headerDigest,bytes32 documentsRoot)"
    );
    bytes32 public constant REVOKE_BUNDLE_TYPEHASH =
        keccak256("RevokeBundle(address actor,uint64 nonce,bytes32 bundleId,uint32 reasonCode)");
    bytes32 public constant PUBLISH_ENVELOPE_KEY_TYPEHASH = keccak256(
        "PublishEnvelopeKey(address actor,uint64 nonce,bytes32 bundleId,uint32 epoch,bytes envelopeKey,bytes32 offerDigest)"
    );
    bytes32 public constant PROPOSE_DEALING_TYPEHASH = keccak256(
        "ProposeDealing(address actor,uint64 nonce,bytes32 bundleId,bytes32 headerDigest,uint32 epoch,bytes32 previousDealingDigest,bytes32 dealingDigest,bytes32 policy)"
    );
    bytes32 public constant CANCEL_DEALING_TYPEHASH =
        keccak256("CancelDealing(address actor,uint64 nonce,bytes32 bundleId,bytes32 dealingDigest)");
    bytes32 public constant ACKNOWLEDGE_DEALING_TYPEHASH = keccak256(
        "AcknowledgeDealing(address actor,uint64 nonce,bytes32 bundleId,bytes32 dealingDigest,TrusteeSeat seat)TrusteeSeat(uint32 group,uint32 member)"
    );
    bytes32 public constant COMPLAIN_OF_DEALING_TYPEHASH = keccak256(
        "ComplainOfDealing(address actor,uint64 nonce,bytes32 bundleId,bytes32 dealingDigest,TrusteeSeat seat,bytes32 evidenceDigest)TrusteeSeat(uint32 group,uint32 member)"
    );
    bytes32 public constant ACTIVATE_DEALING_TYPEHASH = keccak256(
        "ActivateDealing(address actor,uint64 nonce,bytes32 bundleId,bytes32 dealingDigest,TrusteeSeat[] without)TrusteeSeat(uint32 group,uint32 member)"
    );

    constructor(Parameters memory p) LedgerBase(p) {}

    // ---- bundles --------------------------------------------------------------------------------------------------------------------------

    function reviseBundle(
        bytes32 bundleId,
        bytes32 previousHeaderDigest,
        bytes32 headerDigest,
        bytes32 documentsRoot,
        BundleFacts calldata bundle,
        Auth calldata auth
    ) external onlyDelegated {
        _authorize(
            auth,
            keccak256(
                abi.encode(
                    REVISE_BUNDLE_TYPEHASH,
                    auth.actor,
                    auth.nonce,
                    bundleId,
                    previousHeaderDigest,
                    headerDigest,
                    documentsRoot
                )
            ),
            Need.Active
        );
        uint256 b = _ownBundle(bundleId, auth.actor, bundle);
        if (previousHeaderDigest != bundle.headerDigest) revert StaleDigest();
        if (headerDigest == 0 || headerDigest == bundle.headerDigest) revert Malformed();
        b = _set(b, 0, 160, _bundleTag(auth.actor, headerDigest, documentsRoot));
        _bundles[bundleId] = _set(b, B_REVISION, 18, _field(b, B_REVISION, 18) + 1);
        emit BundleRevised(bundleId, previousHeaderDigest, headerDigest, documentsRoot);
    }

    function revokeBundle(bytes32 bundleId, uint32 reasonCode, BundleFacts calldata bundle, Auth calldata auth)
        external
        onlyDelegated
    {
        if (reasonCode > HIGHEST_REASON) revert Malformed();
        _authorize(
            auth,
            keccak256(abi.encode(REVOKE_BUNDLE_TYPEHASH, auth.actor, auth.nonce, bundleId, reasonCode)),
            Need.Withdrawing
        );
        uint256 b = _ownBundle(bundleId, auth.actor, bundle);
        _bundles[bundleId] = _on(_withoutWaiting(b), B_CLOSED);
        emit BundleRevoked(bundleId, reasonCode);
    }

    function publishEnvelopeKey(
        bytes32 bundleId,
        uint32 epoch,
        bytes calldata envelopeKey,
        bytes32 offerDigest,
        Auth calldata auth
    ) external onlyDelegated {
        if (epoch > HIGHEST_EPOCH || envelopeKey.length != 33 || (uint8(envelopeKey[0]) | 1) != 3) {
            revert Malformed();
        }
        uint256 core = _authorize(
            auth,
            keccak256(
                abi.encode(
                    PUBLISH_ENVELOPE_KEY_TYPEHASH,
                    auth.actor,
                    auth.nonce,
                    bundleId,
                    epoch,
                    keccak256(envelopeKey),
                    offerDigest
                )
            ),
            Need.Active
        );
        _requireRole(core, TRUSTEES);
        uint256 b = _bundleOf(bundleId);
        if (_isOn(b, B_CLOSED)) revert WrongState();
        if (epoch != _lastEpoch(b) + 1) revert StaleEpoch();
        emit EnvelopeKeyPublished(auth.actor, bundleId, epoch, envelopeKey, offerDigest);
    }

    // ---- dealings -------------------------------------------------------------------------------------------------------------------------

    function proposeDealing(
        bytes32 bundleId,
        DealingProposal calldata proposal,
        BundleFacts calldata bundle,
        DealingFacts calldata active,
        Auth calldata auth
    ) external onlyDelegated {
        if (proposal.epoch > HIGHEST_EPOCH || proposal.policy.length < PolicyLib.HEAD) {
            revert Malformed();
        }
        bytes32 policyHash = proposal.policy.hashOf(PolicyLib.WHOLE);
        _authorize(auth, _proposalHash(bundleId, proposal, policyHash, auth), Need.Active);
        uint256 b = _ownBundle(bundleId, auth.actor, bundle);
        if (_isOn(b, B_PENDING) && !_isOn(b, B_RESHARING)) revert AlreadyExists();
        if (proposal.headerDigest != bundle.headerDigest) revert StaleDigest();
        uint256 track = _trackOf(proposal.policy);
        uint256 notBefore = block.timestamp;
        if (_epochOf(b, track) == 0) {
            if (proposal.previousDealingDigest != 0) revert StaleDigest();
        } else {
            _checkActiveDealing(bundleId, b, track, active);
            if (proposal.previousDealingDigest != active.dealingDigest) revert StaleDigest();
            if (policyHash != active.policyHash) notBefore += _TRUSTEE_CHANGE_DELAY;
        }
        if (proposal.epoch != _lastEpoch(b) + 1) revert StaleEpoch();
        if (proposal.dealingDigest == 0) revert Malformed();
        if (proposal.dealingDigest == proposal.previousDealingDigest) revert AlreadyExists();
        proposal.policy.validate(proposal.names, proposal.rule);
        _checkTrustees(proposal.policy, auth.actor);

        uint256 d = _dealingTag(proposal.dealingDigest, proposal.headerDigest, policyHash, 0);
        _dealings[_pendingKey(bundleId, b, track)] = _set(d, D_NOT_BEFORE, 36, notBefore);
        b = _on(_withoutWaiting(b), B_PENDING);
        _bundles[bundleId] = b | (track << B_PENDING_TRACK);
        _announce(bundleId, proposal, notBefore);
    }

    function _proposalHash(bytes32 bundleId, DealingProposal calldata proposal, bytes32 policyHash, Auth calldata auth)
        private
        pure
        returns (bytes32)
    {
        return keccak256(
            abi.encode(
                PROPOSE_DEALING_TYPEHASH,
                auth.actor,
                auth.nonce,
                bundleId,
                proposal.headerDigest,
                proposal.epoch,
                proposal.previousDealingDigest,
                proposal.dealingDigest,
                policyHash
            )
        );
    }

    function _announce(bytes32 bundleId, DealingProposal calldata proposal, uint256 notBefore) private {
        emit DealingProposed(
            bundleId,
            proposal.dealingDigest,
            proposal.headerDigest,
            proposal.epoch,
            proposal.previousDealingDigest,
            proposal.policy,
            proposal.names,
            proposal.rule,
            // A time of 36 bits.
            // forge-lint: disable-next-line(unsafe-typecast)
            uint64(notBefore)
        );
    }

    function cancelDealing(
        bytes32 bundleId,
        bytes32 dealingDigest,
        BundleFacts calldata bundle,
        DealingFacts calldata dealing,
        Auth calldata auth
    ) external onlyDelegated {
        _authorize(
            auth,
            keccak256(abi.encode(CANCEL_DEALING_TYPEHASH, auth.actor, auth.nonce, bundleId, dealingDigest)),
            Need.Withdrawing
        );
        uint256 b = _ownBundle(bundleId, auth.actor, bundle);
        if (!_isOn(b, B_PENDING) || dealingDigest != dealing.dealingDigest) revert WrongState();
        bytes32 key = _pendingKey(bundleId, b, (b >> B_PENDING_TRACK) & 1);
        if (uint160(_dealings[key]) != _dealingTag(dealing)) revert WrongState();
        _bundles[bundleId] = _withoutWaiting(b);
        emit DealingCancelled(bundleId, dealingDigest);
    }

    function acknowledgeDealing(
        bytes32 bundleId,
        bytes32 dealingDigest,
        Seat calldata seat,
        DealingFacts calldata dealing,
        bytes calldata policy,
        Auth calldata auth
    ) external onlyDelegated {
        bytes32 structHash = keccak256(
            abi.encode(ACKNOWLEDGE_DEALING_TYPEHASH, auth.actor, auth.nonce, bundleId, dealingDigest, _seatHash(seat))
        );
        _authorize(auth, structHash, Need.Active);
        (bytes32 key, uint256 d, uint256 ordinal) = _seatOf(bundleId, dealingDigest, seat, dealing, policy, auth.actor);
        _dealings[key] = _on(d, D_ACKS + ordinal);
        emit DealingAcknowledged(bundleId, dealingDigest, seat, auth.actor);
    }

    function complainOfDealing(
        bytes32 bundleId,
        bytes32 dealingDigest,
        Seat calldata seat,
        bytes32 evidenceDigest,
        DealingFacts calldata dealing,
        bytes calldata policy,
        Auth calldata auth
    ) external onlyDelegated {
        bytes32 structHash = keccak256(
            abi.encode(
                COMPLAIN_OF_DEALING_TYPEHASH,
                auth.actor,
                auth.nonce,
                bundleId,
                dealingDigest,
                _seatHash(seat),
                evidenceDigest
            )
        );
        _authorize(auth, structHash, Need.Active);
        (bytes32 key, uint256 d, uint256 ordinal) = _seatOf(bundleId, dealingDigest, seat, dealing, policy, auth.actor);
        _dealings[key] = _on(d, D_COMPLAINTS + ordinal);
        emit DealingComplained(bundleId, dealingDigest, seat, auth.actor, evidenceDigest);
    }

    function activateDealing(
        bytes32 bundleId,
        bytes32 dealingDigest,
        Seat[] calldata without,
        BundleFacts calldata bundle,
        DealingFacts calldata dealing,
        bytes calldata policy,
        Auth calldata auth
    ) external onlyDelegated {
        bytes32 structHash = keccak256(
            abi.encode(ACTIVATE_DEALING_TYPEHASH, auth.actor, auth.nonce, bundleId, dealingDigest, _seatsHash(without))
        );
        _authorize(auth, structHash, Need.Active);
        uint256 b = _bundles[bundleId];
        (, uint256 d, bool pending) = _servingDealing(bundleId, dealingDigest, b, dealing);
        if (!pending) revert WrongState();
        _checkPolicy(policy, dealing.policyHash, PolicyLib.SEATS);
        if (block.timestamp < _field(d, D_NOT_BEFORE, 36)) revert NotYet();
        uint256 missing = ~_field(d, D_ACKS, 16) & (2 ** policy.trusteeCount() - 1);
        if (missing != 0) _checkSuffices(b, d, missing, without, bundle, policy, auth.actor);

        uint256 track = (b >> B_PENDING_TRACK) & 1;
        uint256 epoch = _lastEpoch(b) + 1;
        b = _set(b, B_EPOCH + 24 * track, 24, epoch);
        b = _set(b, B_LAST_EPOCH, 24, epoch);
        _bundles[bundleId] = _withoutWaiting(b) ^ (1 << (B_WHICH + track));
        // An epoch has 24 bits.
        // forge-lint: disable-next-line(unsafe-typecast)
        emit DealingActivated(bundleId, dealingDigest, uint32(epoch), _seatsIn(policy, missing));
    }

    // ---- what is stored -------------------------------------------------------------------------------------------------------------------

    function getBundle(bytes32 bundleId) external view onlyDelegated returns (BundleView memory v) {
        uint256 b = _bundles[bundleId];
        // Each field has the bits of its type, or fewer.
        // forge-lint: disable-start(unsafe-typecast)
        v.tag = bytes20(uint160(b));
        v.epoch = uint32(_epochOf(b, 0));
        v.emergencyEpoch = uint32(_epochOf(b, 1));
        v.lastEpoch = uint32(_lastEpoch(b));
        v.revision = uint32(_field(b, B_REVISION, 18));
        v.resharing = _isOn(b, B_RESHARING);
        v.closed = _isOn(b, B_CLOSED);
        v.pending = _isOn(b, B_PENDING);
        v.pendingTrack = uint8(_field(b, B_PENDING_TRACK, 1));
        v.which = uint8(_field(b, B_WHICH, 1));
        v.emergencyWhich = uint8(_field(b, B_WHICH + 1, 1));
        // forge-lint: disable-end(unsafe-typecast)
    }

    function getDealing(bytes32 bundleId, uint256 track, uint256 which)
        external
        view
        onlyDelegated
        returns (DealingView memory v)
    {
        if (track > 1 || which > 1) revert Malformed();
        uint256 b = _bundles[bundleId];
        bytes32 key = _dealingKey(bundleId, track, which);
        uint256 d = _dealings[key];
        // Each field has the bits of its type, or fewer.
        // forge-lint: disable-start(unsafe-typecast)
        v.tag = bytes20(uint160(d));
        v.notBefore = uint40(_field(d, D_NOT_BEFORE, 36));
        v.acknowledged = uint16(_field(d, D_ACKS, 16));
        v.complained = uint16(_field(d, D_COMPLAINTS, 16));
        // forge-lint: disable-end(unsafe-typecast)
        v.reshared = _isOn(d, D_RESHARED);
        if (d == 0) return v;
        bool waits =
            _isOn(b, B_PENDING) && (b >> B_PENDING_TRACK) & 1 == track && key == _pendingKey(bundleId, b, track);
        v.state = waits ? 1 : _epochOf(b, track) != 0 && key == _activeKey(bundleId, b, track) ? 2 : 3;
    }

    // ---- inside ---------------------------------------------------------------------------------------------------------------------------

    /// @dev The dealing that waits, or one that is active on its track.
    function _servingDealing(bytes32 bundleId, bytes32 dealingDigest, uint256 b, DealingFacts calldata facts)
        private
        view
        returns (bytes32 key, uint256 d, bool pending)
    {
        if (facts.dealingDigest != dealingDigest) revert BadWitness();
        uint256 tag = _dealingTag(facts);
        if (_isOn(b, B_PENDING)) {
            key = _pendingKey(bundleId, b, (b >> B_PENDING_TRACK) & 1);
            d = _dealings[key];
            if (uint160(d) == tag) return (key, d, true);
        }
        for (uint256 track = 0; track < 2; ++track) {
            if (_epochOf(b, track) == 0) continue;
            key = _activeKey(bundleId, b, track);
            d = _dealings[key];
            if (uint160(d) == tag) return (key, d, false);
        }
        revert NotFound();
    }

    /// @dev Whether the actor may speak, once, for a seat of a dealing that waits or serves.
    function _seatOf(
        bytes32 bundleId,
        bytes32 dealingDigest,
        Seat calldata seat,
        DealingFacts calldata dealing,
        bytes calldata policy,
        address actor
    ) private view returns (bytes32 key, uint256 d, uint256 ordinal) {
        (key, d,) = _servingDealing(bundleId, dealingDigest, _bundles[bundleId], dealing);
        _checkPolicy(policy, dealing.policyHash, PolicyLib.SEATS);
        ordinal = _ordinalOf(policy, seat, actor);
        if (_isOn(d, D_ACKS + ordinal) || _isOn(d, D_COMPLAINTS + ordinal)) revert AlreadyExists();
    }

    /// @dev Reverts with BelowQuorum unless a dealing may become active without the trustees that are missing.
    function _checkSuffices(
        uint256 b,
        uint256 d,
        uint256 missing,
        Seat[] calldata without,
        BundleFacts calldata bundle,
        bytes calldata policy,
        address actor
    ) private pure {
        if (!policy.isSatisfied(_field(d, D_ACKS, 16))) revert BelowQuorum();
        if (_isOn(d, D_RESHARED) && _field(d, D_COMPLAINTS, 16) == 0) return;
        _checkFacts(b, bundle);
        if (actor != bundle.patient) revert BelowQuorum();
        uint256 named;
        for (uint256 i = 0; i < without.length; ++i) {
            (bool known, uint256 ordinal) = policy.findOrdinal(without[i]);
            if (known) named = _on(named, ordinal);
        }
        if (missing & ~named != 0) revert BelowQuorum();
    }

    /// @dev The seats of a set, in policy order.
    function _seatsIn(bytes calldata policy, uint256 set) private pure returns (Seat[] memory seats) {
        uint256 count;
        for (uint256 rest = set; rest != 0; rest &= rest - 1) {
            ++count;
        }
        seats = new Seat[](count);
        uint256 next;
        for (uint256 i = 0; next < count; ++i) {
            if (!_isOn(set, i)) continue;
            seats[next] = policy.seatAt(i);
            ++next;
        }
    }
}
