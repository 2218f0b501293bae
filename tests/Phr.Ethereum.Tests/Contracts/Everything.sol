// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title A contract with something of every ABI type
/// @notice For the tests of the client alone: it returns, logs and reverts with what it is given.
contract Everything {
    struct Leaf {
        uint64 number;
        bytes32 digest;
        string text;
    }

    struct Tree {
        address owner;
        Leaf[] leaves;
        int24[2] pair;
    }

    enum Colour {
        Red,
        Green
    }

    /// @notice Something happened.
    /// @param who The account that did it.
    /// @param label Known by its hash alone.
    /// @param amount How much.
    /// @param tree All of it.
    event Happened(address indexed who, string indexed label, uint256 amount, Tree tree);

    /// @notice A number was counted.
    /// @param number The number.
    event Counted(uint64 indexed number);

    /// @notice It is too early.
    /// @param until When it may be tried again, in seconds since 1970.
    error TooEarly(uint64 until);

    /// @notice All of it was refused.
    error Refused(Tree tree, bytes why);

    uint256 public immutable START;
    uint64 public count;

    mapping(uint256 => uint256) private _slots;

    constructor(uint256 start, Leaf memory) payable {
        START = start;
    }

    receive() external payable {}

    /// @notice Returns a tree.
    /// @param tree The tree.
    /// @return The same.
    function echo(Tree calldata tree) external pure returns (Tree memory) {
        return tree;
    }

    /// @notice Returns something of each elementary type.
    function echoAll(uint8 a, uint40 b, uint256 c, int8 d, int256 e, bool f, bytes4 g, bytes calldata h, Colour i)
        external
        pure
        returns (uint8, uint40, uint256, int8, int256, bool, bytes4, bytes memory, Colour colour)
    {
        return (a, b, c, d, e, f, g, h, i);
    }

    /// @notice Nested arrays.
    function echoArrays(uint256[][] calldata a, string[] calldata b, bytes32[3][] calldata c)
        external
        pure
        returns (uint256[][] memory, string[] memory, bytes32[3][] memory)
    {
        return (a, b, c);
    }

    /// @notice Logs a tree.
    function log(string calldata label, uint256 amount, Tree calldata tree) external {
        emit Happened(msg.sender, label, amount, tree);
    }

    /// @notice Counts, and logs it.
    function increase() external payable {
        emit Counted(++count);
    }

    /// @notice Counts several times, and logs each.
    function increase(uint256 times) external {
        for (uint256 i = 0; i < times; i++) {
            emit Counted(++count);
        }
    }

    /// @notice Refuses: 0 with a custom error, 1 with all of it, 2 with a text, 3 with a panic, 4 without a reason.
    function refuse(uint256 how, Tree calldata tree) external {
        _slots[how] = 1;
        if (how == 0) revert TooEarly(count);
        if (how == 1) revert Refused(tree, "because");
        if (how == 2) revert("in words");
        if (how == 3) count = uint64(how / (how - 3));
        assembly ("memory-safe") {
            revert(0, 0)
        }
    }
}
