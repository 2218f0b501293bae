namespace Phr.Samples.FullFlow;

/// <summary>One story, with what must come of it.</summary>
internal sealed record Scenario(string Name, string Story, Func<Flow, Task> Play)
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("consent", "The patient is present and consents in person: no trustee is asked, and the grant is final at once.", Stories.ConsentAsync),
        new("emergency", "The patient cannot answer: two guardians and the hospital decide, and the patient's veto window passes.", Stories.EmergencyAsync),
        new("break-glass", "An emergency in the night: one guardian and the hospital decide over shares that were dealt for this alone, for a day at most; the agency reviews it afterwards.", Stories.BreakGlassAsync),
        new("partial", "The patient grants one document of four. The other keys are independent: nothing of them can be worked out.", Stories.PartialAsync),
        new("lying-oracle", "One oracle re-encrypts wrongly and signs for it: it is named, a spare serves in its place, its reputation falls.", Stories.LyingOracleAsync),
        new("missing-oracle", "Two of five oracles never answer: three suffice.", Stories.MissingOracleAsync),
        new("below-quorum", "One guardian alone approves: there is no grant, and with all that it has the doctor cannot open.", Stories.BelowQuorumAsync),
        new("revoked", "The patient revokes: before delivery no oracle answers; after delivery what was delivered stays open.", Stories.RevokedAsync),
        new("expired", "The time that was asked for ends before the oracles serve.", Stories.ExpiredAsync),
        new("rotated", "After a revocation the patient seals one document again under new keys: the old ones open nothing of it, the others are as they were.", Stories.RotatedAsync),
        new("vetoed", "The trustees grant, and the patient vetoes within the window: the fragments never leave the trustees.", Stories.VetoedAsync),
        new("refresh", "A request came to nothing while the patient is away: the trustees refresh their shares without the patient, and the next request is served under the new ones.", Stories.RefreshAsync),
        new("claim", "The patient claims from the insurer: doctor, hospital and agency endorse, the insurer pays less than was claimed, an appeal brings the rest.", Stories.ClaimAsync),
        new("diagnosis", "The doctor opens a laboratory record and asks a model about it that a hospital trained and signed; the model's card goes with every answer.", DiagnosisStory.PlayAsync),
    ];

    public static Scenario? Find(string name) => All.FirstOrDefault(s => s.Name == name);

    public async Task<ScenarioResult> RunAsync(Options options, IReporter reporter, CancellationToken ct, SampleChain? chain = null, SampleIpfs? ipfs = null, OracleNetwork? network = null)
    {
        reporter.Title(Name, Story);
        string folder = Path.GetFullPath(Path.Combine(options.Output, Name, Guid.NewGuid().ToString("n")[..8]));
        long start = TimeProvider.System.GetTimestamp();
        await using var flow = new Flow(options.Input, folder, reporter, ct, chain, ipfs, network);
        string? failure = null;
        try
        {
            await Play(flow);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            failure = e.Message;
        }

        ScenarioResult result = await flow.CollectAsync(Name, failure, TimeProvider.System.GetElapsedTime(start).TotalSeconds);
        reporter.Result(result);
        return result;
    }
}
