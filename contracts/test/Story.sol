// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Vm} from "./Vm.sol";
import {RequestFixture} from "./RequestFixture.sol";
import {
    AccessRequest,
    AccessWitness,
    Auth,
    BundleFacts,
    DealingFacts,
    DealingProposal,
    Parameters,
    RequestFacts,
    Seat
} from "../src/LedgerTypes.sol";
import {PhrLedger} from "../src/PhrLedger.sol";
import {DealingModule} from "../src/modules/DealingModule.sol";
import {ReshareModule} from "../src/modules/ReshareModule.sol";

/// @title The usual story step by step, through the ledger's own functions, with bundles and dealings that were really made
/// @notice `_enc…` is the calldata of one command by a person; `_do` sends it and says what came of it; `_must` and `_mustNot` say what should come.
abstract contract Story is RequestFixture {
    /// @dev A bundle with an active dealing.
    struct Sealed {
        bytes32 bundleId;
        Person owner;
        BundleFacts facts;
        DealingFacts dealing;
        bytes policy;
        uint32 epoch;
    }

    /// @dev A request and what has to be passed with it.
    struct Live {
        RequestFacts facts;
        Person doctor;
        bytes policy;
        bytes team;
        bytes receivingKey;
        uint256 seedBlock;
    }

    bytes32 internal constant DIGEST = keccak256("digest");
    uint256 internal constant SEATS = 5;
    uint256 private _made;

    error Refused(bytes answer);

    function _modules(Parameters memory p) internal virtual override returns (PhrLedger.Modules memory m) {
        m = super._modules(p);
        m.dealings = address(new DealingModule(p));
        m.reshares = address(new ReshareModule(p));
    }

    /// @dev A ledger with everybody in it, and a first snapshot of the oracles.
    function _begin() internal {
        _deploy();
        _seedPeople();
        _must(agency, _encSnapshot(agency));
    }

    // ---- sending --------------------------------------------------------------------------------------------------------------------------

    /// @dev The address that sends a person's transactions: its id, as long as a test replaces no key.
    function _senderOf(Person memory by) internal view virtual returns (address) {
        return by.id;
    }

    function _do(Person memory by, bytes memory data) internal returns (bool ok, bytes memory answer) {
        address sender = _senderOf(by);
        vm.prank(sender, sender);
        return address(ledger).call(data);
    }

    function _must(Person memory by, bytes memory data) internal {
        (bool ok, bytes memory answer) = _do(by, data);
        if (!ok) revert Refused(answer);
    }

    function _mustNot(Person memory by, bytes memory data, bytes4 reason) internal {
        (bool ok, bytes memory answer) = _do(by, data);
        assertFalse(ok, "it was not refused");
        assertEq(bytes32(bytes4(answer)), bytes32(reason), "refused for another reason");
    }

    function _own(Person memory by) internal pure returns (Auth memory) {
        return Auth(by.id, 0, "");
    }

    // ---- identities -----------------------------------------------------------------------------------------------------------------------

    function _encAdmit(address subject, Person memory by) internal view returns (bytes memory) {
        return abi.encodeCall(ledger.admitActor, (subject, _own(by)));
    }

    function _encWithdrawLicence(address who, Person memory by) internal view returns (bytes memory) {
        return abi.encodeCall(ledger.withdrawLicence, (who, 7, _own(by)));
    }

    function _encSuspend(address subject, Person memory by) internal view returns (bytes memory) {
        return abi.encodeCall(ledger.suspendActor, (subject, 7, _own(by)));
    }

    function _encReinstate(address subject, Person memory by) internal view returns (bytes memory) {
        return abi.encodeCall(ledger.reinstateActor, (subject, 7, _own(by)));
    }

    function _encRemove(address subject, Person memory by) internal view returns (bytes memory) {
        return abi.encodeCall(ledger.removeActor, (subject, 7, _own(by)));
    }

    // ---- bundles and dealings ---------------------------------------------------------------------------------------------------------------

    function _encRegisterBundle(Sealed memory b, Person memory by) internal view returns (bytes memory) {
        return
            abi.encodeCall(ledger.registerBundle, (b.bundleId, b.facts.headerDigest, b.facts.documentsRoot, _own(by)));
    }

    /// @dev The next dealing of a bundle, under a policy.
    function _proposal(Sealed memory b, bytes memory p) internal pure returns (DealingProposal memory) {
        return DealingProposal({
            headerDigest: b.facts.headerDigest,
            epoch: b.epoch + 1,
            previousDealingDigest: b.dealing.dealingDigest,
            dealingDigest: keccak256(abi.encode("dealing", b.bundleId, b.epoch + 1, p)),
            policy: p,
            names: _usualNames(),
            rule: ""
        });
    }

    function _encPropose(Sealed memory b, bytes memory p, Person memory by) internal view returns (bytes memory) {
        return abi.encodeCall(ledger.proposeDealing, (b.bundleId, _proposal(b, p), b.facts, b.dealing, _own(by)));
    }

    /// @dev What `_encPropose` proposes.
    function _proposed(Sealed memory b, bytes memory p) internal pure returns (DealingFacts memory) {
        return DealingFacts(_proposal(b, p).dealingDigest, b.facts.headerDigest, _policyHash(p), 0);
    }

    function _encAcknowledge(Sealed memory b, uint256 ordinal, Person memory by) internal view returns (bytes memory) {
        DealingFacts memory d = _proposed(b, b.policy);
        return
            abi.encodeCall(
                ledger.acknowledgeDealing, (b.bundleId, d.dealingDigest, _seat(ordinal), d, b.policy, _own(by))
            );
    }

    function _encActivate(Sealed memory b, Person memory by) internal view returns (bytes memory) {
        DealingFacts memory d = _proposed(b, b.policy);
        return abi.encodeCall(
            ledger.activateDealing, (b.bundleId, d.dealingDigest, new Seat[](0), b.facts, d, b.policy, _own(by))
        );
    }

    function _encClose(Sealed memory b, Person memory by) internal view returns (bytes memory) {
        return abi.encodeCall(ledger.revokeBundle, (b.bundleId, 7, b.facts, _own(by)));
    }

    /// @dev A bundle with the usual policy.
    function _bundle(Person memory owner) internal returns (Sealed memory) {
        return _bundleOf(owner, _usualPolicy());
    }

    function _bundleOf(Person memory owner, bytes memory p) internal returns (Sealed memory b) {
        b.bundleId = keccak256(abi.encode("bundle", ++_made));
        b.owner = owner;
        b.facts =
            BundleFacts(owner.id, keccak256(abi.encode("header", _made)), keccak256(abi.encode("documents", _made)));
        b.policy = p;
        _must(owner, _encRegisterBundle(b, owner));
        _must(owner, _encPropose(b, p, owner));
        return _finishDealing(b);
    }

    /// @dev A proposed dealing is acknowledged by all and activated by the bundle's patient.
    function _finishDealing(Sealed memory b) internal returns (Sealed memory) {
        for (uint256 i = 0; i < trustees.length; ++i) {
            _must(trustees[i], _encAcknowledge(b, i, trustees[i]));
        }
        _must(b.owner, _encActivate(b, b.owner));
        b.dealing = _proposed(b, b.policy);
        ++b.epoch;
        return b;
    }

    // ---- requests ---------------------------------------------------------------------------------------------------------------------------

    function _encSnapshot(Person memory by) internal view returns (bytes memory) {
        return abi.encodeCall(ledger.takeSnapshot, (_own(by)));
    }

    /// @dev What a doctor would ask of a bundle now, for two uses; each with another nonce.
    function _askingFor(Person memory asker, Sealed memory b) internal returns (AccessRequest memory q) {
        q = _asking(asker);
        q.bundleId = b.bundleId;
        q.headerDigest = b.facts.headerDigest;
        q.dealingDigest = b.dealing.dealingDigest;
        q.epoch = b.epoch;
        q.snapshot = uint32(_loadField(SLOT_REGISTRY, 32, 32));
        q.uses = 2;
    }

    function _witnessOf(Sealed memory b) internal pure returns (AccessWitness memory w) {
        w.patient = b.facts.patient;
        w.documentsRoot = b.facts.documentsRoot;
        w.planDigest = b.dealing.planDigest;
        w.policy = b.policy;
    }

    function _encRequest(AccessRequest memory q, AccessWitness memory w, Person memory by)
        internal
        view
        returns (bytes memory)
    {
        w.receivingKeyY = _otherCoordinate(q.receivingKey);
        return abi.encodeCall(ledger.requestAccess, (q, w, _own(by)));
    }

    function _encRequest(Sealed memory b, Person memory by) internal returns (bytes memory) {
        return _encRequest(_askingFor(by, b), _witnessOf(b), by);
    }

    /// @dev What is known of a request that was made now.
    function _liveOf(AccessRequest memory q, Sealed memory b, Person memory asker)
        internal
        view
        returns (Live memory r)
    {
        r.facts = _factsOf(q, asker.id);
        r.facts.patient = b.facts.patient;
        r.facts.policyHash = _policyHash(b.policy);
        r.doctor = asker;
        r.policy = b.policy;
        r.receivingKey = q.receivingKey;
        r.seedBlock = vm.getBlockNumber() + 1;
    }

    function _request(Person memory by, Sealed memory b) internal returns (Live memory) {
        AccessRequest memory q = _askingFor(by, b);
        _must(by, _encRequest(q, _witnessOf(b), by));
        return _liveOf(q, b, by);
    }

    function _encDraw(Live memory r, Person memory by) internal view returns (bytes memory) {
        return abi.encodeCall(ledger.drawCommittee, (r.facts, r.policy, r.team, _seedHeader(r), _own(by)));
    }

    function _encApprove(Live memory r, uint256 ordinal, Person memory by) internal view returns (bytes memory) {
        return _encApproval(r, ordinal, _own(by));
    }

    function _encApproval(Live memory r, uint256 ordinal, Auth memory auth) internal view returns (bytes memory) {
        return abi.encodeCall(ledger.approveRequest, (r.facts, r.policy, _seat(ordinal), DIGEST, auth));
    }

    function _encDeny(Live memory r, uint256 ordinal, Person memory by) internal view returns (bytes memory) {
        return abi.encodeCall(ledger.denyRequest, (r.facts, r.policy, _seat(ordinal), 7, _own(by)));
    }

    function _encConsent(Live memory r, Person memory by) internal view returns (bytes memory) {
        return abi.encodeCall(ledger.consentToRequest, (r.facts, DIGEST, _own(by)));
    }

    function _encVeto(Live memory r, Person memory by) internal view returns (bytes memory) {
        return abi.encodeCall(ledger.vetoRequest, (r.facts, _own(by)));
    }

    function _encCancel(Live memory r, Person memory by) internal view returns (bytes memory) {
        return abi.encodeCall(ledger.cancelRequest, (r.facts, _own(by)));
    }

    function _encRevoke(Live memory r, Person memory by) internal view returns (bytes memory) {
        return abi.encodeCall(ledger.revokeGrant, (r.facts, 7, _own(by)));
    }

    function _encExpire(Live memory r, Person memory by) internal view returns (bytes memory) {
        return abi.encodeCall(ledger.expireRequest, (r.facts, _own(by)));
    }

    function _encAttach(Live memory r, Person memory by) internal view returns (bytes memory) {
        return abi.encodeCall(ledger.attachToGrant, (r.facts, 1, DIGEST, _own(by)));
    }

    // ---- service ----------------------------------------------------------------------------------------------------------------------------

    function _encDeliver(Live memory r, uint32 seat, Person memory by) internal view returns (bytes memory) {
        return abi.encodeCall(ledger.recordDelivery, (r.facts, seat, DIGEST, DIGEST, _own(by)));
    }

    function _encRefuse(Live memory r, uint32 seat, Person memory by) internal view returns (bytes memory) {
        return abi.encodeCall(ledger.refuseDelivery, (r.facts, seat, 7, _own(by)));
    }

    function _encOpened(Live memory r, Person memory by) internal view returns (bytes memory) {
        return abi.encodeCall(ledger.confirmOpened, (r.facts, r.policy, _own(by)));
    }

    function _encSettle(Live memory r, Person memory by) internal view returns (bytes memory) {
        return abi.encodeCall(ledger.settleRequest, (r.facts, _own(by)));
    }

    function _encRate(Live memory r, uint32 seat, uint32 rating, Person memory by)
        internal
        view
        returns (bytes memory)
    {
        return abi.encodeCall(ledger.rateOracle, (r.facts, seat, rating, 0, _own(by)));
    }

    function _encRedraw(Live memory r, Person memory by) internal view returns (bytes memory) {
        return abi.encodeCall(ledger.redrawCommittee, (r.facts, r.policy, _own(by)));
    }

    function _encUseAgain(Live memory r, Person memory by) internal view returns (bytes memory) {
        return abi.encodeCall(ledger.useAgain, (r.facts, _own(by)));
    }

    // ---- chapters ---------------------------------------------------------------------------------------------------------------------------

    /// @dev Asked, and the committee drawn.
    function _openRequest(Person memory by, Sealed memory b) internal returns (Live memory r) {
        r = _request(by, b);
        _mine(2);
        _setSeed(r);
        _must(by, _encDraw(r, by));
    }

    /// @dev Granted by both guardians and a hospital.
    function _granted(Person memory by, Sealed memory b) internal returns (Live memory r) {
        r = _openRequest(by, b);
        for (uint256 i = 0; i < 3; ++i) {
            _must(trustees[i], _encApprove(r, i, trustees[i]));
        }
    }

    function _deliver(Live memory r, uint32 count) internal {
        for (uint32 seat = 1; seat <= count; ++seat) {
            Person memory oracle = _seatOracle(r, seat);
            _must(oracle, _encDeliver(r, seat, oracle));
        }
    }

    // ---- the chain --------------------------------------------------------------------------------------------------------------------------

    function _mine(uint256 blocks) internal {
        vm.roll(vm.getBlockNumber() + blocks);
    }

    function _pass(uint256 time) internal {
        vm.warp(vm.getBlockTimestamp() + time);
    }

    /// @dev The seed block has the hash of `_seedHeader`, where a chain would still know it.
    function _setSeed(Live memory r) internal {
        uint256 number = vm.getBlockNumber();
        if (r.seedBlock < number && number - r.seedBlock <= 256) {
            vm.setBlockhash(r.seedBlock, keccak256(_seedHeader(r)));
        }
    }

    function _seedHeader(Live memory r) internal pure returns (bytes memory) {
        return _headerOf(r.seedBlock, keccak256(abi.encode("randomness", r.seedBlock)));
    }

    // ---- what is stored ---------------------------------------------------------------------------------------------------------------------

    function _slotOf(Live memory r) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(keccak256(abi.encode(r.facts.doctor, r.facts.bundleId)), SLOT_REQUESTS)));
    }

    /// @dev Whether the pair's slots are this request's.
    function _isPresent(Live memory r) internal view returns (bool) {
        return _loadField(_slotOf(r), 0, 160) == uint160(uint256(keccak256(abi.encode(r.facts))));
    }

    function _stage(Live memory r) internal view returns (uint256) {
        return _loadField(_slotOf(r), 160, 4);
    }

    function _isSettled(Live memory r) internal view returns (bool) {
        return _loadField(_slotOf(r), 165, 1) == 1;
    }

    function _when(Live memory r) internal view returns (uint256) {
        return _loadField(_slotOf(r), 170, 36);
    }

    /// @dev Bit i is the trustee at ordinal i, bit 16 the patient.
    function _approvals(Live memory r) internal view returns (uint256) {
        return _loadField(_slotOf(r), 206, 17);
    }

    function _denials(Live memory r) internal view returns (uint256) {
        return _loadField(_slotOf(r), 223, 16);
    }

    function _endOf(Live memory r) internal pure returns (uint256) {
        return r.facts.meta & type(uint40).max;
    }

    function _committeeWord(Live memory r) internal view returns (uint256) {
        return _loadField(_slotOf(r) + 1, 0, 160);
    }

    function _levels(Live memory r) internal view returns (uint256) {
        return _loadField(_slotOf(r) + 1, 160, 64);
    }

    function _openedMask(Live memory r) internal view returns (uint256) {
        return _loadField(_slotOf(r) + 1, 224, 16);
    }

    /// @dev The number in the registry of the oracle in a seat, counted from 1.
    function _committee(Live memory r, uint256 seat) internal view returns (uint256) {
        return (_committeeWord(r) >> (10 * (seat - 1))) & 1023;
    }

    /// @dev The oracle in a seat; the stranger where there is none.
    function _seatOracle(Live memory r, uint256 seat) internal view returns (Person memory) {
        uint256 number = _committee(r, seat);
        return number == 0 ? stranger : oracles[number - 1];
    }

    function _oracleRecord(uint256 number) internal view returns (uint256) {
        return uint256(vm.load(address(ledger), keccak256(abi.encode(number, SLOT_ORACLES))));
    }

    function _timeliness(uint256 number) internal view returns (uint256) {
        return (_oracleRecord(number) >> 180) & 0xFFFFF;
    }

    function _storedBundle(bytes32 bundleId) internal view returns (uint256) {
        return uint256(vm.load(address(ledger), keccak256(abi.encode(bundleId, SLOT_BUNDLES))));
    }

    function _statusOf(address actor) internal view returns (uint256) {
        return _loadField(_actorSlot(actor), 0, 4);
    }

    function _rolesOf(address actor) internal view returns (uint256) {
        return _loadField(_actorSlot(actor), 4, 12);
    }

    /// @dev A public key: the point of a number, in 33 bytes.
    function _key(uint256 number) internal returns (bytes memory) {
        Vm.Wallet memory wallet = vm.createWallet(uint256(keccak256(abi.encode("key", number))) >> 1);
        return abi.encodePacked(uint8(2 + (wallet.publicKeyY & 1)), wallet.publicKeyX);
    }
}
