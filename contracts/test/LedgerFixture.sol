// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "./Test.sol";
import {StubModule} from "./StubModule.sol";
import {Parameters, Auth, Seat} from "../src/LedgerTypes.sol";
import {PhrLedger} from "../src/PhrLedger.sol";
import {ILedger} from "../src/ILedger.sol";
import {PolicyBuilder} from "./PolicyBuilder.sol";
import {RequestModule} from "../src/modules/RequestModule.sol";
import {ClaimModule} from "../src/modules/ClaimModule.sol";
import {DisputeModule} from "../src/modules/DisputeModule.sol";
import {EmergencyModule} from "../src/modules/EmergencyModule.sol";
import {IdentityModule} from "../src/modules/IdentityModule.sol";
import {TeamModule} from "../src/modules/TeamModule.sol";

/// @title A ledger with the people of the usual story, for every test of the contracts
/// @notice `_deploy` makes the ledger; `_seedPeople` puts people, licences and oracles straight into storage, for tests that
/// are not about registering. Commands are called by `_by(person)` (own transaction, with vm.prank) or signed with `_sign`.
abstract contract LedgerFixture is Test {
    struct Person {
        uint256 key;
        address id;
    }

    struct Group {
        uint8 threshold;
        Person[] members;
        address[] organisations;
    }

    uint256 internal constant PATIENT = 1;
    uint256 internal constant DOCTOR = 2;
    uint256 internal constant GUARDIAN = 4;
    uint256 internal constant HOSPITAL = 8;
    uint256 internal constant AGENCY = 16;
    uint256 internal constant INSURER = 32;
    uint256 internal constant ORACLE = 64;
    uint256 internal constant OPERATOR = 128;
    uint256 internal constant TEAM = 256;

    uint256 internal constant STATUS_PENDING = 1;
    uint256 internal constant STATUS_ACTIVE = 2;
    uint256 internal constant STATUS_SUSPENDED = 3;
    uint256 internal constant STATUS_REMOVED = 4;

    // Slots of LedgerBase's variables; `test_layout_isTheFixtures` compares them with what the contract reads.
    uint256 internal constant SLOT_BUNDLES = 0;
    uint256 internal constant SLOT_ACTORS = 1;
    uint256 internal constant SLOT_ADDRESSES = 2;
    uint256 internal constant SLOT_ORACLES = 3;
    uint256 internal constant SLOT_REGISTRY = 4;
    uint256 internal constant SLOT_SNAPSHOTS = 5;
    uint256 internal constant SLOT_SNAPSHOT_ENTRIES = 7;
    uint256 internal constant SLOT_DEALINGS = 8;
    uint256 internal constant SLOT_REQUESTS = 9;
    uint256 internal constant SLOT_CREDITS = 10;
    uint256 internal constant SLOT_RECORDS = 11;

    uint256 internal constant START = 1_800_000_000;
    uint256 internal constant ORACLES = 7;

    ILedger internal ledger;

    Person internal agency = _person("agency");
    Person internal patient = _person("patient");
    Person internal doctor = _person("doctor");
    Person internal hospital = _person("hospital");
    Person internal insurer = _person("insurer");
    Person internal stranger = _person("stranger");
    /// @dev Two guardians, two hospitals, one agency: the trustees of the usual policy, in its order.
    Person[5] internal trustees;
    Person[ORACLES] internal operators;
    Person[ORACLES] internal oracles;

    // ---- the ledger -----------------------------------------------------------------------------------------------------------------------

    function _parameters() internal view virtual returns (Parameters memory) {
        return Parameters({
            foundingAgency: agency.id,
            drawDelay: 1,
            drawWindow: 200,
            snapshotInterval: 300,
            maxRequestLifetime: 30 days,
            trusteeChangeDelay: 3 days,
            recoveryDelay: 7 days,
            deliveryWindow: 1 hours,
            cooldown: 10 minutes,
            maxCooldown: 7 days,
            maxOracleKeyLifetime: 30 days,
            agencyDelay: 2 days,
            bondDelay: 14 days,
            minBond: 0,
            maxEmergencyLifetime: 1 days,
            reviewPeriod: 7 days
        });
    }

    /// @dev The modules of a full ledger; a test that needs only some overrides this with StubModule for the rest.
    function _modules(Parameters memory p) internal virtual returns (PhrLedger.Modules memory) {
        address stub = address(new StubModule(p));
        return PhrLedger.Modules({
            identity: address(new IdentityModule(p)),
            teams: address(new TeamModule(p)),
            dealings: stub,
            reshares: stub,
            claims: address(new ClaimModule(p)),
            disputes: address(new DisputeModule(p)),
            emergencies: address(new EmergencyModule(p)),
            requests: address(new RequestModule(p))
        });
    }

    /// @dev Tests make contracts of src/ by functions of fixtures: forge links by name what a contract makes, but not in contracts that
    /// inherit from one of src/, as those do that expect events.
    function _newLedger(Parameters memory p, PhrLedger.Modules memory m) internal returns (ILedger) {
        return ILedger(address(new PhrLedger(p, m)));
    }

    function _newIdentityModule(Parameters memory p) internal returns (IdentityModule) {
        return new IdentityModule(p);
    }

    /// @dev Runs code that is not the ledger's on the ledger's storage, as a module's is run.
    /// @param code A contract that inherits LedgerBase, made with the ledger's parameters.
    /// @param call What to call of it.
    function _onLedger(address code, bytes memory call) internal returns (bool ok, bytes memory answer) {
        bytes memory own = address(ledger).code;
        vm.etch(address(ledger), code.code);
        (ok, answer) = address(ledger).call(call);
        vm.etch(address(ledger), own);
    }

    function _deploy() internal {
        vm.warp(START);
        vm.roll(1000);
        Parameters memory p = _parameters();
        ledger = _newLedger(p, _modules(p));
        for (uint256 i = 0; i < trustees.length; ++i) {
            trustees[i] = _person(string.concat("trustee ", vm.toString(i + 1)));
        }
        for (uint256 i = 0; i < ORACLES; ++i) {
            operators[i] = _person(string.concat("operator ", vm.toString(i + 1)));
            oracles[i] = _person(string.concat("oracle ", vm.toString(i + 1)));
        }
    }

    // ---- people ---------------------------------------------------------------------------------------------------------------------------

    function _person(string memory name) internal pure returns (Person memory) {
        uint256 key = uint256(keccak256(bytes(name))) >> 1;
        return Person(key, vm.addr(key));
    }

    /// @dev Everybody of the story, active, with keys valid for years; the doctor licensed; oracles 1 to 7, each of an operator of its own.
    function _seedPeople() internal {
        uint40 until = uint40(START + 20 * 365 days);
        _seedActor(agency.id, AGENCY, until);
        _seedActor(patient.id, PATIENT, until);
        _seedDoctor(doctor.id, until, address(0), "cardiology", hospital.id);
        _seedActor(hospital.id, HOSPITAL, until);
        _seedActor(insurer.id, INSURER, until);
        for (uint256 i = 0; i < trustees.length; ++i) {
            _seedActor(trustees[i].id, i < 2 ? GUARDIAN : i < 4 ? HOSPITAL : AGENCY, until);
        }
        for (uint256 i = 0; i < ORACLES; ++i) {
            _seedActor(operators[i].id, OPERATOR, until);
            _seedOracle(oracles[i].id, i + 1, operators[i].id, until);
        }
    }

    function _actorSlot(address actor) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(actor, SLOT_ACTORS)));
    }

    /// @dev An active actor without organisation.
    function _seedActor(address actor, uint256 roles, uint40 validUntil) internal {
        uint256 core = STATUS_ACTIVE | roles << 4 | uint256(validUntil) << 16;
        vm.store(address(ledger), bytes32(_actorSlot(actor)), bytes32(core));
    }

    /// @dev An active doctor with a licence for a speciality, recorded by the agency.
    function _seedDoctor(
        address actor,
        uint40 validUntil,
        address organisation,
        string memory speciality,
        address licenceOrganisation
    ) internal {
        uint256 slot = _actorSlot(actor);
        uint256 core = STATUS_ACTIVE | DOCTOR << 4 | uint256(validUntil) << 16 | uint256(validUntil) << 96;
        if (organisation != address(0)) {
            core |= 2 << 232;
            _storeField(slot + _ORGANISATION, uint160(organisation), 0, 160);
        }
        vm.store(address(ledger), bytes32(slot), bytes32(core));
        _storeField(slot + _LICENCE_ORGANISATION, uint160(licenceOrganisation), 0, 160);
        vm.store(address(ledger), bytes32(slot + _SPECIALITY), keccak256(bytes(speciality)));
    }

    /// @dev An active oracle with the prior reputation, number `index` of the registry.
    function _seedOracle(address actor, uint256 index, address operator, uint40 validUntil) internal {
        _seedActor(actor, ORACLE, validUntil);
        uint256 slot = _actorSlot(actor);
        _storeField(slot, index, 240, 16);
        _storeField(slot + _OPERATOR, uint160(operator), 0, 160);
        uint256 record = uint160(operator) | 500_000 << 160 | 500_000 << 180 | 500_000 << 200
            | (block.timestamp / 1 days) << 220 | (uint256(validUntil) / 1 hours) << 236;
        vm.store(address(ledger), keccak256(abi.encode(index, SLOT_ORACLES)), bytes32(record));
        uint256 registry = uint256(vm.load(address(ledger), bytes32(SLOT_REGISTRY)));
        if (index > registry & 0xFFFF) {
            vm.store(address(ledger), bytes32(SLOT_REGISTRY), bytes32((registry & ~uint256(0xFFFF)) | index));
        }
    }

    /// @dev A snapshot of the oracles 1 to `count`, each with the same weight.
    function _seedSnapshot(uint32 number, uint256 count, uint256 weight) internal {
        uint256 header = uint256(number) | count << 32;
        vm.store(address(ledger), bytes32(SLOT_SNAPSHOTS + number % 2), bytes32(header));
        uint256 inner = uint256(keccak256(abi.encode(uint256(number % 2), SLOT_SNAPSHOT_ENTRIES)));
        for (uint256 word = 0; word * 16 < count; ++word) {
            uint256 packed;
            for (uint256 i = 0; i < 16 && word * 16 + i < count; ++i) {
                packed |= ((word * 16 + i + 1) << 6 | weight) << (16 * i);
            }
            vm.store(address(ledger), keccak256(abi.encode(word, inner)), bytes32(packed));
        }
        _storeField(SLOT_REGISTRY, number, 32, 32);
        _storeField(SLOT_REGISTRY, block.number, 64, 64);
        _storeField(SLOT_REGISTRY, count, 192, 16);
    }

    function _setStatus(address actor, uint256 status) internal {
        _storeField(_actorSlot(actor), status, 0, 4);
    }

    // Slots of LedgerBase.Actor after the first.
    uint256 private constant _ORGANISATION = 2;
    uint256 private constant _OPERATOR = 3;
    uint256 private constant _LICENCE_ORGANISATION = 4;
    uint256 private constant _SPECIALITY = 5;

    function _storeField(uint256 slot, uint256 value, uint256 shift, uint256 bits) internal {
        uint256 mask = ((1 << bits) - 1) << shift;
        uint256 old = uint256(vm.load(address(ledger), bytes32(slot)));
        vm.store(address(ledger), bytes32(slot), bytes32((old & ~mask) | (value << shift)));
    }

    function _loadField(uint256 slot, uint256 shift, uint256 bits) internal view returns (uint256) {
        return (uint256(vm.load(address(ledger), bytes32(slot))) >> shift) & ((1 << bits) - 1);
    }

    // ---- who acts -------------------------------------------------------------------------------------------------------------------------

    /// @dev The next call is the person's own transaction.
    function _by(Person memory person) internal returns (Auth memory) {
        vm.prank(person.id, person.id);
        return Auth(person.id, 0, "");
    }

    /// @dev The authority of a signed command, which anybody may send. structHash is hashStruct of the command with this nonce.
    function _signedBy(Person memory person, uint64 nonce, bytes32 structHash) internal view returns (Auth memory) {
        return Auth(person.id, nonce, _sign(person, structHash));
    }

    /// @dev 65 bytes: r, s, v.
    function _sign(Person memory person, bytes32 structHash) internal view returns (bytes memory) {
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", ledger.domainSeparator(), structHash));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(person.key, digest);
        return abi.encodePacked(r, s, v);
    }

    function _nonceOf(address actor) internal view returns (uint64) {
        return uint64(_loadField(_actorSlot(actor), 56, 40));
    }

    // ---- policies -------------------------------------------------------------------------------------------------------------------------

    struct PolicyTerms {
        uint8 groupThreshold;
        uint8 m;
        uint8 n;
        uint8 flags;
        uint32 vetoWindow;
        uint32 incapacityAfter;
        bytes rule;
    }

    /// @dev Three of five oracles, two of three groups, a person may receive, no veto window, anyone may ask.
    function _usualTerms() internal pure returns (PolicyTerms memory) {
        return PolicyTerms({groupThreshold: 2, m: 3, n: 5, flags: 2, vetoWindow: 0, incapacityAfter: 0, rule: ""});
    }

    /// @dev The usual trustees: guardians (2 of 2), hospitals (1 of 2), agency (1 of 1).
    function _usualPolicy() internal view returns (bytes memory) {
        return _policy(_usualTerms());
    }

    function _usualNames() internal pure returns (bytes memory) {
        return abi.encodePacked(uint8(9), "guardians", uint8(9), "hospitals", uint8(6), "agency");
    }

    function _policy(PolicyTerms memory terms) internal view returns (bytes memory) {
        bytes memory head = abi.encodePacked(
            uint8(1),
            terms.groupThreshold,
            uint8(3),
            terms.m,
            terms.n,
            terms.flags,
            terms.vetoWindow,
            terms.incapacityAfter
        );
        bytes32 ruleHash = terms.rule.length == 0 ? bytes32(0) : keccak256(terms.rule);
        bytes memory groups = abi.encodePacked(uint8(2), uint8(2), uint8(1), uint8(2), uint8(1), uint8(1));
        bytes memory members;
        bytes memory organisations;
        for (uint256 i = 0; i < trustees.length; ++i) {
            members = abi.encodePacked(members, trustees[i].id);
            // A guardian stands for nobody; a hospital or agency is its own organisation.
            organisations = abi.encodePacked(organisations, i < 2 ? address(0) : trustees[i].id);
        }
        return bytes.concat(head, keccak256(_usualNames()), ruleHash, groups, members, organisations);
    }

    /// @dev What commands and facts name a policy by; zero where there is none.
    function _policyHash(bytes memory policy) internal pure returns (bytes32) {
        return policy.length == 0 ? bytes32(0) : PolicyBuilder.hashOf(policy);
    }

    /// @dev The seat of trustee 0 to 4 in the usual policy.
    function _seat(uint256 ordinal) internal pure returns (Seat memory) {
        return ordinal < 2 ? Seat(1, uint32(ordinal + 1)) : ordinal < 4 ? Seat(2, uint32(ordinal - 1)) : Seat(3, 1);
    }
}
