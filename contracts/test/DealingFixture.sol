// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Auth, BundleFacts, BundleView, DealingFacts, DealingProposal, Parameters, Seat} from "../src/LedgerTypes.sol";
import {PhrLedger} from "../src/PhrLedger.sol";
import {DealingModule} from "../src/modules/DealingModule.sol";
import {ReshareModule} from "../src/modules/ReshareModule.sol";
import {LedgerFixture} from "./LedgerFixture.sol";

/// @title A ledger with the modules of dealings and reshares, and a patient's bundle on it
abstract contract DealingFixture is LedgerFixture {
    bytes32 internal constant BUNDLE = keccak256("bundle");

    BundleFacts internal bundle;
    /// @dev The active dealing of the normal track, as the caller must know it.
    DealingFacts internal active;
    address internal dealings;
    uint256 private _fresh;

    function _modules(Parameters memory p) internal virtual override returns (PhrLedger.Modules memory m) {
        m = super._modules(p);
        dealings = address(_newDealingModule(p));
        m.dealings = dealings;
        m.reshares = address(new ReshareModule(p));
    }

    function _newDealingModule(Parameters memory p) internal returns (DealingModule) {
        return new DealingModule(p);
    }

    function setUp() public virtual {
        _deploy();
        _seedPeople();
        bundle = BundleFacts(patient.id, keccak256("header"), keccak256("root"));
    }

    function fresh() internal returns (bytes32) {
        return keccak256(abi.encode("fresh", ++_fresh));
    }

    function register() internal {
        Auth memory auth = _by(patient);
        ledger.registerBundle(BUNDLE, bundle.headerDigest, bundle.documentsRoot, auth);
    }

    function bundleNow() internal view returns (BundleView memory) {
        return ledger.getBundle(BUNDLE);
    }

    /// @dev What the patient would propose next under a policy on the normal track.
    function proposal(bytes memory policy) internal returns (DealingProposal memory) {
        return DealingProposal({
            headerDigest: bundle.headerDigest,
            epoch: bundleNow().lastEpoch + 1,
            previousDealingDigest: active.dealingDigest,
            dealingDigest: fresh(),
            policy: policy,
            names: _usualNames(),
            rule: ""
        });
    }

    function factsOf(DealingProposal memory p) internal pure returns (DealingFacts memory) {
        return DealingFacts(p.dealingDigest, p.headerDigest, _policyHash(p.policy), 0);
    }

    function propose(DealingProposal memory p) internal {
        Auth memory auth = _by(patient);
        ledger.proposeDealing(BUNDLE, p, bundle, active, auth);
    }

    function acknowledge(DealingFacts memory dealing, bytes memory policy, uint256 ordinal) internal {
        Auth memory auth = _by(trustees[ordinal]);
        ledger.acknowledgeDealing(BUNDLE, dealing.dealingDigest, _seat(ordinal), dealing, policy, auth);
    }

    function activate(DealingFacts memory dealing, bytes memory policy) internal {
        Auth memory auth = _by(doctor);
        ledger.activateDealing(BUNDLE, dealing.dealingDigest, new Seat[](0), bundle, dealing, policy, auth);
    }

    /// @dev A bundle with an active dealing under the usual policy.
    function deal() internal returns (DealingFacts memory dealing) {
        DealingProposal memory p = proposal(_usualPolicy());
        propose(p);
        dealing = factsOf(p);
        for (uint256 i = 0; i < trustees.length; ++i) {
            acknowledge(dealing, p.policy, i);
        }
        activate(dealing, p.policy);
        active = dealing;
    }

    function registerAndDeal() internal {
        register();
        deal();
    }

    function emergencyPolicy() internal view returns (bytes memory) {
        PolicyTerms memory terms = _usualTerms();
        terms.flags = 2 + 8;
        return _policy(terms);
    }
}
