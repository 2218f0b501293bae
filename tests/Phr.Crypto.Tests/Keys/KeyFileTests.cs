namespace Phr.Crypto.Tests.Keys;

public sealed class KeyFileTests : IDisposable
{
    private static readonly ReadOnlyMemory<char> Passphrase = "correct horse, bättery 🐎 staple".AsMemory();
    private static readonly KeyFileOptions Cheap = new() { MemoryKib = KeyFileOptions.MinMemoryKib, Passes = KeyFileOptions.MinPasses };
    private static readonly KeyFileOptions Replacing = new() { MemoryKib = Cheap.MemoryKib, Passes = Cheap.Passes, IfExists = ExistingKeyFile.Replace };
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task LoadIdentityAsync_WhatWasSaved_IsTheSame()
    {
        using IdentityKeys lost = IdentityKeys.Generate();
        using IdentityKeys first = IdentityKeys.GenerateFor(lost.Id);
        using IdentityKeys keys = first.Renew();
        await KeyFile.SaveAsync(_folder["a.phrkey"], keys, Passphrase, Cheap);
        using IdentityKeys loaded = await KeyFile.LoadIdentityAsync(_folder["a.phrkey"], Passphrase);
        Assert.Equal(keys.PublicKeys, loaded.PublicKeys);
        Assert.Equal((lost.Id, 1), (loaded.Id, loaded.Generation));
        KeyFileInfo info = KeyFile.Inspect(_folder["a.phrkey"]);
        Assert.Equal((KeyFileKind.Identity, lost.Id, 1), (info.Kind, info.Actor, info.Generation));
        Assert.Equal((Cheap.MemoryKib, Cheap.Passes), (info.MemoryKib, info.Passes));
    }

    [Fact]
    public async Task LoadPatientAsync_WhatWasSavedWithTheDefaults_IsTheSame()
    {
        using var patient = PatientKeys.Generate();
        await KeyFile.SaveAsync(_folder["a.phrkey"], patient, Passphrase);
        using PatientKeys loaded = await KeyFile.LoadPatientAsync(_folder["a.phrkey"], Passphrase);
        Assert.Equal(patient.PublicKeys, loaded.PublicKeys);
        using SecretKey sealing = patient.DeriveDelegatingKey(default, default);
        using SecretKey opening = loaded.DeriveDelegatingKey(default, default);
        Assert.True(sealing.FixedTimeEquals(opening));
        KeyFileInfo info = KeyFile.Inspect(_folder["a.phrkey"]);
        Assert.Equal((KeyFileKind.Patient, 65_536, 3), (info.Kind, info.MemoryKib, info.Passes));
    }

    [Fact]
    public async Task LoadIdentityAsync_WrongPassphrase_SaysTheSameAsForDamage()
    {
        string file = await SaveIdentity();
        PhrDataException wrong = await Thrown(KeyFile.LoadIdentityAsync(file, "correct horse, bättery 🐎 stapler".AsMemory()));
        byte[] bytes = await File.ReadAllBytesAsync(file);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(file, bytes);
        PhrDataException damaged = await Thrown(KeyFile.LoadIdentityAsync(file, Passphrase));
        Assert.Equal(PhrDataReason.AuthenticationFailed, wrong.Reason);
        Assert.Equal((wrong.Reason, wrong.Message, wrong.InnerException), (damaged.Reason, damaged.Message, damaged.InnerException));
        Assert.Null(await KeyFile.TryLoadIdentityAsync(file, Passphrase));
    }

    [Fact]
    public async Task Load_AnotherKind_IsRefused()
    {
        string identity = await SaveIdentity();
        using var patient = PatientKeys.Generate();
        await KeyFile.SaveAsync(_folder["p.phrkey"], patient, Passphrase, Cheap);
        Assert.Equal(PhrDataReason.Mismatched, (await Thrown(KeyFile.LoadPatientAsync(identity, Passphrase))).Reason);
        Assert.Equal(PhrDataReason.Mismatched, (await Thrown(KeyFile.LoadIdentityAsync(_folder["p.phrkey"], Passphrase))).Reason);
        Assert.Null(await KeyFile.TryLoadPatientAsync(identity, Passphrase));
        Assert.Null(await KeyFile.TryLoadIdentityAsync(_folder["p.phrkey"], Passphrase));
        using PatientKeys? loaded = await KeyFile.TryLoadPatientAsync(_folder["p.phrkey"], Passphrase);
        Assert.Equal(patient.PublicKeys, loaded!.PublicKeys);
        using IdentityKeys? other = await KeyFile.TryLoadIdentityAsync(identity, Passphrase);
        Assert.NotNull(other);
    }

