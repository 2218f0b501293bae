// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RequestFixture} from "./RequestFixture.sol";
import {AccessRequest, Approval, Auth, RequestFacts} from "../src/LedgerTypes.sol";

/// @title What the steps of a request cost as transactions of their own
/// @notice Execution as forge meters it with cold storage, plus 21,000 and the calldata at 16 and 4 gas.
contract RequestGasTest is RequestFixture {
    function setUp() public {
        _seedStory();
    }

    function test_gas_oneRequest() public {
        AccessRequest memory q = _asking(doctor);
        RequestFacts memory r = _factsOf(q, doctor.id);
        _send("request", doctor, abi.encodeCall(ledger.requestAccess, (q, _witness(), Auth(doctor.id, 0, ""))));
        bytes memory header = _mineSeed(keccak256("seed"));
        _send("draw", doctor, abi.encodeCall(ledger.drawCommittee, (r, policy, "", header, Auth(doctor.id, 0, ""))));
        for (uint256 i = 0; i < 3; ++i) {
            bytes32 digest = keccak256(abi.encode("approval", i));
            _send(
                string.concat("approve ", vm.toString(i + 1)),
                trustees[i],
                abi.encodeCall(ledger.approveRequest, (r, policy, _seat(i), digest, Auth(trustees[i].id, 0, "")))
            );
        }
        assertEq(_stageOf(r), GRANTED, "granted");
        _send("revoke", patient, abi.encodeCall(ledger.revokeGrant, (r, 7, Auth(patient.id, 0, ""))));
    }

    function test_gas_patient() public {
        RequestFacts memory r = _askAndDraw();
        _send("consent", patient, abi.encodeCall(ledger.consentToRequest, (r, keccak256("a"), Auth(patient.id, 0, ""))));
    }

    function test_gas_batch() public {
        RequestFacts memory r = _askAndDraw();
        Approval[] memory approvals = new Approval[](3);
        for (uint256 i = 0; i < 3; ++i) {
            bytes32 digest = keccak256(abi.encode("approval", i));
            approvals[i] = Approval(_seat(i), digest, _approvalAuth(r, i, digest));
        }
        _send("three approvals, signed, in one", stranger, abi.encodeCall(ledger.approveMany, (r, policy, approvals)));
        assertEq(_stageOf(r), GRANTED, "granted");
    }

    function _approvalAuth(RequestFacts memory r, uint256 i, bytes32 digest) private view returns (Auth memory) {
        bytes32 seat = keccak256(
            abi.encode(keccak256("TrusteeSeat(uint32 group,uint32 member)"), _seat(i).group, _seat(i).member)
        );
        bytes32 typeHash = keccak256(
            "ApproveRequest(address actor,uint64 nonce,bytes32 requestId,TrusteeSeat seat,bytes32 approvalDigest)TrusteeSeat(uint32 group,uint32 member)"
        );
        return _signedBy(
            trustees[i], 0, keccak256(abi.encode(typeHash, trustees[i].id, uint64(0), r.requestId, seat, digest))
        );
    }

    function _send(string memory what, Person memory sender, bytes memory data) private {
        vm.cool(address(ledger));
        uint256 intrinsic = 21_000;
        for (uint256 i = 0; i < data.length; ++i) {
            intrinsic += data[i] == 0 ? 4 : 16;
        }
        vm.prank(sender.id, sender.id);
        uint256 before = gasleft();
        (bool ok,) = address(ledger).call(data);
        uint256 used = before - gasleft();
        assertTrue(ok, what);
        // The account itself is warm in a transaction of its own.
        vm.snapshotValue(what, used + intrinsic - 2600);
        emit Used(what, data.length, intrinsic, used + intrinsic - 2600);
    }

    event Used(string what, uint256 bytesOfCalldata, uint256 intrinsic, uint256 total);
}
