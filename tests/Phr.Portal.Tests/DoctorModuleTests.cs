using Microsoft.Playwright;

namespace Phr.Portal.Tests;

/// <summary>The doctor's module, point by point, in a browser.</summary>
public sealed class DoctorModuleTests(ModuleWindows windows) : IClassFixture<ModuleWindows>
{
    [Fact]
    public async Task D1_RegisterWithOwnDetails_WaitsWithThem()
    {
        await using Person person = await windows.NobodyAsync();
        await person.GoAsync("/register/doctor");
        string mail = $"{Guid.NewGuid():n}@demo.example";
        await person.FillAsync("Name", "Vasuki");
        await person.FillAsync("E-mail", mail);
        await person.FillAsync("Password", "vasuki-password");
        await person.FillAsync("Password again", "vasuki-password");
        await person.ChooseAsync("Hospital", "GH");
        await person.FillAsync("Speciality", "Cardiology");
        await person.FillAsync("Licence number", "TN-2025-0042");
        await person.PressAsync("Register");
        await person.SeesAsync("You are registered");
        using Visitor cloud = await windows.Portal.EnterAsync("Cloud");
        Assert.Contains($"Vasuki {mail} Cardiology GH TN-2025-0042 pending", Visitor.TextOf(await cloud.ReadAsync("/cloud")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task D2_Login_OpensTheAppointments()
    {
        await using Person person = await windows.NobodyAsync();
        await ModuleWindows.SignInAsync(person, "Nandhini");
        await person.HasHeadingAsync("VIEW USER APPOINTMENT DETAILS!");
    }

    [Fact]
    public async Task D3_ViewPatientDetail_OpensOnlyAfterThePatientAccepts()
    {
        string name = $"d3-{Guid.NewGuid():n}.png";
        using Visitor patient = await windows.Portal.EnterAsync("Kiruthika");
        using (await patient.UploadAsync(ModuleWindows.Scan, name))
        {
        }

        int appointment = await windows.Portal.AppointmentOfAsync(patient, name);
        Person person = await windows.OfAsync("Nandhini");
        await person.GoAsync($"/doctor/appointments/{appointment}");
        await person.SeesAsync("is sealed until your request is accepted");
        foreach (string hidden in (string[])[name, "Chennai"])
        {
            await Assertions.Expect(person.Page.Locator("main")).Not.ToContainTextAsync(hidden);
        }

        await person.WaitToSeeAsync("Send Request");
        await person.GoAsync($"/doctor/requests?appointment={appointment}");
        await person.FillAsync("Why you ask", "The point D3");
        await person.PressAsync("Send Request");
        await person.SeesAsync("Your request is sent");
        string request = await DemoPortal.RequestOfAsync(patient, "The point D3");
        await person.GoAsync($"/doctor/appointments/{appointment}");
        await person.SeesAsync("Waiting for the patient");
        using (await patient.SubmitAsync("/patient", $"accept-{request}"))
        {
        }

        await person.WaitToSeeAsync(name);
        await person.SeesAsync("Chennai");
        await person.FollowAsync("Track record of Kiruthika");
        await person.SeesRowAsync("Upload", "Kiruthika", name);
    }

    [Fact]
    public async Task D4_ScanAndPrescription_AreSeenAndSent()
    {
        string name = $"d4-{Guid.NewGuid():n}.png";
        using GrantedUpload granted = await GrantedUpload.MakeAsync(windows.Portal, ModuleWindows.Scan, name);
        Person person = await windows.OfAsync("Nandhini");
        await person.GoAsync(granted.Page);
        Assert.True(await person.Page.Locator("img.scan").EvaluateAsync<bool>("async image => { await image.decode(); return image.naturalWidth === 360; }"));
        await person.FollowAsync("Look at it closely");
        await person.HasHeadingAsync(name);
        await person.FollowAsync("Closer");
        await person.FollowAsync("Back to the appointment");
        await person.FillAsync("Prescription", "The point D4: one tablet in the evening");
        await person.PressAsync("Send Prescription");
        await person.SeesAsync("Your prescription is signed");
        Assert.Contains("The point D4: one tablet in the evening", await granted.Patient.ReadAsync("/patient/prescriptions"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task D5_ApproveInsurance_IsTheFirstLevel()
    {
        using (Visitor patient = await windows.Portal.EnterAsync("Kiruthika"))
        {
            await DemoClaim.FileAsync(patient, "The point D5", "2705.00");
        }

        Person person = await windows.OfAsync("Nandhini");
        await person.FollowAsync("VIEW INSURANCE DETAILS");
        await person.SeesRowAsync("2705.00 INR", "waits for the doctor");
        await person.OpenClaimAsync("2705.00");
        await person.SeesAsync("The point D5");
        await person.PressAsync("Approve");
        await person.SeesAsync("waits for the hospital");
        await person.SeesRowAsync("1", "Nandhini", "endorsed");
    }

    [Fact]
    public Task D6_Logout_ClosesTheRoom() => windows.RequireLogoutAsync("Nandhini", "/doctor");
}
