namespace Phr.Portal.Tests;

/// <summary>What each module of the described system lets its user do, point by point.</summary>
internal static class ModuleBullets
{
    /// <summary>The points, with the words that the manual has for them.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        ["D1"] = "Doctor: register with one's own details",
        ["D2"] = "Doctor: login",
        ["D3"] = "Doctor: view all patient detail after the patient accepts",
        ["D4"] = "Doctor: scanning image view and prescription",
        ["D5"] = "Doctor: level-wise approval to insurance",
        ["D6"] = "Doctor: logout",
        ["P1"] = "Patient: register with name, password, e-mail, guardian, personal doctor, location, specialist and the rest",
        ["P2"] = "Patient: login after the cloud server has authorized it",
        ["P3"] = "Patient: upload the file with the scanning image",
        ["P4"] = "Patient: view all prescriptions sent by the doctor, level-wise",
        ["P5"] = "Patient: view insurance details",
        ["P6"] = "Patient: logout",
        ["R1"] = "Regulatory agency: login",
        ["R2"] = "Regulatory agency: view the insurance detail that a doctor assigned, and approve it",
        ["R3"] = "Regulatory agency: view patient details to claim insurance",
        ["R4"] = "Regulatory agency: logout",
        ["C1"] = "Cloud server: login with the cloud user name",
        ["C2"] = "Cloud server: view all new patients' key generation by mail",
        ["C3"] = "Cloud server: view all doctor details",
        ["C4"] = "Cloud server: view all insurance details",
        ["C5"] = "Cloud server: view all reports uploaded by patients",
        ["C6"] = "Cloud server: result",
        ["C7"] = "Cloud server: logout",
    };
}
