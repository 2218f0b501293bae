// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What evidence against a delivery comes to, as in the model.
enum DeliveryVerdict {
    NoEvidence,
    Holds,
    False
}

/// @title Judges evidence that a re-encryption is false
/// @notice One fragment of a delivery that an oracle signed, what it is checked against, and helper numbers; one rule is looked at, the one that
/// the evidence names. The layout is in docs/approval-format.md, the reasons are in docs/algorithms/dispute.md.
/// @dev Multiples of points come from the recovery precompile: for r = x(P), s = k * r, message 0 it gives the address of k * P.
library UmbralVerifier {
    uint256 private constant _FIELD = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFC2F;
    uint256 private constant _ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
    uint256 private constant _HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    uint256 private constant _POINT = 1;
    uint256 private constant _SCALAR = 2;
    uint256 private constant _EQUATION_E = 3;
    uint256 private constant _EQUATION_V = 4;
    uint256 private constant _EQUATION_U = 5;
    uint256 private constant _SIGNATURE = 6;
    uint256 private constant _PLACE = 7;
    uint256 private constant _TERMS = 8;

    uint256 private constant _MAX_DEPTH = 16;
    uint256 private constant _HEAD = 7;
    uint256 private constant _FRAGMENT = 359;
    uint256 private constant _FRAGMENT_END = 366;
    uint256 private constant _CAPSULE = 98;
    uint256 private constant _PINNED = 151; // capsule 98, A_i 33, address of the signer key 20
    uint256 private constant _HELPER = 128;

    // Request ids are hashes of this many words.
    uint256 private constant _REQUEST_WORDS = 23;
    uint256 private constant _RECEIVING_KEY_WORD = 13;
    uint256 private constant _EVIDENCE_ROOT_WORD = 22;
    bytes32 private constant _REQUEST_TAG = keccak256("phr/request/v2");

    // The parameter u of the scheme, compressed.
    bytes32 private constant _U_X = 0x079390d0fbe220fc34aab8ecbf49098098036820fadb98c03143e55db8ec73cd;
    uint8 private constant _U_PARITY = 3;

    /// @notice What evidence against a statement's delivery comes to. That its oracle signed the statement is for the caller to check.
    /// @param root The root over the delivered fragments.
    /// @param evidenceRoot The root over what they are checked against.
    /// @param receivingKeyHash keccak256 of the receiving key.
    function judge(
        bytes32 requestId,
        bytes32 root,
        bytes32 evidenceRoot,
        bytes32 receivingKeyHash,
        bytes calldata evidence
    ) internal pure returns (DeliveryVerdict) {
        if (evidence.length == 0) return DeliveryVerdict.NoEvidence;
        uint256 check = uint8(evidence[0]);
        if (check == _TERMS) return _judgeTerms(requestId, evidenceRoot, receivingKeyHash, evidence[1:]);
        if (evidence.length < _FRAGMENT_END || check == 0 || check > _PLACE) return DeliveryVerdict.NoEvidence;
        uint256 depth = uint8(evidence[1]);
        uint256 pinnedDepth = uint8(evidence[2]);
        bool pinned = check >= _EQUATION_E;
        if (
            depth > _MAX_DEPTH || pinnedDepth > _MAX_DEPTH || (!pinned && pinnedDepth != 0)
                || evidence.length != _FRAGMENT_END + 32 * (depth + pinnedDepth) + _tailOf(check)
        ) return DeliveryVerdict.NoEvidence;
        bytes32 leaf = keccak256(abi.encodePacked(uint8(2), evidence[5:_FRAGMENT_END]));
        uint256 end = _FRAGMENT_END + 32 * depth;
        if (!_isUnder(leaf, uint16(bytes2(evidence[3:5])), evidence[_FRAGMENT_END:end], root)) {
            return DeliveryVerdict.NoEvidence;
        }
        bytes calldata fragment = evidence[_HEAD:_FRAGMENT_END];
        if (check == _POINT) return _judgePoint(fragment, evidence[end:]);
        if (check == _SCALAR) return _judgeScalar(fragment);
        uint256 place = uint16(bytes2(evidence[5:7]));
        bytes calldata path = evidence[end:end + 32 * pinnedDepth];
        bytes calldata tail = evidence[end + 32 * pinnedDepth:];
        if (check == _PLACE) return _judgePlace(place, pinnedDepth, path, bytes32(tail), evidenceRoot);
        bytes calldata terms = tail[:_PINNED];
        if (!_isUnder(keccak256(abi.encodePacked(uint8(0), terms)), place, path, evidenceRoot)) {
            return DeliveryVerdict.NoEvidence;
        }
        if (check == _SIGNATURE) return _judgeSignature(fragment, terms, tail[_PINNED:], receivingKeyHash);
        return _judgeEquation(check, fragment, terms, tail[_PINNED:]);
    }

    /// @notice The address of k * P, by x and the prefix of P's compressed form; zero where P is no point, its x not below the order, or k zero.
    function multiply(bytes32 x, uint8 prefix, uint256 k) internal pure returns (address) {
        if (prefix | 1 != 3) return address(0);
        return ecrecover(0, prefix + 25, x, bytes32(mulmod(k, uint256(x), _ORDER)));
    }

    function _tailOf(uint256 check) private pure returns (uint256) {
        if (check == _POINT) return 33;
        if (check == _SCALAR) return 0;
        if (check == _SIGNATURE) return _PINNED + 33;
        if (check == _PLACE) return 32;
        return _PINNED + _HELPER;
    }

    /// @dev Whether a leaf stands at an index under a root: keccak256(0x03 || depth || top).
    function _isUnder(bytes32 leaf, uint256 index, bytes calldata path, bytes32 root) private pure returns (bool) {
        uint256 depth = path.length / 32;
        for (uint256 level = 0; level < depth; ++level) {
            bytes32 sibling = bytes32(path[32 * level:]);
            (bytes32 left, bytes32 right) = index & 1 == 0 ? (leaf, sibling) : (sibling, leaf);
            assembly ("memory-safe") {
                mstore(0, left)
                mstore(32, right)
                leaf := keccak256(0, 64)
            }
            index >>= 1;
        }
        // A depth is at most 16.
        // forge-lint: disable-next-line(unsafe-typecast)
        return index == 0 && keccak256(abi.encodePacked(uint8(3), uint8(depth), leaf)) == root;
    }

    function _judgeTerms(bytes32 requestId, bytes32 evidenceRoot, bytes32 receivingKeyHash, bytes calldata words)
        private
        pure
        returns (DeliveryVerdict)
    {
        if (words.length != 32 * _REQUEST_WORDS || bytes32(words) != _REQUEST_TAG || keccak256(words) != requestId) {
            return DeliveryVerdict.NoEvidence;
        }
        return bytes32(words[32 * _RECEIVING_KEY_WORD:]) == receivingKeyHash
            && bytes32(words[32 * _EVIDENCE_ROOT_WORD:]) == evidenceRoot
            ? DeliveryVerdict.Holds
            : DeliveryVerdict.False;
    }

    /// @dev tail: which of the seven points, and w with w^2 = -(x^3 + 7), which has a root where x^3 + 7 has none; zero where the form is wrong.
    function _judgePoint(bytes calldata fragment, bytes calldata tail) private pure returns (DeliveryVerdict) {
        uint256 which = uint8(tail[0]);
        uint256 w = uint256(bytes32(tail[1:]));
        if (which > 6 || w >= _FIELD) return DeliveryVerdict.NoEvidence;
        uint256 offset = which < 2 ? 33 * which : 98 + 33 * (which - 2);
        uint256 x = uint256(bytes32(fragment[offset + 1:]));
        if (uint8(fragment[offset]) | 1 != 3 || x >= _FIELD) {
            return w == 0 ? DeliveryVerdict.False : DeliveryVerdict.NoEvidence;
        }
        uint256 curve = addmod(mulmod(mulmod(x, x, _FIELD), x, _FIELD), 7, _FIELD);
        return addmod(mulmod(w, w, _FIELD), curve, _FIELD) == 0 ? DeliveryVerdict.False : DeliveryVerdict.NoEvidence;
    }

    function _judgeScalar(bytes calldata fragment) private pure returns (DeliveryVerdict) {
        bool inOrder = uint256(bytes32(fragment[263:])) < _ORDER && uint256(bytes32(fragment[1:])) < _ORDER
            && uint256(bytes32(fragment[34:])) < _ORDER && uint256(bytes32(fragment[198:])) < _ORDER;
        return inOrder ? DeliveryVerdict.Holds : DeliveryVerdict.False;
    }

    /// @dev Beyond the tree any leaf shows how large it is; within it the place must be one of the zeros that fill it up.
    function _judgePlace(uint256 place, uint256 depth, bytes calldata path, bytes32 leaf, bytes32 evidenceRoot)
        private
        pure
        returns (DeliveryVerdict)
    {
        uint256 inside = place & ((1 << depth) - 1);
        if (!_isUnder(leaf, inside, path, evidenceRoot)) return DeliveryVerdict.NoEvidence;
        return inside != place || leaf == 0 ? DeliveryVerdict.False : DeliveryVerdict.Holds;
    }

    /// @dev The trustee's signature over id, U1, X, A_i and the receiving key: low s, and the signer key's address recovered.
    function _judgeSignature(
        bytes calldata fragment,
        bytes calldata terms,
        bytes calldata receivingKey,
        bytes32 receivingKeyHash
    ) private pure returns (DeliveryVerdict) {
        if (keccak256(receivingKey) != receivingKeyHash) return DeliveryVerdict.NoEvidence;
        uint256 s = uint256(bytes32(fragment[327:]));
        if (s > _HALF_ORDER) return DeliveryVerdict.False;
        bytes32 digest = sha256(
            abi.encodePacked(
                fragment[66:98],
                fragment[197:230],
                fragment[98:131],
                uint8(1),
                terms[_CAPSULE:_CAPSULE + 33],
                uint8(1),
                receivingKey
            )
        );
        address signer = address(bytes20(terms[_CAPSULE + 33:]));
        bytes32 r = bytes32(fragment[295:]);
        return signer != address(0)
            && (ecrecover(digest, 27, r, bytes32(s)) == signer || ecrecover(digest, 28, r, bytes32(s)) == signer)
            ? DeliveryVerdict.Holds
            : DeliveryVerdict.False;
    }

    /// @dev z * start = nonce + h * result, for (E, E1, E2), (V, V1, V2) or (u, U1, U2).
    /// helper: y of the nonce point, x and y of h * result, 1 / (x of the latter - x of the former).
    function _judgeEquation(uint256 check, bytes calldata fragment, bytes calldata terms, bytes calldata helper)
        private
        pure
        returns (DeliveryVerdict)
    {
        bytes calldata result = check == _EQUATION_E ? fragment : check == _EQUATION_V ? fragment[33:] : fragment[197:];
        uint256 z = uint256(bytes32(fragment[263:]));
        address sum;
        {
            bytes calldata nonce =
                check == _EQUATION_E ? fragment[131:] : check == _EQUATION_V ? fragment[164:] : fragment[230:];
            uint256 x = uint256(bytes32(helper[32:]));
            uint256 y = uint256(bytes32(helper[64:]));
            address multiple = multiply(bytes32(result[1:]), uint8(result[0]), _challenge(fragment, terms));
            if (z >= _ORDER || multiple == address(0) || multiple != _addressOf(x, y)) {
                return DeliveryVerdict.NoEvidence;
            }
            sum = _add(nonce, uint256(bytes32(helper)), x, y, uint256(bytes32(helper[96:])));
        }
        if (sum == address(0)) return DeliveryVerdict.NoEvidence;
        if (z == 0) return DeliveryVerdict.False;
        (bytes32 startX, uint8 prefix) = check == _EQUATION_E
            ? (bytes32(terms[1:]), uint8(terms[0]))
            : check == _EQUATION_V ? (bytes32(terms[34:]), uint8(terms[33])) : (_U_X, _U_PARITY);
        address start = multiply(startX, prefix, z);
        if (start == address(0)) return DeliveryVerdict.NoEvidence;
        return start == sum ? DeliveryVerdict.Holds : DeliveryVerdict.False;
    }

    /// @dev h: SHA-256 over the nine points under their tag, brought into 1 to order - 1.
    function _challenge(bytes calldata fragment, bytes calldata terms) private pure returns (uint256) {
        bytes32 digest = sha256(
            abi.encodePacked(
                uint32(18),
                "CFRAG_VERIFICATION",
                terms[:33],
                fragment[:33],
                fragment[131:164],
                terms[33:66],
                fragment[33:66],
                fragment[164:197],
                _U_PARITY,
                _U_X,
                fragment[197:263]
            )
        );
        return uint256(digest) % (_ORDER - 1) + 1;
    }

    /// @dev The address of P + (x, y), where P is compressed and has the given y; zero when the helpers do not fit.
    function _add(bytes calldata point, uint256 pointY, uint256 x, uint256 y, uint256 inverse)
        private
        pure
        returns (address)
    {
        uint256 pointX = uint256(bytes32(point[1:]));
        uint256 prefix = uint8(point[0]);
        if (
            prefix | 1 != 3 || pointX >= _FIELD || pointY >= _FIELD || inverse >= _FIELD || pointY & 1 != prefix & 1
                || mulmod(pointY, pointY, _FIELD)
                    != addmod(mulmod(mulmod(pointX, pointX, _FIELD), pointX, _FIELD), 7, _FIELD)
                || mulmod(addmod(x, _FIELD - pointX, _FIELD), inverse, _FIELD) != 1
        ) return address(0);
        uint256 slope = mulmod(addmod(y, _FIELD - pointY, _FIELD), inverse, _FIELD);
        uint256 sumX = addmod(mulmod(slope, slope, _FIELD), _FIELD - addmod(pointX, x, _FIELD), _FIELD);
        uint256 sumY = addmod(mulmod(slope, addmod(pointX, _FIELD - sumX, _FIELD), _FIELD), _FIELD - pointY, _FIELD);
        return _addressOf(sumX, sumY);
    }

    function _addressOf(uint256 x, uint256 y) private pure returns (address) {
        return address(uint160(uint256(keccak256(abi.encode(x, y)))));
    }
}