    [Fact]
    public async Task SaveAsync_FileIsThere_IsRefusedUnlessToldToReplace()
    {
        string file = await SaveIdentity();
        byte[] before = await File.ReadAllBytesAsync(file);
        using var patient = PatientKeys.Generate();
        await Assert.ThrowsAsync<IOException>(() => KeyFile.SaveAsync(file, patient, Passphrase, Cheap));
        Assert.Equal(before, await File.ReadAllBytesAsync(file));
        await KeyFile.SaveAsync(file, patient, Passphrase, Replacing);
        using PatientKeys loaded = await KeyFile.LoadPatientAsync(file, Passphrase);
        Assert.Equal(patient.PublicKeys, loaded.PublicKeys);
        Assert.Equal([file], _folder.Files);
    }

    // The first look and the move are two steps; the move alone decides.
    [Fact]
    public async Task WriteAsync_FileAppearsMeanwhile_IsNotReplaced()
    {
        await File.WriteAllTextAsync(_folder["a"], "theirs");
        await Assert.ThrowsAsync<IOException>(() => Phr.Crypto.Keys.PrivateFile.WriteAsync(_folder["a"], new byte[] { 1 }, default, replace: false));
        Assert.Equal("theirs", await File.ReadAllTextAsync(_folder["a"]));
        Assert.Equal([_folder["a"]], _folder.Files);
    }

