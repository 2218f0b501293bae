// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Roles} from "./Roles.sol";
import {Auth, Parameters} from "../src/LedgerTypes.sol";
import {IIdentity} from "../src/IIdentity.sol";
import {PhrLedger} from "../src/PhrLedger.sol";
import {NotFound, WrongState} from "../src/LedgerErrors.sol";

/// @title Who may call the commands on identities and bonds
contract IdentityRolesTest is Roles {
    uint64 private constant _UNTIL = uint64(START + 10 days);
    bytes32 private constant _DIGEST = keccak256("digest");

    function setUp() external {
        _deploy();
        _seedPeople();
        _everybody();
    }

    function _register(Auth memory auth) private pure returns (bytes memory) {
        return
            abi.encodeCall(IIdentity.registerActor, (uint32(GUARDIAN), _DIGEST, _UNTIL, address(0), address(0), auth));
    }

    function test_registerActor_byWhoeverIsNew() external {
        _onlyBy("registerActor", _register, _who(stranger), 0, bytes4(keccak256("AlreadyExists()")));
    }

    function _admit(Auth memory auth) private view returns (bytes memory) {
        return abi.encodeCall(IIdentity.admitActor, (trustees[3].id, auth));
    }

    function test_admitActor_byAgencies() external {
        _setStatus(trustees[3].id, STATUS_PENDING);
        _onlyBy("admitActor", _admit, _who(agency));
    }

    function _accept(Auth memory auth) private pure returns (bytes memory) {
        return abi.encodeCall(IIdentity.acceptAdmission, (auth));
    }

    function test_acceptAdmission_byTheNewAgency() external {
        _setStatus(trustees[4].id, STATUS_PENDING);
        ledger.admitActor(trustees[4].id, _by(agency));
        vm.warp(START + 2 days);
        _add("the new agency", trustees[4]);
        _onlyBy("acceptAdmission", _accept, _who(trustees[4]), 0, WrongState.selector);
    }

    function _license(Auth memory auth) private view returns (bytes memory) {
        return abi.encodeCall(IIdentity.recordLicence, (doctor.id, _DIGEST, "cardiology", hospital.id, _UNTIL, auth));
    }

    function test_recordLicence_byAgencies() external {
        _onlyBy("recordLicence", _license, _who(agency));
    }

    function _withdraw(Auth memory auth) private view returns (bytes memory) {
        return abi.encodeCall(IIdentity.withdrawLicence, (doctor.id, 7, auth));
    }

    function test_withdrawLicence_byAgencies() external {
        _onlyBy("withdrawLicence", _withdraw, _who(agency));
    }

    function _replace(Auth memory auth) private pure returns (bytes memory) {
        return abi.encodeCall(IIdentity.replaceKey, (auth.actor, _DIGEST, _UNTIL, "", auth));
    }

    function test_replaceKey_ofOneself() external {
        _onlyBy("replaceKey", _replace, _anyone());
    }

    function _suspend(Auth memory auth) private view returns (bytes memory) {
        return abi.encodeCall(IIdentity.suspendActor, (trustees[3].id, 7, auth));
    }

    function test_suspendActor_byAgencies() external {
        _onlyBy("suspendActor", _suspend, _who(agency));
    }

    function _reinstate(Auth memory auth) private view returns (bytes memory) {
        return abi.encodeCall(IIdentity.reinstateActor, (trustees[3].id, 7, auth));
    }

    function test_reinstateActor_byAgencies() external {
        ledger.suspendActor(trustees[3].id, 7, _by(agency));
        _onlyBy("reinstateActor", _reinstate, _who(agency));
    }

    function _remove(Auth memory auth) private view returns (bytes memory) {
        return abi.encodeCall(IIdentity.removeActor, (trustees[0].id, 7, auth));
    }

    function test_removeActor_byAgenciesOrOneself() external {
        _onlyBy("removeActor", _remove, _who(agency, trustees[0]));
    }

    function _present(Auth memory auth) private pure returns (bytes memory) {
        return abi.encodeCall(IIdentity.confirmPresence, (auth));
    }

    function test_confirmPresence_byPatients() external {
        _onlyBy("confirmPresence", _present, _who(patient));
    }

    function _post(Auth memory auth) private view returns (bytes memory) {
        return abi.encodeCall(IIdentity.postBond, (oracles[0].id, 5, auth));
    }

    function test_postBond_byAnyoneRegistered() external {
        _onlyBy("postBond", _post, _anyone(), 5 gwei, bytes4(0));
    }

    function _release(Auth memory auth) private pure returns (bytes memory) {
        return abi.encodeCall(IIdentity.releaseBond, (5, auth));
    }

    function test_releaseBond_byItsOracle() external {
        _bond();
        _onlyBy("releaseBond", _release, _who(oracles[0]), 0, bytes4(keccak256("BondTooSmall()")));
    }

    function _take(Auth memory auth) private pure returns (bytes memory) {
        return abi.encodeCall(IIdentity.withdrawBond, (auth));
    }

    function test_withdrawBond_byItsOracle() external {
        _bond();
        ledger.releaseBond(5, _by(oracles[0]));
        vm.warp(START + 15 days);
        _onlyBy("withdrawBond", _take, _who(oracles[0]), 0, NotFound.selector);
    }

    function _credit(Auth memory auth) private pure returns (bytes memory) {
        return abi.encodeCall(IIdentity.withdrawCredit, (auth));
    }

    function test_withdrawCredit_byWhoeverItIsOwedTo() external {
        vm.store(address(ledger), keccak256(abi.encode(doctor.id, SLOT_CREDITS)), bytes32(uint256(5)));
        vm.deal(address(ledger), 5 gwei);
        _onlyBy("withdrawCredit", _credit, _who(doctor), 0, NotFound.selector);
    }

    function _bond() private {
        vm.deal(agency.id, 5 gwei);
        ledger.postBond{value: 5 gwei}(oracles[0].id, 5, _by(agency));
    }
}
