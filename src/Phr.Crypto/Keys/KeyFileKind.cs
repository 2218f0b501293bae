namespace Phr.Crypto;

/// <summary>Whose root secret a key file protects.</summary>
public enum KeyFileKind
{
    /// <summary>No kind; no file has it.</summary>
    None = 0,

    /// <summary>An identity's root secret: <see cref="KeyFile.LoadIdentityAsync"/>.</summary>
    Identity = 1,

    /// <summary>A patient's recovery secret: <see cref="KeyFile.LoadPatientAsync"/>.</summary>
    Patient = 2,
}
