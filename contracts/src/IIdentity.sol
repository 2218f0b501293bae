// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Auth, ActorView, OracleView, TeamTerms, TeamView} from "./LedgerTypes.sol";

/// @title Who is on the ledger: identities, roles, licences, keys, oracles' bonds and teams
/// @notice Every command may be sent by its actor or, signed by it, by anybody: see Auth. Beside the errors named at each function all of them
/// refuse with BadSignature, WrongNonce, NotRegistered, Removed and, unless said otherwise, NotAdmitted, Suspended and KeyExpired for what the
/// actor itself is.
interface IIdentity {
    /// @notice Registers the signer: a new identity whose id is the address that signs. Patients and guardians are active at once, all others
    /// wait for an agency. The founding agency, active from the start, registers once to record its keys.
    /// Refuses with WrongRole (roles that do not go together), Removed, AlreadyExists, AddressInUse, Malformed (no key record; an operator named
    /// by anybody but an oracle, or none by one; an oracle of another organisation than its operator's; an oracle's keys that last too long),
    /// NotFound, NotAdmitted, Suspended, Removed, KeyExpired (the operator) and Expired. Emits ActorRegistered.
    /// @param roles A sum of 1 patient, 2 doctor, 4 guardian, 8 hospital, 16 agency, 32 insurer, 64 oracle, 128 operator.
    /// @param keyRecordDigest SHA-256 of the signed key record.
    /// @param validUntil When the key record ends, in seconds.
    /// @param organisation The organisation it belongs to; zero for none.
    /// @param operator Who runs it, for an oracle; else zero.
    /// @param auth The new identity.
    function registerActor(
        uint32 roles,
        bytes32 keyRecordDigest,
        uint64 validUntil,
        address organisation,
        address operator,
        Auth calldata auth
    ) external;

    /// @notice Admits an actor that registered. By an active agency; a hospital's own team by that hospital, too. Everybody but an agency is active
    /// from then on; an agency may accept when the agencies' delay is over. An oracle gets the next number of the registry.
    /// Refuses with WrongRole, NotFound, WrongState (it does not wait), TooMany (the registry is full), and for the state of an oracle's operator
    /// with NotAdmitted, Suspended, Removed or KeyExpired. Emits ActorAdmitted.
    /// @param subject Who is admitted.
    /// @param auth The agency, or the hospital.
    function admitActor(address subject, Auth calldata auth) external;

    /// @notice Begins the work of an agency that was admitted, when the agencies' delay is over. By the new agency.
    /// Refuses with WrongState (active already), NotAdmitted, Suspended, NotYet and KeyExpired. Emits AdmissionAccepted.
    /// @param auth The new agency.
    function acceptAdmission(Auth calldata auth) external;

    /// @notice Records or renews a doctor's licence. By an active agency.
    /// Refuses with WrongRole (no agency, or no doctor), NotFound, Removed, Expired and Malformed. Emits LicenceRecorded.
    /// @param doctor The doctor.
    /// @param credentialDigest SHA-256 of the signed credential.
    /// @param speciality Its code: 1 to 64 printable ASCII characters without a space.
    /// @param organisation Where the doctor practises; zero for none.
    /// @param notAfter When it ends, in seconds.
    /// @param auth The agency.
    function recordLicence(
        address doctor,
        bytes32 credentialDigest,
        string calldata speciality,
        address organisation,
        uint64 notAfter,
        Auth calldata auth
    ) external;

    /// @notice Withdraws a doctor's licence at once. By an active agency.
    /// Refuses with WrongRole and LicenceMissing. Emits LicenceWithdrawn.
    /// @param doctor The doctor.
    /// @param reasonCode Why, 0 to 65,535.
    /// @param auth The agency.
    function withdrawLicence(address doctor, uint32 reasonCode, Auth calldata auth) external;

    /// @notice Replaces the actor's ledger key, its key record, or both; possible when the key record has ended, too. Not for a team.
    /// Refuses with WrongRole, Malformed, AddressInUse, BadPossession and Expired. Emits KeyReplaced.
    /// @param newLedgerAddress The address that signs from then on, or the present one. An address never serves two actors, now or later.
    /// @param keyRecordDigest SHA-256 of the new key record.
    /// @param validUntil When it ends, in seconds.
    /// @param possession By the new address over LedgerKey(address actor,address newLedgerAddress), r || s || v with v 0, 1, 27 or 28, or what an
    /// ERC-1271 account takes; empty when the address stays.
    /// @param auth The actor, by its present address.
    function replaceKey(
        address newLedgerAddress,
        bytes32 keyRecordDigest,
        uint64 validUntil,
        bytes calldata possession,
        Auth calldata auth
    ) external;

    /// @notice Suspends an active actor, or an agency whose admission runs. By an active agency.
    /// Refuses with WrongRole, NotFound, WrongState and LastAgency. Emits ActorSuspended.
    /// @param subject Who is suspended.
    /// @param reasonCode Why, 0 to 65,535.
    /// @param auth The agency.
    function suspendActor(address subject, uint32 reasonCode, Auth calldata auth) external;

