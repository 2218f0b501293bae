// Only `hardhat node` is used: the contracts are compiled by ../tools. The rules are those of ../foundry.toml.
export default {
  networks: {
    node: {
      type: 'edr-simulated',
      chainType: 'l1',
      chainId: 31337,
      hardfork: 'osaka',
      allowUnlimitedContractSize: false,
      accounts: { mnemonic: 'test test test test test test test test test test test junk', count: 20 },
    },
  },
};
