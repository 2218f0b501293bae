// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Story} from "./Story.sol";
import {Vm} from "./Vm.sol";
import {Parameters, TeamPlace, TeamTerms} from "../src/LedgerTypes.sol";
import {LedgerEvents} from "../src/LedgerEvents.sol";

/// @title The people of a campaign, what they did, and what the ledger's events told of it
/// @notice What is accepted is compared at once with what this contract remembers, and the first thing that breaks an invariant is kept in
/// `broken` under the invariant's number. `accepted` counts what was reached.
abstract contract HandlerBase is Story {
    uint256 public constant DOCTORS = 2;
    uint256 public constant PATIENTS = 2;
    uint256 internal constant PAIRS = DOCTORS * PATIENTS;

    // What a request is for.
    uint256 internal constant FOR_DOCTOR = 0;
    uint256 internal constant IN_EMERGENCY = 1;
    uint256 internal constant FOR_TEAM = 2;

    /// @dev The trustee who may be removed, and whom the spare one follows in later dealings.
    uint256 internal constant REPLACEABLE = 3;
    uint256 internal constant ALL_SEATS = 31;

    /// @dev A request as its events tell it.
    struct Told {
        uint256 stage;
        uint256 approvals;
        uint256 denials;
        uint256 committee;
        uint256 answered; // bit per seat
        bool settled;
        bool redrawing;
        bool declared; // as an emergency
        uint256 review; // 0 none, 2 made
    }

    /// @dev A bundle's latest reshare, or a patient's recovery, as events tell it.
    struct ToldByTrustees {
        uint256 done; // bit per trustee who contributed, or supported
        uint256 leftOut;
        uint256 completed; // a recovery: from when on it may be completed
    }

    Person[DOCTORS] internal doctors;
    Person[PATIENTS] internal patients;
    Person internal spare = _person("spare hospital");
    Person[] internal everyone;
    uint256[] internal roles;
    mapping(address id => Person) internal people;
    mapping(address actor => uint256) internal status; // as agencies made it; 0 where they did nothing
    /// @dev Where a recovery replaced a patient's key: the present address and the one before.
    mapping(address patient => address) internal presentKey;
    mapping(address patient => address) internal formerKeys;

    Sealed[PATIENTS] internal bundles;
    Sealed[PATIENTS] internal emergencies; // the same bundles with their dealings for emergencies

    address internal team = _person("team").id;
    uint32 internal rosterEpoch = 1;
    uint32 internal keyEpoch = 1;

    mapping(bytes32 id => Told) internal told;
    mapping(bytes32 id => uint256) internal toldClaims; // as the ledger stores them
    mapping(bytes32 bundleOrPatient => ToldByTrustees) internal toldByTrustees;
    bytes32 internal toldCharter;

    uint256 internal time; // forge does not keep what the last call made of the chain's time
    uint256 internal height;

    mapping(string name => uint256) public accepted;
    mapping(uint256 invariant => string) internal _broken;

    function broken(uint256 invariant) external view returns (string memory) {
        return _broken[invariant];
    }

    /// @dev Delays that a campaign can wait for.
    function _parameters() internal view override returns (Parameters memory p) {
        p = super._parameters();
        (p.trusteeChangeDelay, p.recoveryDelay, p.cooldown, p.maxCooldown) =
        (5 minutes, 30 minutes, 1 minutes, 10 minutes);
    }

    // ---- people -------------------------------------------------------------------------------------------------------------------------------

    function _seedEverybody() internal {
        doctors[0] = doctor;
        doctors[1] = _person("second doctor");
        _seedDoctor(doctors[1].id, uint40(START + 3650 days), address(0), "oncology", hospital.id);
        patients[0] = patient;
        patients[1] = _person("second patient");
        _seedActor(patients[1].id, PATIENT, uint40(START + 3650 days));
        _seedActor(spare.id, HOSPITAL, uint40(START + 3650 days));
        for (uint256 i = 0; i < trustees.length; ++i) {
            _know(trustees[i], i < 2 ? GUARDIAN : i < 4 ? HOSPITAL : AGENCY);
        }
        for (uint256 i = 0; i < ORACLES; ++i) {
            _know(oracles[i], ORACLE);
        }
        _know(doctors[0], DOCTOR);
        _know(doctors[1], DOCTOR);
        _know(patients[0], PATIENT);
        _know(patients[1], PATIENT);
        _know(agency, AGENCY);
        _know(operators[0], OPERATOR);
        _know(hospital, HOSPITAL);
        _know(insurer, INSURER);
        _know(spare, HOSPITAL);
        _know(stranger, 0);
    }

    function _know(Person memory person, uint256 role) private {
        everyone.push(person);
        roles.push(role);
        people[person.id] = person;
    }

    function _anybody(uint256 seed) internal view returns (Person memory) {
        return everyone[seed % everyone.length];
    }

    function _senderOf(Person memory by) internal view override returns (address) {
        address key = presentKey[by.id];
        return key == address(0) ? by.id : key;
    }

    function _isAgency(Person memory by) internal view returns (bool) {
        return _rolesOf(by.id) & AGENCY != 0;
    }

    // ---- policies and seats -------------------------------------------------------------------------------------------------------------------

    /// @dev Of the two usual policies, the one with the present trustees: a doctor or a team may receive.
    function _policyOf(uint256 track) internal view returns (bytes memory) {
        PolicyTerms memory terms = _usualTerms();
        terms.flags = track == 0 ? 2 + 4 : 2 + 4 + 8;
        return _policy(terms);
    }

    /// @dev Who has a seat in a policy.
    function _trusteeOf(bytes memory policy_, uint256 ordinal) internal view returns (Person memory) {
        uint256 word;
        // 78 bytes, three groups of two, and then the members.
        assembly ("memory-safe") {
            word := mload(add(add(policy_, 116), mul(ordinal, 20)))
        }
        return people[address(uint160(word >> 96))];
    }

    /// @dev Those of some seats whose trustees are active.
    function _activeOnly(bytes memory policy_, uint256 seats) internal view returns (uint256 active) {
        for (uint256 i = 0; i < 5; ++i) {
            if ((seats >> i) & 1 == 1 && _statusOf(_trusteeOf(policy_, i).id) == STATUS_ACTIVE) active |= 1 << i;
        }
    }

    function _isTrustee(bytes memory policy_, Person memory by) internal view returns (bool) {
        for (uint256 i = 0; i < 5; ++i) {
            if (_trusteeOf(policy_, i).id == by.id) return true;
        }
        return false;
    }

    /// @dev The usual policy by hand: both guardians, one hospital, the agency; two of the three.
    function _meets(uint256 seats) internal pure returns (bool) {
        uint256 groups = seats & 3 == 3 ? 1 : 0;
        if (seats & 12 != 0) ++groups;
        if (seats & 16 != 0) ++groups;
        return groups >= 2;
    }

    function _count(uint256 bits) internal pure returns (uint256 n) {
        for (; bits != 0; bits &= bits - 1) {
            ++n;
        }
    }

    /// @dev The first of some bits that is set, or `none`.
    function _next(uint256 bits, uint256 none) internal pure returns (uint256 i) {
        for (i = 0; i < none; ++i) {
            if ((bits >> i) & 1 == 1) return i;
        }
    }

    function _bundleBit(uint256 b, uint256 bit) internal view returns (bool) {
        return (_storedBundle(bundles[b].bundleId) >> bit) & 1 == 1;
    }

    function _termsOfTeam(uint32 roster, uint32 key) internal view returns (TeamTerms memory t) {
        t.charterDigest = keccak256(abi.encode("charter", roster, key));
        (t.rosterEpoch, t.keyEpoch, t.threshold) = (roster, key, 2);
        // The generator and its double, in turn.
        t.publicKey = key % 2 == 1
            ? bytes(hex"0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")
            : bytes(hex"02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5");
        t.members = new TeamPlace[](3);
        (t.members[0], t.members[1], t.members[2]) =
        (TeamPlace(doctors[0].id), TeamPlace(doctors[1].id), TeamPlace(insurer.id));
    }

    function _presentTeam() internal view returns (bytes memory) {
        return abi.encode(_termsOfTeam(rosterEpoch, keyEpoch));
    }

    // ---- what is remembered -------------------------------------------------------------------------------------------------------------------

    function _accept(string memory name) internal {
        ++accepted[name];
    }

    function _has(string memory name) internal view returns (bool) {
        return accepted[name] != 0;
    }

    function _break(uint256 invariant, string memory what) internal {
        if (bytes(_broken[invariant]).length == 0) _broken[invariant] = what;
    }

    // ---- what the events tell -----------------------------------------------------------------------------------------------------------------

    /// @dev Follows the ledger by its events alone.
    function _follow() internal {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].emitter != address(ledger) || logs[i].topics.length < 2) continue;
            if (!_tellRequest(logs[i]) && !_tellService(logs[i]) && !_tellClaim(logs[i])) _tellTrustees(logs[i]);
        }
    }

    function _tellRequest(Vm.Log memory log) private returns (bool) {
        bytes32 kind = log.topics[0];
        Told storage t = told[log.topics[1]];
        if (kind == LedgerEvents.AccessRequested.selector) {
            t.stage = AWAITING_DRAW;
        } else if (kind == LedgerEvents.EmergencyDeclared.selector) {
            t.declared = true;
        } else if (kind == LedgerEvents.RequestApproved.selector) {
            t.approvals |= 1 << _ordinal(log.data, 0);
        } else if (kind == LedgerEvents.PatientConsented.selector) {
            t.approvals |= 1 << 16;
        } else if (kind == LedgerEvents.DenialRecorded.selector) {
            t.denials |= 1 << _ordinal(log.data, 0);
        } else if (kind == LedgerEvents.GrantIssued.selector) {
            t.stage = GRANTED;
        } else if (kind == LedgerEvents.RequestDenied.selector) {
            t.stage = DENIED;
        } else if (kind == LedgerEvents.RequestVetoed.selector) {
            t.stage = VETOED;
        } else if (kind == LedgerEvents.GrantRevoked.selector) {
            t.stage = REVOKED;
        } else if (kind == LedgerEvents.RequestExpired.selector) {
            t.stage = EXPIRED;
        } else if (kind == LedgerEvents.RequestCancelled.selector) {
            t.stage = CANCELLED;
        } else if (kind == LedgerEvents.RequestVoided.selector) {
            t.stage = VOIDED;
        } else if (kind == LedgerEvents.EmergencyReviewed.selector) {
            t.review = 2;
        } else {
            return false;
        }
        return true;
    }

    function _tellService(Vm.Log memory log) private returns (bool) {
        bytes32 kind = log.topics[0];
        Told storage t = told[log.topics[1]];
        if (kind == LedgerEvents.CommitteeDrawn.selector) {
            (t.stage, t.committee, t.redrawing) = (OPEN, _word(log.data, 2), false);
        } else if (kind == LedgerEvents.CommitteeRedrawn.selector) {
            (t.stage, t.approvals, t.denials, t.answered) = (AWAITING_DRAW, 0, 0, 0);
            (t.settled, t.redrawing) = (false, true);
        } else if (kind == LedgerEvents.DeliveryRecorded.selector) {
            t.answered |= 1 << (_word(log.data, 0) - 1);
        } else if (kind == LedgerEvents.DeliveryRefused.selector) {
            t.answered |= 1 << (_word(log.data, 0) - 1);
        } else if (kind == LedgerEvents.RequestSettled.selector) {
            t.settled = true;
        } else if (kind == LedgerEvents.UsedAgain.selector) {
            (t.settled, t.answered) = (false, 0);
        } else {
            return false;
        }
        return true;
    }

    /// @dev A claim's word: status 4 | an agency reviews 1 | appealed 1 | 2 free | approved amount 64.
    function _tellClaim(Vm.Log memory log) private returns (bool) {
        bytes32 kind = log.topics[0];
        bytes32 id = log.topics[1];
        uint256 c = toldClaims[id];
        uint256 rest = c & ~uint256(15);
        if (kind == LedgerEvents.ClaimFiled.selector) {
            c = 1 | _word(log.data, 9) << 4;
        } else if (kind == LedgerEvents.ClaimEndorsed.selector) {
            uint256 level = _word(log.data, 0);
            c = rest | (level == 1 ? 2 : level == 2 && c & 16 != 0 ? 3 : 4);
        } else if (kind == LedgerEvents.ClaimRejected.selector) {
            c = rest | 7;
        } else if (kind == LedgerEvents.ClaimApproved.selector) {
            c = (c & 48) | 6 | _word(log.data, 0) << 8;
        } else if (kind == LedgerEvents.ClaimAppealed.selector) {
            c = rest | 32 | 5;
        } else if (kind == LedgerEvents.AppealDecided.selector) {
            c = rest | (_word(log.data, 0) == 1 ? 4 : c >> 8 != 0 ? 6 : 7);
        } else if (kind == LedgerEvents.ClaimWithdrawn.selector) {
            c = rest | 8;
        } else if (kind == LedgerEvents.ClaimExpired.selector) {
            c = rest | (c >> 8 != 0 ? 6 : 9);
        } else {
            return false;
        }
        toldClaims[id] = c;
        return true;
    }

    function _tellTrustees(Vm.Log memory log) private {
        bytes32 kind = log.topics[0];
        ToldByTrustees storage t = toldByTrustees[log.topics[1]];
        if (kind == LedgerEvents.ReshareProposed.selector || kind == LedgerEvents.RecoveryProposed.selector) {
            (t.done, t.leftOut, t.completed) = (0, 0, 0);
        } else if (kind == LedgerEvents.ReshareContributed.selector || kind == LedgerEvents.RecoverySupported.selector)
        {
            t.done |= 1 << _ordinal(log.data, 0);
        } else if (kind == LedgerEvents.ReshareComplained.selector) {
            t.leftOut |= 1 << _ordinal(log.data, 2);
        } else if (kind == LedgerEvents.ReshareCompleted.selector) {
            t.completed = 1;
        } else if (kind == LedgerEvents.RecoveryScheduled.selector) {
            t.completed = _word(log.data, 0);
        } else if (kind == LedgerEvents.RecoveryCancelled.selector || kind == LedgerEvents.RecoveryCompleted.selector) {
            (t.done, t.completed) = (0, 0);
        } else if (kind == LedgerEvents.TeamChanged.selector) {
            toldCharter = bytes32(_word(log.data, 0));
        }
    }

    function _word(bytes memory data, uint256 i) internal pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(add(add(data, 32), mul(i, 32)))
        }
    }

    /// @dev Of the seat that begins at a word of an event, in the usual policy with its groups of 2, 2 and 1.
    function _ordinal(bytes memory data, uint256 i) private pure returns (uint256) {
        return 2 * (_word(data, i) - 1) + _word(data, i + 1) - 1;
    }
}