    /// @notice Ends a suspension. By an active agency. An agency that had not accepted its admission waits for the whole delay again.
    /// Refuses with WrongRole, NotFound and WrongState. Emits ActorReinstated.
    /// @param subject Who is reinstated.
    /// @param reasonCode Why, 0 to 65,535.
    /// @param auth The agency.
    function reinstateActor(address subject, uint32 reasonCode, Auth calldata auth) external;

    /// @notice Removes an actor for good. By an active agency, or by the actor itself in whatever state it is.
    /// Refuses with WrongRole, NotFound, WrongState (removed already) and LastAgency. Emits ActorRemoved.
    /// @param subject Who is removed.
    /// @param reasonCode Why, 0 to 65,535.
    /// @param auth The agency, or the actor.
    function removeActor(address subject, uint32 reasonCode, Auth calldata auth) external;

    /// @notice Shows that the patient is there, which keeps policies' incapacity clause from taking effect. By a patient.
    /// Refuses with WrongRole. Emits PresenceConfirmed.
    /// @param auth The patient.
    function confirmPresence(Auth calldata auth) external;

    /// @notice Adds to an oracle's bond. By anybody registered, who pays it with the call.
    /// Refuses with Malformed (nothing, or the ether sent is another amount), NotFound, WrongRole (no oracle), Removed and TooMany. Emits BondPosted.
    /// @param oracle The oracle.
    /// @param amount In gwei; the call carries amount times 10^9 wei.
    /// @param auth Who pays.
    function postBond(address oracle, uint64 amount, Auth calldata auth) external payable;

    /// @notice Asks back a part of the oracle's bond; it can be taken out when the bonds' delay is over, and slashed until then. By the oracle in
    /// whatever state it is, removed, too.
    /// Refuses with WrongRole, Malformed, WrongState (another part is under way) and BondTooSmall. Emits BondReleased.
    /// @param amount In gwei.
    /// @param auth The oracle.
    function releaseBond(uint64 amount, Auth calldata auth) external;

    /// @notice Pays the part of the bond that was asked back to the oracle's ledger address. By the oracle in whatever state it is.
    /// Refuses with WrongRole, NotFound, NotYet and PaymentRefused. Emits BondWithdrawn.
    /// @param auth The oracle.
    function withdrawBond(Auth calldata auth) external;

    /// @notice Pays what an actor earned by showing that an oracle cheated to its ledger address. By that actor in whatever state it is.
    /// Refuses with NotFound and PaymentRefused. Emits CreditWithdrawn.
    /// @param auth The actor.
    function withdrawCredit(Auth calldata auth) external;

    /// @notice Registers a team that its members founded; it then waits for an agency or for the hospital that it names. By a member.
    /// Refuses with Malformed, AlreadyExists, NotAMember, NotFound (the hospital, or a member), and for the state of a member with NotAdmitted,
    /// Suspended, Removed or KeyExpired. Emits TeamRegistered.
    /// @param team The team's id.
    /// @param terms What its first charter says.
    /// @param organisation The hospital that it belongs to; zero for none.
    /// @param auth The member.
    function registerTeam(address team, TeamTerms calldata terms, address organisation, Auth calldata auth) external;

    /// @notice Proposes a team's next charter, and confirms it by that. By a member; it holds when as many active members as the present threshold
    /// want the same. Refuses with NotFound, Removed, BadWitness, NotAMember, StaleDigest, AlreadyExists, StaleEpoch, Malformed, and for the state
    /// of a member with NotAdmitted, Suspended or KeyExpired. Emits TeamChangeProposed, and TeamChanged when it holds.
    /// @param team The team.
    /// @param previousCharterDigest The charter that the ledger has now.
    /// @param terms What the next charter says.
    /// @param present abi.encode of the team's present terms.
    /// @param auth The member.
    function changeTeam(
        address team,
        bytes32 previousCharterDigest,
        TeamTerms calldata terms,
        bytes calldata present,
        Auth calldata auth
    ) external;

    /// @notice Confirms a proposed charter. By a member.
    /// Refuses with NotFound, Removed, BadWitness, NotAMember, WrongState (nothing is proposed), StaleDigest (another charter is, or members say
    /// different things of this one) and AlreadyExists. Emits TeamChangeConfirmed, and TeamChanged when it holds.
    /// @param team The team.
    /// @param charterDigest The proposed charter.
    /// @param proposed abi.encode of the terms that it was proposed with.
    /// @param present abi.encode of the team's present terms.
    /// @param auth The member.
    function confirmTeamChange(
        address team,
        bytes32 charterDigest,
        bytes calldata proposed,
        bytes calldata present,
        Auth calldata auth
    ) external;

    /// @notice What is stored of an actor, for people.
    /// @param actor Its id.
    /// @return v What is stored; status 0 when the actor is not known.
    function getActor(address actor) external view returns (ActorView memory v);

    /// @notice What is stored of an oracle, for people.
    /// @param oracle The oracle; the event of its admission has its number in the registry.
    /// @return v What is stored; zeros when there is no such oracle.
    function getOracle(address oracle) external view returns (OracleView memory v);

    /// @notice What is stored of a team, for people.
    /// @param team Its id.
    /// @return v What is stored; zeros when there is no such team.
    function getTeam(address team) external view returns (TeamView memory v);
}
