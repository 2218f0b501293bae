using System.Text.Json.Nodes;
using Phr.Consent;
using Phr.Consent.Tests;
using Phr.Crypto;

namespace Phr.Ethereum.Tests.Ledger;

/// <summary>What happens between a client's look at the chain and the block in which its command stands.</summary>
public sealed class LedgerRaceTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task SubmitAsync_BundleRevisedMeanwhile_IsPutTogetherOnceMore(int revisions)
    {
        NodeLedgers.RequireContracts();
        await using DevNode node = await DevNode.StartAnvilAsync("--disable-code-size-limit");
        await using EthereumConsentLedger ledger = await NodeLedgers.DeployAsync(node, LedgerStory.Parameters);
        var story = new LedgerStory(ledger, () => NodeLedgers.NowAsync(node).GetAwaiter().GetResult());
        await story.InstituteAsync();
        await story.SealAsync();
        await using NodeProxy proxy = NodeProxy.Start(node);
        await using EthereumConsentLedger slow = await NodeLedgers.ConnectAsync(proxy.Address, ledger);
        int estimates = 0;
        Digest header = story.Header;
        proxy.Before = async (method, _) =>
        {
            if (method == "eth_estimateGas" && Interlocked.Increment(ref estimates) <= revisions)
            {
                Digest next = LedgerStory.Fresh();
                await story.SubmitAsync(LedgerStory.Patient, new ReviseBundle { Actor = default, BundleId = story.Bundle, PreviousHeaderDigest = header, HeaderDigest = next, DocumentsRoot = LedgerStory.Fresh() });
                header = next;
            }

            return null;
        };
        ProposeReshare reshare = LedgerStory.Reshare(story.Bundle, (await slow.GetBundleAsync(story.Bundle))!, story.Now) with { Actor = LedgerStory.Hospital.Id };
        SignedCommand command = SignedCommand.Sign(reshare, await slow.GetNonceAsync(LedgerStory.Hospital.Id), ledger.Id, LedgerStory.Hospital.Key);
        if (revisions == 1)
        {
            Assert.Equal(command, (await slow.SubmitAsync(command)).Entry.Command);
        }
        else
        {
            Assert.Equal("BadWitness", (await Assert.ThrowsAsync<EthereumRevertException>(() => slow.SubmitAsync(command))).ErrorName);
        }

        Assert.Equal(2, estimates);
        Assert.Equal(revisions == 1, await ledger.GetReshareAsync(story.Bundle, reshare.PlanDigest) is not null);
    }

    /// <summary>The model decides anew on what is there then.</summary>
    [Fact]
    public async Task SubmitAsync_WhatItIsAboutEndedMeanwhile_IsRefusedAsTheModelSays()
    {
        NodeLedgers.RequireContracts();
        await using DevNode node = await DevNode.StartAnvilAsync("--disable-code-size-limit");
        await using EthereumConsentLedger ledger = await NodeLedgers.DeployAsync(node, LedgerStory.Parameters);
        var story = new LedgerStory(ledger, () => NodeLedgers.NowAsync(node).GetAwaiter().GetResult());
        await story.InstituteAsync();
        await story.SealAsync();
        await using NodeProxy proxy = NodeProxy.Start(node);
        await using EthereumConsentLedger slow = await NodeLedgers.ConnectAsync(proxy.Address, ledger);
        int estimates = 0;
        proxy.Before = async (method, _) =>
        {
            if (method == "eth_estimateGas" && Interlocked.Increment(ref estimates) == 1)
            {
                await story.SubmitAsync(LedgerStory.Patient, new ProposeDealing
                {
                    Actor = default, BundleId = story.Bundle, HeaderDigest = story.Header, Epoch = 2, PreviousDealingDigest = story.Dealing, DealingDigest = LedgerStory.Fresh(), Policy = LedgerStory.Policy,
                });
            }

            return null;
        };
        ProposeReshare reshare = LedgerStory.Reshare(story.Bundle, (await slow.GetBundleAsync(story.Bundle))!, story.Now) with { Actor = LedgerStory.Hospital.Id };
        SignedCommand command = SignedCommand.Sign(reshare, await slow.GetNonceAsync(LedgerStory.Hospital.Id), ledger.Id, LedgerStory.Hospital.Key);
        Assert.Equal(LedgerError.AlreadyExists, (await Assert.ThrowsAsync<LedgerRejectedException>(() => slow.SubmitAsync(command))).Error);
    }

    /// <summary>The transaction is in a block, and before that is final a re-organisation drops it and the node forgets it: nobody else would send it again.</summary>
    [Fact]
    public async Task SubmitAsync_ReorganisationDropsTheTransaction_IsSentAgain()
    {
        NodeLedgers.RequireContracts();
        await using DevNode node = await DevNode.StartAnvilAsync("--disable-code-size-limit");
        EthereumDeployment deployment = await EthereumLedgerDeployer.DeployAsync(NodeLedgers.NodesOf(node), DevNode.Account(), LedgerStory.Parameters);
        await node.MineAsync(5);
        await using NodeProxy proxy = NodeProxy.Start(node);
        await using EthereumConsentLedger ledger = await NodeLedgers.ConnectAsync(proxy.Address, deployment, EthereumFinality.After(3));
        int mined = 0, sent = 0;
        proxy.Before = async (method, _) =>
        {
            if (method == "eth_sendRawTransaction")
            {
                sent++;
            }
            else if (method == "evm_mine" && Interlocked.Increment(ref mined) == 2)
            {
                await node.DevAsync("anvil_reorg", 2, new JsonArray());
                await node.DevAsync("anvil_dropAllTransactions");
            }

            return null;
        };
        var story = new LedgerStory(ledger, () => NodeLedgers.NowAsync(node).GetAwaiter().GetResult());
        LedgerReceipt receipt = await story.RegisterAsync(LedgerStory.Patient, ActorRoles.Patient).WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(2, sent);
        Assert.Equal(1ul, receipt.Number);
        Assert.Equal(1ul, await ledger.GetNonceAsync(LedgerStory.Patient.Id));
        Assert.Equal(ActorStatus.Active, (await ledger.GetActorAsync(LedgerStory.Patient.Id))!.Status);
    }

    /// <summary>Two commands of one account at once, each in a transaction of the account's own: their nonces do not get into each other's way.</summary>
    [Fact]
    public async Task SendOwnAsync_SeveralAtOnceOfOneAccount_EachGetsInOnce()
    {
        NodeLedgers.RequireContracts();
        await using DevNode node = await DevNode.StartAnvilAsync("--disable-code-size-limit");
        await using EthereumConsentLedger ledger = await NodeLedgers.DeployAsync(node, LedgerStory.Parameters);
        var story = new LedgerStory(ledger, () => NodeLedgers.NowAsync(node).GetAwaiter().GetResult());
        using SecretKey own = DevNode.Account(2);
        var id = ActorId.FromPublicKey(own.PublicKey);
        await ledger.SendOwnAsync(story.Register(ActorRoles.Patient) with { Actor = id }, own);
        BundleId[] bundles = [.. Enumerable.Range(0, 6).Select(_ => BundleId.FromBytes(LedgerStory.Fresh().ToBytes()))];
        await Task.WhenAll(bundles.Select(bundle => ledger.SendOwnAsync(new RegisterBundle { Actor = id, BundleId = bundle, HeaderDigest = LedgerStory.Fresh(), DocumentsRoot = LedgerStory.Fresh() }, own)));
        foreach (BundleId bundle in bundles)
        {
            Assert.Equal(id, (await ledger.GetBundleAsync(bundle))!.Patient);
        }

        Assert.Equal(7ul, await node.Rpc.GetTransactionCountAsync(id, Phr.Consent.Ethereum.BlockTag.Latest, default));
    }
}
