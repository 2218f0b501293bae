// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Parameters, Auth, RequestFacts, BundleFacts, DealingFacts} from "./LedgerTypes.sol";
import {LedgerEvents} from "./LedgerEvents.sol";
import "./LedgerErrors.sol";

interface IERC1271 {
    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4);
}

/// @title What the ledger and its modules share: parameters, storage, who acts.
/// @dev The core calls modules by delegatecall, so every one of them has this storage layout and no other.
abstract contract LedgerBase is LedgerEvents {
    // Roles, as in the model.
    uint256 internal constant PATIENT = 1;
    uint256 internal constant DOCTOR = 2;
    uint256 internal constant GUARDIAN = 4;
    uint256 internal constant HOSPITAL = 8;
    uint256 internal constant AGENCY = 16;
    uint256 internal constant INSURER = 32;
    uint256 internal constant ORACLE = 64;
    uint256 internal constant OPERATOR = 128;
    uint256 internal constant TEAM = 256;

    // An actor's status.
    uint256 internal constant UNKNOWN = 0;
    uint256 internal constant PENDING = 1;
    uint256 internal constant ACTIVE = 2;
    uint256 internal constant SUSPENDED = 3;
    uint256 internal constant REMOVED = 4;

    // The layout of an actor's first slot: shift of each field.
    uint256 internal constant A_STATUS = 0; // 4
    uint256 internal constant A_ROLES = 4; // 12
    uint256 internal constant A_VALID_UNTIL = 16; // 40
    uint256 internal constant A_NONCE = 56; // 40
    uint256 internal constant A_LICENCE_UNTIL = 96; // 40, zero without a licence
    uint256 internal constant A_LAST_SEEN = 136; // 40, end of the UTC day in which a patient was last seen
    uint256 internal constant A_ABANDONED = 176; // 8
    uint256 internal constant A_LAST_ABANDONED = 184; // 40
    uint256 internal constant A_OPEN_REVIEWS = 224; // 8
    uint256 internal constant A_FLAGS = 232; // 8: 1 ledger address replaced, 2 has an organisation, 4 founding agency not yet registered
    uint256 internal constant A_ORACLE_INDEX = 240; // 16

    /// @dev What an actor's first slot says in these bits is ACTIVE alone where the actor is active and its id still its ledger address.
    uint256 private constant _PLAIN = 0xF | FLAG_REKEYED << A_FLAGS;

    uint256 internal constant FLAG_REKEYED = 1;
    uint256 internal constant FLAG_ORGANISATION = 2;
    uint256 internal constant FLAG_FOUNDING = 4;

    struct Actor {
        uint256 core;
        address ledgerAddress; // where FLAG_REKEYED
        uint64 releasing; // gwei of an oracle's bond that are being released
        address organisation; // where FLAG_ORGANISATION
        uint40 acceptableFrom; // an admitted agency may accept from then on; zero else
        address operator; // of an oracle
        uint64 bond; // gwei, of an oracle, without what is being released
        uint32 slashes; // how often the oracle's bond was taken
        address licenceOrganisation;
        uint40 bondPayableAt; // when what is being released may be taken out
        bytes32 specialityHash;
    }

    /// @dev tag 160 | epoch of the active normal dealing 24 << 160 | of the active emergency dealing 24 << 184 | last epoch 24 << 208 | revision 18 << 232 |
    /// a reshare is under way << 250 | closed << 251 | pending << 252 | track of the pending one << 253 | which slot is active: normal << 254, emergency << 255.
    mapping(bytes32 bundleId => uint256) internal _bundles;
    mapping(address actor => Actor) internal _actors;
    /// @dev The actor that an address serves or served, beside the actors' own ids.
    mapping(address ledgerAddress => address actor) internal _addresses;
    /// @dev unit 160 | correctness 20 << 160 | timeliness 20 << 180 | rating 20 << 200 | since day 16 << 220 | eligible until hour 20 << 236.
    mapping(uint256 index => uint256) internal _oracles;
    /// @dev oracles admitted 16 | active agencies 16 << 16 | present snapshot 32 << 32 | block of it 64 << 64 | wei burned in gwei 64 << 128 |
    /// entries of the present snapshot 16 << 192.
    uint256 internal _registry;
    /// @dev [number % 2]: number 32 | count 16 << 32.
    uint256[2] internal _snapshots;
    /// @dev [number % 2][i]: 16 entries of 16 bits, index (10) << 6 | weight (6), the first lowest.
    mapping(uint256 parity => mapping(uint256 word => uint256)) internal _snapshotEntries;
    /// @dev Key: keccak256(bundleId, track, which). tag 160 | not before 36 << 160 | acknowledged seats 16 << 196 | seats that complained 16 << 212 | reshared << 231.
    /// Whether it waits or serves follows from its bundle.
    mapping(bytes32 key => uint256) internal _dealings;
    /// @dev Key: keccak256(doctor, bundleId). Two slots, see RequestPart.
    mapping(bytes32 key => uint256[2]) internal _requests;
    /// @dev What is owed to an address in gwei: released bonds and challengers' quarters.
    mapping(address payee => uint64) internal _credits;
    /// @dev Each module's own records, by its own keys: a module prefixes its keys with its name.
    mapping(bytes32 key => uint256) internal _records;

    uint256 private _locked;

    address internal immutable _FOUNDING_AGENCY;
    uint256 internal immutable _DRAW_DELAY;
    uint256 internal immutable _DRAW_WINDOW;
    uint256 internal immutable _SNAPSHOT_INTERVAL;
    uint256 internal immutable _MAX_REQUEST_LIFETIME;
    uint256 internal immutable _TRUSTEE_CHANGE_DELAY;
    uint256 internal immutable _RECOVERY_DELAY;
    uint256 internal immutable _DELIVERY_WINDOW;
    uint256 internal immutable _COOLDOWN;
    uint256 internal immutable _MAX_COOLDOWN;
    uint256 internal immutable _MAX_ORACLE_KEY_LIFETIME;
    uint256 internal immutable _AGENCY_DELAY;
    uint256 internal immutable _BOND_DELAY;
    uint256 internal immutable _MIN_BOND;
    uint256 internal immutable _MAX_EMERGENCY_LIFETIME;
    uint256 internal immutable _REVIEW_PERIOD;
    bytes32 private immutable _PARAMETERS_HASH;
    address private immutable _SELF;

    bytes32 private constant _REVIEW_TAG = keccak256("phr/review");
    bytes32 private constant _DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant _NAME_HASH = keccak256("Phr");
    bytes32 private constant _VERSION_HASH = keccak256("1");
    uint256 internal constant _HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;
    uint256 private constant _ERC1271_GAS = 200_000;

    constructor(Parameters memory p) {
        _FOUNDING_AGENCY = p.foundingAgency;
        _DRAW_DELAY = p.drawDelay;
        _DRAW_WINDOW = p.drawWindow;
        _SNAPSHOT_INTERVAL = p.snapshotInterval;
        _MAX_REQUEST_LIFETIME = p.maxRequestLifetime;
        _TRUSTEE_CHANGE_DELAY = p.trusteeChangeDelay;
        _RECOVERY_DELAY = p.recoveryDelay;
        _DELIVERY_WINDOW = p.deliveryWindow;
        _COOLDOWN = p.cooldown;
        _MAX_COOLDOWN = p.maxCooldown;
        _MAX_ORACLE_KEY_LIFETIME = p.maxOracleKeyLifetime;
        _AGENCY_DELAY = p.agencyDelay;
        _BOND_DELAY = p.bondDelay;
        _MIN_BOND = p.minBond;
        _MAX_EMERGENCY_LIFETIME = p.maxEmergencyLifetime;
        _REVIEW_PERIOD = p.reviewPeriod;
        _PARAMETERS_HASH = keccak256(abi.encode(p));
        _SELF = address(this);
    }

    /// @notice The hash of the parameters that this contract was made with.
    function parametersHash() public view returns (bytes32) {
        return _PARAMETERS_HASH;
    }

    /// @dev For modules: only by delegatecall from the core.
    modifier onlyDelegated() {
        if (address(this) == _SELF) revert NotDelegated();
        _;
    }

    /// @dev For the functions that pay.
    modifier nonReentrant() {
        if (_locked == 1) revert WrongState();
        _locked = 1;
        _;
        _locked = 0;
    }

    // ---- who acts -------------------------------------------------------------------------------------------------------------------------

    /// @dev What a command asks of its actor's state before its own checks.
    enum Need {
        Active, // active, with a key record that has not ended
        Withdrawing, // registered and not removed: what only takes away stays possible
        Rekeying // as Active, but the key record may have ended
    }

    /// @dev Checks signature (or sender), nonce, and the actor's state; returns the actor's core slot. A signed command's nonce is used up.
    /// @param structHash hashStruct of the command, with the actor and `auth.nonce`; read only when there is a signature.
    function _authorize(Auth calldata auth, bytes32 structHash, Need need) internal returns (uint256 core) {
        address actor = auth.actor;
        core = _actors[actor].core;
        // Most own transactions: whoever is active may do whatever any need asks for.
        if (
            msg.sender == actor && !_isSigned(auth) && core & _PLAIN == ACTIVE
                && block.timestamp < uint40(core >> A_VALID_UNTIL)
                && (core & PATIENT << A_ROLES == 0 || uint40(core >> A_LAST_SEEN) == _endOfDay())
        ) return core;
        core = _checkSigner(auth, core, structHash);
        _checkStanding(core, need);
    }

    /// @dev Whether there is a signature, at the price of two reads. An offset that leads nowhere is read as none: whoever acts is then the sender.
    function _isSigned(Auth calldata auth) internal pure returns (bool signed) {
        assembly ("memory-safe") {
            signed := iszero(iszero(calldataload(add(auth, calldataload(add(auth, 64))))))
        }
    }

    /// @dev As `_authorize`, without looking at the actor's state: for registering.
    function _checkSigner(Auth calldata auth, uint256 core, bytes32 structHash) internal returns (uint256) {
        address signer = _ledgerAddressOf(auth.actor, core);
        if (auth.signature.length == 0) {
            if (msg.sender != signer) revert BadSignature();
            if (core & PATIENT << A_ROLES != 0) {
                uint256 today = _endOfDay();
                if (_field(core, A_LAST_SEEN, 40) != today) {
                    core = _set(core, A_LAST_SEEN, 40, today);
                    _actors[auth.actor].core = core;
                    emit PresenceConfirmed(auth.actor);
                }
            }
            return core;
        }
        if (!_isSignedBy(signer, _digest(structHash), auth.signature)) revert BadSignature();
        uint256 nonce = _field(core, A_NONCE, 40);
        if (auth.nonce != nonce) revert WrongNonce();
        core = _set(core, A_NONCE, 40, nonce + 1);
        if (_field(core, A_ROLES, 12) & PATIENT != 0) core = _set(core, A_LAST_SEEN, 40, _endOfDay());
        _actors[auth.actor].core = core;
        emit NonceUsed(auth.actor, auth.nonce);
        return core;
    }

    /// @dev The end of the present day in UTC. Patients' presence is kept in days, so that most of their own transactions store nothing for it.
    function _endOfDay() internal view returns (uint256) {
        unchecked {
            return (block.timestamp / 1 days + 1) * 1 days;
        }
    }

    function _checkStanding(uint256 core, Need need) internal view {
        uint256 status = _field(core, A_STATUS, 4);
        if (status == UNKNOWN) revert NotRegistered();
        if (status == REMOVED) revert Removed();
        if (need == Need.Withdrawing) return;
        if (need == Need.Rekeying && status != SUSPENDED) return;
        _checkActive(core);
    }

    /// @dev Reverts unless an actor that is registered is active and its key record has not ended.
    function _checkActive(uint256 core) internal view {
        uint256 status = _field(core, A_STATUS, 4);
        if (status == ACTIVE && block.timestamp < _field(core, A_VALID_UNTIL, 40)) return;
        if (status == PENDING) revert NotAdmitted();
        if (status == SUSPENDED) revert Suspended();
        if (status == REMOVED) revert Removed();
        revert KeyExpired();
    }

    function _isActive(uint256 core) internal view returns (bool) {
        return _field(core, A_STATUS, 4) == ACTIVE && block.timestamp < _field(core, A_VALID_UNTIL, 40);
    }

    function _requireRole(uint256 core, uint256 role) internal pure {
        if (_field(core, A_ROLES, 12) & role == 0) revert WrongRole();
    }

    /// @dev Reverts unless the doctor is active and its licence has not ended.
    function _checkLicence(uint256 core) internal view {
        _checkActive(core);
        uint256 until = _field(core, A_LICENCE_UNTIL, 40);
        if (until == 0) revert LicenceMissing();
        if (block.timestamp >= until) revert LicenceExpired();
    }

    /// @dev A doctor's slot after one more abandoned request: whenever the longest wait passed without one, one was forgiven.
    function _withAbandoned(uint256 core) internal view returns (uint256) {
        uint256 count = _field(core, A_ABANDONED, 8);
        uint256 forgiven =
            (block.timestamp - _field(core, A_LAST_ABANDONED, 40)) / (_MAX_COOLDOWN == 0 ? 1 : _MAX_COOLDOWN);
        count = count > forgiven ? count - forgiven + 1 : 1;
        core = _set(core, A_ABANDONED, 8, count > 255 ? 255 : count);
        return _set(core, A_LAST_ABANDONED, 40, block.timestamp);
    }

    /// @dev Where the review of an emergency is kept, see EmergencyModule.
    function _reviewKey(bytes32 requestId, address doctor, address patient) internal pure returns (bytes32) {
        return keccak256(abi.encode(_REVIEW_TAG, requestId, doctor, patient));
    }

    function _ledgerAddressOf(address actor, uint256 core) internal view returns (address) {
        return _field(core, A_FLAGS, 8) & FLAG_REKEYED == 0 ? actor : _actors[actor].ledgerAddress;
    }

    /// @dev The organisation that counts for an actor: its own; else, for a hospital, agency, insurer or operator, itself; else zero.
    function _organisationOf(address actor, uint256 core) internal view returns (address) {
        if (_field(core, A_FLAGS, 8) & FLAG_ORGANISATION != 0) return _actors[actor].organisation;
        return _field(core, A_ROLES, 12) & (HOSPITAL | AGENCY | INSURER | OPERATOR) != 0 ? actor : address(0);
    }

    /// @notice The EIP-712 domain separator.
    function domainSeparator() public view returns (bytes32) {
        return keccak256(abi.encode(_DOMAIN_TYPEHASH, _NAME_HASH, _VERSION_HASH, block.chainid, address(this)));
    }

    function _digest(bytes32 structHash) internal view returns (bytes32) {
        return _typedDigest(domainSeparator(), structHash);
    }

    function _typedDigest(bytes32 separator, bytes32 structHash) private pure returns (bytes32 digest) {
        assembly ("memory-safe") {
            let m := mload(0x40)
            mstore(m, shl(240, 0x1901))
            mstore(add(m, 2), separator)
            mstore(add(m, 34), structHash)
            digest := keccak256(m, 66)
        }
    }

    function _isSignedBy(address signer, bytes32 digest, bytes calldata signature) internal view returns (bool) {
        if (signature.length == 65) {
            uint256 s = uint256(bytes32(signature[32:64]));
            if (s <= _HALF_ORDER) {
                address recovered = ecrecover(digest, uint8(signature[64]), bytes32(signature[0:32]), bytes32(s));
                if (recovered != address(0) && recovered == signer) return true;
            }
        }
        if (signer.code.length == 0) return false;
        // A signer that reverts, answers short or burns its gas has not signed.
        (bool ok, bytes memory answer) =
            signer.staticcall{gas: _ERC1271_GAS}(abi.encodeCall(IERC1271.isValidSignature, (digest, signature)));
        return ok && answer.length >= 32 && abi.decode(answer, (bytes32)) == bytes32(IERC1271.isValidSignature.selector);
    }

    // ---- packed slots ---------------------------------------------------------------------------------------------------------------------

    function _field(uint256 slot, uint256 shift, uint256 bits) internal pure returns (uint256) {
        unchecked {
            return (slot >> shift) & ((1 << bits) - 1);
        }
    }

    /// @dev The value must fit its field; a larger one reverts, it is never cut.
    function _set(uint256 slot, uint256 shift, uint256 bits, uint256 value) internal pure returns (uint256) {
        unchecked {
            uint256 mask = (1 << bits) - 1;
            if (value > mask) revert Malformed();
            return (slot & ~(mask << shift)) | (value << shift);
        }
    }

    function _tag(bytes32 hash) internal pure returns (uint256) {
        return uint160(uint256(hash));
    }

    // ---- bundles, dealings, requests: stored hashes ---------------------------------------------------------------------------------------

    uint256 internal constant B_EPOCH = 160; // 24, + 24 * track
    uint256 internal constant B_LAST_EPOCH = 208; // 24
    uint256 internal constant B_REVISION = 232; // 18
    uint256 internal constant B_RESHARING = 250;
    uint256 internal constant B_CLOSED = 251;
    uint256 internal constant B_PENDING = 252;
    uint256 internal constant B_PENDING_TRACK = 253;
    uint256 internal constant B_WHICH = 254; // + track

    uint256 internal constant D_NOT_BEFORE = 160; // 36
    uint256 internal constant D_ACKS = 196; // 16
    uint256 internal constant D_COMPLAINTS = 212; // 16
    uint256 internal constant D_RESHARED = 231;

    function _bundleTag(BundleFacts calldata b) internal pure returns (uint256) {
        return _bundleTag(b.patient, b.headerDigest, b.documentsRoot);
    }

    /// @dev 160 bits of keccak256 of the three words.
    function _bundleTag(address patient, bytes32 headerDigest, bytes32 documentsRoot)
        internal
        pure
        returns (uint256 tag)
    {
        assembly ("memory-safe") {
            let m := mload(0x40)
            mstore(m, patient)
            mstore(add(m, 32), headerDigest)
            mstore(add(m, 64), documentsRoot)
            tag := and(keccak256(m, 96), 0xffffffffffffffffffffffffffffffffffffffff)
        }
    }

    /// @dev 160 bits of keccak256 of the four words.
    function _dealingTag(bytes32 dealingDigest, bytes32 headerDigest, bytes32 policyHash, bytes32 planDigest)
        internal
        pure
        returns (uint256 tag)
    {
        assembly ("memory-safe") {
            let m := mload(0x40)
            mstore(m, dealingDigest)
            mstore(add(m, 32), headerDigest)
            mstore(add(m, 64), policyHash)
            mstore(add(m, 96), planDigest)
            tag := and(keccak256(m, 128), 0xffffffffffffffffffffffffffffffffffffffff)
        }
    }

    function _dealingTag(DealingFacts calldata d) internal pure returns (uint256) {
        return _dealingTag(d.dealingDigest, d.headerDigest, d.policyHash, d.planDigest);
    }

    /// @dev The facts are nothing but words, so their encoding is what lies in the calldata; bytes where an address has none give another hash.
    function _requestTag(RequestFacts calldata r) internal pure returns (uint256 tag) {
        assembly ("memory-safe") {
            let m := mload(0x40)
            calldatacopy(m, r, 224)
            tag := and(keccak256(m, 224), 0xffffffffffffffffffffffffffffffffffffffff)
        }
    }

    /// @dev As `_requestTag`, of the facts with another policy.
    function _requestTag(RequestFacts calldata r, bytes32 policyHash) internal pure returns (uint256 tag) {
        assembly ("memory-safe") {
            let m := mload(0x40)
            calldatacopy(m, r, 192)
            mstore(add(m, 192), policyHash)
            tag := and(keccak256(m, 224), 0xffffffffffffffffffffffffffffffffffffffff)
        }
    }

    function _dealingKey(bytes32 bundleId, uint256 track, uint256 which) internal pure returns (bytes32 key) {
        assembly ("memory-safe") {
            let m := mload(0x40)
            mstore(m, bundleId)
            mstore(add(m, 32), track)
            mstore(add(m, 64), which)
            key := keccak256(m, 96)
        }
    }

    function _requestKey(address doctor, bytes32 bundleId) internal pure returns (bytes32 key) {
        assembly ("memory-safe") {
            mstore(0, doctor)
            mstore(32, bundleId)
            key := keccak256(0, 64)
        }
    }

    function _notAfter(RequestFacts calldata r) internal pure returns (uint256) {
        return uint40(r.meta);
    }

    function _epoch(RequestFacts calldata r) internal pure returns (uint256) {
        return uint24(r.meta >> 40);
    }

    function _snapshotOf(RequestFacts calldata r) internal pure returns (uint256) {
        return uint32(r.meta >> 64);
    }

    function _uses(RequestFacts calldata r) internal pure returns (uint256) {
        return uint8(r.meta >> 96);
    }

    function _receiverKind(RequestFacts calldata r) internal pure returns (uint256) {
        return uint8(r.meta >> 104);
    }

    function _teamKeyEpoch(RequestFacts calldata r) internal pure returns (uint256) {
        return uint24(r.meta >> 112);
    }

    function _emergencyReason(RequestFacts calldata r) internal pure returns (uint256) {
        return uint32(r.meta >> 136);
    }
}
