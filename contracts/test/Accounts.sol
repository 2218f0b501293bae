// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Contract accounts that sign by ERC-1271: one honest, and one for each way to misbehave
contract Account {
    enum Manner {
        Honest, // takes its owner's signatures
        Reverting,
        Short, // answers four bytes
        Wrong, // answers another value
        Burning, // uses all its gas
        Rejecting // honest, but takes no payment
    }

    address private immutable _OWNER;
    Manner private immutable _MANNER;

    error No();

    constructor(address owner, Manner manner) {
        _OWNER = owner;
        _MANNER = manner;
    }

    receive() external payable {
        if (_MANNER == Manner.Rejecting) revert No();
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        if (_MANNER == Manner.Reverting) revert No();
        if (_MANNER == Manner.Short) {
            assembly ("memory-safe") {
                mstore(0, shl(224, 0x1626ba7e))
                return(0, 4)
            }
        }
        if (_MANNER == Manner.Wrong) return 0xffffffff;
        if (_MANNER == Manner.Burning) {
            assembly ("memory-safe") {
                invalid()
            }
        }
        if (signature.length != 65) return 0xffffffff;
        address signer = ecrecover(digest, uint8(signature[64]), bytes32(signature[0:32]), bytes32(signature[32:64]));
        return signer == _OWNER ? this.isValidSignature.selector : bytes4(0xffffffff);
    }

    /// @dev Lets the account act by itself.
    function run(address target, bytes calldata call) external payable returns (bytes memory) {
        if (msg.sender != _OWNER) revert No();
        (bool ok, bytes memory answer) = target.call{value: msg.value}(call);
        if (!ok) {
            assembly ("memory-safe") {
                revert(add(answer, 32), mload(answer))
            }
        }
        return answer;
    }
}
