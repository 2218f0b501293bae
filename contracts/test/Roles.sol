// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LedgerFixture} from "./LedgerFixture.sol";
import {Auth} from "../src/LedgerTypes.sol";
import {
    WrongRole,
    NotYours,
    NotRegistered,
    NotATrustee,
    NotInCommittee,
    NotAMember,
    AccessDenied
} from "../src/LedgerErrors.sol";

/// @title Who may call what: lets every one of the story's people try a command on a stage on which it is allowed
/// @notice Each test compares who was let through with who should be. A refusal must be one of those that say "not you".
abstract contract Roles is LedgerFixture {
    Person[] internal people;
    string[] private _names;

    function _everybody() internal {
        _add("the agency", agency);
        _add("the patient", patient);
        _add("the doctor", doctor);
        _add("the hospital", hospital);
        _add("the insurer", insurer);
        _add("a guardian", trustees[0]);
        _add("a hospital that is a trustee", trustees[2]);
        _add("an operator", operators[0]);
        _add("an oracle", oracles[0]);
        _add("another oracle", oracles[1]);
        _add("a stranger", stranger);
    }

    function _add(string memory name, Person memory person) internal {
        people.push(person);
        _names.push(name);
    }

    /// @dev Lets everybody try.
    /// @param what The command.
    /// @param encode The call, by an authority.
    /// @param allowed Who should be let through.
    function _onlyBy(string memory what, function(Auth memory) returns (bytes memory) encode, address[] memory allowed)
        internal
    {
        _onlyBy(what, encode, allowed, 0, WrongRole.selector);
    }

    /// @param value What the call pays.
    /// @param also A further error that says "not you" for this command.
    function _onlyBy(
        string memory what,
        function(Auth memory) returns (bytes memory) encode,
        address[] memory allowed,
        uint256 value,
        bytes4 also
    ) internal {
        for (uint256 i = 0; i < people.length; ++i) {
            uint256 state = vm.snapshotState();
            bytes memory data = encode(Auth(people[i].id, 0, ""));
            vm.deal(people[i].id, value);
            vm.prank(people[i].id, people[i].id);
            (bool ok, bytes memory answer) = address(ledger).call{value: value}(data);
            bool may = false;
            for (uint256 k = 0; k < allowed.length; ++k) {
                may = may || allowed[k] == people[i].id;
            }
            string memory story = string.concat(what, " by ", _names[i]);
            assertEq(ok, may, string.concat(story, may ? " was refused" : " was allowed"));
            if (!ok) {
                bytes4 reason = bytes4(answer);
                assertTrue(
                    _saysNotYou(reason) || reason == also,
                    string.concat(story, " was refused for another reason: ", vm.toString(answer))
                );
            }
            vm.revertToState(state);
        }
    }

    function _saysNotYou(bytes4 reason) private pure returns (bool) {
        return reason == WrongRole.selector || reason == NotYours.selector || reason == NotRegistered.selector
            || reason == NotATrustee.selector || reason == NotInCommittee.selector || reason == NotAMember.selector
            || reason == AccessDenied.selector;
    }

    function _who(Person memory a) internal pure returns (address[] memory list) {
        list = new address[](1);
        list[0] = a.id;
    }

    function _who(Person memory a, Person memory b) internal pure returns (address[] memory list) {
        list = new address[](2);
        list[0] = a.id;
        list[1] = b.id;
    }

    /// @dev All that are registered.
    function _anyone() internal view returns (address[] memory list) {
        list = new address[](people.length - 1);
        for (uint256 i = 0; i < list.length; ++i) {
            list[i] = people[i].id;
        }
    }
}
