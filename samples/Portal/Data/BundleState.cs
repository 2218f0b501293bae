namespace Phr.Samples.Portal;

/// <summary>How far the keys of an upload have come.</summary>
public enum BundleState
{
    /// <summary>Sealed and registered; trustees are asked for their envelope keys.</summary>
    Sealed = 0,

    /// <summary>The keys are shared; trustees check their shares.</summary>
    Dealt,

    /// <summary>Doctors can ask.</summary>
    Ready,
}