    [Fact]
    public async Task SaveAsync_InFoldersThatAreMissing_IsTheOwnersAlone()
    {
        using var keys = IdentityKeys.Generate();
        string file = _folder["keys/mine/a.phrkey"];
        await KeyFile.SaveAsync(file, keys, Passphrase, Cheap);
        Assert.Equal([file], _folder.Files);
        Assert.Equal(KeyFile.Length, new FileInfo(file).Length);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_folder["keys"]));
        }
    }

    [Fact]
    public async Task SaveAsync_ReplacingAFileThatOthersMayRead_IsTheOwnersAlone()
    {
        if (!OperatingSystem.IsWindows())
        {
            string file = await SaveIdentity();
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
            using var keys = IdentityKeys.Generate();
            await KeyFile.SaveAsync(file, keys, Passphrase, Replacing);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    [Fact]
    public async Task SaveAsync_CancelledOrFailing_LeavesNoFile()
    {
        using var keys = IdentityKeys.Generate();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => KeyFile.SaveAsync(_folder["a"], keys, Passphrase, Cheap, new CancellationToken(canceled: true)));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Phr.Crypto.Keys.PrivateFile.WriteAsync(_folder["a"], new byte[1], new CancellationToken(canceled: true)));
        Directory.CreateDirectory(_folder["folder"]);
        await Assert.ThrowsAnyAsync<IOException>(() => KeyFile.SaveAsync(_folder["folder"], keys, Passphrase, Cheap));
        await Assert.ThrowsAnyAsync<Exception>(() => KeyFile.SaveAsync(_folder["folder"], keys, Passphrase, Replacing));
        Assert.Empty(_folder.Files);
    }

    [Fact]
    public async Task SaveAsync_Twice_SharesNothingThatDependsOnThePassphrase()
    {
        using var keys = IdentityKeys.Generate();
        await KeyFile.SaveAsync(_folder["a"], keys, Passphrase, Cheap);
        await KeyFile.SaveAsync(_folder["b"], keys, Passphrase, Cheap);
        byte[] a = await File.ReadAllBytesAsync(_folder["a"]);
        byte[] b = await File.ReadAllBytesAsync(_folder["b"]);
        Assert.Equal(a[..38], b[..38]);
        Assert.NotEqual(a[38..54], b[38..54]);
        Assert.NotEqual(a[54..78], b[54..78]);
        Assert.NotEqual(a[78..110], b[78..110]);
        Assert.NotEqual(a[110..142], b[110..142]);
    }

    public static TheoryData<string> NoPassphrases => ["", "line\n", "\0", "\u007f", "half \ud83d", "\udc0e\ud83d", new string('x', 1025)];

    [Theory]
    [MemberData(nameof(NoPassphrases))]
    public async Task EveryCall_NoPassphrase_ThrowsArgumentException(string text)
    {
        string file = await SaveIdentity();
        using var keys = IdentityKeys.Generate();
        ArgumentException e = await Assert.ThrowsAsync<ArgumentException>(() => KeyFile.SaveAsync(_folder["b"], keys, text.AsMemory(), Cheap));
        Assert.Equal("passphrase", e.ParamName);
        await Assert.ThrowsAsync<ArgumentException>(() => KeyFile.LoadIdentityAsync(file, text.AsMemory()));
        await Assert.ThrowsAsync<ArgumentException>(() => KeyFile.LoadPatientAsync(file, text.AsMemory()));
        await Assert.ThrowsAsync<ArgumentException>(() => KeyFile.TryLoadIdentityAsync(file, text.AsMemory()));
        Assert.Equal([file], _folder.Files);
    }

    [Fact]
    public async Task SaveAsync_LongestPassphrase_Opens()
    {
        using var keys = IdentityKeys.Generate();
        ReadOnlyMemory<char> longest = new string('\u20ac', KeyFile.MaxPassphraseLength).AsMemory();
        await KeyFile.SaveAsync(_folder["a"], keys, longest, Cheap);
        using IdentityKeys loaded = await KeyFile.LoadIdentityAsync(_folder["a"], longest);
        Assert.Equal(keys.Id, loaded.Id);
        Assert.Null(await KeyFile.TryLoadIdentityAsync(_folder["a"], longest[1..]));
    }

    [Theory]
    [InlineData(KeyFileOptions.MinMemoryKib - 1, 3)]
    [InlineData(KeyFileOptions.MaxMemoryKib + 1, 3)]
    [InlineData(int.MinValue, 3)]
    [InlineData(65_536, 1)]
    [InlineData(65_536, 11)]
    public async Task SaveAsync_CostOutOfRange_ThrowsArgumentOutOfRange(int memoryKib, int passes)
    {
        using var keys = IdentityKeys.Generate();
        var options = new KeyFileOptions { MemoryKib = memoryKib, Passes = passes };
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => KeyFile.SaveAsync(_folder["a"], keys, Passphrase, options));
        Assert.Empty(_folder.Files);
    }

    [Fact]
    public async Task EveryCall_MissingArgumentsFilesAndDisposedKeys_Throw()
    {
        using var keys = IdentityKeys.Generate();
        await Assert.ThrowsAsync<ArgumentNullException>(() => KeyFile.SaveAsync(_folder["a"], (IdentityKeys)null!, Passphrase));
        await Assert.ThrowsAsync<ArgumentNullException>(() => KeyFile.SaveAsync(_folder["a"], (PatientKeys)null!, Passphrase));
        await Assert.ThrowsAsync<ArgumentNullException>(() => KeyFile.SaveAsync(null!, keys, Passphrase));
        await Assert.ThrowsAsync<ArgumentException>(() => KeyFile.SaveAsync("", keys, Passphrase));
        await Assert.ThrowsAsync<ArgumentException>(() => KeyFile.LoadIdentityAsync("", Passphrase));
        await Assert.ThrowsAsync<FileNotFoundException>(() => KeyFile.LoadIdentityAsync(_folder["a"], Passphrase));
        await Assert.ThrowsAsync<FileNotFoundException>(() => KeyFile.TryLoadPatientAsync(_folder["a"], Passphrase));
        Assert.Throws<FileNotFoundException>(() => KeyFile.TryInspect(_folder["a"], out _));
        keys.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => KeyFile.SaveAsync(_folder["a"], keys, Passphrase, Cheap));
        Assert.Empty(_folder.Files);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(157)]
    [InlineData(159)]
    [InlineData(1 << 20)]
    public async Task Inspect_AnotherLength_IsRefused(int length)
    {
        string file = await SaveIdentity();
        await using (FileStream stream = File.OpenWrite(file))
        {
            stream.SetLength(length);
        }

        Assert.Equal(PhrDataReason.WrongLength, Assert.Throws<PhrDataException>(() => KeyFile.Inspect(file)).Reason);
        Assert.False(KeyFile.TryInspect(file, out _));
        Assert.Equal(PhrDataReason.WrongLength, (await Thrown(KeyFile.LoadIdentityAsync(file, Passphrase))).Reason);
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<PhrDataException> Thrown(Task loading) => await Assert.ThrowsAsync<PhrDataException>(() => loading);

    private async Task<string> SaveIdentity()
    {
        using var keys = IdentityKeys.Generate();
        await KeyFile.SaveAsync(_folder["a.phrkey"], keys, Passphrase, Cheap);
        return _folder["a.phrkey"];
    }
}
