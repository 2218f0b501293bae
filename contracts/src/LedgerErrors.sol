// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// One error for each refusal of the ledger's model, by the same name.

/// @notice A field lies outside its bounds, or fields do not fit each other.
error Malformed();
/// @notice The signature is not of the actor's ledger key for this ledger.
error BadSignature();
/// @notice The nonce is not the actor's next one.
error WrongNonce();
/// @notice This version does not do that yet.
error NotSupported();
/// @notice The actor is not registered.
error NotRegistered();
/// @notice The actor waits for an agency's admission.
error NotAdmitted();
/// @notice The actor, or one it depends on, is suspended.
error Suspended();
/// @notice The actor, or one it depends on, was removed.
error Removed();
/// @notice The actor's key record ended: it must be replaced first.
error KeyExpired();
/// @notice The actor does not have the role that the command needs, or the roles do not go together.
error WrongRole();
/// @notice What the command is about belongs to another actor.
error NotYours();
/// @notice The address serves, or served, another actor.
error AddressInUse();
/// @notice No active agency would be left.
error LastAgency();
/// @notice A new key's proof of possession does not verify.
error BadPossession();
/// @notice It exists already, or was done already.
error AlreadyExists();
/// @notice What the command names does not exist.
error NotFound();
/// @notice The digest to be replaced or pinned is not the present one.
error StaleDigest();
/// @notice The epoch is not the one that is due.
error StaleEpoch();
/// @notice What the command is about is in a state that does not allow it.
error WrongState();
/// @notice It is too early.
error NotYet();
/// @notice It is too late.
error Expired();
/// @notice There is no more room.
error TooMany();
/// @notice The consent policy breaks a rule.
error PolicyInvalid();
/// @notice The seat is not the actor's.
error NotATrustee();
/// @notice The acknowledgements, or other contributions, do not meet the policy yet.
error BelowQuorum();
/// @notice The trustees propose a policy that asks for less than the patient's.
error PolicyRelaxed();
/// @notice The doctor has no recorded licence, or it was withdrawn.
error LicenceMissing();
/// @notice The doctor's licence ended.
error LicenceExpired();
/// @notice The policy's access rule does not permit this doctor; the refusal names the failing leaf.
error AccessDenied(uint256 leaf);
/// @notice The doctor has an open request for this bundle already.
error OpenRequestExists();
/// @notice The doctor abandoned requests and must wait.
error CoolingDown();
/// @notice There are fewer eligible oracles than the committee needs.
error NotEnoughOracles();
/// @notice The actor does not sit in the committee at that index.
error NotInCommittee();
/// @notice The policy does not permit this kind of receiver.
error ReceiverNotPermitted();
/// @notice The actor is no member of the team.
error NotAMember();
/// @notice The doctor must first have an earlier emergency reviewed.
error ReviewDue();
/// @notice The oracle's bond is smaller than what is asked of it.
error BondTooSmall();
/// @notice The block header is not that of the seed block.
error BadHeader();
/// @notice What was passed as the stored state is not it.
error BadWitness();
/// @notice The address to be paid did not take the payment.
error PaymentRefused();
/// @notice A module is called through the ledger, not by itself.
error NotDelegated();
/// @notice The evidence is not well formed, or not about a delivery that the oracle signed.
error BadEvidence();
/// @notice What the evidence was to show broken holds.
error DeliveryHolds();
