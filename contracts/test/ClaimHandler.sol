// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TrusteeHandler} from "./TrusteeHandler.sol";
import {ClaimFacts} from "../src/IClaims.sol";

/// @title A campaign's insurance claims: level by level, refused, appealed, withdrawn, too late
abstract contract ClaimHandler is TrusteeHandler {
    uint256 internal constant CLAIMS_AT_RANDOM = 8;
    uint64 private constant _REVIEWED_FROM = 500;

    // A claim's statuses.
    uint256 private constant _INSURERS_TURN = 4;
    uint256 private constant _APPEAL = 5;
    uint256 private constant _APPROVED = 6;
    uint256 private constant _REJECTED = 7;

    // What to do with a claim.
    uint256 internal constant FILE = 0;
    uint256 internal constant ENDORSE = 1;
    uint256 internal constant REJECT = 2;
    uint256 internal constant APPROVE = 3;
    uint256 internal constant APPEAL = 4;
    uint256 internal constant DECIDE = 5;
    uint256 internal constant WITHDRAW = 6;
    uint256 internal constant EXPIRE = 7;

    ClaimFacts[] internal claims;
    bytes32[] private _claimIds;
    mapping(bytes32 id => uint256) internal endorsedAt; // bit per level
    mapping(bytes32 id => bool) internal sentBack;
    mapping(bytes32 id => bool) internal appealedOnce;

    function _beginClaims() internal {
        _must(insurer, abi.encodeCall(ledger.setReviewThreshold, ("EUR", _REVIEWED_FROM, _own(insurer))));
    }

    /// @dev Three steps of the usual stories of claims, which take turns: paid in part and appealed, refused and appealed, withdrawn.
    function _claimSteps() internal {
        for (uint256 i = 0; i < 3; ++i) {
            _claimStep();
        }
    }

    function _claimStep() private {
        if (claims.length == 0) return _tryFile(0, 800, 30 days, patients[0]);
        uint256 i = claims.length - 1;
        uint256 c = _claimWord(i);
        uint256 status = c & 15;
        uint256 story = i % 4;
        bool appealed = c & 32 != 0;
        if (status <= _APPEAL && vm.getBlockTimestamp() >= claims[i].notAfter) return _tryClaim(i, EXPIRE, 0, agency);
        if (status < _INSURERS_TURN) {
            // One that names a hospital which was removed goes no further.
            bool stuck = claims[i].hospital != trustees[REPLACEABLE].id;
            if (story == 3 || stuck) return _tryClaim(i, WITHDRAW, 0, _claimant(i));
            return _tryClaim(i, story == 1 ? REJECT : ENDORSE, 0, _turnOf(i, status));
        }
        if (status == _INSURERS_TURN) return _tryClaim(i, APPROVE, appealed ? claims[i].amount : 1, insurer);
        if (status == _APPEAL) return _tryClaim(i, DECIDE, story == 1 ? 0 : 1, agency);
        bool whole = c >> 8 == claims[i].amount;
        bool mayAppeal = status == _REJECTED || (status == _APPROVED && !whole);
        if (mayAppeal && !appealed && vm.getBlockTimestamp() < claims[i].notAfter) {
            return _tryClaim(i, APPEAL, 0, _claimant(i));
        }
        _tryFile(i + 1, 800, 30 days, patients[(i + 1) % PATIENTS]);
    }

    function _claimant(uint256 i) internal view returns (Person memory) {
        return people[claims[i].patient];
    }

    /// @dev Whose turn it is at a level.
    function _turnOf(uint256 i, uint256 level) internal view returns (Person memory) {
        return
            level == 1
                ? people[claims[i].doctor]
                : level == 2 ? people[claims[i].hospital] : level == 3 ? agency : insurer;
    }

    function _claimId(uint256 i) internal view returns (bytes32) {
        return _claimIds[i];
    }

    function _claimWord(uint256 i) internal view returns (uint256) {
        return ledger.claimOf(_claimId(i));
    }

    function _tryFile(uint256 salt, uint64 amount, uint256 lifetime, Person memory by) internal {
        ClaimFacts memory c = ClaimFacts({
            patient: by.id,
            insurer: insurer.id,
            doctor: doctors[salt % DOCTORS].id,
            hospital: trustees[REPLACEABLE].id,
            amount: amount,
            currency: "EUR",
            relatedTo: 0,
            evidenceCommitment: DIGEST,
            evidenceDigest: DIGEST,
            notAfter: uint64(vm.getBlockTimestamp() + lifetime),
            salt: keccak256(abi.encode("claim", salt))
        });
        (bool ok,) = _do(by, _encFile(c, by));
        if (!ok) return;
        _accept("claim filed");
        claims.push(c);
        _claimIds.push(keccak256(abi.encode(keccak256("phr/claim/v1"), block.chainid, address(ledger), c)));
        uint256 word = _claimWord(claims.length - 1);
        if (_rolesOf(by.id) & PATIENT == 0) _break(7, "a claim by whoever is no patient");
        if ((word & 16 != 0) != (amount >= _REVIEWED_FROM)) _break(1, "the insurer's threshold decides who looks");
        if (word & ~uint256(16) != 1) _break(13, "a claim begins at its first level, with nothing approved");
    }

    function _encFile(ClaimFacts memory c, Person memory by) private view returns (bytes memory) {
        return abi.encodeCall(
            ledger.fileClaim,
            (
                c.insurer,
                c.doctor,
                c.hospital,
                c.amount,
                "EUR",
                c.relatedTo,
                c.evidenceCommitment,
                c.evidenceDigest,
                c.notAfter,
                c.salt,
                _own(by)
            )
        );
    }

    /// @dev The same claim once more.
    function _tryFileAgain(uint256 i) internal {
        Person memory by = _claimant(i);
        uint256 before = _claimWord(i);
        (bool ok,) = _do(by, _encFile(claims[i], by));
        if (ok || _claimWord(i) != before) _break(13, "a claim was filed twice");
    }

    /// @param value The amount to approve; 1 to send an appeal back to the insurer.
    function _tryClaim(uint256 i, uint256 what, uint256 value, Person memory by) internal {
        uint256 before = _claimWord(i);
        bytes memory call = _encClaim(claims[i], what, value, by);
        (bool ok,) = _do(by, call);
        uint256 word = _claimWord(i);
        if (!ok) {
            if (word != before) _break(12, "a refusal changed a claim");
            return;
        }
        if (word >> 8 < before >> 8) _break(3, "a claim lost what was approved");
        if (what == ENDORSE || what == REJECT) _judged(i, what, before, by);
        else if (what == APPROVE) _paid(i, before, by);
        else if (what == APPEAL || what == DECIDE) _appealed(i, what, before, value == 1, by);
        else _over(i, what, before, by);
        // Nobody takes the same step twice running.
        (ok,) = _do(by, call);
        if (ok) _break(2, "a step of a claim was taken twice");
    }

    function _encClaim(ClaimFacts memory c, uint256 what, uint256 value, Person memory by)
        private
        view
        returns (bytes memory)
    {
        if (what == ENDORSE) return abi.encodeCall(ledger.endorseClaim, (c, DIGEST, _own(by)));
        if (what == REJECT) return abi.encodeCall(ledger.rejectClaim, (c, 7, DIGEST, _own(by)));
        // forge-lint: disable-next-line(unsafe-typecast)
        if (what == APPROVE) return abi.encodeCall(ledger.approveClaim, (c, uint64(value), DIGEST, _own(by)));
        if (what == APPEAL) return abi.encodeCall(ledger.appealClaim, (c, DIGEST, _own(by)));
        if (what == DECIDE) return abi.encodeCall(ledger.decideAppeal, (c, value == 1, DIGEST, _own(by)));
        if (what == WITHDRAW) return abi.encodeCall(ledger.withdrawClaim, (c, _own(by)));
        return abi.encodeCall(ledger.expireClaim, (c, _own(by)));
    }

    /// @dev Whoever judges has the turn, and each level has one.
    function _judged(uint256 i, uint256 what, uint256 before, Person memory by) private {
        uint256 level = before & 15;
        bytes32 id = _claimId(i);
        if (what == REJECT) {
            _accept("claim rejected");
            if (before >> 8 != 0) _break(3, "what was approved was rejected");
        } else {
            _accept(
                level == 1
                    ? "claim endorsed by the doctor"
                    : level == 2 ? "claim endorsed by the hospital" : "claim endorsed by an agency"
            );
            if (endorsedAt[id] >> level & 1 == 1) _break(2, "a level of a claim was endorsed twice");
            endorsedAt[id] |= 1 << level;
            if (level >= _INSURERS_TURN) _break(1, "an endorsement in the place of an approval");
        }
        _checkTurn(i, before, by);
    }

    function _checkTurn(uint256 i, uint256 before, Person memory by) private {
        uint256 level = before & 15;
        if (level > _INSURERS_TURN) _break(3, "a claim was judged that had ended");
        if (vm.getBlockTimestamp() >= claims[i].notAfter) _break(3, "a claim was judged after its end");
        bool mine = level == 3 ? _isAgency(by) : by.id == _turnOf(i, level).id;
        if (!mine) _break(7, "a claim was judged in another's name");
    }

    function _paid(uint256 i, uint256 before, Person memory by) private {
        _accept("claim approved");
        _checkTurn(i, before, by);
        bytes32 id = _claimId(i);
        uint256 needed = before & 16 != 0 ? 14 : 6;
        if (before & 15 != _INSURERS_TURN || (endorsedAt[id] & needed != needed && !sentBack[id])) {
            _break(1, "a claim was approved without all of its levels");
        }
        if (_claimWord(i) >> 8 > claims[i].amount) _break(1, "more was approved than was claimed");
        if (_claimWord(i) & 15 != _APPROVED) _break(1, "an approval that approves nothing");
    }

    function _appealed(uint256 i, uint256 what, uint256 before, bool back, Person memory by) private {
        bytes32 id = _claimId(i);
        if (vm.getBlockTimestamp() >= claims[i].notAfter) _break(3, "an appeal after the claim's end");
        if (what == APPEAL) {
            _accept("claim appealed");
            if (by.id != claims[i].patient) _break(7, "an appeal in another's name");
            if (appealedOnce[id]) _break(2, "a second appeal");
            if (before & 15 != _APPROVED && before & 15 != _REJECTED) _break(3, "an appeal against nothing");
            appealedOnce[id] = true;
        } else {
            _accept("appeal decided");
            if (!_isAgency(by)) _break(7, "an appeal decided by whoever is no agency");
            if (before & 15 != _APPEAL) _break(3, "an appeal decided that nobody made");
            if (back) sentBack[id] = true;
        }
    }

    function _over(uint256 i, uint256 what, uint256 before, Person memory by) private {
        if (before & 15 > _APPEAL) _break(3, "a claim ended twice");
        if (what == WITHDRAW) {
            _accept("claim withdrawn");
            if (by.id != claims[i].patient) _break(7, "a claim withdrawn in another's name");
        } else {
            _accept("claim expired");
            if (vm.getBlockTimestamp() < claims[i].notAfter) _break(3, "a claim expired before its end");
        }
    }

    /// @dev Invariants 1 and 12: every claim is what its events tell, and approved by all of its levels only.
    function _checkClaims() internal view {
        for (uint256 i = 0; i < claims.length; ++i) {
            bytes32 id = _claimId(i);
            uint256 c = ledger.claimOf(id);
            assertEq(c, toldClaims[id], "a claim as the events tell it");
            assertLe(c >> 8, claims[i].amount, "what is approved of a claim");
            uint256 needed = c & 16 != 0 ? 14 : 6;
            if (c >> 8 != 0) {
                assertTrue(endorsedAt[id] & needed == needed || sentBack[id], "approved by all of its levels");
            }
        }
    }
}
