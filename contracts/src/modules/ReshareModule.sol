// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    Parameters,
    Auth,
    BundleFacts,
    DealingFacts,
    RecoveryFacts,
    RecoveryView,
    ReshareFacts,
    ReshareProposal,
    ReshareView,
    Seat
} from "../LedgerTypes.sol";
import {DealingBase} from "../DealingBase.sol";
import {IdentityBase} from "../IdentityBase.sol";
import {LedgerBase} from "../LedgerBase.sol";
import {PolicyLib} from "../PolicyLib.sol";
import "../LedgerErrors.sol";

/// @title Reshares by the trustees, and recovery of a patient's ledger key: called by the ledger
/// @dev The functions are those of IDealings and described there. A bundle's reshare has one record, taken over by its next one: tag of the facts
/// 160 | dealers that contributed 16 << 160 | dealers left out 16 << 176 | complete << 192 | track << 193 | round 32 << 200. Complaints are a
/// record of 256 bits for each round, bit 16 i + j: the new trustee at ordinal i of the dealer at ordinal j. Each dealer's confirmation in a round
/// is the hash of the dealing and the set. It is under way while the bundle says so.
/// A patient's recovery: tag of the facts 160 | supporters 16 << 160 | effective at 40 << 176 | proposed at 40 << 216.
contract ReshareModule is DealingBase, IdentityBase {
    using PolicyLib for bytes;

    bytes32 public constant PROPOSE_RESHARE_TYPEHASH = keccak256(
        "ProposeReshare(address actor,uint64 nonce,bytes32 bundleId,bytes32 headerDigest,uint32 epoch,bytes32 previousDealingDigest,bytes32 planDigest,bytes32 policy,uint64 notAfter)"
    );
    bytes32 public constant CANCEL_RESHARE_TYPEHASH =
        keccak256("CancelReshare(address actor,uint64 nonce,bytes32 bundleId,bytes32 planDigest)");
    bytes32 public constant CONTRIBUTE_TO_RESHARE_TYPEHASH = keccak256(
        "ContributeToReshare(address actor,uint64 nonce,bytes32 bundleId,bytes32 planDigest,TrusteeSeat seat,bytes32 contributionDigest)TrusteeSeat(uint32 group,uint32 member)"
    );
    bytes32 public constant COMPLAIN_OF_RESHARE_TYPEHASH = keccak256(
        "ComplainOfReshare(address actor,uint64 nonce,bytes32 bundleId,bytes32 planDigest,TrusteeSeat seat,TrusteeSeat dealer,bytes32 evidenceDigest)TrusteeSeat(uint32 group,uint32 member)"
    );
    bytes32 public constant CONFIRM_RESHARE_TYPEHASH = keccak256(
        "ConfirmReshare(address actor,uint64 nonce,bytes32 bundleId,bytes32 planDigest,TrusteeSeat seat,bytes32 dealingDigest,TrusteeSeat[] dealers,bytes32 confirmationDigest)TrusteeSeat(uint32 group,uint32 member)"
    );
    bytes32 public constant EXPIRE_RESHARE_TYPEHASH =
        keccak256("ExpireReshare(address actor,uint64 nonce,bytes32 bundleId,bytes32 planDigest)");
    bytes32 public constant PROPOSE_RECOVERY_TYPEHASH = keccak256(
        "ProposeRecovery(address actor,uint64 nonce,address patient,bytes32 bundleId,address newLedgerAddress,bytes32 keyRecordDigest,uint64 validUntil)"
    );
    bytes32 public constant SUPPORT_RECOVERY_TYPEHASH = keccak256(
        "SupportRecovery(address actor,uint64 nonce,address patient,address newLedgerAddress,TrusteeSeat seat)TrusteeSeat(uint32 group,uint32 member)"
    );
    bytes32 public constant CANCEL_RECOVERY_TYPEHASH = keccak256("CancelRecovery(address actor,uint64 nonce)");
    bytes32 public constant COMPLETE_RECOVERY_TYPEHASH =
        keccak256("CompleteRecovery(address actor,uint64 nonce,address patient)");

    uint256 private constant _CONTRIBUTED = 160; // 16
    uint256 private constant _LEFT_OUT = 176; // 16
    uint256 private constant _COMPLETED = 192;
    uint256 private constant _TRACK = 193;
    uint256 private constant _ROUND = 200; // 32

    uint256 private constant _SUPPORTERS = 160; // 16
    uint256 private constant _EFFECTIVE_AT = 176; // 40
    uint256 private constant _PROPOSED_AT = 216; // 40

    constructor(Parameters memory p) LedgerBase(p) {}

    // ---- reshares -------------------------------------------------------------------------------------------------------------------------

    function proposeReshare(
        bytes32 bundleId,
        ReshareProposal calldata proposal,
        BundleFacts calldata bundle,
        DealingFacts calldata active,
        Auth calldata auth
    ) external onlyDelegated {
        if (proposal.epoch > HIGHEST_EPOCH || proposal.notAfter > LAST_SECOND) {
            revert Malformed();
        }
        if (proposal.policy.length < PolicyLib.HEAD) revert Malformed();
        bytes32 policyHash = proposal.policy.hashOf(PolicyLib.WHOLE);
        _authorize(auth, _proposalHash(bundleId, proposal, policyHash, auth), Need.Active);
        uint256 b = _checkReshareable(bundleId, proposal, bundle, active, auth.actor);
        uint256 notBefore = block.timestamp + _TRUSTEE_CHANGE_DELAY;
        if (proposal.planDigest == 0) revert Malformed();
        if (proposal.notAfter <= notBefore) revert Expired();
        if (proposal.notAfter > notBefore + _MAX_REQUEST_LIFETIME) revert Malformed();
        if (block.timestamp < _records[_turnKey(bundleId, auth.actor)]) revert CoolingDown();
        proposal.policy.validate(proposal.names, proposal.rule);
        if (proposal.policy.isRelaxed(proposal.activePolicy)) revert PolicyRelaxed();
        _checkTrustees(proposal.policy, bundle.patient);

        uint256 track = _trackOf(proposal.policy);
        bytes32 key = _reshareKey(bundleId);
        uint256 record = _tag(
            keccak256(
                abi.encode(
                    proposal.planDigest, policyHash, bundle.patient, auth.actor, block.timestamp, proposal.notAfter
                )
            )
        ) | (track << _TRACK);
        _records[key] = _set(record, _ROUND, 32, _field(_records[key], _ROUND, 32) + 1);
        _bundles[bundleId] = _on(b, B_RESHARING);
        _announce(bundleId, proposal, auth.actor, notBefore);
    }

    /// @dev The checks of a proposal up to its own numbers. Returns the bundle's slot.
    function _checkReshareable(
        bytes32 bundleId,
        ReshareProposal calldata proposal,
        BundleFacts calldata bundle,
        DealingFacts calldata active,
        address actor
    ) private view returns (uint256 b) {
        b = _bundleOf(bundleId);
        uint256 track = _trackOf(proposal.policy);
        if (_isOn(b, B_CLOSED) || _epochOf(b, track) == 0) revert WrongState();
        _checkFacts(b, bundle);
        _checkActiveDealing(bundleId, b, track, active);
        _checkPolicy(proposal.activePolicy, active.policyHash);
        if (!proposal.activePolicy.includes(actor)) revert NotATrustee();
        if (_field(_actors[bundle.patient].core, A_STATUS, 4) == REMOVED) revert Removed();
        if (_isOn(b, B_PENDING) || _isOn(b, B_RESHARING)) revert AlreadyExists();
        if (proposal.headerDigest != active.headerDigest) revert StaleDigest();
        if (proposal.previousDealingDigest != active.dealingDigest) revert StaleDigest();
        if (proposal.epoch != _lastEpoch(b) + 1) revert StaleEpoch();
    }

    function _proposalHash(bytes32 bundleId, ReshareProposal calldata proposal, bytes32 policyHash, Auth calldata auth)
        private
        pure
        returns (bytes32)
    {
        return keccak256(
            abi.encode(
                PROPOSE_RESHARE_TYPEHASH,
                auth.actor,
                auth.nonce,
                bundleId,
                proposal.headerDigest,
                proposal.epoch,
                proposal.previousDealingDigest,
                proposal.planDigest,
                policyHash,
                proposal.notAfter
            )
        );
    }

    function _announce(bytes32 bundleId, ReshareProposal calldata proposal, address proposer, uint256 notBefore)
        private
    {
        emit ReshareProposed(
            bundleId,
            proposal.planDigest,
            proposal.headerDigest,
            proposal.epoch,
            proposal.previousDealingDigest,
            proposal.policy,
            proposal.names,
            proposal.rule,
            proposer,
            // Below the proposal's end, which has 64 bits.
            // forge-lint: disable-next-line(unsafe-typecast)
            uint64(notBefore),
            proposal.notAfter
        );
    }

    function cancelReshare(
        bytes32 bundleId,
        bytes32 planDigest,
        BundleFacts calldata bundle,
        ReshareFacts calldata reshare,
        Auth calldata auth
    ) external onlyDelegated {
        _authorize(
            auth,
            keccak256(abi.encode(CANCEL_RESHARE_TYPEHASH, auth.actor, auth.nonce, bundleId, planDigest)),
            Need.Withdrawing
        );
        uint256 b = _ownBundle(bundleId, auth.actor, bundle);
        if (_isOn(b, B_PENDING) || !_isUnderWay(b, planDigest, reshare, _records[_reshareKey(bundleId)])) {
            revert WrongState();
        }
        _bundles[bundleId] = _withoutWaiting(b);
        emit ReshareCancelled(bundleId, planDigest);
    }

    function contributeToReshare(
        bytes32 bundleId,
        bytes32 planDigest,
        Seat calldata seat,
        bytes32 contributionDigest,
        ReshareFacts calldata reshare,
        DealingFacts calldata active,
        bytes calldata activePolicy,
        Auth calldata auth
    ) external onlyDelegated {
        bytes32 structHash = keccak256(
            abi.encode(
                CONTRIBUTE_TO_RESHARE_TYPEHASH,
                auth.actor,
                auth.nonce,
                bundleId,
                planDigest,
                _seatHash(seat),
                contributionDigest
            )
        );
        _authorize(auth, structHash, Need.Active);
        uint256 record = _openReshare(bundleId, planDigest, reshare);
        _checkDeciding(bundleId, record, active, activePolicy);
        uint256 ordinal = _ordinalOf(activePolicy, seat, auth.actor);
        if (block.timestamp < reshare.proposedAt + _TRUSTEE_CHANGE_DELAY) revert NotYet();
        if (_isOn(record, _CONTRIBUTED + ordinal)) revert AlreadyExists();
        if (contributionDigest == 0) revert Malformed();
        _records[_reshareKey(bundleId)] = _on(record, _CONTRIBUTED + ordinal);
        emit ReshareContributed(bundleId, planDigest, seat, auth.actor, contributionDigest);
    }

    function complainOfReshare(
        bytes32 bundleId,
        bytes32 planDigest,
        Seat calldata seat,
        Seat calldata dealer,
        bytes32 evidenceDigest,
        ReshareFacts calldata reshare,
        DealingFacts calldata active,
        bytes[2] calldata policies,
        Auth calldata auth
    ) external onlyDelegated {
        bytes32 structHash = keccak256(
            abi.encode(
                COMPLAIN_OF_RESHARE_TYPEHASH,
                auth.actor,
                auth.nonce,
                bundleId,
                planDigest,
                _seatHash(seat),
                _seatHash(dealer),
                evidenceDigest
            )
        );
        _authorize(auth, structHash, Need.Active);
        uint256 record = _openReshare(bundleId, planDigest, reshare);
        _checkDeciding(bundleId, record, active, policies[0]);
        _checkPolicy(policies[1], reshare.policyHash);
        uint256 ordinal = _ordinalOf(policies[1], seat, auth.actor);
        (bool known, uint256 accused) = policies[0].findOrdinal(dealer);
        if (!known || !_isOn(record, _CONTRIBUTED + accused)) revert NotFound();
        bytes32 key = _complaintsKey(bundleId, record);
        uint256 complaints = _records[key];
        if (_isOn(complaints, 16 * ordinal + accused)) revert AlreadyExists();
        _records[key] = _on(complaints, 16 * ordinal + accused);
        _records[_reshareKey(bundleId)] = _on(record, _LEFT_OUT + accused);
        emit ReshareComplained(bundleId, planDigest, seat, auth.actor, dealer, evidenceDigest);
    }

    function confirmReshare(
        bytes32 bundleId,
        bytes32 planDigest,
        Seat calldata seat,
        bytes32 dealingDigest,
        Seat[] calldata dealers,
        bytes32 confirmationDigest,
        ReshareFacts calldata reshare,
        DealingFacts calldata active,
        bytes[2] calldata policies,
        Auth calldata auth
    ) external onlyDelegated {
        {
            bytes32 structHash = keccak256(
                abi.encode(
                    CONFIRM_RESHARE_TYPEHASH,
                    auth.actor,
                    auth.nonce,
                    bundleId,
                    planDigest,
                    _seatHash(seat),
                    dealingDigest,
                    _seatsHash(dealers),
                    confirmationDigest
                )
            );
            _authorize(auth, structHash, Need.Active);
        }
        uint256 record = _openReshare(bundleId, planDigest, reshare);
        _checkDeciding(bundleId, record, active, policies[0]);
        uint256 ordinal = _ordinalOf(policies[0], seat, auth.actor);
        uint256 set = _setOf(policies[0], dealers, ordinal, record);
        if (!policies[0].isSatisfied(set)) revert BelowQuorum();
        if (dealingDigest == 0 || confirmationDigest == 0) revert Malformed();
        if (dealingDigest == active.dealingDigest) revert AlreadyExists();
        _checkPolicy(policies[1], reshare.policyHash);
        _checkTrustees(policies[1], reshare.patient);

        emit ReshareConfirmed(bundleId, planDigest, seat, auth.actor, dealingDigest, dealers, confirmationDigest);
        if (!_isAgreed(bundleId, record, policies[0], dealingDigest, set, ordinal)) return;
        _complete(bundleId, record, dealingDigest, reshare, active.headerDigest);
        emit ReshareCompleted(bundleId, planDigest, dealingDigest, dealers);
    }

    function expireReshare(bytes32 bundleId, bytes32 planDigest, ReshareFacts calldata reshare, Auth calldata auth)
        external
        onlyDelegated
    {
        _authorize(
            auth,
            keccak256(abi.encode(EXPIRE_RESHARE_TYPEHASH, auth.actor, auth.nonce, bundleId, planDigest)),
            Need.Active
        );
        uint256 b = _bundles[bundleId];
        if (!_isUnderWay(b, planDigest, reshare, _records[_reshareKey(bundleId)])) revert NotFound();
        uint256 lasted = reshare.notAfter - reshare.proposedAt;
        uint256 end = reshare.notAfter;
        if (_isOn(b, B_PENDING)) {
            bytes32 key = _pendingKey(bundleId, b, (b >> B_PENDING_TRACK) & 1);
            end = _field(_dealings[key], D_NOT_BEFORE, 36) + lasted;
        }
        if (block.timestamp < end) revert NotYet();
        _records[_turnKey(bundleId, reshare.proposer)] = end + lasted;
        _bundles[bundleId] = _withoutWaiting(b);
        emit ReshareExpired(bundleId, planDigest);
    }

    function getReshare(bytes32 bundleId) external view onlyDelegated returns (ReshareView memory v) {
        uint256 record = _records[_reshareKey(bundleId)];
        // Each field has the bits of its type, or fewer.
        // forge-lint: disable-start(unsafe-typecast)
        v.tag = bytes20(uint160(record));
        v.contributed = uint16(_field(record, _CONTRIBUTED, 16));
        v.leftOut = uint16(_field(record, _LEFT_OUT, 16));
        v.completed = _isOn(record, _COMPLETED);
        v.track = uint8(_field(record, _TRACK, 1));
        v.round = uint32(_field(record, _ROUND, 32));
        // forge-lint: disable-end(unsafe-typecast)
    }

    function _reshareKey(bytes32 bundleId) private pure returns (bytes32) {
        return keccak256(abi.encode("reshare", bundleId));
    }

    function _turnKey(bytes32 bundleId, address trustee) private pure returns (bytes32) {
        return keccak256(abi.encode("reshare turn", bundleId, trustee));
    }

    function _complaintsKey(bytes32 bundleId, uint256 record) private pure returns (bytes32) {
        return keccak256(abi.encode("reshare complaints", bundleId, _field(record, _ROUND, 32)));
    }

    function _confirmationKey(bytes32 bundleId, uint256 record, uint256 ordinal) private pure returns (bytes32) {
        return keccak256(abi.encode("reshare confirmation", bundleId, _field(record, _ROUND, 32), ordinal));
    }

    /// @dev Whether it is the bundle's reshare whose dealing did not become active yet, and that nothing ended.
    function _isUnderWay(uint256 b, bytes32 planDigest, ReshareFacts calldata reshare, uint256 record)
        private
        pure
        returns (bool)
    {
        return _isOn(b, B_RESHARING) && planDigest == reshare.planDigest
            && uint160(record)
                == _tag(
                keccak256(
                abi.encode(
                reshare.planDigest,
                reshare.policyHash,
                reshare.patient,
                reshare.proposer,
                reshare.proposedAt,
                reshare.notAfter
            )
            )
            );
    }

    /// @dev The record of a reshare that takes contributions, complaints and confirmations.
    function _openReshare(bytes32 bundleId, bytes32 planDigest, ReshareFacts calldata reshare)
        private
        view
        returns (uint256 record)
    {
        record = _records[_reshareKey(bundleId)];
        if (!_isUnderWay(_bundles[bundleId], planDigest, reshare, record)) revert NotFound();
        if (_isOn(record, _COMPLETED)) revert WrongState();
        if (block.timestamp >= reshare.notAfter) revert Expired();
    }

    /// @dev Reverts unless the dealing and the policy are the active ones of the reshare's track.
    function _checkDeciding(bytes32 bundleId, uint256 record, DealingFacts calldata active, bytes calldata activePolicy)
        private
        view
    {
        _checkActiveDealing(bundleId, _bundles[bundleId], _field(record, _TRACK, 1), active);
        _checkPolicy(activePolicy, active.policyHash);
    }

    /// @dev The set of dealers: distinct, in order, the signer among them, each contributed and none left out.
    function _setOf(bytes calldata policy, Seat[] calldata dealers, uint256 signer, uint256 record)
        private
        pure
        returns (uint256 set)
    {
        bool unqualified;
        uint256 last;
        for (uint256 i = 0; i < dealers.length; ++i) {
            uint256 place = (uint256(dealers[i].group) << 32) | dealers[i].member;
            if (i > 0 && place <= last) revert Malformed();
            last = place;
            (bool known, uint256 ordinal) = policy.findOrdinal(dealers[i]);
            if (!known || !_isOn(record, _CONTRIBUTED + ordinal) || _isOn(record, _LEFT_OUT + ordinal)) {
                unqualified = true;
            }
            if (known) set = _on(set, ordinal);
        }
        if (!_isOn(set, signer)) revert Malformed();
        if (unqualified) revert WrongState();
    }

    /// @dev Records a dealer's word; whether every dealer of the set said the same and is active.
    function _isAgreed(
        bytes32 bundleId,
        uint256 record,
        bytes calldata policy,
        bytes32 dealingDigest,
        uint256 set,
        uint256 signer
    ) private returns (bool) {
        uint256 word = uint256(keccak256(abi.encode(dealingDigest, set)));
        _records[_confirmationKey(bundleId, record, signer)] = word;
        for (uint256 i = 0; set >> i != 0; ++i) {
            if (!_isOn(set, i) || i == signer) continue;
            if (_records[_confirmationKey(bundleId, record, i)] != word) return false;
            if (!_isActive(_actors[policy.identityAt(i)].core)) return false;
        }
        return true;
    }

    /// @dev The dealing that came of a reshare waits for its acknowledgements.
    function _complete(
        bytes32 bundleId,
        uint256 record,
        bytes32 dealingDigest,
        ReshareFacts calldata reshare,
        bytes32 headerDigest
    ) private {
        uint256 track = _field(record, _TRACK, 1);
        uint256 b = _bundles[bundleId];
        uint256 d = _tag(keccak256(abi.encode(dealingDigest, headerDigest, reshare.policyHash, reshare.planDigest)));
        d = _set(d, D_NOT_BEFORE, 36, block.timestamp);
        _dealings[_pendingKey(bundleId, b, track)] = _on(d, D_RESHARED);
        _bundles[bundleId] = _on(b, B_PENDING) | (track << B_PENDING_TRACK);
        _records[_reshareKey(bundleId)] = _on(record, _COMPLETED);
    }

    // ---- recovery -------------------------------------------------------------------------------------------------------------------------

    function proposeRecovery(
        address patient,
        RecoveryFacts calldata proposal,
        BundleFacts calldata bundle,
        DealingFacts calldata active,
        bytes calldata policy,
        RecoveryFacts calldata former,
        Auth calldata auth
    ) external onlyDelegated {
        if (proposal.keyValidUntil > LAST_SECOND) revert Malformed();
        bytes32 structHash = keccak256(
            abi.encode(
                PROPOSE_RECOVERY_TYPEHASH,
                auth.actor,
                auth.nonce,
                patient,
                proposal.bundleId,
                proposal.newLedgerAddress,
                proposal.keyRecordDigest,
                proposal.keyValidUntil
            )
        );
        _authorize(auth, structHash, Need.Active);
        _checkRecoverable(patient, proposal, bundle, active, policy, auth.actor);
        bytes32 key = _recoveryKey(patient);
        _checkLapsed(_records[key], former);
        if (proposal.newLedgerAddress == address(0) || _isAddressTaken(proposal.newLedgerAddress)) {
            revert AddressInUse();
        }
        if (proposal.keyRecordDigest == 0) revert Malformed();
        _checkValidity(proposal.keyValidUntil, PATIENT);
        _records[key] = _set(_recoveryTag(proposal), _PROPOSED_AT, 40, block.timestamp);
        emit RecoveryProposed(
            patient,
            auth.actor,
            proposal.bundleId,
            active.dealingDigest,
            proposal.newLedgerAddress,
            proposal.keyRecordDigest,
            proposal.keyValidUntil
        );
    }

    function supportRecovery(
        address patient,
        address newLedgerAddress,
        Seat calldata seat,
        RecoveryFacts calldata recovery,
        bytes calldata policy,
        Auth calldata auth
    ) external onlyDelegated {
        bytes32 structHash = keccak256(
            abi.encode(SUPPORT_RECOVERY_TYPEHASH, auth.actor, auth.nonce, patient, newLedgerAddress, _seatHash(seat))
        );
        _authorize(auth, structHash, Need.Active);
        bytes32 key = _recoveryKey(patient);
        uint256 record = _recoveryOf(key, recovery);
        if (_field(record, _EFFECTIVE_AT, 40) != 0) revert WrongState();
        if (!_isDecidedByActive(recovery)) revert StaleEpoch();
        if (block.timestamp >= _field(record, _PROPOSED_AT, 40) + _RECOVERY_DELAY) revert Expired();
        if (newLedgerAddress != recovery.newLedgerAddress) revert StaleDigest();
        _checkPolicy(policy, recovery.policyHash);
        uint256 ordinal = _ordinalOf(policy, seat, auth.actor);
        if (_isOn(record, _SUPPORTERS + ordinal)) revert AlreadyExists();
        record = _on(record, _SUPPORTERS + ordinal);
        emit RecoverySupported(patient, seat, auth.actor);
        if (policy.isSatisfied(_activeAmong(policy, _field(record, _SUPPORTERS, 16)))) {
            uint256 effectiveAt = block.timestamp + _RECOVERY_DELAY;
            record = _set(record, _EFFECTIVE_AT, 40, effectiveAt);
            // A time of 40 bits.
            // forge-lint: disable-next-line(unsafe-typecast)
            emit RecoveryScheduled(patient, uint64(effectiveAt));
        }
        _records[key] = record;
    }

    function cancelRecovery(Auth calldata auth) external onlyDelegated {
        _authorize(auth, keccak256(abi.encode(CANCEL_RECOVERY_TYPEHASH, auth.actor, auth.nonce)), Need.Withdrawing);
        bytes32 key = _recoveryKey(auth.actor);
        if (_records[key] == 0) revert NotFound();
        _records[key] = 0;
        emit RecoveryCancelled(auth.actor);
    }

    function completeRecovery(address patient, RecoveryFacts calldata recovery, Auth calldata auth)
        external
        onlyDelegated
    {
        _authorize(
            auth, keccak256(abi.encode(COMPLETE_RECOVERY_TYPEHASH, auth.actor, auth.nonce, patient)), Need.Active
        );
        bytes32 key = _recoveryKey(patient);
        uint256 effectiveAt = _field(_recoveryOf(key, recovery), _EFFECTIVE_AT, 40);
        if (effectiveAt == 0) revert BelowQuorum();
        if (block.timestamp < effectiveAt) revert NotYet();
        if (!_isDecidedByActive(recovery)) revert StaleEpoch();
        uint256 core = _actors[patient].core;
        if (_field(core, A_STATUS, 4) == REMOVED) revert Removed();
        if (_isAddressTaken(recovery.newLedgerAddress)) revert AddressInUse();
        _checkValidity(recovery.keyValidUntil, PATIENT);
        _records[key] = 0;
        _replaceKey(patient, core, recovery.newLedgerAddress, recovery.keyRecordDigest, recovery.keyValidUntil);
        emit RecoveryCompleted(patient);
    }

    function getRecovery(address patient) external view onlyDelegated returns (RecoveryView memory v) {
        uint256 record = _records[_recoveryKey(patient)];
        // Each field has the bits of its type.
        // forge-lint: disable-start(unsafe-typecast)
        v.tag = bytes20(uint160(record));
        v.supporters = uint16(_field(record, _SUPPORTERS, 16));
        v.effectiveAt = uint40(_field(record, _EFFECTIVE_AT, 40));
        v.proposedAt = uint40(_field(record, _PROPOSED_AT, 40));
        // forge-lint: disable-end(unsafe-typecast)
    }

    function _recoveryKey(address patient) private pure returns (bytes32) {
        return keccak256(abi.encode("recovery", patient));
    }

    function _recoveryTag(RecoveryFacts calldata r) private pure returns (uint256) {
        return _tag(
            keccak256(
                abi.encode(r.bundleId, r.epoch, r.policyHash, r.newLedgerAddress, r.keyRecordDigest, r.keyValidUntil)
            )
        );
    }

    function _recoveryOf(bytes32 key, RecoveryFacts calldata recovery) private view returns (uint256 record) {
        record = _records[key];
        if (record == 0) revert NotFound();
        if (uint160(record) != _recoveryTag(recovery)) revert BadWitness();
    }

    /// @dev Whether the dealing whose policy decides still serves: its epoch is the bundle's, which is open.
    function _isDecidedByActive(RecoveryFacts calldata recovery) private view returns (bool) {
        uint256 b = _bundles[recovery.bundleId];
        return !_isOn(b, B_CLOSED) && _epochOf(b, 0) == recovery.epoch;
    }

    /// @dev Reverts unless the actor may propose a recovery by these facts.
    function _checkRecoverable(
        address patient,
        RecoveryFacts calldata proposal,
        BundleFacts calldata bundle,
        DealingFacts calldata active,
        bytes calldata policy,
        address actor
    ) private view {
        uint256 status = _field(_actors[patient].core, A_STATUS, 4);
        uint256 b = _bundles[proposal.bundleId];
        if (status == UNKNOWN || b == 0) revert NotFound();
        if (status == REMOVED) revert Removed();
        _checkFacts(b, bundle);
        if (bundle.patient != patient) revert NotYours();
        if (_isOn(b, B_CLOSED) || _epochOf(b, 0) == 0) revert WrongState();
        _checkActiveDealing(proposal.bundleId, b, 0, active);
        _checkPolicy(policy, active.policyHash);
        if (!policy.includes(actor)) revert NotATrustee();
        if (proposal.epoch != _epochOf(b, 0) || proposal.policyHash != active.policyHash) revert BadWitness();
    }

    /// @dev Reverts unless a recovery is none, or lapsed: not supported in the delay, or decided by a dealing that serves no more.
    function _checkLapsed(uint256 record, RecoveryFacts calldata former) private view {
        if (record == 0) return;
        bool late = block.timestamp >= _field(record, _PROPOSED_AT, 40) + _RECOVERY_DELAY;
        if (late && _field(record, _EFFECTIVE_AT, 40) == 0) return;
        if (uint160(record) != _recoveryTag(former)) revert BadWitness();
        if (_isDecidedByActive(former)) revert AlreadyExists();
    }

    /// @dev Those of a set of trustees that are active.
    function _activeAmong(bytes calldata policy, uint256 set) private view returns (uint256 active) {
        for (uint256 i = 0; set >> i != 0; ++i) {
            if (_isOn(set, i) && _isActive(_actors[policy.identityAt(i)].core)) active = _on(active, i);
        }
    }
}
