// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Story} from "./Story.sol";
import {AccessRequest} from "../src/LedgerTypes.sol";
import "../src/LedgerErrors.sol";

/// @title Every command in every stage of a request: the contract answers what the page says that the model answers
/// @notice The page is docs/algorithms/consent-life-cycle.md; a test of the model compares it with the model, this one with the contract.
contract LifeCycleTest is Story {
    string[21] private _stages = [
        "asked",
        "seed known",
        "drawn",
        "one approval",
        "veto window",
        "granted",
        "served",
        "deadline over",
        "opened",
        "settled",
        "settled, another use left",
        "used again",
        "redrawn",
        "denied",
        "vetoed",
        "revoked",
        "cancelled",
        "voided",
        "settled, then asked anew",
        "time over",
        "expired"
    ];
    string[16] private _commands = [
        "DrawCommittee",
        "ApproveRequest",
        "DenyRequest",
        "ConsentToRequest",
        "VetoRequest",
        "CancelRequest",
        "RevokeGrant",
        "AttachToGrant",
        "ExpireRequest",
        "RecordDelivery (4)",
        "RefuseDelivery (4)",
        "ConfirmOpened",
        "SettleRequest",
        "RateOracle (1)",
        "UseAgain",
        "RedrawCommittee"
    ];

    Sealed private _b;
    mapping(bytes4 selector => string) private _names;

    function setUp() external {
        _begin();
        PolicyTerms memory terms = _usualTerms();
        terms.vetoWindow = 1 hours;
        _b = _bundleOf(patient, _policy(terms));
        _names[NotYet.selector] = "NotYet";
        _names[AlreadyExists.selector] = "AlreadyExists";
        _names[WrongState.selector] = "WrongState";
        _names[NotFound.selector] = "NotFound";
        _names[Expired.selector] = "Expired";
        _names[NotInCommittee.selector] = "NotInCommittee";
        _names[BelowQuorum.selector] = "BelowQuorum";
        _names[TooMany.selector] = "TooMany";
    }

    function test_request_everyStageAndCommand_isAsThePageSays() external {
        string[] memory lines = vm.split(vm.readFile("../docs/algorithms/consent-life-cycle.md"), "\n");
        uint256 first = _find(lines, "| command \\ stage | asked |");
        string[] memory head = vm.split(lines[first], "|");
        assertEq(head.length, _stages.length + 3, "stages of the page");
        for (uint256 s = 0; s < _stages.length; ++s) {
            assertEq(bytes(vm.trim(head[s + 2])), bytes(_stages[s]), "stage");
        }
        for (uint256 s = 0; s < _stages.length; ++s) {
            uint256 start = vm.snapshotState();
            Live memory r = _reach(s);
            for (uint256 c = 0; c < _commands.length; ++c) {
                string[] memory cells = vm.split(lines[first + 2 + c], "|");
                assertEq(bytes(vm.trim(cells[1])), bytes(_commands[c]), "command");
                _check(_answer(c, r), vm.trim(cells[s + 2]), string.concat(_commands[c], " when ", _stages[s]));
            }
            vm.revertToState(start);
        }
    }

    /// @dev What the ledger says to a command; nothing of it stays.
    function _answer(uint256 command, Live memory r) private returns (string memory) {
        uint256 before = vm.snapshotState();
        (Person memory by, bytes memory data) = _command(command, r);
        (bool ok, bytes memory answer) = _do(by, data);
        vm.revertToState(before);
        return ok ? unicode"✓" : _names[bytes4(answer)];
    }

    function _check(string memory said, string memory expected, string memory what) private pure {
        assertEq(bytes(said), bytes(expected), string.concat(what, ": ", said, " and not ", expected));
    }

    function _find(string[] memory lines, string memory start) private pure returns (uint256) {
        for (uint256 i = 0; i < lines.length; ++i) {
            if (vm.indexOf(lines[i], start) == 0) return i;
        }
        revert CheckFailed("the page has no such table");
    }

    /// @dev Brings a request to a stage, as the page's test brings one of the model. Only where another use is left two are asked for.
    function _reach(uint256 stage) private returns (Live memory r) {
        r = _requestFor(stage == 10 || stage == 11 ? 2 : 1);
        if (stage == 0) return r;
        _mine(stage == 17 ? 300 : 2);
        _setSeed(r);
        if (stage == 1) return r;
        _must(doctor, _encDraw(r, doctor));
        if (stage == 2 || stage == 17) return r;
        if (stage == 13) {
            _must(trustees[4], _encDeny(r, 4, trustees[4]));
            _must(trustees[0], _encDeny(r, 0, trustees[0]));
            return r;
        }
        if (stage == 16) {
            _must(doctor, _encCancel(r, doctor));
            return r;
        }
        _must(trustees[0], _encApprove(r, 0, trustees[0]));
        if (stage == 3) return r;
        _must(trustees[1], _encApprove(r, 1, trustees[1]));
        _must(trustees[2], _encApprove(r, 2, trustees[2]));
        if (stage == 4) return r;
        if (stage == 14) {
            _must(patient, _encVeto(r, patient));
            return r;
        }
        _pass(1 hours);
        _serve(r, stage);
    }

    function _serve(Live memory r, uint256 stage) private {
        if (stage == 5) return;
        if (stage == 15) _must(patient, _encRevoke(r, patient));
        if (stage == 19 || stage == 20) vm.warp(_endOf(r));
        if (stage == 20) _must(doctor, _encExpire(r, doctor));
        if (stage == 15 || stage >= 19) return;
        _deliver(r, stage == 7 || stage == 12 ? 2 : 3);
        if (stage == 6) return;
        if (stage == 7 || stage == 12) {
            _pass(1 hours + 1);
            if (stage == 12) _must(doctor, _encRedraw(r, doctor));
            return;
        }
        _must(doctor, _encOpened(r, doctor));
        if (stage == 8) return;
        // The page's stage "another use left" was granted by consent of the patient as well.
        if (stage == 10 || stage == 11) _must(patient, _encConsent(r, patient));
        _must(doctor, _encSettle(r, doctor));
        if (stage == 11) _must(doctor, _encUseAgain(r, doctor));
        if (stage == 18) _requestFor(1);
    }

    function _requestFor(uint32 uses) private returns (Live memory) {
        AccessRequest memory q = _askingFor(doctor, _b);
        q.uses = uses;
        _must(doctor, _encRequest(q, _witnessOf(_b), doctor));
        return _liveOf(q, _b, doctor);
    }

    function _command(uint256 c, Live memory r) private view returns (Person memory, bytes memory) {
        if (c == 0) return (trustees[0], _encDraw(r, trustees[0]));
        if (c == 1) return (trustees[4], _encApprove(r, 4, trustees[4]));
        if (c == 2) return (trustees[4], _encDeny(r, 4, trustees[4]));
        if (c == 3) return (patient, _encConsent(r, patient));
        if (c == 4) return (patient, _encVeto(r, patient));
        if (c == 5) return (doctor, _encCancel(r, doctor));
        if (c == 6) return (patient, _encRevoke(r, patient));
        if (c == 7) return (patient, _encAttach(r, patient));
        if (c == 8) return (trustees[0], _encExpire(r, trustees[0]));
        if (c == 9) return (_fourth(r), _encDeliver(r, 4, _fourth(r)));
        if (c == 10) return (_fourth(r), _encRefuse(r, 4, _fourth(r)));
        if (c == 11) return (doctor, _encOpened(r, doctor));
        if (c == 12) return (trustees[0], _encSettle(r, trustees[0]));
        if (c == 13) return (doctor, _encRate(r, 1, 70, doctor));
        if (c == 14) return (doctor, _encUseAgain(r, doctor));
        return (doctor, _encRedraw(r, doctor));
    }

    /// @dev The oracle in seat 4, or any where there is no committee.
    function _fourth(Live memory r) private view returns (Person memory) {
        return _committee(r, 4) == 0 ? oracles[3] : _seatOracle(r, 4);
    }
}
