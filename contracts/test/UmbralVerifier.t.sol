// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "./Test.sol";
import {UmbralVerifier, DeliveryVerdict} from "../src/UmbralVerifier.sol";

/// @title Evidence against deliveries: the verdicts are those of the C# library, on the same evidence
contract UmbralVerifierTest is Test {
    uint256 private constant HONEST = 6;

    bytes[] private evidence;
    bytes[] private statements;
    bytes private verdicts;

    function setUp() external {
        string memory file = vm.readFile("test/vectors/disputes.json");
        evidence = vm.parseJsonBytesArray(file, ".evidence");
        statements = vm.parseJsonBytesArray(file, ".statements");
        verdicts = vm.parseJsonBytes(file, ".verdicts");
    }

    function judge(bytes calldata statement, bytes calldata shown) external pure returns (DeliveryVerdict) {
        return UmbralVerifier.judge(
            bytes32(statement), bytes32(statement[32:]), bytes32(statement[64:]), bytes32(statement[96:]), shown
        );
    }

    function multiply(bytes32 x, uint8 prefix, uint256 k) external pure returns (address) {
        return UmbralVerifier.multiply(x, prefix, k);
    }

    function test_judge_committedEvidence_givesTheCommittedVerdict() external view {
        assertEq(evidence.length, verdicts.length, "cases");
        for (uint256 i = 0; i < evidence.length; ++i) {
            uint256 verdict = uint256(this.judge(statements[i], evidence[i]));
            assertEq(verdict, uint8(verdicts[i]), string.concat("case ", vm.toString(i)));
        }
    }

    /// @dev Invariant 14: nothing that is made of an honest delivery's parts shows it false.
    function testFuzz_judge_changedEvidenceAboutAnHonestDelivery_isNeverFalse(uint256 which, uint256 place, uint8 value)
        external
        view
    {
        bytes memory changed = evidence[which % HONEST];
        place = which & 1 == 0 ? place % 7 : place % changed.length;
        changed[place] = bytes1(value);
        assertTrue(this.judge(statements[which % HONEST], changed) != DeliveryVerdict.False, "judged false");
    }

    function testFuzz_judge_anyBytes_areNoEvidence(bytes calldata shown) external view {
        assertTrue(this.judge(statements[0], shown) == DeliveryVerdict.NoEvidence, "judged");
    }

    function testFuzz_multiply_ofTheGenerator_isTheKeysAddress(uint256 k) external view {
        k = bound(k, 1, 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364140);
        bytes32 x = 0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798;
        assertEq(this.multiply(x, 2, k), vm.addr(k), "address");
        assertTrue(this.multiply(x, 3, k) != vm.addr(k), "of the other point");
        assertEq(this.multiply(x, 4, k), address(0), "of no point");
        assertEq(this.multiply(x, 2, 0), address(0), "of nothing");
    }
}
