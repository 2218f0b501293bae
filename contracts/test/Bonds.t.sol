// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LedgerFixture} from "./LedgerFixture.sol";
import {Account} from "./Accounts.sol";
import {Auth, ActorView, Parameters} from "../src/LedgerTypes.sol";
import {LedgerEvents} from "../src/LedgerEvents.sol";
import {LedgerBase} from "../src/LedgerBase.sol";
import {BondBase} from "../src/BondBase.sol";
import {ILedger} from "../src/ILedger.sol";
import "../src/LedgerErrors.sol";

/// @title Takes bonds on anybody's word, for tests: the ledger's own dispute module asks for proof
contract Slasher is BondBase {
    constructor(Parameters memory p) LedgerBase(p) {}

    function slash(address oracle, address challenger) external onlyDelegated {
        _slash(oracle, challenger);
    }
}

/// @title An account that calls back while it is being paid
contract Greedy {
    ILedger private immutable _LEDGER;
    bytes4 public refusal;

    constructor(ILedger ledger) {
        _LEDGER = ledger;
    }

    receive() external payable {
        try _LEDGER.withdrawCredit(Auth(address(this), 0, "")) {
            refusal = 0xffffffff;
        } catch (bytes memory reason) {
            refusal = bytes4(reason);
        }
    }

    function register() external {
        _LEDGER.registerActor(4, "record", uint64(block.timestamp + 1), address(0), address(0), _auth());
    }

    function withdraw() external {
        _LEDGER.withdrawCredit(_auth());
    }

    function _auth() private view returns (Auth memory) {
        return Auth(address(this), 0, "");
    }
}

