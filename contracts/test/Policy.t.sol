// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessRuleLib} from "../src/AccessRuleLib.sol";
import {Malformed, NotATrustee, PolicyInvalid} from "../src/LedgerErrors.sol";
import {Seat} from "../src/LedgerTypes.sol";
import {PolicyLib} from "../src/PolicyLib.sol";
import {PolicyBuilder} from "./PolicyBuilder.sol";
import {Test} from "./Test.sol";

/// @dev Gives the library's functions calldata to read.
contract PolicyReader {
    using PolicyLib for bytes;

    function validate(bytes calldata p, bytes calldata names, bytes calldata rule) external pure {
        p.validate(names, rule);
    }

    function validateRule(bytes calldata rule) external pure {
        AccessRuleLib.validate(rule);
    }

    function hashOf(bytes calldata p, uint256 shortest) external pure returns (bytes32) {
        return p.hashOf(shortest);
    }

    function isSatisfied(bytes calldata p, uint256 seats) external pure returns (bool) {
        return p.isSatisfied(seats);
    }

    function ordinalOf(bytes calldata p, Seat calldata seat) external pure returns (uint256) {
        return p.ordinalOf(seat);
    }

    function identityAt(bytes calldata p, uint256 ordinal) external pure returns (address) {
        return p.identityAt(ordinal);
    }

    function organisationAt(bytes calldata p, uint256 ordinal) external pure returns (address) {
        return p.organisationAt(ordinal);
    }

    function trusteeCount(bytes calldata p) external pure returns (uint256) {
        return p.trusteeCount();
    }
}

