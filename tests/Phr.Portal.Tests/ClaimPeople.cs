namespace Phr.Portal.Tests;

/// <summary>Everybody who has to do with a claim, signed in once for all tests of a class.</summary>
public sealed class ClaimPeople(DemoPortal portal) : IAsyncLifetime
{
    public Visitor Patient { get; private set; } = null!;

    /// <summary>Who decides at each level, from the first on: doctor, hospital, agency, insurer; with the page that lists their claims.</summary>
    public IReadOnlyList<(Visitor Who, string List)> Deciders { get; private set; } = [];

    public Visitor Agency => Deciders[2].Who;

    public Visitor Insurer => Deciders[3].Who;

    public async ValueTask InitializeAsync()
    {
        Patient = await portal.EnterAsync("Kiruthika");
        Deciders =
        [
            (await portal.EnterAsync("Nandhini"), "/doctor/insurance"),
            (await portal.EnterAsync("GH"), "/claims"),
            (await portal.EnterAsync("Health Authority"), "/claims"),
            (await portal.EnterAsync("Asha Insurance"), "/insurer"),
        ];
    }

    public ValueTask DisposeAsync()
    {
        Patient.Dispose();
        foreach ((Visitor who, _) in Deciders)
        {
            who.Dispose();
        }

        return ValueTask.CompletedTask;
    }
}