/// @title Oracles' bonds
contract BondsTest is LedgerFixture, LedgerEvents {
    uint64 private constant _BOND = 32e9;

    Slasher private _slasher;

    function setUp() external {
        _deploy();
        _seedPeople();
        _slasher = new Slasher(_parameters());
        vm.deal(operators[0].id, 1e30);
    }

    function _parameters() internal view override returns (Parameters memory p) {
        p = super._parameters();
        p.minBond = _BOND;
    }

    function _slash(address oracle, address challenger) private {
        (bool ok,) = _onLedger(address(_slasher), abi.encodeCall(Slasher.slash, (oracle, challenger)));
        assertTrue(ok, "slash");
    }

    function test_postBond_refusals() external {
        _refused(Malformed.selector);
        ledger.postBond(oracles[0].id, 0, _by(operators[0]));
        _refused(Malformed.selector);
        ledger.postBond{value: 1 gwei}(oracles[0].id, 2, _by(operators[0]));
        _refused(Malformed.selector);
        ledger.postBond{value: 1 gwei + 1}(oracles[0].id, 1, _by(operators[0]));
        _refused(NotFound.selector);
        ledger.postBond{value: 1 gwei}(stranger.id, 1, _by(operators[0]));
        _refused(WrongRole.selector);
        ledger.postBond{value: 1 gwei}(operators[0].id, 1, _by(operators[0]));
        _setStatus(oracles[0].id, STATUS_REMOVED);
        _refused(Removed.selector);
        ledger.postBond{value: 1 gwei}(oracles[0].id, 1, _by(operators[0]));
        _refused(Malformed.selector);
        ledger.postBond{value: (1e17 + 1) * 1 gwei}(oracles[1].id, 1e17 + 1, _by(operators[0]));
        ledger.postBond{value: 1e17 * 1 gwei}(oracles[1].id, 1e17, _by(operators[0]));
        _refused(TooMany.selector);
        ledger.postBond{value: 1 gwei}(oracles[1].id, 1, _by(operators[0]));
    }

    function test_otherFunctions_takeNoEther() external {
        (bool ok,) = address(ledger).call{value: 1}("");
        assertFalse(ok, "plain transfer");
        vm.deal(agency.id, 1 ether);
        vm.prank(agency.id);
        (ok,) = address(ledger).call{value: 1}(
            abi.encodeCall(ledger.suspendActor, (patient.id, 1, Auth(agency.id, 0, "")))
        );
        assertFalse(ok, "a command");
        bytes[] memory calls = new bytes[](0);
        vm.prank(agency.id);
        (ok,) = address(ledger).call{value: 1}(abi.encodeCall(ledger.batch, (calls, true)));
        assertFalse(ok, "a batch");
    }

    function test_postBond_makesEligibleFromTheLeastOn() external {
        // Seeded oracles count as eligible until something changes; the first payment brings that in step.
        _post(oracles[0], _BOND - 1);
        assertEq(ledger.getOracle(oracles[0].id).eligibleUntil, 0, "too little");
        vm.expectEmit();
        emit BondPosted(oracles[0].id, operators[0].id, 1);
        _post(oracles[0], 1);
        assertNotEq(ledger.getOracle(oracles[0].id).eligibleUntil, 0, "enough");
        vm.prank(oracles[0].id);
        ledger.releaseBond(1, Auth(oracles[0].id, 0, ""));
        assertEq(ledger.getOracle(oracles[0].id).eligibleUntil, 0, "too little again");
        assertEq(address(ledger).balance, uint256(_BOND) * 1 gwei, "all of it is here");
    }

    function test_releaseBond_refusals() external {
        _post(oracles[0], _BOND);
        _refused(WrongRole.selector);
        ledger.releaseBond(1, _by(operators[0]));
        _refused(Malformed.selector);
        ledger.releaseBond(0, _by(oracles[0]));
        _refused(BondTooSmall.selector);
        ledger.releaseBond(_BOND + 1, _by(oracles[0]));
        _refused(NotFound.selector);
        ledger.withdrawBond(_by(oracles[0]));
        ledger.releaseBond(5, _by(oracles[0]));
        _refused(WrongState.selector);
        ledger.releaseBond(5, _by(oracles[0]));
        vm.warp(START + 14 days - 1);
        _refused(NotYet.selector);
        ledger.withdrawBond(_by(oracles[0]));
        _refused(WrongRole.selector);
        ledger.withdrawBond(_by(operators[0]));
        vm.warp(START + 14 days);
        ledger.withdrawBond(_by(oracles[0]));
        _refused(NotFound.selector);
        ledger.withdrawBond(_by(oracles[0]));
    }

    function test_withdrawBond_paysTheLedgerAddress_evenWhenRemoved() external {
        _post(oracles[0], _BOND);
        ledger.removeActor(oracles[0].id, 1, _by(agency));
        vm.expectEmit();
        emit BondReleased(oracles[0].id, _BOND, uint64(START + 14 days));
        ledger.releaseBond(_BOND, _by(oracles[0]));
        vm.warp(START + 14 days);
        vm.expectEmit();
        emit BondWithdrawn(oracles[0].id, _BOND);
        ledger.withdrawBond(_by(oracles[0]));
        assertEq(oracles[0].id.balance, uint256(_BOND) * 1 gwei, "paid");
        assertEq(address(ledger).balance, 0, "nothing left");
    }

    function test_slash_takesAllAndPaysAQuarter() external {
        _post(oracles[0], _BOND + 3);
        ledger.releaseBond(3, _by(oracles[0]));
        vm.expectEmit();
        emit BondSlashed(oracles[0].id, _BOND + 3, doctor.id, (_BOND + 3) / 4);
        _slash(oracles[0].id, doctor.id);
        ActorView memory o = ledger.getActor(oracles[0].id);
        assertEq(uint256(o.bond) + o.releasingBond + o.bondPayableAt, 0, "nothing left");
        assertEq(o.slashes, 1, "counted");
        assertEq(ledger.getOracle(oracles[0].id).eligibleUntil, 0, "not eligible");
        assertEq(_loadField(SLOT_REGISTRY, 128, 64), _BOND + 3 - (_BOND + 3) / 4, "burned");
        ledger.withdrawCredit(_by(doctor));
        assertEq(doctor.id.balance, uint256((_BOND + 3) / 4) * 1 gwei, "reward");
        _refused(NotFound.selector);
        ledger.withdrawCredit(_by(doctor));
        vm.warp(START + 14 days);
        _refused(NotFound.selector);
        ledger.withdrawBond(_by(oracles[0]));
        _slash(oracles[0].id, doctor.id);
        assertEq(ledger.getActor(oracles[0].id).slashes, 2, "counted without a bond, too");
    }

    function test_withdraw_reentered_orRefused_paysOnce() external {
        Greedy greedy = new Greedy(ledger);
        greedy.register();
        _post(oracles[0], _BOND);
        _slash(oracles[0].id, address(greedy));
        greedy.withdraw();
        assertEq(address(greedy).balance, uint256(_BOND / 4) * 1 gwei, "once");
        assertEq(greedy.refusal(), WrongState.selector, "the second time");

        Account account = new Account(stranger.id, Account.Manner.Rejecting);
        _seedActor(address(account), GUARDIAN, uint40(START + 1 days));
        _post(oracles[1], _BOND);
        _slash(oracles[1].id, address(account));
        _refused(PaymentRefused.selector);
        vm.prank(stranger.id);
        account.run(address(ledger), abi.encodeCall(ledger.withdrawCredit, (Auth(address(account), 0, ""))));
        assertEq(ledger.getActor(address(account)).credit, _BOND / 4, "still owed");
    }

    /// @dev Whatever is posted, asked back, taken out or slashed: the ledger holds exactly what it owes and what it burned.
    function testFuzz_bonds_balanceIsTheSumOfAll(uint256 seed) external {
        for (uint256 step = 0; step < 40; ++step) {
            seed = uint256(keccak256(abi.encode(seed, step)));
            Person memory oracle = oracles[seed % 3];
            uint64 amount = uint64(bound(seed >> 8, 1, 3 * uint256(_BOND)));
            uint256 what = (seed >> 128) % 7;
            if (what < 2) _post(oracle, amount);
            else if (what == 2) _attempt(oracle.id, abi.encodeCall(ledger.releaseBond, (amount, _auth(oracle.id))));
            else if (what == 3) _attempt(oracle.id, abi.encodeCall(ledger.withdrawBond, (_auth(oracle.id))));
            else if (what == 4) _attempt(doctor.id, abi.encodeCall(ledger.withdrawCredit, (_auth(doctor.id))));
            else if (what == 5) vm.warp(block.timestamp + 5 days);
            else if (seed >> 250 < 16) _slash(oracle.id, doctor.id);
            _checkSum();
        }
    }

    function _checkSum() private view {
        uint256 sum = _loadField(SLOT_REGISTRY, 128, 64) + ledger.getActor(doctor.id).credit;
        for (uint256 i = 0; i < 3; ++i) {
            ActorView memory o = ledger.getActor(oracles[i].id);
            sum += uint256(o.bond) + o.releasingBond;
            if (o.bond < _BOND) {
                assertTrue(o.bond == 0 || ledger.getOracle(oracles[i].id).eligibleUntil == 0, "eligible");
            }
        }
        assertEq(address(ledger).balance, sum * 1 gwei, "balance");
    }

    function _attempt(address actor, bytes memory call) private {
        vm.prank(actor);
        (bool ok,) = address(ledger).call(call);
        ok;
    }

    function _auth(address actor) private pure returns (Auth memory) {
        return Auth(actor, 0, "");
    }

    function _post(Person memory oracle, uint64 amount) private {
        ledger.postBond{value: uint256(amount) * 1 gwei}(oracle.id, amount, _by(operators[0]));
    }

    function _refused(bytes4 error_) private {
        vm.expectRevert(error_);
    }
}
