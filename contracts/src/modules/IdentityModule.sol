// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Parameters, Auth, ActorView, OracleView} from "../LedgerTypes.sol";
import {LedgerBase} from "../LedgerBase.sol";
import {BondBase} from "../BondBase.sol";
import "../LedgerErrors.sol";

/// @title Identities, roles, licences, ledger keys and oracles' bonds: called by the ledger
/// @dev The functions are those of IIdentity and described there.
contract IdentityModule is BondBase {
    uint256 private constant _ADMITTED = DOCTOR | HOSPITAL | AGENCY | INSURER | ORACLE | OPERATOR;
    uint256 private constant _PERSON = PATIENT | DOCTOR | GUARDIAN;
    uint256 private constant _ALONE = AGENCY | ORACLE | OPERATOR;
    uint256 private constant _ALL = 255;
    uint256 private constant _ORACLES = 1023;
    // 500,000 in each of an oracle's three terms.
    uint256 private constant _PRIOR = 500_000 << 160 | 500_000 << 180 | 500_000 << 200;

    bytes32 public constant REGISTER_ACTOR_TYPEHASH = keccak256(
        "RegisterActor(address actor,uint64 nonce,uint32 roles,bytes32 keyRecordDigest,uint64 validUntil,address organisation,address operator)"
    );
    bytes32 public constant ADMIT_ACTOR_TYPEHASH = keccak256("AdmitActor(address actor,uint64 nonce,address subject)");
    bytes32 public constant ACCEPT_ADMISSION_TYPEHASH = keccak256("AcceptAdmission(address actor,uint64 nonce)");
    bytes32 public constant RECORD_LICENCE_TYPEHASH = keccak256(
        "RecordLicence(address actor,uint64 nonce,address doctor,bytes32 credentialDigest,string speciality,address organisation,uint64 notAfter)"
    );
    bytes32 public constant WITHDRAW_LICENCE_TYPEHASH =
        keccak256("WithdrawLicence(address actor,uint64 nonce,address doctor,uint32 reasonCode)");
    bytes32 public constant REPLACE_KEY_TYPEHASH = keccak256(
        "ReplaceKey(address actor,uint64 nonce,address newLedgerAddress,bytes32 keyRecordDigest,uint64 validUntil,bytes possession)"
    );
    bytes32 public constant SUSPEND_ACTOR_TYPEHASH =
        keccak256("SuspendActor(address actor,uint64 nonce,address subject,uint32 reasonCode)");
    bytes32 public constant REINSTATE_ACTOR_TYPEHASH =
        keccak256("ReinstateActor(address actor,uint64 nonce,address subject,uint32 reasonCode)");
    bytes32 public constant REMOVE_ACTOR_TYPEHASH =
        keccak256("RemoveActor(address actor,uint64 nonce,address subject,uint32 reasonCode)");
    bytes32 public constant CONFIRM_PRESENCE_TYPEHASH = keccak256("ConfirmPresence(address actor,uint64 nonce)");
    bytes32 public constant POST_BOND_TYPEHASH =
        keccak256("PostBond(address actor,uint64 nonce,address oracle,uint64 amount)");
    bytes32 public constant RELEASE_BOND_TYPEHASH = keccak256("ReleaseBond(address actor,uint64 nonce,uint64 amount)");
    bytes32 public constant WITHDRAW_BOND_TYPEHASH = keccak256("WithdrawBond(address actor,uint64 nonce)");
    bytes32 public constant WITHDRAW_CREDIT_TYPEHASH = keccak256("WithdrawCredit(address actor,uint64 nonce)");

    constructor(Parameters memory p) LedgerBase(p) {}

    function registerActor(
        uint32 roles,
        bytes32 keyRecordDigest,
        uint64 validUntil,
        address organisation,
        address operator,
        Auth calldata auth
    ) external onlyDelegated {
        if (roles > _ALL) revert Malformed();
        Actor storage a = _actors[auth.actor];
        bytes32 structHash = keccak256(
            abi.encode(
                REGISTER_ACTOR_TYPEHASH,
                auth.actor,
                auth.nonce,
                roles,
                keyRecordDigest,
                validUntil,
                organisation,
                operator
            )
        );
        uint256 core = _checkSigner(auth, a.core, structHash);
        _checkRoles(roles);
        bool founding = _isFounding(core, roles);
        if (!founding) _checkFree(auth.actor, core);
        bool active = founding || roles & _ADMITTED == 0;
        if (keyRecordDigest == 0 || (roles == ORACLE) == (operator == address(0))) revert Malformed();
        if (roles == ORACLE) _checkOperator(operator, organisation);
        _checkValidity(validUntil, roles);

        uint256 flags = 0;
        if (organisation != address(0)) {
            flags = FLAG_ORGANISATION;
            a.organisation = organisation;
        }
        if (roles == ORACLE) a.operator = operator;
        core = _set(core, A_STATUS, 4, active ? ACTIVE : PENDING);
        core = _set(core, A_ROLES, 12, roles);
        core = _set(core, A_VALID_UNTIL, 40, validUntil);
        core = _set(core, A_FLAGS, 8, (_field(core, A_FLAGS, 8) & ~FLAG_FOUNDING) | flags);
        if (roles & PATIENT != 0) core = _set(core, A_LAST_SEEN, 40, _endOfDay());
        a.core = core;
        emit ActorRegistered(auth.actor, roles, active, keyRecordDigest, validUntil, organisation, operator);
    }

    function admitActor(address subject, Auth calldata auth) external onlyDelegated {
        uint256 core =
            _authorize(auth, keccak256(abi.encode(ADMIT_ACTOR_TYPEHASH, auth.actor, auth.nonce, subject)), Need.Active);
        Actor storage s = _actors[subject];
        uint256 subjectCore = s.core;
        uint256 roles = _field(subjectCore, A_ROLES, 12);
        // A hospital answers for its own teams; for everybody else an agency does.
        bool ownTeam = roles & TEAM != 0 && s.organisation == auth.actor;
        _requireRole(core, ownTeam ? HOSPITAL : AGENCY);
        uint256 status = _field(subjectCore, A_STATUS, 4);
        if (status == UNKNOWN) revert NotFound();
        if (status != PENDING || s.acceptableFrom != 0) revert WrongState();

        uint256 effectiveAt = block.timestamp;
        uint256 index = 0;
        if (roles == AGENCY) {
            effectiveAt += _AGENCY_DELAY;
            if (effectiveAt > type(uint40).max) revert Malformed();
            s.acceptableFrom = uint40(effectiveAt);
        } else {
            subjectCore = _set(subjectCore, A_STATUS, 4, ACTIVE);
            if (roles == ORACLE) {
                (subjectCore, index) = _admitOracle(s.operator, subjectCore);
            }
            s.core = subjectCore;
            if (index != 0) _updateEligibility(subject, subjectCore);
        }
        emit ActorAdmitted(subject, auth.actor, uint64(effectiveAt), uint32(index));
    }

    function acceptAdmission(Auth calldata auth) external onlyDelegated {
        Actor storage a = _actors[auth.actor];
        uint256 core =
            _checkSigner(auth, a.core, keccak256(abi.encode(ACCEPT_ADMISSION_TYPEHASH, auth.actor, auth.nonce)));
        uint256 status = _field(core, A_STATUS, 4);
        if (status == UNKNOWN) revert NotRegistered();
        if (status == REMOVED) revert Removed();
        if (status != PENDING) {
            _checkActive(core);
            revert WrongState();
        }
        if (a.acceptableFrom == 0) revert NotAdmitted();
        if (block.timestamp < a.acceptableFrom) revert NotYet();
        if (block.timestamp >= _field(core, A_VALID_UNTIL, 40)) revert KeyExpired();
        a.acceptableFrom = 0;
        a.core = _set(core, A_STATUS, 4, ACTIVE);
        _registry = _set(_registry, G_AGENCIES, 16, _field(_registry, G_AGENCIES, 16) + 1);
        emit AdmissionAccepted(auth.actor);
    }

    function recordLicence(
        address doctor,
        bytes32 credentialDigest,
        string calldata speciality,
        address organisation,
        uint64 notAfter,
        Auth calldata auth
    ) external onlyDelegated {
        if (!_isCode(bytes(speciality)) || notAfter > LAST_SECOND) revert Malformed();
        bytes32 specialityHash = keccak256(bytes(speciality));
        uint256 core = _authorize(
            auth,
            keccak256(
                abi.encode(
                    RECORD_LICENCE_TYPEHASH,
                    auth.actor,
                    auth.nonce,
                    doctor,
                    credentialDigest,
                    specialityHash,
                    organisation,
                    notAfter
                )
            ),
            Need.Active
        );
        _requireRole(core, AGENCY);
        Actor storage d = _actors[doctor];
        uint256 doctorCore = d.core;
        uint256 status = _field(doctorCore, A_STATUS, 4);
        if (status == UNKNOWN) revert NotFound();
        _requireRole(doctorCore, DOCTOR);
        if (status == REMOVED) revert Removed();
        if (notAfter <= block.timestamp) revert Expired();
        d.core = _set(doctorCore, A_LICENCE_UNTIL, 40, notAfter);
        d.licenceOrganisation = organisation;
        d.specialityHash = specialityHash;
        emit LicenceRecorded(doctor, auth.actor, credentialDigest, speciality, organisation, notAfter);
    }

    function withdrawLicence(address doctor, uint32 reasonCode, Auth calldata auth) external onlyDelegated {
        if (reasonCode > REASON_CODE) revert Malformed();
        uint256 core = _authorize(
            auth,
            keccak256(abi.encode(WITHDRAW_LICENCE_TYPEHASH, auth.actor, auth.nonce, doctor, reasonCode)),
            Need.Active
        );
        _requireRole(core, AGENCY);
        Actor storage d = _actors[doctor];
        if (_field(d.core, A_LICENCE_UNTIL, 40) == 0) revert LicenceMissing();
        d.core = _set(d.core, A_LICENCE_UNTIL, 40, 0);
        d.licenceOrganisation = address(0);
        d.specialityHash = 0;
        emit LicenceWithdrawn(doctor, auth.actor, reasonCode);
    }

    function replaceKey(
        address newLedgerAddress,
        bytes32 keyRecordDigest,
        uint64 validUntil,
        bytes calldata possession,
        Auth calldata auth
    ) external onlyDelegated {
        uint256 core = _authorize(
            auth,
            keccak256(
                abi.encode(
                    REPLACE_KEY_TYPEHASH,
                    auth.actor,
                    auth.nonce,
                    newLedgerAddress,
                    keyRecordDigest,
                    validUntil,
                    keccak256(possession)
                )
            ),
            Need.Rekeying
        );
        uint256 roles = _field(core, A_ROLES, 12);
        if (roles & TEAM != 0) revert WrongRole();
        if (keyRecordDigest == 0) revert Malformed();
        if (newLedgerAddress != _ledgerAddressOf(auth.actor, core)) {
            if (newLedgerAddress == address(0) || _isAddressTaken(newLedgerAddress)) revert AddressInUse();
            if (!_provesPossession(auth.actor, newLedgerAddress, possession)) revert BadPossession();
        }
        _checkValidity(validUntil, roles);
        _replaceKey(auth.actor, core, newLedgerAddress, keyRecordDigest, validUntil);
    }

    function suspendActor(address subject, uint32 reasonCode, Auth calldata auth) external onlyDelegated {
        (uint256 core, uint256 status) = _subject(subject, reasonCode, auth, SUSPEND_ACTOR_TYPEHASH, Need.Active);
        bool candidate = status == PENDING && _actors[subject].acceptableFrom != 0;
        if (status != ACTIVE && !candidate) revert WrongState();
        _dropAgency(core);
        core = _set(core, A_STATUS, 4, SUSPENDED);
        _actors[subject].core = core;
        _updateEligibility(subject, core);
        emit ActorSuspended(subject, auth.actor, reasonCode);
    }

    function reinstateActor(address subject, uint32 reasonCode, Auth calldata auth) external onlyDelegated {
        (uint256 core, uint256 status) = _subject(subject, reasonCode, auth, REINSTATE_ACTOR_TYPEHASH, Need.Active);
        if (status != SUSPENDED) revert WrongState();
        Actor storage s = _actors[subject];
        if (s.acceptableFrom != 0) {
            uint256 from = block.timestamp + _AGENCY_DELAY;
            if (from > type(uint40).max) revert Malformed();
            s.acceptableFrom = uint40(from);
            s.core = _set(core, A_STATUS, 4, PENDING);
        } else {
            if (_field(core, A_ROLES, 12) == AGENCY) {
                _registry = _set(_registry, G_AGENCIES, 16, _field(_registry, G_AGENCIES, 16) + 1);
            }
            core = _set(core, A_STATUS, 4, ACTIVE);
            s.core = core;
            _updateEligibility(subject, core);
        }
        emit ActorReinstated(subject, auth.actor, reasonCode);
    }

    function removeActor(address subject, uint32 reasonCode, Auth calldata auth) external onlyDelegated {
        (uint256 core, uint256 status) = _subject(
            subject, reasonCode, auth, REMOVE_ACTOR_TYPEHASH, subject == auth.actor ? Need.Withdrawing : Need.Active
        );
        if (status == REMOVED) revert WrongState();
        _dropAgency(core);
        core = _set(core, A_STATUS, 4, REMOVED);
        _actors[subject].core = core;
        _updateEligibility(subject, core);
        emit ActorRemoved(subject, auth.actor, reasonCode);
    }

    function confirmPresence(Auth calldata auth) external onlyDelegated {
        uint256 before = _field(_actors[auth.actor].core, A_LAST_SEEN, 40);
        uint256 core =
            _authorize(auth, keccak256(abi.encode(CONFIRM_PRESENCE_TYPEHASH, auth.actor, auth.nonce)), Need.Active);
        _requireRole(core, PATIENT);
        // In the patient's own transaction the first of the day has said so already.
        if (auth.signature.length != 0 || _field(core, A_LAST_SEEN, 40) == before) emit PresenceConfirmed(auth.actor);
    }

    function postBond(address oracle, uint64 amount, Auth calldata auth) external payable onlyDelegated {
        if (amount == 0 || amount > BOND_LIMIT || msg.value != uint256(amount) * 1 gwei) revert Malformed();
        _authorize(auth, keccak256(abi.encode(POST_BOND_TYPEHASH, auth.actor, auth.nonce, oracle, amount)), Need.Active);
        Actor storage o = _actors[oracle];
        uint256 core = o.core;
        uint256 status = _field(core, A_STATUS, 4);
        if (status == UNKNOWN) revert NotFound();
        _requireRole(core, ORACLE);
        if (status == REMOVED) revert Removed();
        if (uint256(o.bond) + o.releasing + amount > BOND_LIMIT) revert TooMany();
        o.bond += amount;
        _updateEligibility(oracle, core);
        emit BondPosted(oracle, auth.actor, amount);
    }

    function releaseBond(uint64 amount, Auth calldata auth) external onlyDelegated {
        if (amount == 0 || amount > BOND_LIMIT) revert Malformed();
        uint256 core = _owner(auth, keccak256(abi.encode(RELEASE_BOND_TYPEHASH, auth.actor, auth.nonce, amount)));
        _requireRole(core, ORACLE);
        Actor storage o = _actors[auth.actor];
        if (o.releasing != 0) revert WrongState();
        if (amount > o.bond) revert BondTooSmall();
        uint256 payableAt = block.timestamp + _BOND_DELAY;
        if (payableAt > type(uint40).max) revert Malformed();
        o.bond -= amount;
        o.releasing = amount;
        o.bondPayableAt = uint40(payableAt);
        _updateEligibility(auth.actor, core);
        emit BondReleased(auth.actor, amount, uint64(payableAt));
    }

    function withdrawBond(Auth calldata auth) external onlyDelegated nonReentrant {
        uint256 core = _owner(auth, keccak256(abi.encode(WITHDRAW_BOND_TYPEHASH, auth.actor, auth.nonce)));
        _requireRole(core, ORACLE);
        Actor storage o = _actors[auth.actor];
        uint64 amount = o.releasing;
        if (amount == 0) revert NotFound();
        if (block.timestamp < o.bondPayableAt) revert NotYet();
        o.releasing = 0;
        o.bondPayableAt = 0;
        emit BondWithdrawn(auth.actor, amount);
        _pay(auth.actor, core, amount);
    }

    function withdrawCredit(Auth calldata auth) external onlyDelegated nonReentrant {
        uint256 core = _owner(auth, keccak256(abi.encode(WITHDRAW_CREDIT_TYPEHASH, auth.actor, auth.nonce)));
        uint64 amount = _credits[auth.actor];
        if (amount == 0) revert NotFound();
        _credits[auth.actor] = 0;
        emit CreditWithdrawn(auth.actor, amount);
        _pay(auth.actor, core, amount);
    }

    function getActor(address actor) external view onlyDelegated returns (ActorView memory v) {
        Actor storage a = _actors[actor];
        uint256 core = a.core;
        v.status = uint8(_field(core, A_STATUS, 4));
        if (v.status == UNKNOWN) return v;
        v.roles = uint16(_field(core, A_ROLES, 12));
        v.validUntil = uint40(_field(core, A_VALID_UNTIL, 40));
        v.nonce = uint40(_field(core, A_NONCE, 40));
        v.ledgerAddress = _ledgerAddressOf(actor, core);
        v.organisation = a.organisation;
        v.operator = a.operator;
        v.acceptableFrom = a.acceptableFrom;
        v.lastSeen = uint40(_field(core, A_LAST_SEEN, 40));
        v.licenceNotAfter = uint40(_field(core, A_LICENCE_UNTIL, 40));
        v.licenceOrganisation = a.licenceOrganisation;
        v.specialityHash = a.specialityHash;
        v.abandonedRequests = uint8(_field(core, A_ABANDONED, 8));
        v.lastAbandonedAt = uint40(_field(core, A_LAST_ABANDONED, 40));
        v.openReviews = uint8(_field(core, A_OPEN_REVIEWS, 8));
        v.oracleIndex = uint16(_field(core, A_ORACLE_INDEX, 16));
        v.bond = a.bond;
        v.releasingBond = a.releasing;
        v.bondPayableAt = a.bondPayableAt;
        v.slashes = a.slashes;
        v.credit = _credits[actor];
    }

    function getOracle(address oracle) external view onlyDelegated returns (OracleView memory v) {
        uint256 index = _field(_actors[oracle].core, A_ORACLE_INDEX, 16);
        if (index == 0) return v;
        uint256 record = _oracles[index];
        v.oracle = oracle;
        v.unit = address(uint160(record));
        v.correctness = uint32(_field(record, 160, 20));
        v.timeliness = uint32(_field(record, 180, 20));
        v.rating = uint32(_field(record, 200, 20));
        v.sinceDay = uint16(_field(record, 220, 16));
        v.eligibleUntil = uint40(_field(record, O_ELIGIBLE_UNTIL, 20) * 1 hours);
    }

    /// @dev As `_authorize` for what an actor is owed, whatever its state, removed too.
    function _owner(Auth calldata auth, bytes32 structHash) private returns (uint256 core) {
        core = _checkSigner(auth, _actors[auth.actor].core, structHash);
        if (_field(core, A_STATUS, 4) == UNKNOWN) revert NotRegistered();
    }

    /// @dev What the three commands on another actor have in common: by an agency, or by the actor itself where the need is Withdrawing.
    function _subject(address subject, uint32 reasonCode, Auth calldata auth, bytes32 typeHash, Need need)
        private
        returns (uint256 core, uint256 status)
    {
        if (reasonCode > REASON_CODE) revert Malformed();
        core = _authorize(auth, keccak256(abi.encode(typeHash, auth.actor, auth.nonce, subject, reasonCode)), need);
        if (need != Need.Withdrawing) _requireRole(core, AGENCY);
        core = _actors[subject].core;
        status = _field(core, A_STATUS, 4);
        if (status == UNKNOWN) revert NotFound();
    }

    /// @dev An active agency less; never the last.
    function _dropAgency(uint256 core) private {
        if (_field(core, A_ROLES, 12) != AGENCY || _field(core, A_STATUS, 4) != ACTIVE) return;
        uint256 left = _field(_registry, G_AGENCIES, 16) - 1;
        if (left == 0) revert LastAgency();
        _registry = _set(_registry, G_AGENCIES, 16, left);
    }

    function _admitOracle(address operator, uint256 core) private returns (uint256, uint256) {
        uint256 registry = _registry;
        uint256 index = _field(registry, G_ORACLES, 16) + 1;
        if (index > _ORACLES) revert TooMany();
        uint256 operatorCore = _actors[operator].core;
        _checkActive(operatorCore);
        _registry = _set(registry, G_ORACLES, 16, index);
        _oracles[index] = uint160(_organisationOf(operator, operatorCore)) | _PRIOR | (block.timestamp / 1 days) << 220;
        return (_set(core, A_ORACLE_INDEX, 16, index), index);
    }

    function _isFounding(uint256 core, uint256 roles) private pure returns (bool) {
        return _field(core, A_FLAGS, 8) & FLAG_FOUNDING != 0 && roles == AGENCY && _field(core, A_STATUS, 4) == ACTIVE;
    }

    function _checkFree(address actor, uint256 core) private view {
        uint256 status = _field(core, A_STATUS, 4);
        if (status == REMOVED) revert Removed();
        if (status != UNKNOWN) revert AlreadyExists();
        if (_addresses[actor] != address(0)) revert AddressInUse();
    }

    function _checkRoles(uint256 roles) private pure {
        bool alone = roles == AGENCY || roles == ORACLE || roles == OPERATOR;
        if (roles == 0 || (!alone && roles & _ALONE != 0)) revert WrongRole();
        if (roles & _PERSON != 0 && roles & ~_PERSON != 0) revert WrongRole();
    }

    function _checkOperator(address operator, address organisation) private view {
        uint256 core = _actors[operator].core;
        if (_field(core, A_ROLES, 12) & OPERATOR == 0) revert NotFound();
        _checkActive(core);
        if (organisation != address(0) && organisation != _organisationOf(operator, core)) revert Malformed();
    }

    /// @dev 1 to 64 printable ASCII characters without a space.
    function _isCode(bytes calldata text) private pure returns (bool) {
        if (text.length == 0 || text.length > 64) return false;
        for (uint256 i = 0; i < text.length; ++i) {
            if (text[i] < "!" || text[i] > "~") return false;
        }
        return true;
    }
}
