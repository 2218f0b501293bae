// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LedgerFixture} from "./LedgerFixture.sol";
import {StubModule} from "./StubModule.sol";
import {PhrLedger} from "../src/PhrLedger.sol";
import {Parameters} from "../src/LedgerTypes.sol";
import {Malformed} from "../src/LedgerErrors.sol";

/// @title The fixture itself, and how a ledger is made
contract FixtureTest is LedgerFixture {
    function setUp() external {
        _deploy();
    }

    function test_constructor_foundingAgencyIsActive() external view {
        uint256 core = uint256(vm.load(address(ledger), bytes32(_actorSlot(agency.id))));
        assertEq(core & 0xF, STATUS_ACTIVE, "status");
        assertEq(core >> 4 & 0xFFF, AGENCY, "roles");
    }

    function test_constructor_moduleWithOtherParameters_isRefused() external {
        Parameters memory p = _parameters();
        PhrLedger.Modules memory modules = _modules(p);
        p.drawWindow = 100;
        modules.claims = address(new StubModule(p));
        Parameters memory usual = _parameters();
        vm.expectRevert(Malformed.selector);
        new PhrLedger(usual, modules);
    }

    function test_constructor_moduleWithoutCode_isRefused() external {
        Parameters memory p = _parameters();
        PhrLedger.Modules memory modules = _modules(p);
        modules.teams = stranger.id;
        vm.expectRevert();
        new PhrLedger(p, modules);
    }

    function test_seedPeople_doesNotThrow() external {
        _seedPeople();
        _seedSnapshot(1, ORACLES, 31);
        assertEq(_loadField(SLOT_REGISTRY, 0, 16), ORACLES, "oracles");
        assertEq(_loadField(SLOT_REGISTRY, 16, 16), 1, "active agencies");
        assertEq(_usualPolicy().length, 78 + 6 + 5 * 40, "policy");
    }
}
