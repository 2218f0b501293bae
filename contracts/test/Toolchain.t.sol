// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "./Test.sol";

/// @title What the tests take for granted of the compiler, the chain's rules and the cheat codes
contract ToolchainTest is Test {
    error Refused(uint256 code);

    function refuse(uint256 code) external pure {
        revert Refused(code);
    }

    function test_chain_rulesAreOsaka() external pure {
        uint256 zeros;
        // CLZ (EIP-7939) came with Osaka; on older rules this is an invalid opcode.
        assembly ("memory-safe") {
            zeros := clz(1)
        }
        assertEq(zeros, 255, "leading zeros of 1");
    }

    function test_expectRevert_seesTheErrorsArguments() external {
        vm.expectRevert(abi.encodeWithSelector(Refused.selector, 7));
        this.refuse(7);
    }

    function testFuzz_sign_recoversTheSigner(uint256 key, bytes32 digest) external pure {
        key = bound(key, 1, 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364140);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        assertEq(ecrecover(digest, v, r, s), vm.addr(key), "recovered");
    }

    function test_warp_andRoll_moveTheChain() external {
        vm.warp(1_800_000_000);
        vm.roll(1234);
        vm.setBlockhash(1233, bytes32(uint256(5)));
        vm.prevrandao(bytes32(uint256(6)));
        assertEq(block.timestamp, 1_800_000_000, "time");
        assertEq(block.number, 1234, "number");
        assertEq(blockhash(1233), bytes32(uint256(5)), "hash of the last block");
        assertEq(block.prevrandao, 6, "randomness");
    }

    function testFuzz_bound_staysInside(uint256 value, uint256 low, uint256 high) external pure {
        vm.assume(low <= high);
        uint256 result = bound(value, low, high);
        assertGe(result, low, "result");
        assertLe(result, high, "result");
    }
}
