// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The cheat codes of forge that these tests use
/// @notice forge executes calls to `VM_ADDRESS` itself. Foundry's own library of helpers is not on npm, so the few that are
/// needed are declared here.
interface Vm {
    /// @dev One log as `getRecordedLogs` returns it: topic 0 is the event's signature.
    struct Log {
        bytes32[] topics;
        bytes data;
        address emitter;
    }

    /// @dev What a call used, without what calling costs the caller.
    struct Gas {
        uint64 gasLimit;
        uint64 gasTotalUsed;
        uint64 gasMemoryUsed;
        int64 gasRefunded;
        uint64 gasRemaining;
    }

    /// @dev A key pair of secp256k1.
    struct Wallet {
        address addr;
        uint256 publicKeyX;
        uint256 publicKeyY;
        uint256 privateKey;
    }

    // The chain.
    function warp(uint256 timestamp) external;
    function roll(uint256 blockNumber) external;
    function fee(uint256 basefee) external;
    function prevrandao(bytes32 value) external;
    function setBlockhash(uint256 blockNumber, bytes32 blockHash) external;
    function chainId(uint256 id) external;
    function coinbase(address beneficiary) external;
    function getBlockTimestamp() external view returns (uint256);
    function getBlockNumber() external view returns (uint256);

    // Accounts.
    function deal(address account, uint256 balance) external;
    function etch(address account, bytes calldata code) external;
    function load(address account, bytes32 slot) external view returns (bytes32);
    function store(address account, bytes32 slot, bytes32 value) external;
    function label(address account, string calldata name) external;
    function getNonce(address account) external view returns (uint64);
    function setNonce(address account, uint64 nonce) external;

    // Callers.
    function prank(address sender) external;
    function prank(address sender, address origin) external;
    function startPrank(address sender) external;
    function stopPrank() external;

    // Keys.
    function addr(uint256 key) external pure returns (address);
    function createWallet(uint256 key) external returns (Wallet memory wallet);
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function signP256(uint256 key, bytes32 digest) external pure returns (bytes32 r, bytes32 s);
    function publicKeyP256(uint256 key) external pure returns (uint256 x, uint256 y);

    // Expectations.
    function expectRevert() external;
    function expectRevert(bytes4 selector) external;
    function expectRevert(bytes calldata data) external;
    function expectPartialRevert(bytes4 selector) external;
    function expectEmit(bool topic1, bool topic2, bool topic3, bool data) external;
    function expectEmit(bool topic1, bool topic2, bool topic3, bool data, address emitter) external;
    function expectEmit() external;
    function assume(bool condition) external pure;
    function assumeNoRevert() external pure;
    function skip(bool skipTest) external;

    // Logs and gas.
    function recordLogs() external;
    function getRecordedLogs() external returns (Log[] memory logs);
    function snapshotGasLastCall(string calldata name) external returns (uint256 gasUsed);
    function snapshotValue(string calldata name, uint256 value) external;
    function lastCallGas() external view returns (Gas memory gas);
    function pauseGasMetering() external;
    function resumeGasMetering() external;
    function cool(address target) external;

    // State.
    function snapshotState() external returns (uint256 id);
    function revertToState(uint256 id) external returns (bool success);
    function record() external;
    function accesses(address target) external returns (bytes32[] memory reads, bytes32[] memory writes);

    // Files, numbers, text.
    function getCode(string calldata artifact) external view returns (bytes memory creationCode);
    function getDeployedCode(string calldata artifact) external view returns (bytes memory runtimeCode);
    function readFile(string calldata path) external view returns (string memory content);
    function projectRoot() external view returns (string memory path);
    function parseJsonBytes(string calldata json, string calldata key) external pure returns (bytes memory value);
    function parseJsonBytesArray(string calldata json, string calldata key)
        external
        pure
        returns (bytes[] memory values);
    function parseJsonBytes32(string calldata json, string calldata key) external pure returns (bytes32 value);
    function parseJsonUint(string calldata json, string calldata key) external pure returns (uint256 value);
    function parseJsonAddress(string calldata json, string calldata key) external pure returns (address value);
    function parseJsonString(string calldata json, string calldata key) external pure returns (string memory value);
    function parseJsonKeys(string calldata json, string calldata key) external pure returns (string[] memory keys);
    function contains(string calldata text, string calldata part) external pure returns (bool found);
    function toString(uint256 value) external pure returns (string memory text);
    function toString(bytes32 value) external pure returns (string memory text);
    function toString(bytes calldata value) external pure returns (string memory text);
    function toString(address value) external pure returns (string memory text);
    function split(string calldata text, string calldata separator) external pure returns (string[] memory parts);
    function trim(string calldata text) external pure returns (string memory trimmed);
    function indexOf(string calldata text, string calldata part) external pure returns (uint256 place);
    function randomUint() external view returns (uint256);
}

/// @dev Where forge listens for cheat codes: the address of the hash of "hevm cheat code".
address constant VM_ADDRESS = address(uint160(uint256(keccak256("hevm cheat code"))));