/// @title Policies and access rules, against what the C# model wrote and against a model that counts naively
contract PolicyTest is Test {
    using PolicyBuilder for PolicyBuilder.Policy;

    PolicyReader private reader;

    function setUp() external {
        reader = new PolicyReader();
    }

    function test_validate_vectorsOfTheModel_endAsTheySay() external view {
        string memory json = vm.readFile("test/vectors/policies.json");
        uint256 count = vm.parseJsonUint(json, ".count");
        bytes[] memory policies = vm.parseJsonBytesArray(json, ".policy");
        bytes[] memory names = vm.parseJsonBytesArray(json, ".names");
        bytes[] memory rules = vm.parseJsonBytesArray(json, ".rule");
        bytes[] memory hashes = vm.parseJsonBytesArray(json, ".hash");
        bytes[] memory errors = vm.parseJsonBytesArray(json, ".error");
        assertEq(policies.length, count, "policies");
        for (uint256 i = 0; i < count; ++i) {
            if (errors[i].length == 0) {
                assertEq(abi.encodePacked(reader.hashOf(policies[i], PolicyLib.WHOLE)), hashes[i], "hash");
                bytes memory seats = PolicyBuilder.seatsOf(policies[i]);
                assertEq(abi.encodePacked(reader.hashOf(seats, PolicyLib.SEATS)), hashes[i], "hash of the seats");
                bytes memory terms = PolicyBuilder.termsOf(policies[i]);
                assertEq(abi.encodePacked(reader.hashOf(terms, PolicyLib.TERMS)), hashes[i], "hash of the terms");
                assertEq(reader.trusteeCount(seats), reader.trusteeCount(policies[i]), "trustees");
            }
            (bool ok, bytes memory answer) =
                address(reader).staticcall(abi.encodeCall(PolicyReader.validate, (policies[i], names[i], rules[i])));
            assertEq(answer, errors[i], vm.parseJsonString(json, string.concat(".name[", vm.toString(i), "]")));
            assertEq(ok, errors[i].length == 0, "accepted");
        }
    }

    function test_hashOf_lessThanIsRead_isNone() external view {
        bytes memory whole = PolicyBuilder.encode(PolicyBuilder.simple(2, new address[](3)));
        bytes memory seats = PolicyBuilder.seatsOf(whole);
        bytes memory terms = PolicyBuilder.termsOf(whole);
        assertNotEq(reader.hashOf(whole, PolicyLib.TERMS), bytes32(0), "more than is read");
        assertEq(reader.hashOf(seats, PolicyLib.WHOLE), bytes32(0), "organisations are read");
        assertEq(reader.hashOf(terms, PolicyLib.SEATS), bytes32(0), "seats are read");
        assertEq(reader.hashOf("", PolicyLib.TERMS), bytes32(0), "nothing");
        assertEq(reader.hashOf(bytes.concat(terms, hex"00"), PolicyLib.TERMS), bytes32(0), "a byte after the terms");
        terms[0] = 0x00;
        assertEq(reader.hashOf(terms, PolicyLib.TERMS), bytes32(0), "no form");
        terms[0] = 0x04;
        assertEq(reader.hashOf(terms, PolicyLib.TERMS), bytes32(0), "an unknown form");
    }

    /// @dev Whatever is changed in whatever form, the hash is another.
    function testFuzz_hashOf_anyChange_changesIt(uint256 seed, uint256 form) external view {
        PolicyBuilder.Policy memory p = drawn(seed);
        bytes memory blob = p.encode();
        bytes32 hash = reader.hashOf(blob, PolicyLib.WHOLE);
        form = 1 + form % 3;
        if (form == PolicyLib.SEATS) blob = PolicyBuilder.seatsOf(blob);
        if (form == PolicyLib.TERMS) blob = PolicyBuilder.termsOf(blob);
        assertEq(reader.hashOf(blob, form), hash, "the same in every form");
        uint256 place = uint256(keccak256(abi.encode(seed))) % blob.length;
        blob[place] ^= bytes1(uint8(1 << (seed % 8)));
        assertNotEq(reader.hashOf(blob, form), hash, "changed");
        assertNotEq(reader.hashOf(bytes.concat(blob, hex"00"), form), hash, "longer");
    }

    /// @dev The same rules, written for clearness: numbers in lists, nothing packed.
    function naiveFault(PolicyBuilder.Policy memory p) private pure returns (bool) {
        uint256 groups = p.sizes.length;
        if (groups < 1 || groups > 8 || p.groupThreshold < 1 || p.groupThreshold > groups) return true;
        uint256 total;
        for (uint256 g = 0; g < groups; ++g) {
            if (p.sizes[g] < 1 || p.thresholds[g] < 1 || p.thresholds[g] > p.sizes[g]) return true;
            total += p.sizes[g];
        }
        if (total > 16) return true;
        for (uint256 i = 0; i < total; ++i) {
            if (p.identities[i] == address(0)) return true;
            for (uint256 j = i + 1; j < total; ++j) {
                if (p.identities[i] == p.identities[j]) return true;
            }
        }
        if (p.flags & 1 == 1 ? p.m != 1 || p.n != 1 || p.flags & 8 == 8 : p.m < 2 || p.m > p.n || p.n > 16) {
            return true;
        }
        if (p.flags & 1 == 0 && p.m * 2 <= p.n) return true;
        if (p.flags & 8 == 8 && (p.vetoWindow > 1 hours || p.incapacityAfter != 0)) return true;
        if (p.vetoWindow > 30 days || p.incapacityAfter > 3650 days || p.flags & 6 == 0) return true;
        for (uint256 i = 0; i < total; ++i) {
            if (p.organisations[i] != address(0) && naiveAlone(p, p.organisations[i])) return true;
        }
        return false;
    }

    function naiveAlone(PolicyBuilder.Policy memory p, address organisation) private pure returns (bool) {
        uint256 seats;
        uint256 place;
        for (uint256 g = 0; g < p.sizes.length; ++g) {
            uint256 present;
            for (uint256 i = 0; i < p.sizes[g]; ++i) {
                if (p.organisations[place] == organisation) {
                    ++present;
                    seats += 2 ** place;
                }
                ++place;
            }
            if (p.thresholds[g] > 1 && present >= p.thresholds[g]) return true;
        }
        return p.groupThreshold > 1 && naiveSatisfied(p, seats);
    }

    function naiveSatisfied(PolicyBuilder.Policy memory p, uint256 seats) private pure returns (bool) {
        uint256 met;
        uint256 place;
        for (uint256 g = 0; g < p.sizes.length; ++g) {
            uint256 present;
            for (uint256 i = 0; i < p.sizes[g]; ++i) {
                if ((seats >> place) & 1 == 1) ++present;
                ++place;
            }
            if (present >= p.thresholds[g]) ++met;
        }
        return met >= p.groupThreshold;
    }

    /// @dev A policy near the border of what is permitted: a sound one, with some numbers moved.
    function drawn(uint256 seed) private pure returns (PolicyBuilder.Policy memory p) {
        uint256 groups = 1 + next(seed, 1) % 4;
        p.sizes = new uint256[](groups);
        p.thresholds = new uint256[](groups);
        uint256 total;
        for (uint256 g = 0; g < groups; ++g) {
            p.sizes[g] = 1 + next(seed, 10 + g) % 5;
            p.thresholds[g] = 1 + next(seed, 20 + g) % p.sizes[g];
            if (next(seed, 30 + g) % 24 == 0) p.thresholds[g] = next(seed, 40 + g) % 7;
            total += p.sizes[g];
        }
        p.groupThreshold = next(seed, 2) % 16 == 0 ? next(seed, 3) % 6 : 1 + next(seed, 3) % groups;
        p.identities = new address[](total);
        p.organisations = new address[](total);
        for (uint256 i = 0; i < total; ++i) {
            p.identities[i] = address(uint160(next(seed, 50) % 8 == 0 ? next(seed, 100 + i) % 60 : 1000 + i));
            p.organisations[i] = address(uint160(next(seed, 200 + i) % 4));
        }
        p.flags = next(seed, 4) % 8 == 0 ? next(seed, 5) % 16 : 2 + next(seed, 5) % 2 * 4 + next(seed, 6) % 2 * 8;
        p.n = next(seed, 7) % 8 == 0 ? next(seed, 8) % 18 : 3 + next(seed, 8) % 13;
        p.m = next(seed, 9) % 8 == 0 ? next(seed, 51) % 18 : p.n / 2 + 1;
        p.vetoWindow = next(seed, 52) % 16 == 0 ? 30 days + next(seed, 53) % 2 : next(seed, 53) % 30 days;
        p.incapacityAfter = next(seed, 54) % 16 == 0 ? 3650 days + next(seed, 55) % 2 : next(seed, 55) % 3650 days;
        if (p.flags & 8 == 8 && next(seed, 56) % 8 != 0) {
            p.vetoWindow %= 1 hours + 1;
            p.incapacityAfter = 0;
        }
    }

    function next(uint256 seed, uint256 which) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, which)));
    }

    function testFuzz_validate_equalsTheNaiveModel(uint256 seed) external view {
        PolicyBuilder.Policy memory p = drawn(seed);
        (bool ok, bytes memory answer) =
            address(reader).staticcall(abi.encodeCall(PolicyReader.validate, (p.encode(), p.names(), p.rule)));
        assertEq(ok, !naiveFault(p), "accepted");
        if (!ok) assertEq(answer, abi.encodePacked(PolicyInvalid.selector), "error");
    }

    function testFuzz_isSatisfied_equalsTheNaiveModel(uint256 seed, uint16 seats) external view {
        PolicyBuilder.Policy memory p = drawn(seed);
        assertEq(reader.isSatisfied(p.encode(), seats), naiveSatisfied(p, seats), "satisfied");
    }

    function testFuzz_isSatisfied_anotherApproval_neverUndoesIt(uint256 seed, uint16 seats, uint16 more) external view {
        bytes memory p = drawn(seed).encode();
        if (reader.isSatisfied(p, seats)) assertTrue(reader.isSatisfied(p, seats | more), "more seats");
    }

    function testFuzz_ordinalOf_countsEverySeatOnce(uint256 seed) external {
        PolicyBuilder.Policy memory p = drawn(seed);
        vm.assume(p.identities.length <= 16);
        bytes memory blob = p.encode();
        uint256 place;
        for (uint32 g = 1; g <= p.sizes.length; ++g) {
            for (uint32 i = 1; i <= p.sizes[g - 1]; ++i) {
                assertEq(reader.ordinalOf(blob, Seat(g, i)), place, "ordinal");
                assertEq(reader.identityAt(blob, place), p.identities[place], "identity");
                assertEq(reader.organisationAt(blob, place), p.organisations[place], "organisation");
                ++place;
            }
            vm.expectRevert(NotATrustee.selector);
            reader.ordinalOf(blob, Seat(g, uint32(p.sizes[g - 1]) + 1));
            vm.expectRevert(NotATrustee.selector);
            reader.ordinalOf(blob, Seat(g, 0));
        }
        assertEq(reader.trusteeCount(blob), place, "trustees");
        vm.expectRevert(NotATrustee.selector);
        reader.ordinalOf(blob, Seat(0, 0));
        vm.expectRevert(NotATrustee.selector);
        reader.ordinalOf(blob, Seat(uint32(p.sizes.length) + 1, 1));
    }

    function testFuzz_validate_anyBytes_neverPanics(bytes calldata p, bytes calldata names, bytes calldata rule)
        external
        view
    {
        (bool ok, bytes memory answer) =
            address(reader).staticcall(abi.encodeCall(PolicyReader.validate, (p, names, rule)));
        assertFalse(ok, "arbitrary bytes are no policy");
        bytes32 answered = keccak256(answer);
        assertTrue(
            answered == keccak256(abi.encodePacked(Malformed.selector))
                || answered == keccak256(abi.encodePacked(PolicyInvalid.selector)),
            "an error of the ledger"
        );
    }

    function testFuzz_validateRule_anyBytes_endInAcceptanceOrMalformed(bytes calldata rule) external view {
        (bool ok, bytes memory answer) = address(reader).staticcall(abi.encodeCall(PolicyReader.validateRule, (rule)));
        if (!ok) assertEq(answer, abi.encodePacked(Malformed.selector), "error");
    }

    function test_validateRule_largest_staysCheap() external view {
        bytes memory code = new bytes(64);
        for (uint256 i = 0; i < 64; ++i) {
            code[i] = "x";
        }
        bytes memory rule = hex"013f";
        for (uint256 i = 0; i < 63; ++i) {
            rule = abi.encodePacked(rule, hex"0740", code);
        }
        uint256 before = gasleft();
        reader.validateRule(rule);
        assertLe(before - gasleft(), 2_500_000, "gas of the largest rule");
    }
}
